import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { need } from './needs.ts';

const run = promisify(execFile);
const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const digestType = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest';

/** PEM files of a CA, a key it certified, and a key that only certified itself. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly strangerCertificate: string;
  readonly strangerKey: string;
  remove(): void;
}

/** RSA 2048, valid from now for two days; 0.3 s. */
export async function makeCertificates(subject = 'gatehouse', altName = 'IP:127.0.0.1'): Promise<Certificates> {
  const openssl = need('openssl', 'openssl');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-certificates-'));
  const at = (name: string): string => join(folder, name);
  const make = (name: string, cn: string, more: readonly string[]): Promise<unknown> =>
    run(openssl, [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${cn}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.pem`),
      ...more,
    ]);
  await make('ca', 'gatehouse test CA', []);
  await make('signer', subject, [
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-addext',
    `subjectAltName=${altName}`,
  ]);
  await make('stranger', subject, ['-addext', `subjectAltName=${altName}`]);
  return {
    ca: at('ca.pem'),
    certificate: at('signer.pem'),
    key: at('signer.key'),
    strangerCertificate: at('stranger.pem'),
    strangerKey: at('stranger.key'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * What an X.509 signature of the WS-Security header covers, as the local names of the signed elements, when xmlsec1 finds the signature right,
 * openssl the certificate issued by `ca`, and the key reference leads to the BinarySecurityToken in the same header.
 * @throws Error that says what is wrong
 */
export async function verifySignature(envelope: string, ca: string): Promise<string[]> {
  const xmlsec1 = need('xmlsec1', 'xmlsec1');
  const openssl = need('openssl', 'openssl');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-xmlsec-'));
  try {
    const file = join(folder, 'envelope.xml');
    const certificate = join(folder, 'certificate.pem');
    writeFileSync(file, envelope);
    const token = `//*[local-name()='BinarySecurityToken' and namespace-uri()='${wsse}']`;
    const reference = "string(//*[local-name()='KeyInfo']//*[local-name()='Reference']/@URI)";
    if ((await xpath(file, `count(${token})`)) !== '1') throw new Error('there is not exactly one BinarySecurityToken');
    const id = await xpath(file, `string(${token}/@*[local-name()='Id' and namespace-uri()='${wsu}'])`);
    if ((await xpath(file, reference)) !== `#${id}`) throw new Error(`KeyInfo does not refer to the BinarySecurityToken '${id}'`);
    writeFileSync(certificate, pem(await xpath(file, `string(${token})`)));
    await run(openssl, ['verify', '-CAfile', ca, certificate]).catch((error: unknown) => {
      throw new Error('the certificate was not issued by the CA', { cause: error });
    });
    const signed = await signedElements(file);
    const ids = signed.flatMap((name) => ['--id-attr:Id', name]);
    await run(xmlsec1, ['--verify', ...ids, '--pubkey-cert-pem', certificate, file]).catch((error: unknown) => {
      throw new Error(`xmlsec1: ${(error as { stderr?: string }).stderr ?? String(error)}`, { cause: error });
    });
    return signed;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Each reference must name exactly one element of the message: two with one Id is how a signed part is swapped. */
async function signedElements(file: string): Promise<string[]> {
  const references = "//*[local-name()='SignedInfo']/*[local-name()='Reference']";
  const count = Number(await xpath(file, `count(${references})`));
  if (count === 0) throw new Error('nothing is signed');
  const names: string[] = [];
  for (let at = 1; at <= count; at += 1) {
    const uri = await xpath(file, `string(${references}[${at}]/@URI)`);
    if (!/^#[\w.-]+$/.test(uri)) throw new Error(`reference '${uri}' names no element of the message`);
    const element = `//*[@*[local-name()='Id']='${uri.slice(1)}']`;
    if ((await xpath(file, `count(${element})`)) !== '1') throw new Error(`the Id '${uri.slice(1)}' does not occur exactly once`);
    names.push(await xpath(file, `local-name(${element})`));
  }
  return names;
}

export interface UsernameToken {
  readonly username: string;
  readonly created: string;
  /** Base64, as sent. */
  readonly nonce: string;
}

/**
 * What a UsernameToken with a digest says, when the digest is Base64(SHA-1(nonce + created + password)) as openssl reckons it.
 * @throws Error that says what is wrong
 * @see WSS UsernameToken Profile 1.0, section 3.1
 */
export async function verifyUsernameToken(envelope: string, password: string): Promise<UsernameToken> {
  const openssl = need('openssl', 'openssl');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-token-'));
  try {
    const file = join(folder, 'envelope.xml');
    writeFileSync(file, envelope);
    const token = `//*[local-name()='UsernameToken' and namespace-uri()='${wsse}']`;
    const text = (name: string, namespace: string): Promise<string> =>
      xpath(file, `string(${token}/*[local-name()='${name}' and namespace-uri()='${namespace}'])`);
    if ((await xpath(file, `count(${token})`)) !== '1') throw new Error('there is not exactly one UsernameToken');
    const type = await xpath(file, `string(${token}/*[local-name()='Password']/@Type)`);
    if (type !== digestType) throw new Error(`the password's type is '${type}'`);
    const [username, digest, nonce, created] = await Promise.all([
      text('Username', wsse),
      text('Password', wsse),
      text('Nonce', wsse),
      text('Created', wsu),
    ]);
    if (nonce === '' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(created))
      throw new Error(`no nonce, or Created '${created}' is not in UTC`);
    const hashed = join(folder, 'hashed');
    writeFileSync(hashed, Buffer.concat([Buffer.from(nonce, 'base64'), Buffer.from(created + password, 'utf8')]));
    const { stdout } = await run(openssl, ['dgst', '-sha1', '-binary', hashed], { encoding: 'buffer' });
    if (stdout.toString('base64') !== digest) throw new Error('the digest is not that of this password');
    return { username, created, nonce };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function xpath(file: string, expression: string): Promise<string> {
  const { stdout } = await run(need('xmllint', 'libxml2-utils'), ['--nonet', '--xpath', expression, file]);
  return stdout.replace(/\n$/, '');
}

/** Base64 of a certificate as PEM. */
export function pem(base64: string): string {
  const lines = base64.replace(/\s+/g, '').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** The content of a PEM file as one line of base64. */
export function unpem(file: string): string {
  return readFileSync(file, 'utf8').replace(/-----[^-]+-----|\s/g, '');
}
