import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MtomPeer, startMtomPeer } from '../support/mtom-peer.ts';
import { envelope, soap11, soap12 } from '../support/soap-envelope.ts';

let peer: MtomPeer;
beforeAll(async () => {
  peer = await startMtomPeer();
});
afterAll(() => peer?.stop());

interface Spelling {
  readonly version?: string;
  readonly boundary?: string;
  /** Replaces a piece of the message by another. */
  readonly spoilt?: readonly [string, string];
}

function message(
  name: string,
  contents: Buffer,
  { version = soap11, boundary = 'b-1', spoilt = ['', ''] }: Spelling = {},
): { type: string; body: Buffer } {
  const media = version === soap11 ? 'text/xml' : 'application/soap+xml';
  const include = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:doc%401@test"/>';
  const root = envelope(`<d:store><d:name>${name}</d:name><d:contents>${include}</d:contents></d:store>`, { version });
  const head = [
    `--${boundary}`,
    `Content-Type: application/xop+xml; charset=UTF-8; type="${media}"`,
    'Content-Transfer-Encoding: binary',
    'Content-ID: <root@test>',
    '',
    root,
    `--${boundary}`,
    'Content-Type: application/pdf',
    'Content-Transfer-Encoding: binary',
    'Content-ID: <doc@1@test>',
    '',
    '',
  ].join('\r\n');
  const changed = head.replace(spoilt[0], spoilt[1]);
  return {
    type: `multipart/related; type="application/xop+xml"; start="<root@test>"; start-info="${media}"; boundary="${boundary}"`.replace(
      spoilt[0],
      spoilt[1],
    ),
    body: Buffer.concat([Buffer.from(changed), contents, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

async function send({ type, body }: { type: string; body: Buffer }, path = ''): Promise<{ status: number; type: string; body: Buffer }> {
  const answer = await request(peer.url + path, { method: 'POST', body, headers: { 'content-type': type } });
  return { status: answer.statusCode, type: String(answer.headers['content-type']), body: Buffer.from(await answer.body.arrayBuffer()) };
}

const every = Buffer.from(Array.from({ length: 512 }, (_, n) => n & 255));

describe('the MTOM peer', () => {
  it.each([soap11, soap12])('resolves what is included, to the byte (%s)', async (version) => {
    const { status, body } = await send(message('all', every, { version }));
    expect({ status, text: body.toString() }).toMatchObject({ status: 200 });
    expect(body.toString()).toContain(`<a:bytes>512</a:bytes><a:sha256>${createHash('sha256').update(every).digest('hex')}</a:sha256>`);
    expect(peer.stored().at(-1)).toEqual({ name: 'all', parts: [{ type: 'application/pdf', encoding: 'binary', bytes: 512 }] });
  });

  it('keeps any bytes, line ends and dashes too', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('\r', '\n', '\r\n', '--', '--b-', '\r\n--', '\x0b\x0c\x85').map((text) => Buffer.from(text, 'latin1')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces)),
        async (contents) => {
          fc.pre(!contents.includes('--b-1'));
          const { body } = await send(message('any', contents));
          expect(body.toString()).toContain(createHash('sha256').update(contents).digest('hex'));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes contents that come inline', async () => {
    const inline = envelope(`<d:store><d:name>inline</d:name><d:contents>${every.toString('base64')}</d:contents></d:store>`);
    expect((await send({ type: 'text/xml; charset=utf-8', body: Buffer.from(inline) })).body.toString()).toContain('<a:bytes>512</a:bytes>');
    expect(peer.stored().at(-1)).toEqual({ name: 'inline', parts: [] });
  });

  it('answers in MTOM of its own spelling, or inline', async () => {
    await send(message('back', every));
    const fetch = { type: 'text/xml', body: Buffer.from(envelope('<d:fetch><d:name>back</d:name></d:fetch>')) };
    const packed = await send(fetch);
    expect(packed.type).toMatch(/^Multipart\/Related; boundary="MIME_\w+"; type="application\/xop\+xml"/);
    const text = packed.body.toString('latin1');
    expect(text).toMatch(/^preamble\r\n--MIME_/);
    expect(text).toContain('href="cid:doc%2B1@peer.test"');
    expect(text).toContain(`content-transfer-encoding: binary\r\n\r\n${every.toString('latin1')}\r\n--MIME_`);
    expect((await send(fetch, '?inline')).body.toString()).toContain(`<a:contents>${every.toString('base64')}</a:contents>`);
  });

  it.each([
    ['a reference that leads nowhere', ['cid:doc%401@test', 'cid:other@test'], 'names no part'],
    ['a part without Content-ID', ['Content-ID: <doc@1@test>', 'X-Other: 1'], 'has no Content-ID'],
    ['a root that is no XOP', ['application/xop+xml; charset', 'text/xml; charset'], 'the root part is text/xml'],
    ['a start that names no part', ['start="<root@test>"', 'start="<x@test>"'], 'start names no part'],
    ['a start-info of another kind', ['start-info="text/xml"', 'start-info="application/soap+xml"'], 'start-info'],
    ['a boundary that is not the one used', ['boundary="b-1"', 'boundary="b-2"'], 'MIME parser'],
    ['text beside the Include', ['<x:Include', 'AAAA<x:Include'], 'not the only content'],
  ] as const)('refuses %s', async (_, spoilt, reason) => {
    const { status, body } = await send(message('bad', every, { spoilt }));
    expect({ status, reason: body.toString() }).toEqual({ status: 400, reason: expect.stringContaining(reason) });
  });
});
