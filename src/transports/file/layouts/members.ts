import { type Json } from '../../../contract/json.ts';
import { type Leaf } from './leaf.ts';
import { Misfit, shown } from './misfit.ts';
import { type Draft, type Passage, type Values, own } from './passage.ts';
import { type FieldLayout } from './record-layout.ts';

/** A part of a group: reads itself into the group's value, writes itself from it. */
export interface Member {
  /** Bytes from the start of the group, everything before at its longest. */
  readonly offset: number;
  /** Bytes at its longest. */
  readonly length: number;
  /** Sets `end` of the passage or draft because it may be shorter. */
  readonly variable: boolean;
  readonly keys: readonly string[];
  read(passage: Passage, at: number, into: Values): void;
  /** How many of its keys the value had. @throws Misfit */
  write(draft: Draft, at: number, from: Values): number;
}

/** One value: a table has many of them, a group member holds one. */
export interface Element {
  readonly length: number;
  readonly variable: boolean;
  read(passage: Passage, at: number): Json;
  write(draft: Draft, at: number, value: Json): void;
}

export const missing = (field: FieldLayout): Misfit => new Misfit(field, 'is missing');

/** An elementary field. `slot`: where its value is noted for what depends on it; `count`: the length of the table that it counts, if it can be told. */
export function leafMember(
  field: FieldLayout,
  offset: number,
  leaf: Leaf,
  initial: Buffer | null,
  slot: number | null,
  count: ((root: Values) => Json | undefined) | null,
): Member {
  const { key, length } = field;
  const plain: Member = {
    offset,
    length,
    variable: false,
    keys: [key],
    read: (passage, at, into) => {
      const value = leaf.read(passage, at);
      into[key] = value;
      if (passage.odd) passage.keep(key, at, length);
      if (passage.seen !== null) passage.see(key, field, at, length, value);
    },
    write: (draft, at, from) => {
      const given = own(from, key);
      if (given === undefined) {
        if (initial === null) throw missing(field);
        initial.copy(draft.target, at);
        return 0;
      }
      if (!draft.restore(field, leaf, at, given)) leaf.write(draft.target, at, given);
      return 1;
    },
  };
  if (slot === null) return plain;
  return {
    ...plain,
    read: (passage, at, into) => {
      plain.read(passage, at, into);
      passage.slots[slot] = into[key] as Json;
    },
    write: (draft, at, from) => {
      const given = own(from, key);
      const told = given ?? count?.(draft.root);
      if (told === undefined) throw missing(field);
      draft.slots[slot] = told;
      plain.write(draft, at, given === undefined ? { [key]: told } : from);
      return given === undefined ? 0 : 1;
    },
  };
}

/** Bytes without a name: they have no value, and come back as they were. */
export function fillerMember(key: string, offset: number, usual: Buffer): Member {
  const { length } = usual;
  return {
    offset,
    length,
    variable: false,
    keys: [],
    read: (passage, at) => {
      const { bytes } = passage;
      if (passage.seen !== null) passage.see(key, null, at, length, null);
      for (let i = 0; i < length; i += 1) {
        if (bytes[at + i] === usual[i]) continue;
        passage.keep(key, at, length);
        return;
      }
    },
    write: (draft, at) => {
      (draft.kept(key, length) ?? usual).copy(draft.target, at);
      return 0;
    },
  };
}

export function leafElement(field: FieldLayout, leaf: Leaf): Element {
  const { length } = field;
  return {
    length,
    variable: false,
    read: (passage, at) => {
      const value = leaf.read(passage, at);
      if (passage.odd) passage.keep(field.key, at, length);
      if (passage.seen !== null) passage.see(field.key, field, at, length, value);
      return value;
    },
    write: (draft, at, value) => {
      if (!draft.restore(field, leaf, at, value)) leaf.write(draft.target, at, value);
    },
  };
}

/** Fields one after the other. `field` is null for the record itself. */
export function groupElement(field: FieldLayout | null, members: readonly Member[], length: number): Element {
  const variable = members.some((member) => member.variable);
  const names = members.flatMap(({ keys }) => keys);
  const known = new Set(names);
  const count = members.length;
  // A copy of an object that has all its fields is several times as fast as adding them one by one. Only where every field is always there.
  const shape: Values | null = members.every(({ keys }) => keys.length < 2) ? Object.fromEntries(names.map((name) => [name, null])) : null;

  const writeOne = (draft: Draft, member: Member, at: number, from: Values): number => {
    if (draft.faults === null) return member.write(draft, at, from);
    const depth = draft.path.length;
    try {
      return member.write(draft, at, from);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      draft.faults.push(error.sentence(draft.path));
      draft.path.length = depth;
      if (member.variable) draft.end = at + member.length;
      return member.keys.filter((key) => own(from, key) !== undefined).length;
    }
  };

  return {
    length,
    variable,
    read: (passage, at) => {
      const into: Values = shape === null ? {} : { ...shape };
      if (passage.seen !== null && field !== null) seeGroup(passage, field, at, length);
      const first = passage.seen?.length ?? 0;
      let shift = 0;
      for (let i = 0; i < count; i += 1) {
        const member = members[i] as Member;
        const start = at + member.offset - shift;
        member.read(passage, start, into);
        if (member.variable) shift += start + member.length - passage.end;
      }
      passage.end = at + length - shift;
      // Only now it is known how long it was.
      const own = field === null ? undefined : passage.seen?.[first - 1];
      if (own !== undefined && shift > 0) passage.seen?.splice(first - 1, 1, { ...own, length: length - shift });
      return into;
    },
    write: (draft, at, value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Misfit(field, `${shown(value)} is no object of fields`);
      let shift = 0;
      let seen = 0;
      for (let i = 0; i < count; i += 1) {
        const member = members[i] as Member;
        const start = at + member.offset - shift;
        seen += writeOne(draft, member, start, value);
        if (member.variable) shift += start + member.length - draft.end;
      }
      draft.end = at + length - shift;
      const keys = Object.keys(value);
      if (keys.length === seen) return;
      const unknown = keys.find((key) => !known.has(key) && !(field === null && key === '$raw') && value[key] !== undefined);
      if (unknown === undefined) return;
      const fault = new Misfit(field, `there is no field ${shown(unknown)}; the fields are ${names.join(', ').slice(0, 200)}`);
      if (draft.faults === null) throw fault;
      draft.faults.push(fault.sentence(draft.path));
    },
  };
}

/** Its name is the end of the path already. */
function seeGroup(passage: Passage, field: FieldLayout, at: number, length: number): void {
  if (typeof passage.path.at(-1) === 'number') return passage.see(field.key, field, at, length, null);
  const name = passage.path.pop();
  passage.see(field.key, field, at, length, null);
  if (name !== undefined) passage.path.push(name);
}

/** A group within a group. */
export function groupMember(field: FieldLayout, offset: number, element: Element, initial: Buffer | null): Member {
  const { key } = field;
  return {
    offset,
    length: element.length,
    variable: element.variable,
    keys: [key],
    read: (passage, at, into) => {
      passage.path.push(key);
      into[key] = element.read(passage, at);
      passage.path.pop();
    },
    write: (draft, at, from) => {
      const given = own(from, key);
      if (given === undefined && initial !== null) {
        initial.copy(draft.target, at);
        return 0;
      }
      // Without a value every field below has its initial value, or says that it is missing.
      if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given)))
        throw new Misfit(field, `${shown(given)} is no object of fields`);
      draft.path.push(key);
      element.write(draft, at, given ?? {});
      draft.path.pop();
      return given === undefined ? 0 : 1;
    },
  };
}
