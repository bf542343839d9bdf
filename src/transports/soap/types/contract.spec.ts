import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as prettier from 'prettier';
import { mistakesOf } from '../../../../test/support/compile.ts';
import { type GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { SoapCodec } from '../soap.codec.ts';
import { wsdlTypes } from './contract.ts';
import { textLiteral, typeName } from './names.ts';

const fixture = (name: string): URL => pathToFileURL(resolve(import.meta.dirname, '../../../../test/fixtures/wsdl', name));

/** A value as arguments of a call, and whether it fits; `only`: what the other judge cannot know. */
interface Judged {
  readonly why: string;
  readonly wsdl: string;
  readonly port?: string;
  readonly call: string;
  readonly args: Json;
  readonly fits: boolean;
  readonly only?: 'types' | 'writer';
}

const wsdls: Readonly<Record<string, string>> = { shop: 'shop.wsdl', legacy: 'legacy.wsdl', stock: 'stock/stock.wsdl' };

const line = { class: 'RED', 'a-b': 'S', '@codes': ['A', 'B'] };
const order = { sku: 'AB1', total: { '@currency': 'EUR', $value: '1.50' }, when: null, card: { number: '4111' }, line: [line] };
const { card: _card, ...unpaid } = order;

const placed = (why: string, changed: Json, fits: boolean, only?: 'types' | 'writer'): Judged => ({
  why,
  wsdl: 'shop',
  call: 'PlaceOrder',
  args: { order: changed },
  fits,
  ...(only === undefined ? {} : { only }),
});

const judged: readonly Judged[] = [
  placed('the least', order, true),
  placed('a missing element', { ...order, sku: undefined } as unknown as Json, false),
  placed('an element that is not there', { ...order, colour: 'RED' }, false),
  placed('a number where the digits count', { ...order, serial: 7, total: { '@currency': 'EUR', $value: '1' } }, false, 'types'),
  placed('a long as text', { ...order, serial: '9223372036854775807' }, true),
  placed('null that is not allowed', { ...order, sku: null }, false),
  placed('no attribute where one must be', { ...order, total: { $value: '1' } }, false),
  placed('no value beside the attributes', { ...order, total: { '@currency': 'EUR' } }, false),
  placed('an attribute that is a number, INF', { ...order, total: { '@currency': 'EUR', '@rate': 'INF', $value: '1' } }, true),
  placed('an attribute that is a number, as text', { ...order, total: { '@currency': 'EUR', '@rate': '1', $value: '1' } }, false),
  placed('the second option of a choice', { ...unpaid, iban: 'DE1', bic: 'X' }, true),
  placed('the second option without what may be left out', { ...unpaid, iban: 'DE1' }, true),
  placed('both options of a choice', { ...order, iban: 'DE1' }, false),
  placed('none of the options', unpaid, false),
  placed('half of an option', { ...unpaid, bic: 'X' }, false),
  placed('a sequence that may be left out, whole', { ...order, from: '2026-11-21', to: '2026-11-22' }, true),
  placed('a sequence that may be left out, half', { ...order, from: '2026-11-21' }, false),
  placed('a choice that repeats', { ...order, $choice: [{ note: 'x' }, { gift: true }, { note: 'y' }] }, true),
  placed('an entry with two options', { ...order, $choice: [{ note: 'x', gift: true }] }, false),
  placed('an entry with none', { ...order, $choice: [{}] }, false),
  placed('a list that is no list', { ...order, line }, false),
  placed('an empty list where one must be', { ...order, line: [] }, false, 'writer'),
  placed('a text that is none of the enumeration', { ...order, line: [{ class: 'BLUE' }] }, false),
  placed('a text of the enumeration that needs escapes', { ...order, line: [{ class: "it's" }] }, true),
  placed('a number of an enumeration', { ...order, line: [{ ...line, level: 2 }] }, true),
  placed('a number that is none of the enumeration', { ...order, line: [{ ...line, level: 3 }] }, false),
  placed('a union: a number', { ...order, line: [{ class: 'RED', 'a-b': 44 }] }, true),
  placed('a union: none of its members', { ...order, line: [{ class: 'RED', 'a-b': 'XL' }] }, false),
  placed('a derived type, three levels down', { ...order, vehicle: { $type: 'Taxi', plate: 'B-1', doors: 4, licence: '7' } }, true),
  placed('an abstract type without saying which', { ...order, vehicle: { plate: 'B-1', doors: 4 } }, false),
  placed('a derived type without what it adds', { ...order, vehicle: { $type: 'Taxi', plate: 'B-1', doors: 4 } }, false),
  placed('what only the derived type has', { ...order, vehicle: { $type: 'Car', plate: 'B-1', doors: 4, licence: '7' } }, false),
  placed('a type that is not derived', { ...order, vehicle: { $type: 'Node', label: 'x' } }, false),
  placed('a type that others are derived from, itself', { ...order, car: { plate: 'B-1', doors: 4 } }, true),
  placed('one of those in its place', { ...order, car: { $type: 'Taxi', plate: 'B-1', doors: 4, licence: '7' } }, true),
  placed('a type within itself', { ...order, tree: { label: 'a', child: [{ label: 'b', child: [{ label: 'c' }] }] } }, true),
  placed('a mistake deep in a type within itself', { ...order, tree: { label: 'a', child: [{ child: [] }] } }, false),
  placed('the type of the same name in another namespace', { ...order, billing: { account: '1' } }, true),
  placed('a member of a substitution group', { ...order, cat: 'tom' }, true),
  placed('two members where one may be', { ...order, cat: 'tom', dog: 'rex' }, false),
  placed('the abstract head of the group', { ...order, animal: 'tom' }, false),
  placed('what the schema fixes', { ...order, kind: 'order' }, true),
  placed('anything: text', { ...order, free: 'x' }, true),
  placed('anything: a typed value', { ...order, free: { $type: 'int', $value: 7 } }, true),
  placed('anything: XML', { ...order, free: { $xml: '<a/>' } }, true),
  placed('anything: a number without its type', { ...order, free: 7 }, false),
  placed('elements of other schemas', { ...order, $any: ['<x xmlns="urn:x"/>'] }, true),
  { why: 'mixed content', wsdl: 'shop', call: 'PlaceOrder', args: { order, remark: { '@lang': 'de', $mixed: 'a <b/>' } }, fits: true },
  { why: 'elements of a mixed type', wsdl: 'shop', call: 'PlaceOrder', args: { order, remark: { b: ['x'] } }, fits: true },
  { why: 'a declared header', wsdl: 'shop', call: 'PlaceOrder', args: { order, $headers: { Session: { token: 't' } } }, fits: true },
  { why: 'a header that is not declared', wsdl: 'shop', call: 'PlaceOrder', args: { order, $headers: { Other: 't' } }, fits: false },
  { why: 'no arguments', wsdl: 'shop', call: 'Ping', args: {}, fits: true },
  { why: 'arguments where there are none', wsdl: 'shop', call: 'Ping', args: { a: 1 }, fits: false },
  { why: 'names that are no identifiers', wsdl: 'shop', call: 'get-Odd', args: { class: 'x', größe: 3, 'x.y': null }, fits: true },
  { why: 'parts of an rpc call', wsdl: 'legacy', call: 'book', args: { customer: 'ann', lines: [{ sku: 'A', pieces: 1 }, null] }, fits: true },
  { why: 'a part that is nil', wsdl: 'legacy', call: 'book', args: { customer: null, lines: [] }, fits: true },
  { why: 'a part that is missing', wsdl: 'legacy', call: 'book', args: { customer: 'ann' }, fits: false },
  { why: 'an array that is none', wsdl: 'legacy', call: 'book', args: { customer: 'ann', lines: { item: [] } }, fits: false },
  { why: 'rpc without parts', wsdl: 'legacy', call: 'reset', args: {}, fits: true },
  {
    why: 'types of imported and included schemas',
    wsdl: 'stock',
    port: 'ChangePort',
    call: 'StoreItem',
    args: { sku: 'A', weight: { '@unit': 'g', $value: '1' }, place: [{ shelf: 1, pieces: '18446744073709551615' }] },
    fits: true,
  },
  {
    why: 'an enumeration of an included schema',
    wsdl: 'stock',
    port: 'ChangePort',
    call: 'StoreItem',
    args: { sku: 'A', weight: { '@unit': 'lb', $value: '1' } },
    fits: false,
  },
];

const envelope = (body: string): string => `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body}</e:Body></e:Envelope>`;

/** Answers as the reader gives them. */
const answers = [
  {
    wsdl: 'shop',
    call: 'PlaceOrder',
    xml: '<PlaceOrderResponse xmlns="urn:shop"><id>1</id><status>RED</status></PlaceOrderResponse>',
    value: { id: '1', status: 'RED', seen: [] },
  },
  {
    wsdl: 'legacy',
    call: 'book',
    xml: '<l:bookResponse xmlns:l="urn:legacy"><number>9223372036854775807</number><booked><item><sku>A</sku><pieces>2</pieces></item></booked></l:bookResponse>',
    value: { number: '9223372036854775807', booked: [{ sku: 'A', pieces: 2 }] },
  },
  { wsdl: 'shop', call: 'Ping', xml: '', value: {} },
] as const;

const key = ({ wsdl, port }: { wsdl: string; port?: string }): string => (port === undefined ? wsdl : `${wsdl}-${port.toLowerCase()}`);
const fixtureOf = (name: string): URL => fixture(wsdls[name] ?? '');

describe('the types of a WSDL', () => {
  it('let through what the writer takes and what the reader gives, and nothing that the writer refuses', () => {
    const files = new Map<string, string>();
    const add = (path: string, text: string): void => void files.set(path, `${files.get(path) ?? ''}${text}`);
    for (const { wsdl, port } of judged)
      files.set(
        `adapters/${key({ wsdl, ...(port === undefined ? {} : { port }) })}/x.types.ts`,
        wsdlTypes(fixtureOf(wsdl), port === undefined ? {} : { port }),
      );
    let count = 0;
    for (const each of judged.filter(({ only }) => only !== 'writer')) {
      count += 1;
      const type = `import('./x.types.ts').${typeName(each.call)}Arguments`;
      add(
        `adapters/${key(each)}/a.ts`,
        `${each.fits ? '' : `// @ts-expect-error ${each.why}\n`}export const a${count}: ${type} = ${JSON.stringify(each.args)};\n`,
      );
    }
    for (const { wsdl, call, value } of answers) {
      count += 1;
      add(`adapters/${wsdl}/a.ts`, `export const a${count}: import('./x.types.ts').${typeName(call)}Answer = ${JSON.stringify(value)};\n`);
    }
    add('adapters/shop/a.ts', "export const q: import('./x.types.ts').ShopPortFaults['OrderRejected'] = { code: 'x' };\n");
    add('adapters/shop/a.ts', "export const seen = (answer: import('./x.types.ts').PlaceOrderAnswer): number => answer.seen.length;\n");
    add(
      'adapters/legacy/a.ts',
      "// @ts-expect-error it may be nil\nexport const lines = (answer: import('./x.types.ts').BookAnswer): number => answer.booked.length;\n",
    );
    expect(files.size).toBe(6);
    expect(mistakesOf(files)).toEqual([]);
  });

  it.each(judged.filter(({ only }) => only !== 'types'))('the writer judges alike: $wsdl $call, $why', ({ wsdl, port, call, args, fits }) => {
    const codec = SoapCodec.load(wsdl, { wsdl: fixtureOf(wsdl), ...(port === undefined ? {} : { port }) });
    const send = (): unknown => codec.encode(call, JSON.parse(JSON.stringify(args)) as Json, { attach: false, headers: {}, headerXml: null });
    if (fits) expect(send()).toMatchObject({ xml: expect.stringContaining('Envelope') });
    else expect(send).toThrow(expect.objectContaining({ code: 'CALL_REFUSED_ARGUMENTS' }));
  });

  it.each(answers)('the reader gives what the types say: $wsdl $call', ({ wsdl, call, xml, value }) => {
    expect(SoapCodec.load(wsdl, { wsdl: fixtureOf(wsdl) }).decode(call, envelope(xml))).toMatchObject({ answer: value });
  });

  it.each(Object.values(wsdls))('%s: is as prettier leaves it', async (name) => {
    const options = await prettier.resolveConfig(resolve(import.meta.dirname, 'contract.ts'));
    const text = wsdlTypes(fixture(name));
    expect(await prettier.format(text, { ...options, parser: 'typescript' })).toBe(text);
  });

  it('hostile documentation stays a comment', () => {
    const text = wsdlTypes(fixture('shop.wsdl'));
    expect(text).toContain(String.raw`Red, or *\/ alert(1) /* \@ts-ignore evil`);
    expect(text).toContain(String.raw`*\/ export const hacked = 1; /*`);
    expect(text).not.toMatch(/\u202e|^export const/m);
  });

  it('says forms and limits, and what is declared as faults', () => {
    const text = wsdlTypes(fixture('shop.wsdl'));
    expect(text).toContain('/** xs:decimal, at least 0, at most 2 after the point. */\nexport type Amount = string;');
    expect(text).toContain('/** 1 to 9. */\n  line: OrderLine[];');
    expect(text).toContain('   * Declared faults: OrderRejected.\n');
    expect(text).toContain('/** Always order. */\n  kind?: string;');
  });

  it('of chosen operations has only what they reach', () => {
    const text = wsdlTypes(fixture('shop.wsdl'), { operations: ['Ping'] });
    expect(text).toContain('Ping: Call<PingArguments, PingAnswer>;');
    expect(text).not.toMatch(/Order|OneOf|AnyValue/);
    expect(text).toContain('npx gatehouse types shop.wsdl --operations Ping');
  });

  it('a port or operation that is not there is told with those that are', () => {
    const code = (work: () => string): Partial<GatehouseError> => {
      try {
        work();
      } catch (error) {
        return error as GatehouseError;
      }
      return {};
    };
    expect(code(() => wsdlTypes(fixture('stock/stock.wsdl'), { port: 'Nope' }))).toMatchObject({
      code: 'NOT_FOUND',
      message: "stock.wsdl has no SOAP port 'Nope', but QueryPort, ChangePort",
    });
    expect(code(() => wsdlTypes(fixture('shop.wsdl'), { operations: ['PlaceOrder', 'nope'] }))).toMatchObject({
      code: 'NOT_FOUND',
      message: "the port 'ShopPort' of shop.wsdl has no operation 'nope', but PlaceOrder, Ping, get-Odd",
    });
  });
});

describe('a WSDL that cannot be used', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'gatehouse-types-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const wsdl = (
    schema: string,
    part = 'element="t:A"',
  ): string => `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t">
<types><xs:schema targetNamespace="urn:t">
${schema}
</xs:schema></types>
<message name="M"><part name="p" ${part}/></message>
<portType name="P"><operation name="o"><input message="t:M"/><output message="t:M"/></operation></portType>
<binding name="B" type="t:P"><soap:binding/><operation name="o"><soap:operation/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
<service name="S"><port name="P" binding="t:B"><soap:address location="http://x/"/></port></service>
</definitions>`;

  it.each([
    ['is cut off', wsdl('').slice(0, 400), /^the WSDL cannot be used: x\.wsdl:\d+:\d+: /],
    ['includes a file that is missing', wsdl('<xs:include schemaLocation="gone.xsd"/>'), /x\.wsdl:3:1: there is no file gone\.xsd$/],
    [
      'imports from the network',
      wsdl('<xs:element name="A"/><xs:import namespace="urn:n" schemaLocation="http://h.example/n.xsd"/>'),
      /x\.wsdl:3:\d+: needs http:\/\/h\.example\/n\.xsd, and nothing is loaded from the network: save a copy as n\.xsd/,
    ],
    [
      'has a type that is nowhere',
      wsdl('<xs:element name="A">\n<xs:complexType><xs:sequence><xs:element name="b" type="t:Nope"/></xs:sequence></xs:complexType></xs:element>'),
      /x\.wsdl:4:\d+: there is no type 'Nope' of urn:t$/,
    ],
    ['has an element that is nowhere', wsdl(''), /x\.wsdl:5:\d+: there is no element 'A' of urn:t$/],
    [
      'has a type that is its own base',
      wsdl(
        '<xs:element name="A" type="t:B"/><xs:complexType name="B"><xs:complexContent><xs:extension base="t:B"/></xs:complexContent></xs:complexType>',
      ),
      /x\.wsdl:3:\d+: .*its own base$/,
    ],
    ['is no WSDL', '<html><body>502</body></html>', /x\.wsdl:1:1: the root element is 'html'/],
    ['binds nothing to SOAP', '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>', /x\.wsdl: no binding of this WSDL is SOAP over HTTP$/],
  ])('which %s: says file, line and reason', (_what, text, expected) => {
    const file = join(folder, 'x.wsdl');
    writeFileSync(file, text);
    expect(() => wsdlTypes(pathToFileURL(file))).toThrow(
      expect.objectContaining({ code: 'LAYOUT_MISSING', message: expect.stringMatching(expected) }),
    );
  });

  it('an element that is called as something that every object has may be left out', () => {
    const file = join(folder, 'x.wsdl');
    writeFileSync(
      file,
      wsdl(
        '<xs:element name="A"><xs:complexType><xs:sequence><xs:element name="constructor" type="xs:int" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>',
      ),
    );
    const files = new Map([
      ['adapters/odd/x.types.ts', wsdlTypes(pathToFileURL(file))],
      ['adapters/odd/a.ts', "export const a: import('./x.types.ts').OArguments = {};\n"],
    ]);
    expect(mistakesOf(files)).toEqual([]);
  });

  it('a document with several parts: all are sent, any is answered', () => {
    const file = join(folder, 'x.wsdl');
    const elements = '<xs:element name="A" type="xs:string"/><xs:element name="B" type="xs:int"/>';
    writeFileSync(file, wsdl(elements, 'element="t:A"/><part name="q" element="t:B"'));
    const text = wsdlTypes(pathToFileURL(file));
    expect(text).toContain('export interface OArguments {\n  p: string;\n  q: number;\n}\n');
    expect(text).toContain('export interface OAnswer {\n  p?: string;\n  q?: number;\n}\n');
  });

  it('more ways to choose than a compiler can go through are told in words', () => {
    const file = join(folder, 'x.wsdl');
    const choices = Array.from(
      { length: 30 },
      (_, n) => `<xs:choice><xs:element name="a${n}" type="xs:string"/><xs:element name="b${n}" type="xs:string"/></xs:choice>`,
    );
    const options = Array.from({ length: 300 }, (_, n) => `<xs:element name="o${n}" type="xs:string"/>`);
    writeFileSync(
      file,
      wsdl(
        `<xs:element name="A"><xs:complexType><xs:sequence>${choices.join('')}<xs:choice maxOccurs="unbounded">${options.join('')}</xs:choice></xs:sequence></xs:complexType></xs:element>`,
      ),
    );
    const text = wsdlTypes(pathToFileURL(file));
    expect(text).toContain('  /** One of: a29; b29. */\n  a29?: string;\n');
    expect(text).toContain('  o299?: string;\n');
    expect(mistakesOf(new Map([['adapters/wide/x.types.ts', text]]))).toEqual([]);
  });

  it('names that no schema may have stay names', () => {
    const file = join(folder, 'x.wsdl');
    const evil = "x'; process.exit(1); //\u2028*/";
    const attribute = evil.replaceAll('\u2028', '&#x2028;');
    writeFileSync(
      file,
      wsdl(
        `<xs:element name="A"><xs:complexType><xs:sequence><xs:element name="${attribute}" type="t:${attribute}"/></xs:sequence></xs:complexType></xs:element><xs:simpleType name="${attribute}"><xs:restriction base="xs:string"><xs:enumeration value="${attribute}"/></xs:restriction></xs:simpleType>`,
      ),
    );
    const text = wsdlTypes(pathToFileURL(file));
    expect(text).toContain(`${textLiteral(evil)}: XProcessExit1;`);
    expect(mistakesOf(new Map([['adapters/evil/x.types.ts', text]]))).toEqual([]);
  });

  it('a WSDL of 1,200 operations and 3,600 types, 3 MB, is done within 300 MB', () => {
    const file = join(folder, 'big.wsdl');
    writeFileSync(file, bigWsdl(1_200));
    const script = `
      const { wsdlTypes } = await import(${JSON.stringify(pathToFileURL(resolve(import.meta.dirname, 'contract.ts')).href)});
      const text = wsdlTypes(new URL(${JSON.stringify(pathToFileURL(file).href)}));
      process.stdout.write(JSON.stringify({ kB: process.resourceUsage().maxRSS, length: text.length, calls: text.split(': Call<').length - 1 }));`;
    const { kB, length, calls } = JSON.parse(
      execFileSync(process.execPath, ['--max-old-space-size=150', '--input-type=module', '-e', script], { encoding: 'utf8' }),
    ) as {
      kB: number;
      length: number;
      calls: number;
    };
    expect(calls).toBe(1_200);
    expect(length).toBeGreaterThan(1_000_000);
    expect(kB).toBeLessThan(300_000);
  });
});

function bigWsdl(operations: number): string {
  const numbers = Array.from({ length: operations }, (_, index) => index);
  const types = numbers.map(
    (
      n,
    ) => `<xs:complexType name="Base${n}"><xs:annotation><xs:documentation>What the record ${n} has in every release of the service.</xs:documentation></xs:annotation><xs:sequence><xs:element name="id" type="xs:string"/><xs:element name="state" type="t:State${n}" minOccurs="0"/><xs:element name="next" type="t:Record${(n * 7) % operations}" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
<xs:complexType name="Record${n}"><xs:complexContent><xs:extension base="t:Base${n}"><xs:sequence>${Array.from({ length: 8 }, (__, field) => `<xs:element name="field${field}" type="xs:${['string', 'int', 'decimal', 'dateTime'][field % 4]}" minOccurs="0"/>`).join('')}<xs:choice><xs:element name="left" type="xs:string"/><xs:element name="right" type="xs:int"/></xs:choice></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:simpleType name="State${n}"><xs:restriction base="xs:string"><xs:enumeration value="OPEN"/><xs:enumeration value="CLOSED${n}"/></xs:restriction></xs:simpleType>
<xs:element name="Do${n}"><xs:complexType><xs:sequence><xs:element name="record" type="t:Record${n}"/></xs:sequence></xs:complexType></xs:element><xs:element name="Do${n}Response"><xs:complexType><xs:sequence><xs:element name="records" type="t:Base${n}" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>`,
  );
  return `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t">
<types><xs:schema targetNamespace="urn:t" elementFormDefault="qualified">${types.join('\n')}</xs:schema></types>
${numbers.map((n) => `<message name="In${n}"><part name="p" element="t:Do${n}"/></message><message name="Out${n}"><part name="p" element="t:Do${n}Response"/></message>`).join('\n')}
<portType name="P">${numbers.map((n) => `<operation name="do${n}"><input message="t:In${n}"/><output message="t:Out${n}"/></operation>`).join('\n')}</portType>
<binding name="B" type="t:P"><soap:binding/>${numbers.map((n) => `<operation name="do${n}"><soap:operation soapAction="do${n}"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>`).join('\n')}</binding>
<service name="S"><port name="P" binding="t:B"><soap:address location="http://x/"/></port></service>
</definitions>`;
}
