import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { alternativesMember, type RedefinesRule } from './alternatives.ts';
import { binaryLeaf } from './binary.ts';
import { editedLeaf } from './edited.ts';
import { findField } from './find-field.ts';
import { floatLeaf } from './float.ts';
import { initialBytes } from './initial.ts';
import { type Conventions, type Leaf } from './leaf.ts';
import { type Element, fillerMember, groupElement, groupMember, leafElement, leafMember, type Member } from './members.ts';
import { Misfit } from './misfit.ts';
import { packedLeaf } from './packed.ts';
import { type Values } from './passage.ts';
import { type FieldLayout, type RecordLayout } from './record-layout.ts';
import { tableMember } from './tables.ts';
import { nationalLeaf, textLeaf } from './text.ts';
import { zonedLeaf } from './zoned.ts';

/** The reader and writer of an elementary field; null for what has no value of its own. */
export function leafOf(field: FieldLayout, conventions: Conventions): Leaf | null {
  const { type } = field;
  switch (type.kind) {
    case 'group':
    case 'filler':
      return null;
    case 'text':
      return textLeaf(field, type, conventions);
    case 'national':
      return nationalLeaf(field, type);
    case 'zoned':
      return zonedLeaf(field, type, conventions);
    case 'packed':
      return packedLeaf(field, type, conventions);
    case 'binary':
      return binaryLeaf(field, type);
    case 'float':
      return floatLeaf(field, type);
    case 'edited':
      return editedLeaf(field, type, conventions);
  }
}

/**
 * Makes the readers and writers of one layout: once, so that a record costs no look at its description.
 * @throws GatehouseError LAYOUT_MISSING when the options do not fit the layout
 */
export class Compiler {
  readonly #layout: RecordLayout;
  readonly #conventions: Conventions;
  readonly #rules = new Map<FieldLayout, RedefinesRule>();
  readonly #slots = new Map<FieldLayout, number>();
  readonly #counts = new Map<FieldLayout, (root: Values) => Json | undefined>();

  constructor(layout: RecordLayout, conventions: Conventions, rules: Readonly<Record<string, RedefinesRule>>) {
    this.#layout = layout;
    this.#conventions = conventions;
    for (const [name, rule] of Object.entries(rules)) this.#rules.set(findField(layout, name).field, rule);
  }

  element(): Element {
    this.#watch(this.#layout.fields, [], false);
    return groupElement(null, this.#members(this.#layout.fields, 0), this.#layout.length);
  }

  /** Finds the fields that others depend on before anything is compiled. */
  #watch(fields: readonly FieldLayout[], path: readonly string[], inTable: boolean): void {
    for (const field of fields) {
      const own = [...path, field.key];
      const depends = field.occurs?.dependingOn ?? null;
      if (depends !== null) {
        const counter = findField(this.#layout, depends).field;
        this.#slot(counter, field);
        if (!inTable) this.#counts.set(counter, (root) => lengthAt(root, own));
      }
      const rule = this.#rules.get(field);
      if (rule !== undefined) this.#slot(findField(this.#layout, rule.by).field, field);
      this.#watch(field.fields, own, inTable || field.occurs !== null);
    }
  }

  #slot(watched: FieldLayout, needs: FieldLayout): number {
    if (watched.offset >= needs.offset || watched.fields.length > 0 || watched.occurs !== null)
      throw new GatehouseError(
        'LAYOUT_MISSING',
        `record ${this.#layout.name}: ${watched.name} must be a field before ${needs.name}, which depends on it`,
      );
    const slot = this.#slots.get(watched) ?? this.#slots.size;
    this.#slots.set(watched, slot);
    return slot;
  }

  #members(fields: readonly FieldLayout[], base: number): Member[] {
    const members: Member[] = [];
    for (const field of fields) {
      if (field.redefines !== null) continue;
      const offset = field.offset - base;
      if (field.slack > 0) members.push(fillerMember(`${field.key}~slack`, offset - field.slack, Buffer.alloc(field.slack)));
      const others = fields.filter(({ redefines, type }) => redefines === field.key && type.kind !== 'filler');
      if (others.length === 0) members.push(this.#member(field, offset));
      else members.push(this.#alternatives(field, others, offset));
    }
    return members;
  }

  #alternatives(field: FieldLayout, others: readonly FieldLayout[], offset: number): Member {
    const all = [field, ...others];
    const members = all.map((each) => this.#member(each, offset));
    const wobbly = members.findIndex((member) => member.variable);
    if (wobbly >= 0)
      throw new GatehouseError(
        'LAYOUT_MISSING',
        `record ${this.#layout.name}: ${all[wobbly]?.name} varies in length and is redefined: there is no rule for that`,
      );
    const rule = this.#rules.get(field);
    if (rule === undefined) return alternativesMember(field, members, offset, this.#conventions.page.space, null);
    const named = (name: string): Member => {
      const index = all.findIndex((each) => each.key === name || each.name.toUpperCase() === name.toUpperCase());
      if (index < 0)
        throw new GatehouseError('LAYOUT_MISSING', `record ${this.#layout.name}: '${name}' is none of ${all.map((each) => each.name).join(', ')}`);
      return members[index] as Member;
    };
    const slot = this.#slots.get(findField(this.#layout, rule.by).field) ?? 0;
    const when = new Map(Object.entries(rule.when).map(([value, name]) => [value, named(name)]));
    return alternativesMember(field, members, offset, this.#conventions.page.space, {
      slot,
      by: rule.by,
      when,
      otherwise: rule.otherwise === undefined ? null : named(rule.otherwise),
    });
  }

  #member(field: FieldLayout, offset: number): Member {
    const { occurs, type } = field;
    const leaf = leafOf(field, this.#conventions);
    const initial = this.#initial(field, leaf);
    if (type.kind === 'filler') {
      const one = initial ?? Buffer.alloc(field.length, this.#conventions.page.space);
      return fillerMember(field.key, offset, Buffer.concat(Array.from({ length: occurs?.max ?? 1 }, () => one)));
    }
    const element = leaf === null ? this.#group(field) : leafElement(field, leaf);
    if (occurs !== null) {
      const counter = occurs.dependingOn === null ? null : findField(this.#layout, occurs.dependingOn).field;
      return tableMember(field, occurs, offset, element, counter === null ? null : (this.#slots.get(counter) ?? 0));
    }
    if (leaf === null) return groupMember(field, offset, element, initial);
    return leafMember(field, offset, leaf, initial, this.#slots.get(field) ?? null, this.#counts.get(field) ?? null);
  }

  #group(field: FieldLayout): Element {
    const members = this.#members(field.fields, field.offset);
    if (field.slackAfter > 0) members.push(fillerMember('~slack', field.length - field.slackAfter, Buffer.alloc(field.slackAfter)));
    return groupElement(field, members, field.length);
  }

  #initial(field: FieldLayout, leaf: Leaf | null): Buffer | null {
    try {
      return initialBytes(field, leaf, this.#conventions.page);
    } catch (error) {
      if (error instanceof Misfit) throw new GatehouseError('LAYOUT_MISSING', `record ${this.#layout.name}, ${error.sentence([])}`);
      throw error;
    }
  }
}

function lengthAt(root: Values, path: readonly string[]): Json | undefined {
  let at: Json | undefined = root;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined;
    at = at[key];
  }
  return Array.isArray(at) ? at.length : undefined;
}
