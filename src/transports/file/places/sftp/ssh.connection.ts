import { type Socket, connect } from 'node:net';
import { type Duplex } from 'node:stream';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { GatehouseError } from '../../../../contract/errors.ts';
import { oldAlgorithms, safeAlgorithms } from '../../../ssh/algorithms.ts';
import { authentication, isRefusedAtTheDoor } from '../../../ssh/authentication.ts';
import { fingerprintOf, kindOfKey } from '../../../ssh/known-hosts.ts';
import { unlessAborted } from '../effect.ts';
import { connectFailure, credentialsRefused, hostKeyRejected, proof } from '../faults.ts';
import { type PlaceSettings } from '../place.settings.ts';
import { HostKeys } from './host-keys.ts';
import { SftpSession } from './sftp.session.ts';

export interface SshConnection {
  readonly session: SftpSession;
  /** What the server calls itself: `OpenSSH_9.2p1`. */
  readonly software: string;
  end(): void;
}

/** Connects, proves the host key, logs in and opens SFTP. @throws GatehouseError, classified */
export async function dialSftp(place: string, settings: PlaceSettings, signal: AbortSignal): Promise<SshConnection> {
  const host = settings.host ?? '';
  const port = settings.port || 22;
  const address = `${host}:${port}`;
  let socket: Socket | null = null;
  const client: Client = new ssh2.Client();
  try {
    const keys = new HostKeys(
      host,
      port,
      settings.hostKeys,
      settings.knownHostsFile === undefined ? '' : (await proof(place, 'knownHostsFile', settings.knownHostsFile, 'HOST_KEY_REJECTED')).toString(),
    );
    socket = await connected(host, port, signal);
    const software = await unlessAborted(signal, false, () => loggedIn(client, place, address, socket as Socket, settings, keys));
    const channel = await unlessAborted(signal, false, () => sftpChannel(client, place));
    const session = await SftpSession.open(channel, settings.answerTimeoutMs, signal);
    return {
      session,
      software,
      end: () => {
        session.end();
        client.end();
        // A peer that is gone never answers the goodbye.
        setTimeout(() => socket?.destroy(), 1_000).unref();
      },
    };
  } catch (error) {
    client.on('error', () => undefined);
    client.end();
    socket?.destroy();
    throw connectFailure(place, address, error);
  }
}

/** ssh2 leaves Nagle's algorithm on, which holds every small request back for 40 ms. */
async function connected(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
  try {
    await unlessAborted(
      signal,
      false,
      () =>
        new Promise<void>((resolve, reject) => {
          socket.once('connect', resolve);
          socket.once('error', reject);
        }),
    );
    socket.removeAllListeners('error');
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  }
}

function loggedIn(client: Client, place: string, address: string, sock: Socket, settings: PlaceSettings, keys: HostKeys): Promise<string> {
  return new Promise((resolve, reject) => {
    let rejectedKey: GatehouseError | null = null;
    let software = 'an unknown server';
    const tried: string[] = [];
    client.on('greeting', () => undefined);
    client.on('handshake', () => void (software = softwareOf(client)));
    client.on('ready', () => resolve(software));
    client.on('close', () => reject(new Error('the server closed the connection while it was set up')));
    client.on('error', (error) => {
      if (rejectedKey !== null) reject(rejectedKey);
      else if (isRefusedAtTheDoor(error))
        reject(credentialsRefused(place, settings.user ?? '', `${tried.join(', ') || 'nothing'} tried on ${address}`, { cause: error }));
      else reject(error);
    });
    try {
      client.connect({
        sock,
        readyTimeout: settings.connectTimeoutMs,
        keepaliveInterval: settings.keepaliveMs,
        keepaliveCountMax: 3,
        algorithms: algorithmsFor(settings, keys),
        hostVerifier: (key: Buffer) => {
          const why = keys.rejected(key);
          if (why !== null) rejectedKey = hostKeyRejected(place, address, kindOfKey(key) ?? 'a key of unknown type', fingerprintOf(key), why);
          return why === null;
        },
        username: settings.user ?? '',
        authHandler: authentication({ ...settings, user: settings.user ?? '', key: settings.key?.reveal() }, tried),
      });
    } catch (cause) {
      // Before anything is sent: the private key cannot be read with this passphrase.
      reject(credentialsRefused(place, settings.user ?? '', 'the key cannot be used', { cause }));
    }
  });
}

function softwareOf(client: Client): string {
  const ident: unknown = (client as unknown as { _remoteVer?: unknown })._remoteVer;
  return typeof ident === 'string' ? ident.replaceAll(/[^\x21-\x7e]/g, '').slice(0, 60) : 'a server';
}

/** The safe algorithms, then the old ones that are allowed by name; host keys of a known type first. */
function algorithmsFor(settings: PlaceSettings, keys: HostKeys): ConnectConfig['algorithms'] {
  const allowed: readonly string[] = settings.algorithms;
  const lists = Object.fromEntries(
    Object.entries(safeAlgorithms).map(([use, safe]) => [
      use,
      [...safe, ...oldAlgorithms[use as keyof typeof oldAlgorithms].filter((name: string) => allowed.includes(name))],
    ]),
  );
  const kinds = new Set(keys.kinds.flatMap((kind) => (kind === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [kind])));
  const hostKeys = lists['serverHostKey'] ?? [];
  lists['serverHostKey'] = [...hostKeys.filter((name) => kinds.has(name)), ...hostKeys.filter((name) => !kinds.has(name))];
  return lists as ConnectConfig['algorithms'];
}

function sftpChannel(client: Client, place: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('close', () => reject(new Error('the server closed the connection while it was set up')));
    client.subsys('sftp', (error, channel) => {
      if (error === undefined || error === null) resolve(channel);
      else
        reject(
          new GatehouseError('PLACE_DENIED', `${place}: the server gives this user no sftp (${error.message}); have it allowed there`, {
            cause: error,
          }),
        );
    });
  });
}
