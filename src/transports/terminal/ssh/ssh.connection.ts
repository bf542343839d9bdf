import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { GatehouseError } from '../../../contract/errors.ts';
import { connectFailure } from '../faults.ts';
import { authentication } from '../../ssh/authentication.ts';
import { addressOf, dial, late, readPem } from '../tcp.ts';
import { portOf, type TerminalSettings } from '../terminal.settings.ts';
import { hostKeysOf } from './host-keys.ts';
import { algorithmsFor } from './ssh.algorithms.ts';

/** A host that does not answer this often counts as gone. */
const keepaliveMisses = 3;

/**
 * A connection that is logged in and whose host has proven its key.
 * @throws GatehouseError UNREACHABLE, CREDENTIALS_REFUSED, HOST_KEY_REJECTED, CONFIG_INVALID; NO_ANSWER when the line was lost over the password
 */
export async function connectSsh(system: string, settings: TerminalSettings, signal: AbortSignal): Promise<Client> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(settings.connectTimeoutMs)]);
  const address = addressOf(settings);
  const hostKeys = hostKeysOf(system, settings, portOf(settings));
  const { user, keyFile, agent } = settings;
  if (user === undefined) throw new GatehouseError('CONFIG_INVALID', `systems.${system}.terminal.user is missing; ssh needs one`);
  const key = keyFile === undefined ? undefined : readPem(system, 'keyFile', keyFile);
  if (key !== undefined) checkKey(system, keyFile ?? '', key, settings);
  const algorithms = algorithmsFor(system, settings.oldAlgorithms, hostKeys.kinds);
  // ssh2 leaves Nagle's algorithm on in its own sockets: 23 round trips a second instead of thousands.
  const sock = await dial(system, settings, inTime);
  const client = new ssh2.Client();
  let rejected: unknown = null;
  const tried: string[] = [];
  const config: ConnectConfig = {
    sock,
    username: user,
    authHandler: authentication({ user, key, passphrase: settings.keyPassphrase, agent, password: settings.password }, tried),
    algorithms,
    hostVerifier: (shown: Buffer): boolean => {
      try {
        hostKeys.check(shown);
        return true;
      } catch (error) {
        rejected = error;
        return false;
      }
    },
    readyTimeout: settings.connectTimeoutMs,
    keepaliveInterval: settings.keepaliveMs,
    keepaliveCountMax: keepaliveMisses,
  };
  // A password whose end nobody has told may have counted against its user.
  const unclear = (error: GatehouseError): GatehouseError =>
    error.code === 'UNREACHABLE' && tried.some((method) => method.startsWith('password'))
      ? new GatehouseError('NO_ANSWER', `${error.message}, while it was being shown the password of ${user}`, { cause: error })
      : error;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      inTime.removeEventListener('abort', aborted);
      client.destroy();
      reject(rejected ?? unclear(connectFailure(system, address, error)));
    };
    const aborted = (): void => fail(late(system, address));
    inTime.addEventListener('abort', aborted, { once: true });
    // Stays after ready: ssh2 throws what nobody listens to.
    client.on('error', fail);
    client.once('close', () => fail(new Error('the host closed the connection')));
    client.once('ready', () => {
      inTime.removeEventListener('abort', aborted);
      resolve(client);
    });
    client.connect(config);
  });
}

/** @throws GatehouseError CONFIG_INVALID when the key cannot be used, before the host is asked */
function checkKey(system: string, file: string, key: string, { keyPassphrase }: TerminalSettings): void {
  const parsed = ssh2.utils.parseKey(key, keyPassphrase?.reveal());
  if (parsed instanceof Error)
    throw new GatehouseError('CONFIG_INVALID', `systems.${system}.terminal.keyFile: ${file} is no private key that can be read with keyPassphrase`);
}
