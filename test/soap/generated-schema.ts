import fc from 'fast-check';
import { type Json } from '../../src/contract/json.ts';

/** Schemas made at random, each with values that fit it: what a WSDL may say, in the mixtures that people do not think of. */

interface Simple {
  /** The `type` attribute, or a `simpleType` element. */
  readonly xsd: { readonly type: string } | { readonly inline: string };
  readonly value: fc.Arbitrary<Json>;
}

type Member =
  | {
      readonly kind: 'element';
      readonly name: string;
      readonly type: Simple | Complex;
      readonly min: number;
      readonly max: number;
      readonly nillable: boolean;
    }
  | { readonly kind: 'sequence' | 'choice'; readonly key: string; readonly min: number; readonly max: number; readonly members: readonly Member[] };

interface Complex {
  readonly members: readonly Member[];
  readonly attributes: readonly { readonly name: string; readonly type: Simple; readonly required: boolean }[];
  /** The text beside attributes; then there are no members. */
  readonly text: Simple | null;
  /** A named type with types derived from it, of which a value takes one. */
  readonly chain: readonly { readonly name: string; readonly members: readonly Member[] }[];
}

export interface GeneratedSchema {
  readonly wsdl: string;
  readonly values: readonly Json[];
}

const speakable = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((text) => text.replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?'));
const digits = (max: number): fc.Arbitrary<string> => fc.bigInt({ min: 0n, max: 10n ** BigInt(max) - 1n }).map(String);
const pad = (number: number): string => String(number).padStart(2, '0');
const zone = fc.constantFrom('', 'Z', '+01:00', '-05:00', '+14:00');
const date = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([y, m, d]) => `${String(y).padStart(4, '0')}-${pad(m)}-${pad(d)}`);
const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59 }), fc.option(digits(9)))
  .map(([h, m, s, fraction]) => `${pad(h)}:${pad(m)}:${pad(s)}${fraction === null ? '' : `.${fraction}`}`);

const typed = (type: string, value: fc.Arbitrary<Json>): Simple => ({ xsd: { type: `xs:${type}` }, value });
const inline = (content: string, value: fc.Arbitrary<Json>): Simple => ({ xsd: { inline: `<xs:simpleType>${content}</xs:simpleType>` }, value });

const simples: readonly Simple[] = [
  typed('string', speakable),
  typed('token', fc.constantFrom('a', 'a b', 'ä😀')),
  typed('boolean', fc.boolean()),
  typed(
    'decimal',
    fc.tuple(fc.boolean(), digits(12), digits(9)).map(([negative, whole, fraction]) => `${negative ? '-' : ''}${whole}.${fraction}`),
  ),
  typed('long', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  typed('integer', digits(20)),
  typed('int', fc.integer()),
  typed('unsignedByte', fc.integer({ min: 0, max: 255 })),
  typed(
    'double',
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
      fc.constantFrom('INF', '-INF', 'NaN'),
    ),
  ),
  typed(
    'date',
    fc.tuple(date, zone).map((parts) => parts.join('')),
  ),
  typed(
    'dateTime',
    fc.tuple(date, time, zone).map(([d, t, z]) => `${d}T${t}${z}`),
  ),
  typed(
    'time',
    fc.tuple(time, zone).map((parts) => parts.join('')),
  ),
  typed('gYearMonth', fc.constantFrom('2026-11', '0001-01Z')),
  typed('duration', fc.constantFrom('P1Y2M3DT4H5M6.789S', '-PT0.5S', 'P14D')),
  typed(
    'base64Binary',
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  ),
  typed(
    'hexBinary',
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
  ),
  typed('QName', fc.constantFrom('{urn:acme:a}x', 'local')),
  typed('anyURI', fc.constant('http://acme.example/?a=1&b=<2>'.replace('<2>', '2'))),
  inline(
    '<xs:restriction base="xs:string"><xs:enumeration value="A &amp; B"/><xs:enumeration value="C"/></xs:restriction>',
    fc.constantFrom('A & B', 'C'),
  ),
  inline('<xs:restriction base="xs:string"><xs:maxLength value="4"/></xs:restriction>', fc.constantFrom('', 'abcd', '😀😀😀😀')),
  inline(
    '<xs:restriction base="xs:decimal"><xs:totalDigits value="9"/><xs:fractionDigits value="2"/></xs:restriction>',
    fc.constantFrom('1234567.89', '-0.01', '5'),
  ),
  inline('<xs:list itemType="xs:int"/>', fc.array(fc.integer(), { maxLength: 4 })),
  inline('<xs:union memberTypes="xs:int xs:boolean"/>', fc.oneof(fc.integer({ min: 2 }), fc.boolean())),
];

const simple = fc.constantFrom(...simples);

/** Names that are new in their type: a name that stands twice is the business of other tests. */
class Names {
  #count = 0;
  next(prefix: string): string {
    this.#count += 1;
    return `${prefix}${this.#count}`;
  }
}

interface Draft {
  readonly kind: 'element' | 'sequence' | 'choice';
  readonly type: Simple | DraftType;
  readonly min: number;
  readonly max: number;
  readonly nillable: boolean;
  readonly members: readonly Draft[];
}

interface DraftType {
  readonly members: readonly Draft[];
  readonly attributes: readonly { readonly type: Simple; readonly required: boolean }[];
  readonly text: Simple | null;
  readonly chain: readonly (readonly Draft[])[];
}

const occurs = fc.constantFrom([0, 1], [1, 1], [1, 1], [0, 3], [1, Infinity], [2, 4]);

const drafts = fc.letrec<{ type: DraftType; member: Draft; element: Draft }>((tie) => ({
  type: fc.record({
    members: fc.array(tie('member'), { maxLength: 5 }),
    attributes: fc.array(fc.record({ type: simple, required: fc.boolean() }), { maxLength: 2 }),
    text: fc.option(simple, { freq: 6 }),
    chain: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.array(tie('element'), { maxLength: 2 }), { minLength: 2, maxLength: 3 }) },
    ),
  }),
  member: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: tie('element') },
    {
      weight: 1,
      arbitrary: fc
        .record({
          kind: fc.constantFrom('sequence' as const, 'choice' as const),
          type: fc.constant(simples[0] as Simple),
          occurs,
          nillable: fc.constant(false),
          members: fc.array(tie('member'), { minLength: 1, maxLength: 3 }),
        })
        .map(({ occurs: [min = 1, max = 1], ...rest }) => ({ ...rest, min, max })),
    },
  ),
  element: fc
    .record({
      kind: fc.constant('element' as const),
      type: fc.oneof({ depthSize: 'small' }, { weight: 3, arbitrary: simple }, { weight: 1, arbitrary: tie('type') }),
      occurs,
      nillable: fc.boolean(),
      members: fc.constant([]),
    })
    .map(({ occurs: [min = 1, max = 1], ...rest }) => ({ ...rest, min, max })),
}));

const isSimple = (type: Simple | Complex | DraftType): type is Simple => 'xsd' in type;

/** Gives names, and takes back what no reader could tell apart: entries of a repeated group that begin with nothing. */
function named(draft: DraftType, names: Names, types: Names): Complex {
  return {
    members: draft.text === null ? draft.members.map((member) => namedMember(member, names, types)) : [],
    attributes: draft.attributes.map(({ type, required }) => ({ name: names.next('a'), type, required })),
    text: draft.text,
    chain:
      draft.text === null
        ? draft.chain.map((members) => ({ name: types.next('T'), members: members.map((member) => namedMember(member, names, types)) }))
        : [],
  };
}

function namedMember(draft: Draft, names: Names, types: Names): Member {
  const { kind, min, max, nillable } = draft;
  if (kind === 'element')
    return { kind, name: names.next('e'), type: isSimple(draft.type) ? draft.type : named(draft.type, new Names(), types), min, max, nillable };
  if (max === 1) return { kind, key: '', min, max, members: draft.members.map((member) => namedMember(member, names, types)) };
  const inner = new Names();
  const once = (member: Draft): Draft => ({
    ...member,
    ...(member.kind === 'element' ? { min: 1, max: 1 } : { kind: 'sequence' as const, min: 1, max: 1, members: beginning(member.members) }),
  });
  const members = kind === 'choice' ? draft.members.map(once) : beginning(draft.members);
  // One element alone in a repeated group is a repeated element: two keep it a group.
  const two = members.length > 1 ? members : [...members, once({ ...draft, kind: 'element', type: simples[0] as Simple })];
  const prefix = names.next('r');
  return { kind, key: prefix, min, max, members: two.map((member) => prefixed(namedMember(member, inner, types), prefix)) };
}

function beginning(members: readonly Draft[]): Draft[] {
  const [first, ...rest] = members;
  const begin: Draft = {
    kind: 'element',
    type: first === undefined || first.kind !== 'element' ? (simples[0] as Simple) : first.type,
    min: 1,
    max: 1,
    nillable: false,
    members: [],
  };
  return [begin, ...rest.filter(({ kind }) => kind === 'element')];
}

function prefixed(member: Member, prefix: string): Member {
  return member.kind === 'element'
    ? { ...member, name: `${prefix}${member.name}` }
    : { ...member, members: member.members.map((each) => prefixed(each, prefix)) };
}

// ——— the schema as text

const occursText = (min: number, max: number): string =>
  `${min === 1 ? '' : ` minOccurs="${min}"`}${max === 1 ? '' : ` maxOccurs="${max === Infinity ? 'unbounded' : max}"`}`;

function memberText(member: Member, types: string[]): string {
  const { min, max } = member;
  if (member.kind !== 'element')
    return `<xs:${member.kind}${occursText(min, max)}>${member.members.map((each) => memberText(each, types)).join('')}</xs:${member.kind}>`;
  const { name, type, nillable } = member;
  const head = `<xs:element name="${name}"${nillable ? ' nillable="true"' : ''}${occursText(min, max)}`;
  if (isSimple(type)) return 'type' in type.xsd ? `${head} type="${type.xsd.type}"/>` : `${head}>${type.xsd.inline}</xs:element>`;
  const [root] = type.chain;
  if (root === undefined) return `${head}>${typeText(type, types)}</xs:element>`;
  type.chain.forEach(({ name: own, members }, index) => {
    const before = type.chain[index - 1];
    const content = `<xs:sequence>${[...(index === 0 ? type.members : []), ...members].map((each) => memberText(each, types)).join('')}</xs:sequence>`;
    types.push(
      before === undefined
        ? `<xs:complexType name="${own}">${content}${attributesText(type)}</xs:complexType>`
        : `<xs:complexType name="${own}"><xs:complexContent><xs:extension base="t:${before.name}">${content}</xs:extension></xs:complexContent></xs:complexType>`,
    );
  });
  return `${head} type="t:${root.name}"/>`;
}

function attributesText({ attributes }: Complex): string {
  return attributes
    .map(({ name, type, required }) => {
      const head = `<xs:attribute name="${name}"${required ? ' use="required"' : ''}`;
      return 'type' in type.xsd ? `${head} type="${type.xsd.type}"/>` : `${head}>${type.xsd.inline}</xs:attribute>`;
    })
    .join('');
}

function typeText(type: Complex, types: string[]): string {
  if (type.text !== null) {
    const base = 'type' in type.text.xsd ? type.text.xsd.type : 'xs:string';
    return `<xs:complexType><xs:simpleContent><xs:extension base="${base}">${attributesText(type)}</xs:extension></xs:simpleContent></xs:complexType>`;
  }
  return `<xs:complexType><xs:sequence>${type.members.map((each) => memberText(each, types)).join('')}</xs:sequence>${attributesText(type)}</xs:complexType>`;
}

// ——— values

type Fields = { [key: string]: Json };

function typeValue(type: Simple | Complex): fc.Arbitrary<Json> {
  if (isSimple(type)) return type.value;
  const attributes = type.attributes.map(({ name, type: of, required }) =>
    (required ? of.value : fc.option(of.value, { nil: undefined })).map((value): Fields => (value === undefined ? {} : { [`@${name}`]: value })),
  );
  if (type.text !== null) {
    const text = 'type' in type.text.xsd ? type.text.value : speakable;
    return fc.tuple(text, ...attributes).map(([$value, ...rest]) => Object.assign({ $value }, ...rest) as Json);
  }
  const own = fc
    .tuple(...attributes, membersValue(type.members, groupKeys(type.members), true))
    .map((parts) => Object.assign({}, ...parts) as Fields);
  if (type.chain.length === 0) return own;
  return fc.nat({ max: type.chain.length - 1 }).chain((level) => {
    const members = type.chain.slice(0, level + 1).flatMap((each) => each.members);
    // Numbering of repeated groups goes on from the base through what is added.
    const keys = groupKeys([...type.members, ...members]);
    return fc
      .tuple(...attributes, membersValue([...type.members, ...members], keys, true))
      .map((parts) => Object.assign(level === 0 ? {} : { $type: type.chain[level]?.name }, ...parts) as Json);
  });
}

/** `$choice`, `$choice$2` …, by the order in the type. */
function groupKeys(members: readonly Member[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const taken = (used: Set<string>, name: string): string => {
    let key = name;
    for (let count = 2; used.has(key); count += 1) key = `${name}$${count}`;
    used.add(key);
    return key;
  };
  const walk = (member: Member, used: Set<string>): void => {
    if (member.kind === 'element') return;
    if (member.max > 1) return void keys.set(member.key, taken(used, member.kind === 'choice' ? '$choice' : '$sequence'));
    for (const each of member.members) walk(each, used);
  };
  const used = new Set<string>();
  for (const member of members) walk(member, used);
  return keys;
}

function membersValue(members: readonly Member[], keys: ReadonlyMap<string, string>, sure: boolean): fc.Arbitrary<Fields> {
  return fc.tuple(...members.map((member) => memberValue(member, keys, sure))).map((parts) => Object.assign({}, ...parts) as Fields);
}

function listValue(value: fc.Arbitrary<Json>, key: string, { min, max }: Member, sure: boolean): fc.Arbitrary<Fields> {
  return fc
    .array(value, { minLength: min, maxLength: Math.min(max, min + 2) })
    .map((list): Fields => (list.length === 0 && !sure ? {} : { [key]: list }));
}

function memberValue(member: Member, keys: ReadonlyMap<string, string>, sure: boolean): fc.Arbitrary<Fields> {
  const { min, max } = member;
  if (member.kind === 'element') {
    const { name, type, nillable } = member;
    // Null cannot bring along the attributes that the schema wants.
    const takesNull = nillable && (isSimple(type) || type.attributes.every(({ required }) => !required));
    const value = takesNull ? fc.option(typeValue(type), { freq: 4 }) : typeValue(type);
    if (max > 1) return listValue(value, name, member, sure);
    const given = value.map((each): Fields => ({ [name]: each }));
    return min > 0 ? given : fc.oneof(given, fc.constant<Fields>({}));
  }
  if (max > 1) {
    const entry =
      member.kind === 'choice'
        ? fc.oneof(...member.members.map((each) => memberValue(each, new Map(), false)))
        : membersValue(member.members, groupKeys(member.members), true);
    return listValue(entry, keys.get(member.key) ?? '', member, sure);
  }
  if (member.kind === 'choice') {
    const chosen = fc.oneof(...member.members.map((each) => memberValue(each, keys, false)));
    return min > 0 ? chosen : fc.oneof(chosen, fc.constant<Fields>({}));
  }
  const whole = membersValue(member.members, keys, sure && min > 0);
  return min > 0 ? whole : fc.oneof(whole, fc.constant<Fields>({}));
}

/** A WSDL whose operation `echo` takes and answers one element of a type made at random, and values of that type. */
export const generatedSchemas: fc.Arbitrary<GeneratedSchema> = fc
  .tuple(drafts.type, fc.boolean(), fc.constantFrom('soap', 'soap12'))
  .chain(([draft, qualified, soap]) => {
    const type = named({ ...draft, chain: [] }, new Names(), new Names());
    const types: string[] = [];
    const content = typeText(type, types);
    const wsdl = `<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/${soap}/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:acme:t" targetNamespace="urn:acme:t">
<types><xs:schema targetNamespace="urn:acme:t" elementFormDefault="${qualified ? 'qualified' : 'unqualified'}">
<xs:element name="echo">${content}</xs:element>
${types.join('\n')}
</xs:schema></types>
<message name="m"><part name="p" element="t:echo"/></message>
<portType name="P"><operation name="echo"><input message="t:m"/><output message="t:m"/></operation></portType>
<binding name="B" type="t:P"><s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/><operation name="echo"><s:operation soapAction=""/><input><s:body use="literal"/></input><output><s:body use="literal"/></output></operation></binding>
<service name="S"><port name="Port" binding="t:B"><s:address location="http://localhost/"/></port></service>
</definitions>`;
    return fc.array(typeValue(type), { minLength: 1, maxLength: 4 }).map((values) => ({ wsdl, values }));
  });
