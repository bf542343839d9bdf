import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { Secret } from '../../src/contract/secret.ts';
import { FilePath } from '../../src/transports/file/places/file-path.ts';
import { openPlace } from '../../src/transports/file/places/open-place.ts';
import { type Promises } from '../../src/transports/file/places/place.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { type Certificates, certificates } from '../support/certificates.ts';
import { Ftpd } from '../support/ftpd.ts';

let tls: Certificates;
let secured: Ftpd;
let plain: Ftpd;

beforeAll(async () => {
  tls = certificates();
  secured = await Ftpd.start({ tls });
  plain = await Ftpd.start();
});
afterAll(async () => {
  await secured.stop();
  await plain.stop();
});

async function check(ftpd: Ftpd, changes: Partial<PlaceSettings> = {}): Promise<Promises> {
  const settings = Object.assign(new PlaceSettings(), {
    kind: 'ftp',
    directory: ftpd.home,
    host: 'localhost',
    port: ftpd.port,
    user: ftpd.user,
    password: new Secret('env:FTP', ftpd.password),
    ...changes,
  });
  const place = openPlace('depot', settings);
  try {
    return await place.check(AbortSignal.timeout(10_000));
  } finally {
    await place.close();
  }
}

const refusal = (ftpd: Ftpd, changes: Partial<PlaceSettings> = {}): Promise<GatehouseError> =>
  check(ftpd, changes).then(
    () => Promise.reject(new Error('it was accepted')),
    (error: GatehouseError) => {
      expect(`${error.message} ${error.stack ?? ''} ${String(error.cause)}`).not.toContain(ftpd.password);
      return error;
    },
  );

it('a certificate of a CA that is configured is trusted, for the host and for a name that is configured', async () => {
  expect((await check(secured, { caFile: tls.ca })).told).toContain('FTP with TLS');
  await check(secured, { caFile: tls.ca, host: '127.0.0.1' });
  await check(secured, { caFile: tls.ca, serverName: 'localhost' });
});

it('a certificate that nobody vouches for, or of another name, is rejected', async () => {
  expect(await refusal(secured)).toMatchObject({ code: 'CERTIFICATE_REJECTED', class: 'system' });
  expect(await refusal(secured, { caFile: tls.ca, serverName: 'files.depot.example' })).toMatchObject({
    code: 'CERTIFICATE_REJECTED',
    native: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

it('a wrong password is refused', async () => {
  const password = new Secret('env:FTP', 'wrong');
  expect(await refusal(secured, { caFile: tls.ca, password })).toMatchObject({ code: 'CREDENTIALS_REFUSED', native: '530' });
});

it('a server without TLS gets no password unless that is configured', async () => {
  expect(await refusal(plain)).toMatchObject({ code: 'NO_COMMON_ALGORITHM', class: 'system' });
  expect((await check(plain, { tls: 'none' })).told).toContain('FTP in the clear');
});

it('a name that would end the command is refused before it is sent', async () => {
  const settings = Object.assign(new PlaceSettings(), {
    kind: 'ftp',
    tls: 'none',
    directory: plain.home,
    host: 'localhost',
    port: plain.port,
    user: plain.user,
    password: new Secret('env:FTP', plain.password),
  });
  const place = openPlace('depot', settings);
  const hostile = FilePath.root.listed(Buffer.from('x\r\nDELE important'));
  const signal = AbortSignal.timeout(10_000);
  await expect(place.look(hostile, signal)).rejects.toMatchObject({ code: 'CALL_REFUSED_ARGUMENTS' });
  await expect(place.remove(hostile, signal)).rejects.toMatchObject({ code: 'CALL_REFUSED_ARGUMENTS' });
  await place.close();
});

it('a server that wants to know its clients is shown the certificate that is configured', async () => {
  const strict = await Ftpd.start({ tls, clients: true });
  try {
    const shown = { certificateFile: tls.certificate, certificateKey: new Secret('env:KEY', readFileSync(tls.key, 'utf8')) };
    expect((await check(strict, { caFile: tls.ca, ...shown })).told).toContain('FTP with TLS');
    await expect(check(strict, { caFile: tls.ca })).rejects.toBeInstanceOf(GatehouseError);
  } finally {
    await strict.stop();
  }
});

it('data goes to the host that was logged in to, whatever host the server names, unless that is configured', async () => {
  const astray = await Ftpd.start({ more: ['MasqueradeAddress 127.0.0.2', '<Limit EPSV>', 'DenyAll', '</Limit>'] });
  try {
    expect((await check(astray, { tls: 'none', host: '127.0.0.1' })).told).toContain('FTP in the clear');
    await expect(check(astray, { tls: 'none', host: '127.0.0.1', otherDataHost: true, answerTimeoutMs: 2_000 })).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  } finally {
    await astray.stop();
  }
});
