import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/**
 * What a connection can do to an exchange, said by what the server behind it did meanwhile:
 * - `swallow`: the request never reaches the server, nobody answers, nobody closes.
 * - `refuse`: the request never reaches the server, the connection is reset.
 * - `commitThenSilence`: the server answers, the answer never arrives.
 * - `commitThenDrop`: the server answers, the connection is reset instead.
 * - `truncated`: the answer ends cleanly after half of its body.
 * - `slowHeaders`, `slowBody`: that part of the answer comes a byte at a time.
 */
export const wireFaults = ['swallow', 'refuse', 'commitThenSilence', 'commitThenDrop', 'truncated', 'slowHeaders', 'slowBody'] as const;
export type WireFault = (typeof wireFaults)[number];

const dripEveryMs = 50;

/** A wire to a server that closes after each answer. Without a fault it passes bytes as they are. */
export interface Wire {
  readonly port: number;
  /** The next connection that carries a request does this. */
  plan(fault: WireFault): void;
  heal(): void;
  close(): Promise<void>;
}

export async function startWire(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  const planned: WireFault[] = [];
  const known = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.setNoDelay(true);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    known(near);
    near.once('data', (first: Buffer) => {
      const fault = planned.shift();
      near.pause();
      near.unshift(first);
      if (fault === 'swallow') near.resume();
      else if (fault === 'refuse') near.resetAndDestroy();
      else join(near, known(connect(port, '127.0.0.1')), fault);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    plan: (fault) => void planned.push(fault),
    heal: () => void planned.splice(0),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function join(near: Socket, far: Socket, fault: WireFault | undefined): void {
  near.pipe(far);
  if (fault === undefined) {
    far.pipe(near);
    // Neither side outlives the other: who gave up reading must free the server's worker.
    near.on('close', () => far.destroy());
    far.on('close', () => (far.errored === null ? near.end() : near.destroy()));
    return;
  }
  const parts: Buffer[] = [];
  far.on('data', (bytes: Buffer) => parts.push(bytes));
  far.on('end', () => {
    const answer = Buffer.concat(parts);
    const body = answer.indexOf('\r\n\r\n') + 4;
    if (fault === 'commitThenDrop') near.resetAndDestroy();
    else if (fault === 'truncated') near.end(answer.subarray(0, body + Math.floor((answer.length - body) / 2)));
    else if (fault === 'slowHeaders') drip(near, answer, 0);
    else if (fault === 'slowBody') drip(near, answer, body);
  });
}

function drip(near: Socket, answer: Buffer, from: number): void {
  near.write(answer.subarray(0, from));
  let at = from;
  const timer = setInterval(() => {
    near.write(answer.subarray(at, (at += 1)));
    if (at >= answer.length) near.end();
  }, dripEveryMs);
  near.on('close', () => clearInterval(timer));
  near.on('finish', () => clearInterval(timer));
}
