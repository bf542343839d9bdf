import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import ssh2 from 'ssh2';
import { need } from '../../support/needs.ts';

const host = '127.0.0.1';
/** Of all users of the practice hosts. */
export const password = 'practice';
export const sku = 'SKU-1001';
export const customer = '00010003';

/** A session in which a script types what a dialog does, and knows nothing of screens. */
export interface KeysByHand {
  /** From the menu to the answer and back. */
  enquire(): Promise<void>;
  close(): Promise<void>;
}

/** The session as a person would script it: bytes are written, and a text is waited for in what comes. */
export async function sshByHand(port: number, user: string): Promise<KeysByHand> {
  const client = new ssh2.Client();
  client.connect({ sock: connect(port, host).setNoDelay(true), username: user, password, hostVerifier: () => true });
  await once(client, 'ready');
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
    client.shell({ term: 'vt220', rows: 24, cols: 80 }, (error, opened) => (error === undefined ? resolve(opened) : reject(error))),
  );
  let text = '';
  let look: () => void = () => undefined;
  channel.on('data', (bytes: Buffer) => {
    text += bytes.toString('utf8');
    look();
  });
  const until = (wanted: string): Promise<void> =>
    new Promise((resolve) => {
      look = () => void (text.includes(wanted) && resolve());
      look();
    });
  const type = async (keys: string, wanted: string): Promise<void> => {
    text = '';
    channel.write(keys);
    await until(wanted);
  };
  await until('Enter=Sign on');
  await type(`${user}\t${password}\r`, 'Log off');
  return {
    // Value and key are two writes, since the value is seen before the key is pressed.
    enquire: async () => {
      await type('\x151', '1');
      await type('\r', 'Look up');
      await type(`\x15${sku}`, sku);
      await type('\r', 'Bin');
      await type('\x1bOR', 'Log off');
    },
    close: async () => void client.end(),
  };
}

/** By hand too: s3270 is told what to type and asked for its screen. */
export async function s3270ByHand(port: number, user: string): Promise<KeysByHand> {
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
  const press = async (key: string, wanted: string): Promise<void> => {
    await act(key);
    while (!(await act('Ascii()')).includes(wanted)) await act('Wait(5,Output)');
  };
  await press(`Connect("${host}:${port}")`, 'CU01');
  for (const action of [`String("${user}")`, 'Tab()', `String("${password}")`]) await act(action);
  await press('Enter()', 'CU10');
  return {
    enquire: async () => {
      await act('String("1")');
      await press('Enter()', 'CU20');
      await act(`String("${customer}")`);
      await press('Enter()', 'PHONE');
      await press('PF(3)', 'CU10');
    },
    close: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
