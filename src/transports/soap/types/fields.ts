import { type FieldShape, type GroupShape, type MemberShape } from '../plan/shape.ts';

/** A property of a generated type. */
export interface Field {
  readonly key: string;
  /** The types that its value may have. */
  readonly types: readonly string[];
  readonly optional: boolean;
  readonly doc: readonly (string | undefined)[];
}

/** Properties that exclude each other: those of exactly one option are given. An empty option: none need be. */
export interface Choice {
  readonly fields: readonly Field[];
  /** Property names. */
  readonly options: readonly (readonly string[])[];
}

export interface Fields {
  readonly fields: readonly Field[];
  readonly choices: readonly Choice[];
}

/** What a member is in TypeScript: its type, and words about it. */
export interface MemberText {
  readonly types: readonly string[];
  readonly doc: readonly (string | undefined)[];
}

export interface FieldsOptions {
  /** Called once a member, in the order of the schema. */
  readonly member: (member: Exclude<MemberShape, { kind: 'group' }>) => MemberText;
  /**
   * Only answers have this type: what the reader always gives is there, lists among it. Otherwise what the writer can do without may be
   * left out.
   */
  readonly answer: boolean;
}

/** More ways than these to choose within a type are told in words only: the compiler goes through them all. */
const mostWays = 128;
/** More options than these are not even named. */
const mostNamed = 20;

/** The properties of a group, and which of them exclude each other. */
export function fieldsOf(group: GroupShape, options: FieldsOptions): Fields {
  const reader = new GroupFields(options);
  reader.visit(group, true);
  return reader;
}

/** As one choice: `also` is an option of its own beside what the group allows. */
export function fieldsOrElse(group: GroupShape, also: Field, options: FieldsOptions): Fields {
  const reader = new GroupFields(options);
  reader.choose(group, [also]);
  return reader;
}

class GroupFields implements Fields {
  readonly fields: Field[] = [];
  readonly choices: Choice[] = [];
  readonly #options: FieldsOptions;
  #ways = 1;

  constructor(options: FieldsOptions) {
    this.#options = options;
  }

  visit(group: GroupShape, sure: boolean): void {
    if (group.kind === 'choice' || group.optional) return this.choose(group, []);
    for (const member of group.members) {
      if (member.kind === 'group') this.visit(member.group, sure);
      else this.fields.push(this.#field(member, sure));
    }
  }

  choose(group: GroupShape, also: readonly Field[]): void {
    const found = new Map<string, Field | 'unlike'>(also.map((field) => [field.key, field]));
    const fields = this.#collect(group, found);
    for (const field of also) fields.set(field.key, field);
    const isRequired = (key: string): boolean => fields.get(key)?.optional === false;
    const all = optionsOf(group);
    const options = all === null ? null : withoutRepeated([...also.map(({ key }) => [key]), ...all], isRequired);
    const alike = ![...found.values()].includes('unlike');
    const [first, second, ...more] = options ?? [];
    if (options !== null && first !== undefined && second === undefined && alike) this.fields.push(...fields.values());
    else if (second?.length === 0 && more.length === 0 && first?.length === 1)
      this.fields.push(...[...fields.values()].map((field) => ({ ...field, optional: true })));
    else if (options !== null && alike && options.length * this.#ways <= mostWays) {
      this.choices.push({ fields: [...fields.values()], options });
      this.#ways *= options.length;
    } else {
      const words = options === null || options.length > mostNamed ? 'Depends on what else is given: see the WSDL.' : optionWords(options);
      this.fields.push(...[...fields.values()].map((field) => ({ ...field, optional: true, doc: [...field.doc, words] })));
    }
  }

  /** Every field of the group by key; one that stands in several options and differs between them is optional, of either type. */
  #collect(group: GroupShape, found: Map<string, Field | 'unlike'>): Map<string, Field> {
    const fields = new Map<string, Field>();
    const visit = (inner: GroupShape): void => {
      for (const member of inner.members) {
        if (member.kind === 'group') {
          visit(member.group);
          continue;
        }
        const field = this.#field(member, false);
        const before = fields.get(field.key);
        if (before === undefined) {
          fields.set(field.key, field);
          found.set(field.key, field);
        } else if (before.types.join('|') !== field.types.join('|') || before.optional !== field.optional) {
          fields.set(field.key, { ...before, types: [...new Set([...before.types, ...field.types])], optional: true });
          found.set(field.key, 'unlike');
        }
      }
    };
    visit(group);
    return fields;
  }

  #field(member: Exclude<MemberShape, { kind: 'group' }>, sure: boolean): Field {
    const isList = member.kind !== 'field' || member.list;
    const isFixed = member.kind === 'field' && !this.#options.answer && (member as FieldShape).element.fixed !== undefined;
    const optional = this.#options.answer && isList && sure ? false : member.min === 0 || isFixed;
    return { key: member.key, optional, ...this.#options.member(member) };
  }
}

/** Which properties may be given together, as every way to choose; null when there are too many to tell. */
function optionsOf(group: GroupShape): string[][] | null {
  let ways: string[][] = [];
  if (group.kind !== 'choice') ways.push([]);
  for (const member of group.members) {
    const own = member.kind === 'group' ? optionsOf(member.group) : [[member.key]];
    if (own === null) return null;
    ways = group.kind === 'choice' ? [...ways, ...own] : ways.flatMap((way) => own.map((each) => [...way, ...each]));
    if (ways.length > 2 * mostWays) return null;
  }
  return group.optional ? [...ways, []] : ways;
}

/** Without options that another contains and does not ask more than. The empty one stands last. */
function withoutRepeated(options: readonly (readonly string[])[], isRequired: (key: string) => boolean): (readonly string[])[] {
  const kept = options.filter((option, index) => {
    const required = option.filter(isRequired);
    return !options.some((other, at) => {
      if (at === index || !option.every((key) => other.includes(key))) return false;
      if (other.filter(isRequired).length !== required.length) return false;
      return other.length > option.length || at < index;
    });
  });
  return [...kept.filter((option) => option.length > 0), ...kept.filter((option) => option.length === 0)];
}

/** `One of card; iban with bic; none.` */
export const optionWords = (options: readonly (readonly string[])[]): string =>
  `One of: ${options.map((keys) => (keys.length === 0 ? 'none of them' : keys.join(' with '))).join('; ')}.`;
