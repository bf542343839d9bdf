import { type Socket, connect } from 'node:net';
import { array, assert, asyncProperty, constantFrom, integer, oneof } from 'fast-check';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { S3270 } from '../support/s3270.ts';

let stockroom: PracticeStockroom;
let mainframe: PracticeMainframe;
let enhanced: PracticeMainframe;

beforeAll(async () => {
  stockroom = await PracticeStockroom.start({ sessionsPerUser: 50, held: 'resume', holdMs: 10, lockAfter: 1_000_000 });
  mainframe = await PracticeMainframe.start({ sessionsPerUser: 50 });
  enhanced = await PracticeMainframe.start({ enhanced: true, query: true });
});

afterAll(async () => {
  await Promise.all([stockroom.close(), mainframe.close(), enhanced.close()]);
});

/** Says everything, hears everything, and takes its leave. */
async function shout(port: number, ...parts: readonly (Uint8Array | string)[]): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1' });
  const heard: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => heard.push(bytes));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  for (const part of parts) if (socket.writable) socket.write(part);
  socket.end();
  await closed;
  return Buffer.concat(heard);
}

/** Resolves when what was heard holds this text. */
async function hears(socket: Socket, text: string): Promise<void> {
  let heard = '';
  await new Promise<void>((resolve, reject) => {
    const listen = (bytes: Buffer): void => {
      heard += bytes.toString('latin1');
      if (!heard.includes(text)) return;
      socket.off('data', listen);
      resolve();
    };
    socket.on('data', listen);
    socket.once('close', () => reject(new Error(`closed without ${text}`)));
  });
}

const ttype = (name: string): Buffer => Buffer.concat([Buffer.of(255, 250, 24, 0), Buffer.from(name), Buffer.of(255, 240)]);
/** Telnet: a VT220 of 80 by 24, in the answers of a client that agrees to all. */
const vt220 = Buffer.concat([
  Buffer.of(255, 251, 24, 255, 251, 31, 255, 253, 1, 255, 253, 3),
  ttype('VT220'),
  Buffer.of(255, 250, 31, 0, 80, 0, 24, 255, 240),
]);
const model2 = Buffer.concat([Buffer.of(255, 251, 24), ttype('IBM-3278-2-E'), Buffer.of(255, 251, 25, 255, 253, 25, 255, 251, 0, 255, 253, 0)]);
const device = Buffer.concat([
  Buffer.of(255, 251, 40, 255, 250, 40, 2, 7),
  Buffer.from('IBM-3278-2-E'),
  Buffer.of(255, 240, 255, 250, 40, 3, 7, 255, 240),
]);
const anyByte = integer({ min: 0, max: 255 });
const telnetBytes = array(oneof(constantFrom(255, 250, 240, 251, 252, 253, 254, 24, 31, 40, 0, 1, 2, 7, 25, 239), anyByte), { maxLength: 300 });
const keyBytes = array(oneof(constantFrom(27, 91, 79, 13, 10, 9, 0x41, 0x7e, 0x31, 0xc3, 255, 126), anyByte), { maxLength: 300 });
const recordBytes = array(oneof(constantFrom(0x7d, 0x88, 0x11, 0x6d, 0xf5, 0x40, 0x00, 255, 239), anyByte), { maxLength: 300 });

const stillServes = async (): Promise<void> => {
  expect((await shout(stockroom.telnetPort, vt220)).toString('latin1')).toContain('SIGN ON');
  expect((await shout(mainframe.port, model2)).length).toBeGreaterThan(200);
};

describe('practice systems under hostile clients', () => {
  it('any negotiation ends with the connection, and the next client is served', async () => {
    await assert(
      asyncProperty(telnetBytes, async (bytes) => {
        const junk = Buffer.from(bytes);
        await Promise.all([shout(stockroom.telnetPort, junk), shout(mainframe.port, junk), shout(enhanced.port, junk)]);
      }),
      { numRuns: 150 },
    );
    await stillServes();
  });

  it('any keys on the sign-on screen and on the menu are keys', async () => {
    let menus = 0;
    await assert(
      asyncProperty(keyBytes, keyBytes, async (first, second) => {
        const heard = await shout(stockroom.telnetPort, vt220, Buffer.from(first), '\x15gatehouse\t\x15practice\r', Buffer.from(second));
        expect(heard.toString('latin1')).toContain('SR01');
        if (heard.toString('latin1').includes('MENU')) menus += 1;
      }),
      { numRuns: 100 },
    );
    expect(menus).toBeGreaterThan(10);
    await stillServes();
  });

  it('any inbound data stream is a key or nothing', async () => {
    await assert(
      asyncProperty(array(recordBytes, { maxLength: 5 }), async (records) => {
        const framed = records.map((bytes) => Buffer.concat([Buffer.from(bytes), Buffer.of(255, 239)]));
        await Promise.all([
          shout(mainframe.port, model2, ...framed),
          shout(enhanced.port, device, ...framed.map((bytes) => Buffer.concat([Buffer.of(0, 0, 0, 0, 0), bytes]))),
        ]);
      }),
      { numRuns: 150 },
    );
    await stillServes();
    const s3270 = await S3270.start();
    try {
      await s3270.connect(enhanced.port);
      await s3270.sees('CU01');
    } finally {
      s3270.stop();
    }
  });

  it('ten megabytes without a newline are taken and forgotten', async () => {
    const flood = Buffer.alloc(10_000_000, 65);
    const before = process.memoryUsage.rss();
    await Promise.all([
      shout(stockroom.telnetPort, vt220, flood),
      shout(stockroom.telnetPort, vt220, Buffer.alloc(10_000_000, 27)),
      shout(stockroom.telnetPort, Buffer.of(255, 250, 24), flood),
      shout(mainframe.port, model2, flood),
      shout(mainframe.port, flood),
      shout(stockroom.sshPort, flood),
    ]);
    await stillServes();
    expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000);
  });

  it.each([
    ['mainframe', model2],
    ['enhanced', device],
  ] as const)('a record without an end is cut off: %s', async (which, agreement) => {
    const socket = connect({ port: which === 'mainframe' ? mainframe.port : enhanced.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    // Read to the end, or the close is never seen.
    socket.resume();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write(agreement);
    socket.write(Buffer.alloc(40_000, 0x40));
    await closed;
    await stillServes();
  });

  it.each([
    ['options offered without end', Buffer.of(255, 251, 99)],
    ['options asked for without end', Buffer.of(255, 253, 99)],
    ['an option switched on and off without end', Buffer.of(255, 251, 24, 255, 252, 24)],
    ['subnegotiations without end', Buffer.of(255, 250, 24, 0, 86, 255, 240)],
  ])('%s are cut off or borne', async (_name, bytes) => {
    const bomb = Buffer.concat(Array.from({ length: 50_000 }, () => bytes));
    const [fromStockroom, fromMainframe] = await Promise.all([shout(stockroom.telnetPort, bomb), shout(mainframe.port, bomb)]);
    // Answering each with three bytes would be 150 kB.
    expect(fromStockroom.length).toBeLessThan(20_000);
    expect(fromMainframe.length).toBeLessThan(20_000);
    await stillServes();
  });

  it('a terminal that is slow to read gets the screen as it is then, not every one there was', async () => {
    const socket = connect({ port: stockroom.telnetPort, host: '127.0.0.1', noDelay: true });
    let heardBytes = 0;
    socket.on('data', (bytes: Buffer) => (heardBytes += bytes.length));
    socket.write(vt220);
    // 132 by 60: a screenful of list is some 4 kB.
    socket.write(Buffer.of(255, 250, 31, 0, 132, 0, 60, 255, 240));
    await hears(socket, 'SIGN ON');
    socket.write('gatehouse\tpractice\r');
    await hears(socket, 'MAIN MENU');
    socket.write('3\r');
    await hears(socket, 'Bottom');
    socket.pause();
    const redraws = 5_000;
    for (let n = 0; n < redraws; n += 1) {
      socket.write('\x0c');
      await new Promise((resolve) => setImmediate(resolve));
    }
    heardBytes = 0;
    socket.write('\x1bOR');
    socket.resume();
    await hears(socket, 'MAIN MENU');
    expect(heardBytes).toBeLessThan((redraws * 4_000) / 2);
    socket.destroy();
  });

  it.each([
    ['no SSH at all', 'GET / HTTP/1.1\r\n\r\n'],
    ['garbage after the greeting', `SSH-2.0-x\r\n${'\0\xff'.repeat(500)}`],
    ['nothing', ''],
  ])('an SSH client that says %s is let go', async (_name, text) => {
    await shout(stockroom.sshPort, Buffer.from(text, 'latin1'));
    await stillServes();
  });
});

describe('the SSH door of the practice stockroom', () => {
  async function client(password = 'practice'): Promise<ssh2.Client> {
    const connection = new ssh2.Client();
    await new Promise<void>((resolve, reject) => {
      connection.once('ready', resolve).once('error', reject);
      connection.connect({ host: '127.0.0.1', port: stockroom.sshPort, username: 'gatehouse', password });
    });
    return connection;
  }

  it('refuses a wrong password', async () => {
    await expect(client('wrong')).rejects.toThrow('All configured authentication methods failed');
  });

  it('hears six passwords and no more', async () => {
    let tries = 0;
    const connection = new ssh2.Client();
    connection.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => connection.once('close', () => resolve()));
    connection.connect({
      host: '127.0.0.1',
      port: stockroom.sshPort,
      username: 'gatehouse',
      authHandler: (_left, _partial, next) => {
        tries += 1;
        next(tries > 50 ? (false as never) : { type: 'password', username: 'gatehouse', password: `wrong ${tries}` });
      },
    });
    await closed;
    expect(tries).toBe(7);
  });

  it('gives out terminals and nothing else', async () => {
    const connection = await client();
    const failure = (open: (done: (error: Error | undefined) => void) => void): Promise<string> =>
      new Promise((resolve) => open((error) => resolve(error?.message ?? 'granted')));
    expect(await failure((done) => connection.exec('id', done))).toMatch(/Unable to exec/);
    expect(await failure((done) => connection.sftp(done))).toMatch(/refused|Unable|failure/i);
    expect(await failure((done) => connection.shell(false, done))).toMatch(/Unable to open shell|refused|failure/i);
    expect(await failure((done) => connection.forwardOut('127.0.0.1', 1, '127.0.0.1', 22, done))).toMatch(/open failure/i);
    connection.end();
  });

  it('a window of any claimed size is a screen that fits in memory', async () => {
    const connection = await client();
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
      connection.shell({ cols: 0xffffffff, rows: 0xffffffff, term: 'vt220' }, (error, opened) =>
        error === undefined ? resolve(opened) : reject(error),
      ),
    );
    let heard = 0;
    channel.on('data', (bytes: Buffer) => (heard += bytes.length));
    await expect.poll(() => heard).toBeGreaterThan(200);
    channel.setWindow(0, 0, 0, 0);
    channel.setWindow(1, 1, 0, 0);
    await expect.poll(() => heard).toBeGreaterThan(400);
    expect(heard).toBeLessThan(10_000);
    connection.end();
  });
});
