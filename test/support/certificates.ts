import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { need } from './needs.ts';

/** PEM files of a CA and of a certificate that it gave to `localhost` and 127.0.0.1. */
export interface Certificates {
  readonly folder: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export function certificates(): Certificates {
  const openssl = need('openssl', 'openssl');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-certificates-'));
  const [ca, caKey, certificate, key] = ['ca.pem', 'ca.key', 'server.pem', 'server.key'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const quiet = { stdio: 'ignore' } as const;
  execFileSync(openssl, ['req', '-x509', ...ec, '-keyout', caKey, '-out', ca, '-days', '2', '-subj', '/CN=Gatehouse Test CA'], quiet);
  execFileSync(
    openssl,
    // prettier-ignore
    ['req', '-x509', ...ec, '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=localhost', '-CA', ca, '-CAkey', caKey,
     '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE'],
    quiet,
  );
  return { folder, ca, certificate, key };
}
