import { type ComplexType, type ElementDeclaration, type SimpleType, type Type } from '../wsdl/schema.model.ts';
import { xsdNamespace } from '../wsdl/namespaces.ts';
import { clark } from '../xml/xml.document.ts';
import { type AttributeShape, type GroupShape, type MemberShape, shapeOf } from '../plan/shape.ts';
import { anyType } from '../wsdl/complex-type.ts';
import { docComment, facetWords, valueWords } from './doc-comment.ts';
import { type Field, type Fields, type MemberText, fieldsOf, fieldsOrElse } from './fields.ts';
import { declareAlias, declareFields } from './declarations.ts';
import { Names, textLiteral, typeName } from './names.ts';
import { listOf, simpleTexts } from './simple-text.ts';

/** Longest union of literals that stands where it is used; a longer one gets a name. */
const longestInline = 60;

/** Which helper types the file needs. */
export interface Needs {
  anyValue: boolean;
  oneOf: boolean;
}

/**
 * Writes the types of one WSDL as TypeScript: a type is named when it is first referred to, and written when its turn comes, so that the
 * depth of the schema does not matter. What only answers have is written as the reader gives it; everything else as the writer takes it,
 * which is also true of answers.
 */
export class TypeWriter {
  readonly names = new Names();
  readonly needs: Needs = { anyValue: false, oneOf: false };
  readonly #given: ReadonlySet<Type>;
  readonly #named = new Map<Type, string>();
  readonly #unions = new Map<ComplexType, string>();
  readonly #waiting: (() => string)[] = [];

  /** `given`: complex types that arguments may have; see `typesWithin`. */
  constructor(given: ReadonlySet<Type>) {
    this.#given = given;
  }

  /** The values of an element, null included; `hint` names its type when that has no name. */
  element(element: ElementDeclaration, hint: string): string[] {
    const texts = this.type(element.type(), hint);
    return element.nillable ? [...texts, 'null'] : texts;
  }

  /** The values of a type; declared later under its name when it has one, or is an object. `hint` is the name of one without. */
  type(type: Type, hint: string): string[] {
    if (type.kind === 'simple') return this.#simple(type, hint);
    if (type === anyType) {
      this.needs.anyValue = true;
      return ['AnyValue'];
    }
    if (derivedOf(type).length > 0 || (type.abstract && this.#given.has(type))) return [this.#union(type, hint)];
    return [this.#complex(type, hint)];
  }

  /** Everything that was referred to, declaration by declaration, until nothing is left. */
  *declarations(): Generator<string> {
    for (let index = 0; index < this.#waiting.length; index += 1) {
      yield (this.#waiting[index] as () => string)();
      this.#waiting[index] = nothing;
    }
  }

  /** Elements as properties, each optional or not: parts, headers, faults. */
  field(key: string, texts: readonly string[], optional: boolean, doc: Field['doc'] = []): Field {
    return { key, types: texts, optional, doc };
  }

  #simple(type: SimpleType, hint: string): string[] {
    const isNamed = type.name !== null && type.namespace !== xsdNamespace;
    const known = this.#named.get(type);
    if (known !== undefined) return [known];
    const texts = (): string[] => simpleTexts(type, (inner) => this.#simple(inner, `${hint}Value`));
    if (!isNamed) {
      const here = texts();
      if (here.length === 1 || here.join(' | ').length <= longestInline) return here;
    }
    const name = this.#name(type, hint);
    this.#waiting.push(() => docComment(isNamed ? [type.doc, facetWords(type)] : [type.doc]) + declareAlias(name, texts()));
    return [name];
  }

  #complex(type: ComplexType, hint: string): string {
    const known = this.#named.get(type);
    if (known !== undefined) return known;
    const name = this.#name(type, hint);
    const { arrayOf } = type;
    const heading = [
      type.doc,
      type.name === null || type.namespace === '' ? undefined : `Type ${clark({ namespace: type.namespace, local: type.name })}.`,
    ];
    this.#waiting.push(
      arrayOf === undefined
        ? () => declareFields(name, this.#fields(type, name), heading, this)
        : () => docComment(heading) + declareAlias(name, [listOf([...new Set([...this.type(arrayOf.type, `${name}Item`), 'null'])])]),
    );
    return name;
  }

  /** A type or one derived from it, which says which by `$type`. */
  #union(type: ComplexType, hint: string): string {
    const known = this.#unions.get(type);
    if (known !== undefined) return known;
    const own = typeName(type.name ?? hint);
    const name = this.names.take(type.abstract ? own : `Any${own}`);
    this.#unions.set(type, name);
    this.#waiting.push(() => {
      const options = new Map<string, string>();
      for (const each of [type, ...type.derived()].filter(({ abstract }) => !abstract)) {
        const local = each.name ?? '';
        const said = options.has(local) ? clark({ namespace: each.namespace, local }) : local;
        const mark = `{ $type${each === type ? '?' : ''}: ${textLiteral(said)} }`;
        options.set(said, isEmpty(each) ? mark : `(${this.#complex(each, '')} & ${mark})`);
      }
      return (
        docComment([
          type.abstract ? type.doc : undefined,
          `${type.name ?? ''}${type.abstract ? ' is abstract: a type' : ', or a type'} derived from it; \`$type\` says which.`,
        ]) + declareAlias(name, [...options.values()])
      );
    });
    return name;
  }

  #fields(type: ComplexType, name: string): Fields {
    const { attributes, group } = shapeOf(type);
    const answer = !this.#given.has(type);
    const own = attributes.map((attribute) => this.#attribute(attribute, name, answer));
    if (type.simple !== undefined) {
      const field = this.field('$value', this.#simple(type.simple, `${name}Value`), false, [this.#words(type.simple)]);
      return { fields: [...own, field], choices: [] };
    }
    const options = { member: (member: Exclude<MemberShape, { kind: 'group' }>) => this.#member(member, name), answer };
    if (type.mixed) {
      const mixed = this.field('$mixed', ['string'], !answer && group === null, ['Text and elements, as XML text.']);
      if (answer || group === null) return { fields: [...own, mixed], choices: [] };
      const { fields, choices } = fieldsOrElse(group, mixed, options);
      return { fields: [...own, ...fields], choices };
    }
    const { fields, choices } = group === null ? { fields: [], choices: [] } : fieldsOf(group, options);
    return { fields: [...own, ...fields], choices };
  }

  #attribute({ key, use }: AttributeShape, name: string, answer: boolean): Field {
    const texts = this.#simple(use.type, name + typeName(use.name));
    const isThere = use.required && (answer || use.fixed === undefined);
    return this.field(key, texts, !(isThere || (answer && use.byDefault !== undefined)), [
      use.doc,
      this.#words(use.type),
      ...valueWords(use, 'left out'),
    ]);
  }

  #member(member: Exclude<MemberShape, { kind: 'group' }>, within: string): MemberText {
    const hint = within + typeName(member.key);
    if (member.kind === 'any')
      return { types: ['string[]'], doc: ['Elements of other schemas, each as XML text.', countWords(member.min, member.max)] };
    if (member.kind === 'repeated') return { types: [listOf([this.#entry(member.group, hint)])], doc: [countWords(member.min, member.max)] };
    const { element, list } = member;
    const texts = this.element(element, hint);
    const type = element.type();
    const words = type.kind === 'simple' ? [this.#words(type), ...valueWords(element, 'empty')] : [];
    return { types: list ? [listOf(texts)] : texts, doc: [element.doc, ...words, ...(list ? [countWords(member.min, member.max)] : [])] };
  }

  /** An entry of a choice or sequence that repeats. */
  #entry(group: GroupShape, hint: string): string {
    const name = this.names.take(hint);
    const options = { member: (member: Exclude<MemberShape, { kind: 'group' }>) => this.#member(member, name), answer: false };
    this.#waiting.push(() => declareFields(name, fieldsOf(group, options), [], this));
    return name;
  }

  /** What a named type says stands beside that type. */
  #words(type: SimpleType): string | undefined {
    return this.#named.has(type) && type.name !== null ? undefined : facetWords(type);
  }

  #name(type: Type, hint: string): string {
    const isNamed = type.name !== null && type.namespace !== xsdNamespace;
    const name = this.names.take(isNamed ? typeName(type.name) : hint);
    this.#named.set(type, name);
    return name;
  }
}

const nothing = (): string => '';

function countWords(min: number, max: number): string | undefined {
  if (min <= 1 && max === Infinity) return min === 1 ? 'At least one.' : undefined;
  return max === Infinity ? `At least ${min}.` : min === max ? `Exactly ${min}.` : min === 0 ? `At most ${max}.` : `${min} to ${max}.`;
}

/** An object without any property. */
export const isEmpty = (type: ComplexType): boolean => {
  const { attributes, group } = shapeOf(type);
  return attributes.length === 0 && group === null && type.simple === undefined && !type.mixed;
};

const derivedOf = (type: ComplexType): readonly ComplexType[] => (type.name === null || type.arrayOf !== undefined ? [] : type.derived());

/** Every complex type within these, at any depth, derived ones included. @throws Error that says where the schema is wrong */
export function typesWithin(roots: readonly Type[]): Set<Type> {
  const found = new Set<Type>();
  const ask = [...roots];
  for (let type = ask.pop(); type !== undefined; type = ask.pop()) {
    if (type.kind === 'simple' || type === anyType || found.has(type)) continue;
    found.add(type);
    if (type.arrayOf === undefined) ask.push(...derivedOf(type), ...elementsOf(shapeOf(type).group).map((element) => element.type()));
    else ask.push(type.arrayOf.type);
  }
  return found;
}

function elementsOf(group: GroupShape | null): ElementDeclaration[] {
  return (group?.members ?? []).flatMap((member) => {
    if (member.kind === 'field') return [member.element];
    return member.kind === 'any' ? [] : elementsOf(member.group);
  });
}
