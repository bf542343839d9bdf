import { type KnownKey, fingerprintOf, knownKeys } from '../../../ssh/known-hosts.ts';

/** Which host keys are accepted for one host: fingerprints, and the lines of a known_hosts file. */
export class HostKeys {
  readonly #fingerprints: ReadonlySet<string>;
  readonly #known: readonly KnownKey[];

  constructor(host: string, port: number, fingerprints: readonly string[], knownHosts: string) {
    this.#fingerprints = new Set(fingerprints.map((each) => each.replace(/=+$/, '')));
    this.#known = knownKeys(knownHosts, host, port);
  }

  /** Key types of the file, those to ask the server for first: it shows one of its keys only. */
  get kinds(): readonly string[] {
    return [...new Set(this.#known.filter(({ revoked }) => !revoked).map(({ kind }) => kind))];
  }

  /** Why the key is not accepted; null when it is. */
  rejected(key: Buffer): string | null {
    if (this.#known.some((each) => each.revoked && each.key.equals(key))) return 'is revoked in the known_hosts file';
    if (this.#fingerprints.has(fingerprintOf(key)) || this.#known.some((each) => each.key.equals(key))) return null;
    return this.#fingerprints.size === 0 && this.#known.every(({ revoked }) => revoked) ? 'is not known' : 'is not the one that is configured';
  }
}
