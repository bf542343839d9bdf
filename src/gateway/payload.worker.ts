import { parentPort, workerData } from 'node:worker_threads';

let answer: { payload: unknown } | null = null;
try {
  answer = { payload: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(workerData as Uint8Array)) };
} catch {
  answer = null;
}
parentPort?.postMessage(answer);
