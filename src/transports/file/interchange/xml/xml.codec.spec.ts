import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../../../contract/errors.ts';
import { isBad } from '../../codecs/record-codec.ts';
import { decodeIn, encodeAll, plainly, values } from '../chunked.fixture.ts';
import { xmlRecords } from './xml.codec.ts';

const orders = xmlRecords({ path: ['orders', 'order'], lists: ['line'] });
const document = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<orders day="2024-01-31">
  <order id="1"><customer>Müller &amp; S&#246;hne</customer><line sku="A">2</line></order>
  <order id='2' ><line sku="B">1</line><line sku="C">3</line><note><![CDATA[a < b]]></note></order>
</orders>
`;

describe('XML records, read', () => {
  it('an element at the path is a record with its exact place', () => {
    const file = Buffer.from(document);
    const found = decodeIn(orders, file);
    expect(values(found)).toEqual([
      { '@id': '1', customer: 'Müller & Söhne', line: [{ '@sku': 'A', '#text': '2' }] },
      {
        '@id': '2',
        line: [
          { '@sku': 'B', '#text': '1' },
          { '@sku': 'C', '#text': '3' },
        ],
        note: 'a < b',
      },
    ]);
    for (const { offset, length, bytes } of found) expect(Buffer.from(bytes)).toEqual(file.subarray(offset, offset + length));
    expect(Buffer.from(found[1]?.bytes ?? []).toString()).toMatch(/^<order id='2' >.*<\/order>$/);
  });

  it('mixed content and interleaved children keep their order', () => {
    const file = '<orders><order>at <b>once</b>!</order><order><a>1</a><b>2</b><a>3</a></order></orders>';
    expect(values(decodeIn(orders, file))).toEqual([
      { '#content': ['at ', { b: 'once' }, '!'] },
      { '#content': [{ a: '1' }, { b: '2' }, { a: '3' }] },
    ]);
  });

  it.each([
    ['an entity that only a DTD could declare', '<order>&company;</order>', "order: '&company;' is no entity that is known without a DTD"],
    ['a character that XML does not have', '<order>&#0;</order>', "'&#0;' is no entity"],
    ['an attribute twice', '<order a="1" a="2"/>', 'follows the attribute a, which is there twice'],
    ['tags that cross', '<order><a><b></a></b></order>', 'follows the end of a, where that of b was due'],
    ['an attribute without quotes', '<order a=1></order>', 'does not belong into the tag <order>'],
    ['a comment with two hyphens', '<order><!-- a -- b --></order>', 'is no comment'],
    ['a lone ampersand', '<order>a & b</order>', "'& b' is no reference"],
    ['a reserved name', '<order><__proto__>1</__proto__></order>', "'__proto__' is a reserved name"],
    ['too deep', `<order>${'<a>'.repeat(200)}${'</a>'.repeat(200)}</order>`, 'is nested deeper than maxDepth (100)'],
  ])('%s is a bad record, and the next is read', (_, order, said) => {
    const found = values(decodeIn(orders, `<orders>${order}<order><ok/></order></orders>`));
    expect(found[0]).toContain('XML record 1: ');
    expect(found[0]).toContain(said);
    expect(found[1]).toEqual({ ok: '' });
  });

  it('what stands beside the path is a bad record, or ignored if so wished', () => {
    const file = '<orders><batch><id>7</id></batch>text<order><a>1</a></order><oder><a>2</a></oder></orders>';
    expect(values(decodeIn(orders, file))).toEqual([
      'XML record 1: <batch> stands beside the path orders/order',
      'XML record 2: text stands beside the path orders/order',
      { a: '1' },
      'XML record 4: <oder> stands beside the path orders/order',
    ]);
    expect(values(decodeIn(xmlRecords({ path: ['orders', 'order'], outside: 'ignore' }), file))).toEqual([{ a: '1' }]);
    const deep = xmlRecords({ path: ['d', 'e', 'f'], outside: 'ignore' });
    expect(values(decodeIn(deep, '<d><x><f>no</f></x><e><g/><f>yes</f></e><e><f>too</f></e></d>'))).toEqual([{ '#text': 'yes' }, { '#text': 'too' }]);
  });

  it.each([
    ['a DTD', '<!DOCTYPE orders [<!ENTITY a "b">]><orders/>', 'a document with a DTD is not read'],
    ['a wrong end', '<orders></order>', "'</order>' ends <orders>"],
    ['a second root', '<orders/><orders/>', 'has a second root'],
    ['an encoding that is not known', '<?xml version="1.0" encoding="EBCDIC-CP-US"?><orders/>', "'EBCDIC-CP-US' is none that is read"],
    ['a declaration that is none', '<?xml version=1.0?><orders/>', 'is no declaration of XML 1.0'],
    ['UTF-16', '\xff\xfe<\0o\0', 'UTF-16 is not read'],
  ])('%s refuses the document', (_, file, said) => {
    expect(() => decodeIn(orders, Buffer.from(file, 'latin1'))).toThrow(said);
  });

  it('a document that ends too early, or has nothing, says so', () => {
    expect(values(decodeIn(orders, '<orders><order/>'))).toEqual([{}, 'XML record 2: the document ends inside <orders>']);
    expect(values(decodeIn(orders, ' '))).toEqual(['XML record 1: the document has no element']);
  });

  it('the declaration names the encoding', () => {
    const file = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><orders><order a="é"/></orders>', 'latin1');
    expect(values(decodeIn(orders, file))).toEqual([{ '@a': 'é' }]);
    expect(values(decodeIn(orders, Buffer.from('<orders><order a="\xe9"/></orders>', 'latin1')))).toEqual([
      'XML record 1: byte 11 begins no UTF-8 character',
    ]);
  });

  it('a record over maxRecordBytes is bad, and the next is read', () => {
    const small = xmlRecords({ path: ['orders', 'order'], maxRecordBytes: 50 });
    const found = decodeIn(small, `<orders><order>${'x'.repeat(500)}</order><order>y</order></orders>`);
    expect(values(found)).toEqual(['XML record 1: 515 bytes are more than maxRecordBytes (50); is its end missing?', { '#text': 'y' }]);
    expect(found[0]?.bytes.byteLength).toBe(50);
  });
});

describe('XML records, written', () => {
  it('the form that is written comes back in the same bytes', () => {
    const codec = xmlRecords({ path: ['o:orders', 'o:order'], rootRecord: true });
    const file =
      '<?xml version="1.0" encoding="UTF-8"?>\n<o:orders xmlns:o="urn:x" note="a&lt;&quot;&#10;">\n<o:order id="1"><a>x&amp;y&gt;</a><b/><c>1</c><c>2</c></o:order>\n<o:order>t<i>u</i></o:order>\n</o:orders>\n';
    const found = decodeIn(codec, file);
    expect(found[0]).toMatchObject({ number: 1, type: 'root', value: { '@xmlns:o': 'urn:x', '@note': 'a<"\n' } });
    expect(encodeAll(codec, found).toString()).toBe(file);
  });

  it('names, texts and types that do not fit are refused', () => {
    const say = (value: unknown, type = 'order'): readonly string[] => orders.violations(type, value as never);
    expect(say({ 'a b': '1' })[0]).toContain("order/a b: 'a b' is no name in XML");
    expect(say({ 'a><x': '1' })[0]).toContain('is no name in XML');
    expect(say({ '@a"': '1' })[0]).toContain('is no name in XML');
    expect(say({ a: '\0' })[0]).toContain('order/a');
    expect(say({ a: null })[0]).toContain('is neither text nor an element');
    expect(say({}, 'bill')[0]).toContain('is not of the type order');
    expect(say({ a: '<x>&', '@b': '"' })).toEqual([]);
  });
});

describe('XML records, any', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '<', '&', '>', '"', "'", '\n', '\r', '\t', 'é', '😀', ']', ' '), minLength: 1, maxLength: 6 });
  const { element } = fc.letrec((tie) => ({
    element: fc.oneof({ depthSize: 'small' }, text, tie('parent')),
    parent: fc
      .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'é'), fc.oneof(tie('element'), fc.array(tie('element'), { minLength: 2, maxLength: 3 }))), {
        minLength: 1,
        selector: ([name]) => name,
      })
      .map((fields) => Object.fromEntries(fields)),
  }));

  it('what is written is read back the same, in any chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ '@x': text, a: element })), fc.array(fc.nat(300), { maxLength: 6 }), (records, cuts) => {
        const codec = xmlRecords({ path: ['r', 's'] });
        const encoder = codec.encoder();
        const file = Buffer.concat([...records.map((record) => encoder.record('s', record as never)), encoder.end()]);
        const found = decodeIn(codec, file, cuts);
        expect(values(found)).toEqual(records);
        expect(encodeAll(codec, found)).toEqual(file);
      }),
    );
  });

  it('chunks change nothing, and nothing but a GatehouseError is met', () => {
    const piece = fc.constantFrom(
      '<r>',
      '</r>',
      '<s>',
      '</s>',
      '<s/>',
      '<a b="',
      '"',
      "'",
      '>',
      '<',
      '/',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?x',
      '?>',
      '&amp;',
      '&',
      'é',
      ' ',
      '<!D',
    );
    const all = (file: Buffer, cuts: readonly number[], maxRecordBytes: number): unknown => {
      try {
        return plainly(decodeIn(xmlRecords({ path: ['r', 's'], maxRecordBytes }), file, cuts));
      } catch (error) {
        expect(error).toBeInstanceOf(GatehouseError);
        return (error as GatehouseError).message;
      }
    };
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 14 }),
        fc.array(fc.nat(100), { maxLength: 8 }),
        fc.constantFrom(12, 5_000),
        (pieces, cuts, maxRecordBytes) => {
          const file = Buffer.from(`<r>${pieces.join('')}`);
          expect(all(file, cuts, maxRecordBytes)).toEqual(all(file, [], maxRecordBytes));
          const found = all(file, [], maxRecordBytes);
          expect(Array.isArray(found) || typeof found === 'string').toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(decodeIn(orders, '<orders><order/></orders>').some(isBad)).toBe(false);
  });
});
