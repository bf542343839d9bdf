import { createHash, createHmac } from 'node:crypto';
import { isIP } from 'node:net';

/** A line of a known_hosts file that concerns the host. */
export interface KnownKey {
  readonly kind: string;
  readonly key: Buffer;
  readonly revoked: boolean;
}

/**
 * The keys that the text of a known_hosts file has for one host. Certificate authorities of hosts (`@cert-authority`) are passed over.
 * @see sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"
 */
export function knownKeys(text: string, host: string, port: number): KnownKey[] {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  return text.split(/\r?\n/).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [hosts, kind, key] = words;
    if (hosts === undefined || kind === undefined || key === undefined || hosts.startsWith('#')) return [];
    if ((marker !== undefined && marker !== '@revoked') || !concerns(hosts, name)) return [];
    return [{ kind, key: Buffer.from(key, 'base64'), revoked: marker === '@revoked' }];
  });
}

/** As `ssh-keygen -l` shows it: `SHA256:` and 43 characters. */
export const fingerprintOf = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The type of a key, `ssh-ed25519`; null when it does not begin with one. @see RFC 4253, section 6.6 */
export function kindOfKey(key: Buffer): string | null {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const kind = key.subarray(4, 4 + Math.min(length, 64)).toString('latin1');
  return /^[a-z0-9@.-]+$/.test(kind) ? kind : null;
}

/** `host,10.0.0.*,!bad,[host]:2222` or `|1|salt|hash`. */
function concerns(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = patterns.split('|');
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(Buffer.from(hash, 'base64'));
  }
  const all = patterns.toLowerCase().split(',');
  if (all.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1), name))) return false;
  return all.some((pattern) => fits(pattern, name));
}

function fits(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern) || isIP(pattern) !== 0) return pattern === name;
  const rule = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${rule}$`).test(name);
}
