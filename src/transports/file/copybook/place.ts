import { type FieldLayout, type Occurs, shortest } from '../layouts/record-layout.ts';
import { fieldType, type Inherited, type TypedField, type TypeOptions } from './field-type.ts';
import { type Item } from './tree.ts';

export interface PlaceOptions extends TypeOptions {
  readonly verbatimNames: boolean;
  readonly moves: boolean;
}

/** A record of more bytes is a slip of the pen in an OCCURS or PIC. */
export const maxRecordBytes = 16_777_216;

const camelCase = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/-+([a-z\d])/g, (_, letter: string) => letter.toUpperCase())
    .replaceAll('-', '');

interface Counter {
  readonly item: Item;
  readonly path: readonly string[];
  readonly groups: readonly string[];
  readonly field: FieldLayout;
}

/** Gives every item of one record its place. */
export class Placement {
  readonly #options: PlaceOptions;
  /** Elementary fields so far, for DEPENDING ON. */
  readonly #counters = new Map<string, Counter[]>();

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  /** @throws CopybookMistake */
  record(items: readonly Item[], inherited: Inherited): { readonly fields: FieldLayout[]; readonly length: number } {
    const { fields, end } = this.#place(items, 0, inherited, [], []);
    return { fields, length: end };
  }

  #place(
    items: readonly Item[],
    start: number,
    inherited: Inherited,
    path: readonly string[],
    groups: readonly string[],
  ): { fields: FieldLayout[]; end: number; alignment: number } {
    const fields: FieldLayout[] = [];
    const keys = this.#keys(items);
    let end = start;
    let alignment = 1;
    let base: { readonly item: Item; readonly field: FieldLayout } | null = null;
    items.forEach((item, index) => {
      const key = keys[index] as string;
      const { redefines } = item.entry;
      if (redefines !== null && (base === null || base.item.entry.name !== redefines.text))
        throw item.fail(`${item.entry.name} redefines ${redefines.text}, which is not the field right before it`);
      const slack = redefines === null ? this.#slack(item, inherited, end) : 0;
      const at = redefines !== null && base !== null ? base.field.offset : end + slack;
      const placed = this.#item(item, key, at, slack, redefines === null ? null : (base?.field.key ?? null), inherited, path, groups);
      fields.push(placed.field);
      alignment = Math.max(alignment, placed.alignment);
      const total = placed.field.length * (placed.field.occurs?.max ?? 1);
      if (at + total > maxRecordBytes) throw item.fail(`the record is longer than ${maxRecordBytes} bytes here`);
      if (redefines === null) base = { item, field: placed.field };
      else if (this.#varies(placed.field) || (base !== null && this.#varies(base.field)))
        throw item.fail(`${item.entry.name} or ${redefines.text} varies in length (DEPENDING ON): such a field cannot be redefined`);
      end = Math.max(end, at + total);
    });
    return { fields, end, alignment };
  }

  #varies(field: FieldLayout): boolean {
    return shortest(field) !== field.length || (field.occurs !== null && field.occurs.dependingOn !== null);
  }

  #item(
    item: Item,
    key: string,
    offset: number,
    slack: number,
    redefines: string | null,
    inherited: Inherited,
    path: readonly string[],
    groups: readonly string[],
  ): { field: FieldLayout; alignment: number } {
    const { entry } = item;
    const occurs = this.#occurs(item);
    const shared = { name: entry.name, key, offset, slack, occurs, redefines, initial: entry.initial, conditions: entry.conditions };
    if (item.items.length === 0) {
      const typed = fieldType(item, inherited, this.#options);
      const field: FieldLayout = Object.freeze({ ...shared, ...typed, fields: [], slackAfter: 0 });
      const counter = { item, path: [...path, key], groups, field };
      this.#counters.set(entry.name, [...(this.#counters.get(entry.name) ?? []), counter]);
      return { field, alignment: this.#alignment(item, typed, inherited) };
    }
    if (entry.justified || entry.blankWhenZero) throw item.fail(`JUSTIFIED and BLANK WHEN ZERO do not fit ${entry.name}, which is a group`);
    const down: Inherited = {
      usage: entry.usage ?? inherited.usage,
      usageText: entry.usage === null ? inherited.usageText : entry.usageText,
      sign: entry.sign ?? inherited.sign,
      sync: entry.sync || inherited.sync,
    };
    const { fields, end, alignment } = this.#place(item.items, offset, down, [...path, key], [...groups, entry.name]);
    const size = end - offset;
    // Every element of a table must be aligned as the first is.
    const slackAfter = occurs === null ? 0 : (alignment - (size % alignment)) % alignment;
    return {
      field: Object.freeze({ ...shared, type: { kind: 'group' } as const, length: size + slackAfter, picture: '', fields, slackAfter }),
      alignment,
    };
  }

  #alignment(item: Item, { type, length }: TypedField, inherited: Inherited): number {
    if (!item.entry.sync && !inherited.sync) return 1;
    return type.kind === 'binary' || type.kind === 'float' ? this.#options.dialect.alignment(type.kind, length) : 1;
  }

  /** Padding before an item. An aligned item that begins a group pushes the group. */
  #slack(item: Item, inherited: Inherited, at: number): number {
    let first = item;
    let down = inherited;
    while (first.items[0] !== undefined) {
      if (!this.#options.dialect.slackBeforeGroup) return 0;
      const { usage, usageText, sign, sync } = first.entry;
      down = { usage: usage ?? down.usage, usageText: usage === null ? down.usageText : usageText, sign: sign ?? down.sign, sync: sync || down.sync };
      first = first.items[0];
    }
    if (!first.entry.sync && !down.sync) return 0;
    const alignment = this.#alignment(first, fieldType(first, down, this.#options), down);
    return (alignment - (at % alignment)) % alignment;
  }

  #occurs(item: Item): Occurs | null {
    const { occurs, name } = item.entry;
    if (occurs === null) return null;
    const { min, max, dependingOn } = occurs;
    if (dependingOn === null) return { min, max, dependingOn: null, moves: false };
    const [wanted = '', ...around] = dependingOn;
    const found = (this.#counters.get(wanted) ?? []).filter(({ groups }) => around.every((group) => groups.includes(group)));
    const [counter] = found;
    if (counter === undefined) throw item.fail(`${name} depends on ${wanted}, which is no field before it in this record`);
    if (found.length > 1)
      throw item.fail(`${name} depends on ${wanted}, and there are ${found.length} of that name before it: say ${wanted} OF its group`);
    const { type } = counter.field;
    if (!('digits' in type) || type.scale !== 0 || counter.field.occurs !== null)
      throw item.fail(`${name} depends on ${wanted}, which is no whole number`);
    return { min, max, dependingOn: counter.path.join('.'), moves: this.#options.moves };
  }

  /** What the items are called in values. Those without a name are numbered. */
  #keys(items: readonly Item[]): string[] {
    const names = items.map(({ entry }) => (entry.name === 'FILLER' ? null : this.#options.verbatimNames ? entry.name : camelCase(entry.name)));
    const taken = new Map<string, Item>();
    names.forEach((key, index) => {
      const item = items[index] as Item;
      const other = key === null ? undefined : taken.get(key);
      if (other !== undefined)
        throw item.fail(
          `${item.entry.name} and ${other.entry.name} of the same group would both be called '${key}'; with names: verbatim they may differ`,
        );
      if (key !== null) taken.set(key, item);
    });
    let number = 0;
    return names.map((key) => {
      if (key !== null) return key;
      let own: string;
      do {
        number += 1;
        own = `filler${number === 1 ? '' : number}`;
      } while (taken.has(own));
      return own;
    });
  }
}
