import { readFileSync } from 'node:fs';
import { GatehouseError } from '../../../contract/errors.ts';
import { fingerprintOf, kindOfKey, knownKeys } from '../../ssh/known-hosts.ts';
import { type TerminalSettings } from '../terminal.settings.ts';

/** What is known of a host's keys: nothing is trusted that was not put here by a person. */
export interface HostKeys {
  /** The kinds of key that are known, so that the host is asked for one of these. Empty: only fingerprints are known. */
  readonly kinds: readonly string[];
  /** @throws GatehouseError HOST_KEY_REJECTED, which says the fingerprint seen and where it belongs */
  check(key: Buffer): void;
}

/** @throws GatehouseError CONFIG_INVALID when the file of known hosts cannot be read */
export function hostKeysOf(system: string, settings: TerminalSettings, port: number): HostKeys {
  const { host, hostKeys, knownHostsFile } = settings;
  const prints = new Set(hostKeys.map((print) => print.replace(/=+$/, '')));
  const lines = knownHostsFile === undefined ? [] : knownKeys(textOf(system, knownHostsFile), host, port);
  const known = lines.filter(({ revoked }) => !revoked);
  const name = port === 22 ? host : `[${host}]:${port}`;
  return {
    kinds: prints.size > 0 ? [] : [...new Set(known.map(({ kind }) => kind))],
    check: (key) => {
      const print = fingerprintOf(key);
      const seen = `${system}: ${name} shows the ${kindOfKey(key) ?? 'unnamed'} key ${print}`;
      if (lines.some((line) => line.revoked && line.key.equals(key)))
        throw new GatehouseError('HOST_KEY_REJECTED', `${seen}, which the file of knownHostsFile revokes`, { native: print });
      if (prints.has(print) || known.some((line) => line.key.equals(key))) return;
      const nothing = prints.size === 0 && known.length === 0;
      throw new GatehouseError(
        'HOST_KEY_REJECTED',
        `${seen}, ${nothing ? 'and no key of it is known' : 'and another one is known'}; if its owner confirms it, put it into terminal.hostKeys`,
        { native: print },
      );
    },
  };
}

function textOf(system: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    throw new GatehouseError('CONFIG_INVALID', `systems.${system}.terminal.knownHostsFile: ${file} cannot be read (${errno})`, { cause: error });
  }
}
