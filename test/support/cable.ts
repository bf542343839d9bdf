import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** The cable between a client and a server: can be cut, and can go dead without anybody being told. */
export interface Cable {
  readonly port: number;
  /** Ends every connection with a reset; new ones work. */
  cut(): void;
  /** Nothing passes any more in either direction, and nothing is closed. */
  freeze(): void;
  /** New connections pass; what was frozen stays so. */
  thaw(): void;
  /** Calls back with what the server sends, before it is passed on; false swallows it. */
  onAnswer(listener: ((bytes: Buffer) => boolean) | null): void;
  close(): Promise<void>;
}

export async function cableTo(port: number): Promise<Cable> {
  const sockets = new Set<Socket>();
  let frozen = false;
  let answer: ((bytes: Buffer) => boolean) | null = null;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const dead = frozen;
    const pass = (from: Socket, to: Socket, back: boolean): void => {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes: Buffer) => {
        if (dead || frozenSockets.has(from)) return;
        if (back && answer?.(bytes) === false) return;
        to.write(bytes);
      });
      from.on('end', () => !frozenSockets.has(from) && to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        if (!frozenSockets.has(from)) to.destroy();
      });
    };
    pass(near, far, false);
    pass(far, near, true);
  });
  const frozenSockets = new Set<Socket>();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    freeze: () => {
      frozen = true;
      for (const socket of sockets) frozenSockets.add(socket);
    },
    thaw: () => {
      frozen = false;
    },
    onAnswer: (listener) => {
      answer = listener;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
