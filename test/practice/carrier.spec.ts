import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import ssh2, { type Client, type ConnectConfig, type SFTPWrapper } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layout } from '../../adapters/carrier/carrier.layout.ts';
import { carrierFaultKinds } from '../../src/practice/carrier/carrier.faults.ts';
import { PracticeCarrier } from '../../src/practice/carrier/carrier.server.ts';
import { readManifest } from '../../src/practice/carrier/manifest.ts';
import { replyFile } from '../../src/practice/carrier/reply.file.ts';
import { RequestReader } from '../../src/practice/carrier/sftp.wire.ts';

const { Manifest } = layout.drops;
const name = 'MANIFEST_MUC_20261121_000007.TXT';
const header = { sender: 'ACME', depot: 'MUC', number: '000007', date: '20261121', file: name };

const value = (most: number) =>
  fc
    .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: most })
    .filter((text) => !/\p{Cc}/u.test(text))
    .map((text) => text.trimEnd());
const weight = fc.tuple(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 0, max: 999 }));
const shipments = fc.array(
  fc.record({
    reference: fc.uuid(),
    shipmentId: value(20),
    service: fc.constantFrom('STD', 'EXP', 'FRT'),
    name: value(35),
    street: value(35),
    postcode: value(10),
    city: value(30),
    country: fc.constantFrom('DE', 'AT'),
    parcels: fc.array(fc.record({ weight, label: value(20) }), { minLength: 1, maxLength: 5 }),
  }),
  { maxLength: 6 },
);

describe('the carrier reads what the gateway writes, and the gateway what the carrier writes', () => {
  it('every manifest, whatever is in its fields', () => {
    fc.assert(
      fc.property(shipments, (given) => {
        const encoder = Manifest.codec.encoder({ header });
        const pieces = [encoder.begin()];
        for (const { parcels, ...shipment } of given) {
          pieces.push(encoder.record('shipment', { kind: 'S', ...shipment, parcels: parcels.length }));
          parcels.forEach(({ weight: [whole, rest], label }, index) => {
            const weightKg = `${whole}.${String(rest).padStart(3, '0')}`;
            pieces.push(encoder.record('parcel', { kind: 'P', reference: shipment.reference, number: index + 1, weightKg, label }));
          });
        }
        pieces.push(encoder.end());
        expect(readManifest(name, Buffer.concat(pieces))).toEqual({
          depot: 'MUC',
          number: 7,
          date: '20261121',
          broken: null,
          shipments: given.map(({ parcels, ...shipment }) => ({
            ...shipment,
            parcelCount: parcels.length,
            parcels: parcels.map(({ weight: [whole, rest], label }, index) => ({ number: index + 1, grams: whole * 1_000 + rest, label })),
          })),
        });
      }),
      { numRuns: 150 },
    );
  });

  it('every reply file', () => {
    const accepted = fc.record({ reference: fc.uuid(), shipmentId: value(20), trackingNumber: value(20) });
    const rejected = fc.record({ reference: fc.uuid(), shipmentId: value(20), code: value(4), field: value(12), reason: value(60) });
    fc.assert(
      fc.property(fc.array(fc.oneof(accepted, rejected), { maxLength: 8 }), (lines) => {
        const decoder = layout.replies['replies']?.codec.decoder();
        const read = [...(decoder?.push(replyFile(3, '20261121', lines)) ?? []), ...(decoder?.end() ?? [])];
        expect(read.map((record) => ('value' in record ? record.value : record.error.message)).slice(1, -1)).toEqual(
          lines.map((line) => ({ kind: 'trackingNumber' in line ? 'A' : 'R', ...line })),
        );
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['a line that is too short', (text: string) => text.replace('P', ''), 'M001'],
    ['a trailer that counts otherwise', (text: string) => text.replace(/T000001/, 'T000002'), 'M003'],
    ['a weight that is another', (text: string) => text.replace('00012500', '00012501'), 'M003'],
    ['the name of another file', (text: string) => text.replace('_000007.TXT', '_000008.TXT'), 'M004'],
    ['a date that leads elsewhere', (text: string) => text.replace('00000720261121', '000007../../..'), 'M001'],
    ['no trailer', (text: string) => text.replace(/T.*\r\n$/, ''), 'M001'],
    ['a last line without its end', (text: string) => text.trimEnd(), 'M001'],
    ['a parcel of another shipment', (text: string) => text.replace('Pref-1', 'Pref-2'), 'M001'],
  ])('a manifest with %s is taken by nobody', (_what, spoil, code) => {
    const encoder = Manifest.codec.encoder({ header });
    const shipment = { kind: 'S', reference: 'ref-1', shipmentId: 'S', service: 'STD', parcels: 1, name: 'n', street: 's', postcode: '1', city: 'c' };
    const whole = Buffer.concat([
      encoder.begin(),
      encoder.record('shipment', { ...shipment, country: 'DE' }),
      encoder.record('parcel', { kind: 'P', reference: 'ref-1', number: 1, weightKg: '12.5', label: '' }),
      encoder.end(),
    ]).toString('latin1');
    expect(readManifest(name, Buffer.from(whole, 'latin1')).broken).toBeNull();
    expect(readManifest(name, Buffer.from(spoil(whole), 'latin1')).broken?.code).toBe(code);
  });

  it('no bytes make the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(readManifest(name, Buffer.from(bytes)).broken).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});

describe('its SFTP server, to a client that is not ours', () => {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  let practice: PracticeCarrier;
  let client: Client | null = null;
  beforeEach(async () => {
    const key = ssh2.utils.parseKey(privateKey);
    if (key instanceof Error) throw key;
    practice = await PracticeCarrier.start({ authorizedKeys: [`${key.type} ${key.getPublicSSH().toString('base64')}`] });
  });
  afterEach(async () => {
    client?.end();
    client = null;
    await practice.close();
  });

  const login = (how: Partial<ConnectConfig>): Promise<SFTPWrapper> =>
    new Promise((done, reject) => {
      client = new ssh2.Client();
      client.on('error', reject);
      client.on('ready', () => client?.sftp((error, sftp) => (error === undefined ? done(sftp) : reject(error))));
      client.connect({ host: '127.0.0.1', port: practice.port, username: 'gatehouse', ...how });
    });
  const called = <T>(work: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T | undefined> =>
    new Promise((resolve, reject) => work((error, value) => (error === null || error === undefined ? resolve(value) : reject(error))));

  it('a password or a key opens it; a wrong one, or another user, does not', async () => {
    await login({ password: 'practice' });
    client?.end();
    await login({ privateKey });
    client?.end();
    await expect(login({ password: 'wrong' })).rejects.toThrow('authentication');
    await expect(login({ username: 'root', password: 'practice' })).rejects.toThrow('authentication');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' });
    await expect(login({ privateKey: other })).rejects.toThrow('authentication');
  });

  it('files are written, listed, read, renamed without replacing and replaced, and removed', async () => {
    const sftp = await login({ password: 'practice' });
    const bytes = Buffer.alloc(300_000, 'abc');
    await called((done) => sftp.writeFile('/replies/.part', bytes, done));
    await called((done) => sftp.rename('/replies/.part', '/replies/whole', done));
    expect((await called<Buffer>((done) => sftp.readFile('/replies/whole', done)))?.equals(bytes)).toBe(true);
    await called((done) => sftp.writeFile('/replies/other', 'x', done));
    await expect(called((done) => sftp.rename('/replies/other', '/replies/whole', done))).rejects.toThrow('failure');
    await called((done) => sftp.ext_openssh_rename('/replies/other', '/replies/whole', done));
    expect((await called<{ filename: string }[]>((done) => sftp.readdir('/replies', done as never)))?.map(({ filename }) => filename)).toEqual([
      'whole',
    ]);
    await called((done) => sftp.unlink('/replies/whole', done));
    await expect(called((done) => sftp.stat('/replies/whole', done))).rejects.toThrow('no such file');
  });

  it('no path leads out of the folder', async () => {
    const sftp = await login({ password: 'practice' });
    for (const path of ['../../../../etc/passwd', '/../etc/passwd', 'manifests/../../../etc/hostname'])
      await expect(called((done) => sftp.readFile(path, done))).rejects.toThrow('no such file');
    expect(await called<string>((done) => sftp.realpath('../..', done))).toBe('/');
    await expect(called((done) => sftp.symlink('/etc', '/replies/etc', done))).rejects.toThrow('unsupported');
    expect(readdirSync(practice.folder)).toEqual(['manifests', 'replies']);
  });

  it('a manifest without its marker is left alone, one out of turn waits for its turn', async () => {
    const sftp = await login({ password: 'practice' });
    const put = (file: string, content: string | Buffer) => called((done) => sftp.writeFile(`/manifests/${file}`, content, done));
    const manifest = (number: number): [string, Buffer] => {
      const file = `MANIFEST_MUC_20261121_00000${number}.TXT`;
      const encoder = Manifest.codec.encoder({ header: { ...header, number: String(number), file } });
      return [file, Buffer.concat([encoder.begin(), encoder.end()])];
    };
    const complete = async (number: number): Promise<void> => {
      const [file, bytes] = manifest(number);
      await put(file, bytes);
      await put('.marker', '');
      await called((done) => sftp.rename('/manifests/.marker', `/manifests/${file}.done`, done));
    };
    await put(...manifest(1));
    await complete(2);
    expect([practice.held(), readdirSync(join(practice.folder, 'manifests'))]).toEqual([[2], [manifest(1)[0]]]);
    await complete(1);
    expect([practice.held(), practice.repeated()]).toEqual([[], []]);
    await complete(2);
    expect(practice.repeated()).toEqual([2]);
    expect(readdirSync(join(practice.folder, 'replies')).filter((file) => file.endsWith('.TXT'))).toHaveLength(3);
  });

  it('no bytes make its reader of requests throw anything but an end of the connection', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (chunks) => {
        const reader = new RequestReader();
        try {
          for (const chunk of chunks) for (const request of reader.push(Buffer.from(chunk))) expect(request.kind).toBeTypeOf('string');
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe('the README of the practice carrier', () => {
  it('lists every fault and every reason', () => {
    const folder = resolve(import.meta.dirname, '../../src/practice/carrier');
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(carrierFaultKinds.filter((kind) => !readme.includes(`| \`${kind}\` |`))).toEqual([]);
    const sources = ['booking.ts', 'manifest.ts', 'carrier.desk.ts'].map((file) => readFileSync(join(folder, file), 'utf8')).join('');
    const codes = [...new Set(sources.match(/\b[RM]0\d\d\b/g))];
    expect(codes.length).toBeGreaterThan(8);
    expect(codes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });
});
