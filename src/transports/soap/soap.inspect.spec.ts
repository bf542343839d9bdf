import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masking } from '../../contract/masking.ts';
import { type RecordedExchange } from '../../contract/transport.ts';
import { type SoapMessage } from './inspection.ts';
import { inspectMessages } from './soap.inspect.ts';

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
type Recorded = RecordedExchange['parts'][number];

const part = (text: string | Uint8Array, more: Partial<Recorded> = {}): Recorded => {
  const bytes = Buffer.from(text as string);
  return { kind: 'received', atMs: 5, media: 'message/http', bytes, size: bytes.byteLength, clipped: false, ...more };
};
const http = (body: string, type = 'text/xml'): string => `HTTP/1.1 200\r\ncontent-type: ${type}\r\nx-two: a: b\r\n\r\n${body}`;
const inspect = (recorded: Recorded, masking = Masking.none): SoapMessage =>
  inspectMessages({ call: 'C', args: null, answer: null, parts: [recorded], from: 0, masking }).messages[0] as SoapMessage;
/** As a page would write it. */
const written = ({ envelope }: SoapMessage): string[] =>
  (envelope?.lines ?? []).map(
    ({ depth, is, name, text, attributes }) =>
      '  '.repeat(depth) +
      (is === 'text'
        ? text
        : `${is === 'end' ? '/' : ''}${name}${attributes.map(([a, v]) => ` ${a}=${v}`).join('')}${is === 'element' ? `=${text}` : ''}`),
  );

describe('a SOAP message', () => {
  it('rule 42: half of a masked value does not stand where the raw text is cut', () => {
    const secret = 'Diagnosis of Anna Meier';
    const before = `<a>${'x'.repeat(400_000 - 15)} `;
    for (const recorded of [part(http(`${before}${secret}</a>`)), part(`${before}${secret}`, { media: 'text/plain' })])
      expect(inspect(recorded, new Masking([secret])).raw).not.toContain('Diagn');
  });

  it('is indented, with its prefixes, attributes and decoded texts; an element with text alone takes one line', () => {
    const message = inspect(
      part(
        http(
          `<?xml version="1.0"?><s:Envelope xmlns:s="${soap}"><s:Body><o:Order xmlns:o="urn:o" o:id='1&amp;2'><n>a &lt;b&gt; <![CDATA[<c>]]></n>mixed<e/></o:Order></s:Body></s:Envelope>`,
        ),
      ),
    );
    expect(message).toMatchObject({
      status: 200,
      startLine: 'HTTP/1.1 200',
      headers: [
        ['content-type', 'text/xml'],
        ['x-two', 'a: b'],
      ],
      fault: null,
      remarks: [],
    });
    expect(written(message)).toEqual([
      `s:Envelope xmlns:s=${soap}`,
      '  s:Body',
      '    o:Order xmlns:o=urn:o o:id=1&2',
      '      n=a <b> <c>',
      '      mixed',
      '      e=',
      '    /o:Order',
      '  /s:Body',
      '/s:Envelope',
    ]);
    expect(message.envelope?.namespaces).toEqual([soap, 'urn:o', '']);
  });

  it.each([
    ['1.1', soap, '<faultcode>s:Client</faultcode><faultstring>No such item</faultstring><detail><why>SKU 7</why></detail>', 's:Client'],
    [
      '1.2',
      'http://www.w3.org/2003/05/soap-envelope',
      '<s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>No such item</s:Text></s:Reason><s:Detail><why>SKU 7</why></s:Detail>',
      's:Sender',
    ],
  ])('tells the fault of SOAP %s', (_version, namespace, inner, code) => {
    const message = inspect(part(http(`<s:Envelope xmlns:s="${namespace}"><s:Body><s:Fault>${inner}</s:Fault></s:Body></s:Envelope>`)));
    expect(message.fault).toEqual({ code, reason: 'No such item', detail: 'why: SKU 7' });
    expect(message.envelope?.lines.filter(({ fault }) => fault === true).length).toBeGreaterThan(3);
  });

  it('an element Fault of somebody else is none', () => {
    expect(inspect(part(http('<Fault xmlns="urn:geology"><faultcode>F1</faultcode></Fault>'))).fault).toBeNull();
  });

  it('in parts has its envelope and names its attachments', () => {
    const body = [
      '--b',
      'Content-Type: application/xop+xml',
      '',
      `<s:Envelope xmlns:s="${soap}"/>`,
      '--b',
      'Content-ID: <pic@x>',
      '',
      'JPEG',
      '--b--',
    ].join('\r\n');
    const message = inspect(part(http(body, 'multipart/related; boundary=b')));
    expect(written(message)).toEqual([`s:Envelope xmlns:s=${soap}=`]);
    expect(message.attachments).toEqual([{ name: 'pic@x', media: 'application/octet-stream', size: 4 }]);
  });

  it('that breaks off is told up to there, and that it does', () => {
    const message = inspect(part(http('<a><b>1</b><c>')));
    expect(written(message)).toEqual(['a', '  b=1', '  c']);
    expect(message.remarks).toEqual([expect.stringContaining('no well-formed XML')]);
  });

  it('that is HTML with a document type stays text', () => {
    const message = inspect(part(http('<!DOCTYPE html><script>alert(1)</script>', 'text/html')));
    expect(message).toMatchObject({ envelope: null, raw: '<!DOCTYPE html><script>alert(1)</script>', remarks: [expect.stringContaining('no XML')] });
  });

  it('of which only head and tail are kept is told up to the gap', () => {
    const head = http('<a><b>1</b>');
    const message = inspect({ ...part(head + '</x>'.repeat(20).slice(0, head.length)), size: 5_000_000, clipped: true });
    expect(written(message)).toEqual(['a', '  b=1']);
    expect(message.remarks).toEqual([`only the first ${head.length} and the last of its 5000000 bytes are kept`]);
  });

  it('of 20 MB is told in part, and how much is not', () => {
    const message = inspect(part(http(`<a>${'<row>ä</row>'.repeat(1_600_000)}</a>`)));
    expect(message.size).toBeGreaterThan(20_000_000);
    expect(message.envelope?.lines).toHaveLength(5_000);
    expect(message.envelope?.left).toBeNull();
    expect(message.rawLeft).toBeGreaterThan(18_000_000);
    expect(JSON.stringify(message).length).toBeLessThan(2_000_000);
  });

  it('has no masked value in any of its shapes', () => {
    const body = `<a id="Meier &amp; Co"><b>Meier &amp; Co</b><c>Meier <![CDATA[& Co]]></c><d>4711</d></a>`;
    const told = JSON.stringify(inspect(part(http(body)), new Masking(['Meier & Co', '4711'])));
    expect(told).not.toMatch(/Meier|4711/);
    expect(told).toContain('••••');
  });

  it('no bytes whatever make it fail', () => {
    const piece = fc.constantFrom(
      '<a>',
      '</a>',
      '<?xml version="1.0"?>',
      '<!--',
      ']]>',
      '<![CDATA[',
      '&amp;',
      '&#0;',
      '\r\n\r\n',
      '--b',
      '\0',
      '\u202e',
      '<a b="',
      `xmlns:s="${soap}"`,
      '<s:Fault>',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 30 }).map((all) => Buffer.from(http(all.join('')))),
    );
    fc.assert(
      fc.property(
        bytes,
        fc.boolean(),
        fc.constantFrom('text/xml', 'multipart/related; boundary=b', 'text/xml; charset=utf-16'),
        (content, clipped, type) => {
          const told = inspect({ ...part(content), clipped, media: 'message/http' }, new Masking([type]));
          expect(told.raw.isWellFormed()).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });
});
