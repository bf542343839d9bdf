import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import ssh2 from 'ssh2';
import { Recording } from '../../src/transports/terminal/recording.ts';
import { type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { type Condition } from '../../src/transports/terminal/wait.ts';
import { need } from '../support/needs.ts';
import { ShellHost } from '../support/shell-host.ts';
import { clock, openTerminal, shellSettings, terminalSettings } from '../support/terminals.ts';
import { runPool } from './terminal-pool.ts';
import { attribute, type Connected, Painting, Tn3270Host } from '../support/tn3270-host.ts';

/** A program on a pseudo-terminal that paints a screen with a number for every Enter. */
const painter = `#!/bin/sh
stty -echo
i=0
while printf '\\033[2J\\033[HSTOCK ENQUIRY\\033[3;3HSKU  AB-100\\033[4;3HON HAND  12\\033[24;1HORDER %d.' $i; read -r x; do i=$((i+1)); done
`;

const numbered = (round: number): Condition => ({ name: 'order', anchors: [{ text: `ORDER ${round}.`, within: { row: 24, column: 1 } }] });

interface Contestant {
  /** Presses Enter and waits for the screen with this number. */
  round(round: number): Promise<void>;
  close(): Promise<void>;
}

async function ofSession(session: TerminalSession): Promise<Contestant> {
  await session.wait(numbered(0), 10_000);
  return {
    round: async (round) => {
      await session.press('enter');
      const { end, why } = await session.wait(numbered(round), 10_000);
      if (end !== 'met') throw new Error(why);
    },
    close: () => session.close(),
  };
}

/** What a person would write by hand: ssh2, a socket without delay, a buffer of text that is searched. */
async function plainSsh(host: ShellHost, program: string): Promise<Contestant> {
  const sock = connect(host.port, '127.0.0.1').setNoDelay(true);
  const client = new ssh2.Client();
  client.connect({ sock, username: host.user, privateKey: readFileSync(host.keyFile), hostVerifier: () => true });
  await once(client, 'ready');
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
    client.exec(program, { pty: { term: 'vt220', rows: 24, cols: 80 } }, (error, opened) => (error === undefined ? resolve(opened) : reject(error))),
  );
  let text = '';
  let wanted = 'ORDER 0.';
  let seen: () => void = () => undefined;
  const until = (what: string): Promise<void> =>
    new Promise((resolve) => {
      wanted = what;
      seen = resolve;
      if (text.includes(wanted)) resolve();
    });
  channel.on('data', (bytes: Buffer) => {
    text += bytes.toString('utf8');
    if (text.includes(wanted)) seen();
  });
  await until('ORDER 0.');
  return {
    round: (round) => {
      text = '';
      channel.write('\r');
      return until(`ORDER ${round}.`);
    },
    close: async () => void client.end(),
  };
}

/** By hand too: s3270 asked to press, wait for the keyboard and show its screen. */
async function plain3270(port: number): Promise<Contestant> {
  const child = spawn(need('s3270', 's3270'), ['-utf8', '-model', '3279-2-E'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const act = async (action: string): Promise<string> => {
    child.stdin.write(`${action}\n`);
    for (let text = ''; ;) {
      const { value } = (await lines.next()) as { value: string };
      if (value === 'ok' || value === 'error') return text;
      text += value;
    }
  };
  await act(`Connect("127.0.0.1:${port}")`);
  await act('Wait(5,InputField)');
  return {
    round: async (round) => {
      await act('Enter()');
      while (!(await act('Ascii()')).includes(`ORDER ${round}.`)) await act('Wait(5,Output)');
    },
    close: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** Round trips a second of several contestants of one kind side by side. */
async function rate(open: () => Promise<Contestant>, count: number, rounds: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: count }, open));
  try {
    const run = async (from: number, to: number): Promise<void> =>
      void (await Promise.all(
        all.map(async (one) => {
          for (let round = from; round <= to; round += 1) await one.round(round);
        }),
      ));
    const warm = Math.ceil(rounds / 4);
    await run(1, warm);
    const startedMs = performance.now();
    await run(warm + 1, warm + rounds);
    return (count * rounds * 1_000) / (performance.now() - startedMs);
  } finally {
    await Promise.all(all.map((one) => one.close()));
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Interleaved rounds; ratios to the script by hand of the same round. */
export async function runTerminal({ rounds, trips, say }: { rounds: number; trips: number; say: (text: string) => void }): Promise<object> {
  const host = await ShellHost.start();
  const program = join(host.folder, 'painter');
  writeFileSync(program, painter);
  chmodSync(program, 0o755);
  const mainframe = await startMainframe();
  const vt = shellSettings(host, { command: program });
  const tn3270 = terminalSettings({ protocol: 'tn3270', port: mainframe.port });
  const recorded = async (): Promise<Contestant> => {
    const record = new Recording(clock, vt.maxRecordingBytes);
    return ofSession(await openTerminal(vt, record.observe));
  };
  const contestants = {
    'ssh by hand': () => plainSsh(host, program),
    'ssh driver': async () => ofSession(await openTerminal(vt)),
    'ssh driver, recorded': recorded,
    's3270 by hand': () => plain3270(mainframe.port),
    '3270 driver': async () => ofSession(await openTerminal(tn3270)),
  };
  const rates = new Map<string, number[]>();
  try {
    for (let round = 0; round < rounds; round += 1)
      for (const count of [1, 10])
        for (const [name, open] of Object.entries(contestants)) {
          const key = `${name} ×${count}`;
          const measured = await rate(open, count, Math.ceil(trips / count));
          rates.set(key, [...(rates.get(key) ?? []), measured]);
          say(`${key}: ${Math.round(measured)} round trips/s`);
        }
    const ratios = Object.fromEntries(
      [1, 10].flatMap((count) =>
        [
          ['ssh driver', 'ssh by hand'],
          ['ssh driver, recorded', 'ssh driver'],
          ['3270 driver', 's3270 by hand'],
        ].map(([one, other]): [string, number] => {
          const [ones, others] = [rates.get(`${one} ×${count}`) ?? [], rates.get(`${other} ×${count}`) ?? []];
          return [`${one} / ${other} ×${count}`, Number(median(ones.map((rate, at) => rate / (others[at] ?? Number.NaN))).toFixed(2))];
        }),
      ),
    );
    const perSecond = Object.fromEntries([...rates].map(([key, values]) => [key, Math.round(median(values))]));
    return {
      perSecond,
      ratios,
      sessionKiB: await memoryOf(() => openTerminal(vt)),
      seal: await sealing(),
      pool: await runPool(Math.ceil(trips / 4), say),
    };
  } finally {
    await mainframe.stop();
    await host.stop();
  }
}

async function startMainframe(): Promise<Tn3270Host> {
  const rounds = new Map<Connected, number>();
  const show = (host: Connected): void => {
    const round = rounds.get(host) ?? 0;
    rounds.set(host, round + 1);
    host.send(
      new Painting('erase-write')
        .at(1, 1)
        .field(attribute.protected)
        .text('STOCK ENQUIRY')
        .at(3, 10)
        .field(attribute.input)
        .cursor()
        .at(3, 20)
        .field(attribute.protected)
        .at(23, 80)
        .field(attribute.protected)
        .text(`ORDER ${round}.`),
    );
  };
  return Tn3270Host.start({ started: show, received: show });
}

/** Heap and buffers a session, in this process, after it has shown a screen; what is garbage is counted in. */
async function memoryOf(open: () => Promise<TerminalSession>): Promise<number> {
  const count = 40;
  const used = (): number => process.memoryUsage().heapUsed + process.memoryUsage().external;
  const sessions: TerminalSession[] = [];
  const before = used();
  for (let at = 0; at < count; at += 1) sessions.push(await open());
  await Promise.all(sessions.map((session) => session.wait(numbered(0), 10_000)));
  const kib = (used() - before) / 1_024 / count;
  await Promise.all(sessions.map((session) => session.close()));
  return Math.round(kib);
}

/** Milliseconds to seal a recording of a thousand screens with two secrets in it. */
async function sealing(): Promise<{ screens: number; ms: number }> {
  const { Secret } = await import('../../src/contract/secret.ts');
  const record = new Recording(clock, 1_048_576, [new Secret('env:A', 'one-long-secret'), new Secret('env:B', 'another-secret')]);
  record.observe({ kind: 'opened', rows: 24, columns: 80, terminal: 'vt220' });
  const screens = 1_000;
  for (let at = 0; at < screens; at += 1)
    record.observe({ kind: 'output', bytes: Buffer.from(`\x1b[2J\x1b[HSTOCK ENQUIRY\x1b[3;3HSKU AB-${at}${'\r\nline of stock 4711'.repeat(20)}`) });
  const startedMs = performance.now();
  const sealed = await record.seal();
  if (!sealed.kept) throw new Error(sealed.why);
  return { screens, ms: Math.round(performance.now() - startedMs) };
}
