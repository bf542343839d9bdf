import { type Algorithms } from 'ssh2';
import { GatehouseError } from '../../../contract/errors.ts';

type Kind = 'kex' | 'serverHostKey' | 'cipher' | 'hmac';

/** What is offered of our own accord: nothing with SHA-1, no CBC, no groups under 2048 bits. */
const safe: Readonly<Record<Kind, readonly string[]>> = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'chacha20-poly1305@openssh.com'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
};

/** What a host from long ago may need, only when its name is in the settings. */
const old: Readonly<Record<Kind, readonly string[]>> = {
  kex: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
  serverHostKey: ['ssh-rsa', 'ssh-dss'],
  cipher: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
  hmac: ['hmac-sha1-etm@openssh.com', 'hmac-sha1', 'hmac-md5'],
};

const kinds: readonly Kind[] = ['kex', 'serverHostKey', 'cipher', 'hmac'];

/**
 * The algorithms to offer: the safe ones, then the old ones that are named. Host keys only of the kinds that are known, if any, so that
 * the host does not show another of its keys.
 * @throws GatehouseError CONFIG_INVALID for a name that is none of the old ones
 */
export function algorithmsFor(system: string, named: readonly string[], knownKinds: readonly string[]): Algorithms {
  const offered = Object.fromEntries(kinds.map((kind) => [kind, [...safe[kind]]])) as Record<Kind, string[]>;
  for (const name of named) {
    const kind = kinds.find((kind) => old[kind].includes(name));
    if (kind === undefined)
      throw new GatehouseError(
        'CONFIG_INVALID',
        `systems.${system}.terminal.oldAlgorithms: '${name.replaceAll(/[^\x20-\x7e]/g, '?')}' is none of ${kinds.flatMap((kind) => old[kind]).join(', ')}`,
      );
    offered[kind].push(name);
  }
  const wanted = offered.serverHostKey.filter((name) => knownKinds.includes(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name));
  return { ...offered, ...(wanted.length > 0 ? { serverHostKey: wanted } : {}) } as Algorithms;
}
