import { kill, pid } from 'node:process';
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/** Ends a process whose event loop stood still (rule 6): SIGKILL, because nothing softer is heard. */
const { beats, stillMs } = workerData as { beats: Int32Array; stillMs: number };
const everyMs = Math.max(10, Math.min(1_000, stillMs / 10));
let last = -1;
let stillFor = 0;
for (;;) {
  Atomics.wait(beats, 1, 0, everyMs);
  const beat = Atomics.load(beats, 0);
  stillFor = beat === last ? stillFor + everyMs : 0;
  last = beat;
  if (stillFor >= stillMs) {
    writeSync(2, `gatehouse: the event loop stood still for ${Math.round(stillFor / 1_000)} s; the process ends so that another can recover\n`);
    kill(pid, 'SIGKILL');
  }
}
