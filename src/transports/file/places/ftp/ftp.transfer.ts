import { type Socket } from 'node:net';

/** Why the server ended a transfer; null when it confirmed it. */
export async function refusalOf(confirmed: Promise<unknown>): Promise<unknown> {
  try {
    await confirmed;
    return null;
  } catch (reason) {
    return reason;
  }
}

/** What a data connection carries, and how it ends. */
export interface Transfer {
  readonly data: Socket;
  /** Settles when the server says that it has or has given all, or why not. */
  readonly confirmed: Promise<unknown>;
  /** Why the server refused after all, or the control connection ended, and who is to be told. */
  over: Error | null;
  awaiting: ((reason: Error) => void) | null;
}

class DataBroken extends Error {}

/** Takes the data connection out of the hands of the client, which would end the control connection before the server can say why. */
export function own(data: Socket): void {
  for (const event of ['error', 'close', 'timeout']) data.removeAllListeners(event);
  data.on('error', () => undefined);
  data.on('timeout', () => data.destroy(new DataBroken('nothing moved on the data connection in time')));
}

/**
 * The work on the data connection, or why the transfer is over: the client takes a lost data connection down without a word to its listeners.
 * No race with a promise of the whole transfer, which would keep every chunk until its end.
 */
export function unlessOver<T>(transfer: Transfer, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (transfer.over !== null) return reject(transfer.over);
    transfer.awaiting = reject;
    work.then(resolve, reject).finally(() => (transfer.awaiting = null));
    return undefined;
  });
}

/** The event, or the end of the connection. Nothing is left behind on it: a large file has many of these. @throws DataBroken */
export function happened(data: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      data.removeListener('close', ended);
      resolve();
    };
    const ended = (): void => {
      data.removeListener(event, done);
      reject(data.errored ?? new DataBroken('the data connection was closed'));
    };
    if (data.destroyed) return ended();
    data.once(event, done).once('close', ended);
    return undefined;
  });
}
