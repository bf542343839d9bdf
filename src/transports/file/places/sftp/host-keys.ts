import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** A line of known_hosts that concerns a host. */
interface KnownKey {
  readonly kind: string;
  readonly key: Buffer;
  readonly revoked: boolean;
}

/**
 * Which host keys are accepted for one host: fingerprints, and the lines of a known_hosts file. Certificate authorities of hosts
 * (`@cert-authority`) are passed over.
 * @see sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"
 */
export class HostKeys {
  readonly #fingerprints: ReadonlySet<string>;
  readonly #known: readonly KnownKey[];

  constructor(host: string, port: number, fingerprints: readonly string[], knownHosts: string) {
    this.#fingerprints = new Set(fingerprints.map((each) => each.replace(/=+$/, '')));
    this.#known = knownHosts.split(/\r?\n/).flatMap((line) => keyFor(line, host, port));
  }

  /** Key types of the file, those to ask the server for first: it shows one of its keys only. */
  get kinds(): readonly string[] {
    return [...new Set(this.#known.filter(({ revoked }) => !revoked).map(({ kind }) => kind))];
  }

  /** Why the key is not accepted; null when it is. */
  rejected(key: Buffer): string | null {
    if (this.#known.some((each) => each.revoked && same(each.key, key))) return 'is revoked in the known_hosts file';
    if (this.#fingerprints.has(fingerprintOf(key)) || this.#known.some((each) => same(each.key, key))) return null;
    return this.#fingerprints.size === 0 && this.#known.every(({ revoked }) => revoked) ? 'is not known' : 'is not the one that is configured';
  }
}

/** As `ssh-keygen -l` shows it: `SHA256:` and 43 characters. */
export const fingerprintOf = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The type of a key in the wire format of SSH: `ssh-ed25519`. */
export function kindOfKey(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const kind = key.subarray(4, 4 + Math.min(length, 64)).toString('latin1');
  return /^[a-z0-9@.-]+$/.test(kind) ? kind : 'a key of unknown type';
}

function keyFor(line: string, host: string, port: number): KnownKey[] {
  const words = line.trim().split(/\s+/);
  const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
  const [hosts, kind, key] = words;
  if (hosts === undefined || kind === undefined || key === undefined || hosts.startsWith('#') || marker === '@cert-authority') return [];
  if (!concerns(hosts, host.toLowerCase(), port)) return [];
  return [{ kind, key: Buffer.from(key, 'base64'), revoked: marker === '@revoked' }];
}

/** `host,10.0.0.*,!bad,[host]:2222` or `|1|salt|hash`. */
function concerns(patterns: string, host: string, port: number): boolean {
  const name = port === 22 ? host : `[${host}]:${port}`;
  if (patterns.startsWith('|1|')) {
    const [salt = '', hash = ''] = patterns.slice(3).split('|');
    return same(createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest(), Buffer.from(hash, 'base64'));
  }
  let found = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!fits(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function fits(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern) || isIP(pattern) !== 0) return pattern === name;
  const rule = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${rule}$`).test(name);
}

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
