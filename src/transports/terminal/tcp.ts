import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { GatehouseError } from '../../contract/errors.ts';
import { connectFailure } from './faults.ts';
import { portOf, type TerminalSettings } from './terminal.settings.ts';

export const addressOf = (settings: TerminalSettings): string =>
  `${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${portOf(settings)}`;

/**
 * A connection whose small writes leave at once, with TLS where the settings say so.
 * @throws GatehouseError UNREACHABLE, CERTIFICATE_REJECTED, CONFIG_INVALID
 */
export function dial(system: string, settings: TerminalSettings, signal: AbortSignal): Promise<Socket> {
  const { host, serverName, caFile } = settings;
  const port = portOf(settings);
  const address = addressOf(settings);
  const secure = settings.tls && settings.protocol !== 'ssh';
  const name = serverName ?? host;
  const ca = caFile === undefined ? {} : { ca: readPem(system, 'caFile', caFile) };
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(late(system, address));
    const socket = secure ? connectTls({ host, port, ...ca, ...(isIP(name) === 0 ? { servername: name } : {}) }) : connectTcp({ host, port });
    const done = (end: () => void): void => {
      signal.removeEventListener('abort', aborted);
      socket.off('error', failed).off('close', closed);
      end();
    };
    const fail = (error: GatehouseError): void =>
      done(() => {
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      });
    const failed = (error: Error): void => fail(connectFailure(system, address, error));
    const closed = (): void => fail(connectFailure(system, address, new Error('the connection was closed')));
    const aborted = (): void => fail(late(system, address));
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('error', failed).on('close', closed);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      socket.setNoDelay(true);
      done(() => resolve(socket));
    });
  });
}

export const late = (system: string, address: string): GatehouseError =>
  new GatehouseError('UNREACHABLE', `${system}: no session with ${address} in the time to connect`);

/** @throws GatehouseError CONFIG_INVALID */
export function readPem(system: string, setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    throw new GatehouseError('CONFIG_INVALID', `systems.${system}.terminal.${setting}: ${file} cannot be read (${errno})`, { cause: error });
  }
}
