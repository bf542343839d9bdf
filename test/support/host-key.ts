import { generateKeyPairSync, hash } from 'node:crypto';
import ssh2 from 'ssh2';

/** A new key for a door of ssh2's, and its print as settings name it. By Node: one in 256 of the keys that ssh2 makes itself it cannot read again. */
export function hostKey(): { readonly key: string; readonly print: string } {
  const { privateKey: key } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const parsed = ssh2.utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  return { key, print: `SHA256:${hash('sha256', parsed.getPublicSSH(), 'base64').replace(/=+$/, '')}` };
}
