import { Client, FTPError } from 'basic-ftp';
import { isIP } from 'node:net';
import { type SecureVersion } from 'node:tls';
import { GatehouseError } from '../../../../contract/errors.ts';
import { unlessAborted } from '../effect.ts';
import { connectFailure, credentialsRefused, failure, proof } from '../faults.ts';
import { type PlaceSettings } from '../place.settings.ts';
import { lostOrRefused, pathIn, sendable } from './ftp.wire.ts';

export interface FtpLogin {
  readonly client: Client;
  /** The directory of the place, as the server calls it. */
  readonly root: Buffer;
  /** What FEAT names, in capitals. */
  readonly features: ReadonlySet<string>;
}

/** Connects, secures the connection, logs in and goes to the directory. @throws GatehouseError, classified */
export async function dialFtp(place: string, settings: PlaceSettings, signal: AbortSignal): Promise<FtpLogin> {
  const { host = '', user = '' } = settings;
  const address = `${host}:${settings.port || 21}`;
  const client = new Client(settings.answerTimeoutMs, { allowSeparateTransferHost: settings.otherDataHost });
  client.ftp.encoding = 'latin1';
  const close = (): void => client.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await unlessAborted(signal, false, () => client.connect(host, settings.port || 21));
    client.ftp.socket.setNoDelay(true);
    if (settings.tls === 'explicit')
      await unlessAborted(signal, false, async () => secured(client, place, address, await tlsOptions(place, settings, host)));
    await unlessAborted(signal, false, () => loggedIn(client, place, user, settings));
    const features = new Set((await client.features()).keys());
    await unlessAborted(signal, false, () => client.useDefaultSettings());
    const root = await unlessAborted(signal, false, () => changed(client, place, Buffer.from(settings.directory)));
    return { client, root, features };
  } catch (error) {
    client.close();
    throw connectFailure(place, address, error);
  } finally {
    signal.removeEventListener('abort', close);
  }
}

async function tlsOptions(
  place: string,
  { caFile, serverName, certificateFile, certificateKey, algorithms }: PlaceSettings,
  host: string,
): Promise<object> {
  const name = serverName ?? host;
  const old = (['TLSv1', 'TLSv1.1'] as const).find((version) => algorithms.includes(version));
  return {
    host: name,
    // @see RFC 6066, section 3: an address is no server name.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    // OpenSSL 3 speaks the old versions at this level only. @see openssl-ciphers(1)
    ...(old === undefined ? {} : { ciphers: 'DEFAULT@SECLEVEL=0' }),
    minVersion: (old ?? 'TLSv1.2') satisfies SecureVersion,
    ...(caFile === undefined ? {} : { ca: await proof(place, 'caFile', caFile, 'CERTIFICATE_REJECTED') }),
    ...(certificateFile === undefined
      ? {}
      : { cert: await proof(place, 'certificateFile', certificateFile, 'CERTIFICATE_REJECTED'), key: certificateKey?.reveal() }),
  };
}

async function secured(client: Client, place: string, address: string, options: object): Promise<void> {
  try {
    await client.useTLS(options);
  } catch (cause) {
    if (!(cause instanceof FTPError)) throw cause;
    throw new GatehouseError('NO_COMMON_ALGORITHM', `${place}: ${address} has no TLS (${cause.code}); have it switched on there`, {
      cause,
      native: String(cause.code),
    });
  }
}

async function loggedIn(client: Client, place: string, user: string, { password }: PlaceSettings): Promise<void> {
  try {
    // Text on the connection is Latin-1 here, in the mind of the server UTF-8.
    const bytes = (text: string): string => Buffer.from(text).toString('latin1');
    await client.login(bytes(user), bytes(password?.reveal() ?? ''));
  } catch (cause) {
    if (!(cause instanceof FTPError)) throw cause;
    if (cause.code === 421) throw new GatehouseError('UNREACHABLE', `${place}: the server takes no more logins (421)`, { cause, native: '421' });
    // Its words may repeat what was sent.
    throw credentialsRefused(place, user, `password tried, answer ${cause.code}`, { native: String(cause.code) });
  }
}

async function changed(client: Client, place: string, directory: Buffer): Promise<Buffer> {
  try {
    await client.ftp.request(`CWD ${sendable(directory)}`);
    return Buffer.from(pathIn((await client.ftp.request('PWD')).message), 'latin1');
  } catch (error) {
    throw error instanceof FTPError ? failure({ place, doing: 'use the directory', path: '' }, lostOrRefused(error)) : error;
  }
}
