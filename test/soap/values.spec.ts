import { describe, expect, it } from 'vitest';
import { envelopeOf } from '../support/soap-server.ts';
import { codecOf, elementOf, encode } from './wsdl-text.ts';

const ask = elementOf('ask', '<xs:element name="q" type="xs:string" minOccurs="0"/>');
const answering = (content: string, more = '') => ({
  schema: `${ask}${elementOf('answer', content)}${more}`,
  input: ['p=element:t:ask'],
  output: ['p=element:t:answer'],
});
const asking = (content: string, more = '') => ({
  schema: `${elementOf('ask', content)}${elementOf('answer', '<xs:element name="n" type="xs:string"/>')}${more}`,
  input: ['p=element:t:ask'],
  output: ['p=element:t:answer'],
});
const answer = (content: string): string => envelopeOf(`<answer xmlns="urn:t">${content}</answer>`);
const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
};

describe('rpc answers', () => {
  const rpc = { schema: '', style: 'rpc' as const, input: ['q=type:xs:string'], output: ['orderId=type:xs:string'] };
  it('an element that is not in the WSDL, before the part, is passed over and not taken for it', () => {
    const xml = envelopeOf('<t:askResponse xmlns:t="urn:t"><warning>stock is low</warning><orderId>77</orderId></t:askResponse>');
    expect(codecOf(rpc).decode('ask', xml)).toMatchObject({ answer: { orderId: '77' } });
  });
  it('a fault without its namespace is not taken for the answer', () => {
    const xml = envelopeOf('<Fault><faultcode>Server</faultcode><faultstring>not booked</faultstring></Fault>');
    expect(codeOf(() => codecOf(rpc).decode('ask', xml))).not.toMatchObject({ answer: expect.anything() });
  });
  it('... nor for the answer of an operation that answers nothing', () => {
    const xml = envelopeOf('<Fault><faultcode>Server</faultcode><faultstring>not booked</faultstring></Fault>');
    expect(codeOf(() => codecOf({ ...rpc, output: [] }).decode('ask', xml))).not.toMatchObject({ answer: expect.anything() });
  });
  it('the answer of another operation, by its name in our WSDL, is not taken for this one', () => {
    const xml = envelopeOf('<t:cancelResponse xmlns:t="urn:t"><done>yes</done></t:cancelResponse>');
    expect(codeOf(() => codecOf(rpc).decode('ask', xml))).not.toMatchObject({ answer: expect.anything() });
  });
  it('rpc/encoded in SOAP 1.2 names the encoding of 1.2', () => {
    const xml = encode(codecOf({ ...rpc, use: 'encoded', version: '1.2' }), { q: 'x' } as never);
    expect(xml).toContain('encodingStyle="http://www.w3.org/2003/05/soap-encoding"');
  });
});

describe('SOAP-ENC', () => {
  it('arrays of arrays are lists of lists', () => {
    const schema =
      '<xs:complexType name="A"><xs:complexContent><xs:restriction base="enc:Array"><xs:attribute ref="enc:arrayType" wsdl:arrayType="xs:string[][]"/></xs:restriction></xs:complexContent></xs:complexType>';
    const codec = codecOf({ schema, style: 'rpc', use: 'encoded', input: ['q=type:xs:string'], output: ['a=type:t:A'] });
    expect(
      codeOf(() =>
        codec.decode('ask', envelopeOf('<t:askResponse xmlns:t="urn:t"><a><item><item>x</item><item>y</item></item><item/></a></t:askResponse>')),
      ),
    ).toMatchObject({ answer: { a: [['x', 'y'], []] } });
  });
  it('references inside references end in a classified error, not in the stack', () => {
    const schema =
      '<xs:complexType name="N"><xs:sequence><xs:element name="l" type="t:N" minOccurs="0" form="unqualified"/></xs:sequence></xs:complexType>';
    const codec = codecOf({ schema, style: 'rpc', use: 'encoded', input: ['q=type:xs:string'], output: ['n=type:t:N'] });
    const deep = (id: number): string => `<m id="d${id}">${'<l>'.repeat(480)}<l href="#d${id + 1}"/>${'</l>'.repeat(480)}</m>`;
    const xml = envelopeOf(
      `<t:askResponse xmlns:t="urn:t"><n href="#d0"/></t:askResponse>${Array.from({ length: 45 }, (_, id) => deep(id)).join('')}<m id="d45"/>`,
    );
    expect(codeOf(() => codec.decode('ask', xml))).toMatch(/^(ANSWER_INVALID|NO_ANSWER)/);
  });
  it('an empty number in xs:anyType is not an invalid answer', () => {
    const codec = codecOf({ schema: '', style: 'rpc', use: 'encoded', input: ['q=type:xs:string'], output: ['a=type:xs:anyType'] });
    expect(
      codeOf(() =>
        codec.decode(
          'ask',
          envelopeOf(
            '<t:askResponse xmlns:t="urn:t"><a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xsi:type="xsd:int"/></t:askResponse>',
          ),
        ),
      ),
    ).toMatchObject({ answer: { a: expect.anything() } });
  });
});

describe('document answers', () => {
  it('of several parts are read as a whole', () => {
    const codec = codecOf({
      schema: `${ask}<xs:element name="one" type="xs:string"/><xs:element name="two" type="xs:string"/>`,
      input: ['p=element:t:ask'],
      output: ['a=element:t:one', 'b=element:t:two'],
    });
    const { answer: read } = codec.decode('ask', envelopeOf('<one xmlns="urn:t">1</one><two xmlns="urn:t">2</two>')) as unknown as { answer: never };
    expect([read, codec.violations('ask', read)]).toEqual([{ a: '1', b: '2' }, []]);
  });
  it('an attribute href that is declared is not a reference of SOAP encoding', () => {
    const codec = codecOf(
      answering(
        '<xs:element name="link"><xs:complexType><xs:simpleContent><xs:extension base="xs:string"><xs:attribute name="href" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>',
      ),
    );
    expect(codeOf(() => codec.decode('ask', answer('<link href="#top">up</link>')))).toMatchObject({
      answer: { link: { '@href': '#top', $value: 'up' } },
    });
  });
  it('a declared fault whose detail has another form is still a fault with its code', () => {
    const codec = codecOf({
      ...answering('<xs:element name="n" type="xs:string"/>', elementOf('Rejected', '<xs:element name="why" type="xs:string"/>')),
      faults: ['f=element:t:Rejected'],
    });
    const xml = envelopeOf(
      '<s:Fault><faultcode>s:Client</faultcode><faultstring>no stock</faultstring><detail><t:Rejected xmlns:t="urn:t"><t:why><b>none</b></t:why></t:Rejected></detail></s:Fault>',
    );
    expect(codeOf(() => codec.decode('ask', xml))).toMatchObject({ fault: { faultcode: 'Client', faultstring: 'no stock', element: 'Rejected' } });
  });
  it('an element where text may be is ANSWER_INVALID with its path, not "not XML"', () => {
    expect(codeOf(() => codecOf(answering('<xs:element name="n" type="xs:string"/>')).decode('ask', answer('<n><b>1</b></n>')))).toMatch(
      /^ANSWER_INVALID: answer\.n/,
    );
  });
  it('a broken cid is about the answer, not about the WSDL', () => {
    const codec = codecOf(answering('<xs:element name="n" type="xs:base64Binary"/>'));
    expect(codeOf(() => codec.decode('ask', answer('<n><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:100%"/></n>')))).toMatch(
      /^(ANSWER_INVALID|NO_ANSWER)/,
    );
  });
  it('a union is read by the member whose facets fit: leading zeros stay', () => {
    const union =
      '<xs:simpleType name="U"><xs:union><xs:simpleType><xs:restriction base="xs:int"><xs:maxInclusive value="99"/></xs:restriction></xs:simpleType><xs:simpleType><xs:restriction base="xs:string"/></xs:simpleType></xs:union></xs:simpleType>';
    const codec = codecOf(answering('<xs:element name="account" type="t:U"/>', union));
    expect(codec.decode('ask', answer('<account>0012345678</account>'))).toMatchObject({ answer: { account: '0012345678' } });
  });
  it('lists of names are resolved as names are', () => {
    const list = '<xs:simpleType name="L"><xs:list itemType="xs:QName"/></xs:simpleType>';
    expect(
      codeOf(() => codecOf(answering('<xs:element name="l" type="t:L"/>', list)).decode('ask', answer('<l xmlns:p="urn:p">p:a p:b</l>'))),
    ).toMatchObject({ answer: { l: ['{urn:p}a', '{urn:p}b'] } });
    expect(encode(codecOf(asking('<xs:element name="l" type="t:L"/>', list)), { l: ['{urn:p}a'] } as never)).not.toContain('{urn:p}a');
  });
});

describe('elements that are called like what every object has', () => {
  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])('%s', (name) => {
    const content = `<xs:element name="${name}" type="xs:string" minOccurs="0"/><xs:element name="n" type="xs:string"/>`;
    // Such a name would be found in every object: it gets a number.
    const args = JSON.parse(`{"${name}$2": "x", "n": "1"}`) as never;
    const codec = codecOf(answering(content));
    expect(JSON.stringify(codeOf(() => codec.decode('ask', answer(`<${name}>x</${name}><n>1</n>`))))).toContain(`{"${name}$2":"x","n":"1"}`);
    const writing = codecOf(asking(content));
    expect([codeOf(() => encode(writing, { n: '1' } as never)), codeOf(() => encode(writing, args))]).toEqual([
      expect.not.stringMatching(/CALL_REFUSED|function/),
      expect.stringMatching(new RegExp(`${name}>x<`)),
    ]);
  });
  it('a rpc part of any type is not sent as the source of a function', () => {
    const codec = codecOf({ schema: '', style: 'rpc', input: ['constructor=type:xs:anySimpleType'], output: [] });
    expect(codeOf(() => encode(codec, {} as never))).toMatch(/^CALL_REFUSED_ARGUMENTS/);
  });
});

describe('arguments', () => {
  it('a fixed number that is left out is put in', () => {
    const codec = codecOf(asking('<xs:element name="version" type="xs:int" fixed="2"/>'));
    expect(codeOf(() => encode(codec, {} as never))).toContain('>2<');
  });
  it('a fixed number of an attribute too', () => {
    const codec = codecOf(
      asking('<xs:element name="a"><xs:complexType><xs:attribute name="v" type="xs:int" fixed="2" use="required"/></xs:complexType></xs:element>'),
    );
    expect(codeOf(() => encode(codec, { a: {} } as never))).toContain('v="2"');
  });
  it('an enumeration of names can be sent', () => {
    const type = '<xs:simpleType name="E"><xs:restriction base="xs:QName"><xs:enumeration value="t:red"/></xs:restriction></xs:simpleType>';
    expect(codeOf(() => encode(codecOf(asking('<xs:element name="e" type="t:E"/>', type)), { e: '{urn:t}red' } as never))).toMatch(/^<\?xml/);
  });
  it('an attribute of any name, where the schema takes any, can be sent', () => {
    const codec = codecOf(
      asking(
        '<xs:element name="a"><xs:complexType><xs:attribute name="v" type="xs:string"/><xs:anyAttribute processContents="lax"/></xs:complexType></xs:element>',
      ),
    );
    expect(codeOf(() => encode(codec, { a: { '@v': '1', '@w': '2' } } as never))).toContain('w="2"');
  });
  it('$any takes exactly one element a text', () => {
    const codec = codecOf(asking('<xs:any maxOccurs="1"/>'));
    expect(codeOf(() => encode(codec, { $any: ['<a/><b/>'] } as never))).toMatch(/^CALL_REFUSED/);
  });
});

describe('attributes', () => {
  it('an extension with an attribute of the same local name in another namespace keeps that of its base', () => {
    const base =
      '<xs:complexType name="B"><xs:attribute name="lang" type="xs:string"/></xs:complexType><xs:complexType name="D"><xs:complexContent><xs:extension base="t:B"><xs:attribute ref="xml:lang"/></xs:extension></xs:complexContent></xs:complexType>';
    const codec = codecOf(answering('<xs:element name="d" type="t:D"/>', base));
    const { answer: read } = codec.decode('ask', answer('<d lang="own" xml:lang="de"/>')) as unknown as { answer: { d: object } };
    expect(Object.values(read.d).toSorted()).toEqual(['de', 'own']);
  });
});

describe('a WSDL', () => {
  it('with a notification beside the operation that is used', () => {
    const codec = codecOf({
      ...answering('<xs:element name="n" type="xs:string"/>'),
      more: {
        portType: '<operation name="told"><output message="t:askOut"/></operation>',
        binding: '<operation name="told"><soap:operation soapAction=""/><output><soap:body use="literal"/></output></operation>',
      },
    });
    expect(codeOf(() => codec.decode('ask', answer('<n>1</n>')))).toMatchObject({ answer: { n: '1' } });
  });
  it('reads an attribute group within an attribute with two namespaces: duplicates by expanded name are not well-formed', () => {
    const codec = codecOf(answering('<xs:element name="n" type="xs:string"/>'));
    expect(
      codeOf(() => codec.decode('ask', envelopeOf('<answer xmlns="urn:t"><n xmlns:a="urn:x" xmlns:b="urn:x" a:k="1" b:k="2">1</n></answer>'))),
    ).toMatch(/^NO_ANSWER/);
  });
  it('a large choice that repeats, options beyond a hundred', () => {
    const inner = '<xs:choice><xs:element name="in1" type="xs:string"/><xs:element name="in2" type="xs:string"/></xs:choice>';
    const outer = Array.from({ length: 120 }, (_, index) => `<xs:element name="e${index}" type="xs:string"/>`).join('');
    const codec = codecOf(answering(`<xs:choice maxOccurs="unbounded">${inner}${outer}</xs:choice>`));
    expect(codec.decode('ask', answer('<in1>a</in1><e99>b</e99>'))).toMatchObject({ answer: { $choice: [{ in1: 'a' }, { e99: 'b' }] } });
  });
});
