import { type Json } from '../../../contract/json.ts';
import { type XmlReader } from '../xml/xml.reader.ts';
import { type Input } from './input.ts';
import { type FieldShape, type GroupShape, type MemberShape, isGiven, propertiesOf } from './shape.ts';
import { type ElementReaders, type ReadElement, absent } from './reading.ts';

type Fields = { [key: string]: Json };

/** Reads the children of the opened element into `value`, up to its end, and refuses when something is missing. */
export type ReadFields = (reader: XmlReader, input: Input, value: Fields) => void;

/** One place in a group where an element may go. */
interface Slot {
  readonly name: string;
  readonly namespace: string;
  readonly key: string;
  readonly max: number;
  readonly list: boolean;
  readonly read: ReadElement;
  /** Order within the group, and which option of a choice it is of. */
  readonly rank: number;
  readonly option: number;
  /** The element goes into an entry of a repeated group. */
  readonly repeated: Repeated | null;
}

interface Repeated {
  readonly key: string;
  readonly isChoice: boolean;
  readonly group: Group;
}

interface Group {
  readonly slots: ReadonlyMap<string, readonly Slot[]>;
  readonly anyKey: string | null;
  readonly lists: readonly string[];
  missing(value: Fields): string | null;
}

/** What is known of an entry of a repeated group while it grows. */
const progress = new WeakMap<Fields, { rank: number; option: number }>();

export function compileFields(shape: GroupShape | null, compiler: ElementReaders): ReadFields {
  const group = shape === null ? null : compileGroup(shape, compiler);
  return (reader, input, value) => {
    for (;;) {
      const token = reader.next();
      if (token === 'close') break;
      if (token !== 'open') continue;
      const slot = group === null ? undefined : slotFor(group, reader, value);
      if (slot !== undefined) readInto(slot, reader, input, value);
      else if (group !== null && group.anyKey !== null) ((value[group.anyKey] ??= []) as Json[]).push(reader.fragment());
      else {
        input.note(reader.local);
        reader.skip();
      }
    }
    if (group !== null) finish(group, input, value);
  };
}

function finish(group: Group, input: Input, value: Fields): void {
  for (const key of group.lists) value[key] ??= [];
  const missing = group.missing(value);
  if (missing !== null) input.refuse('is missing', missing);
}

/**
 * By name and namespace; an element in the wrong namespace goes where its name alone fits, since many systems are careless about qualified
 * and unqualified. Of several places with one name the first that has room.
 */
function slotFor(group: Group, reader: XmlReader, value: Fields): Slot | undefined {
  const named = group.slots.get(reader.local);
  if (named === undefined) return undefined;
  const [only] = named;
  if (named.length === 1 && (group.anyKey === null || only?.namespace === reader.namespace)) return only;
  const exact = named.filter(({ namespace }) => namespace === reader.namespace);
  const candidates = exact.length > 0 ? exact : group.anyKey === null ? named : [];
  return candidates.find((slot) => hasRoom(slot, value)) ?? candidates.at(-1);
}

function hasRoom({ key, max, list, repeated }: Slot, value: Fields): boolean {
  if (repeated !== null) return true;
  const present = value[key];
  return list ? ((present as Json[] | undefined)?.length ?? 0) < max : present === undefined;
}

function readInto(slot: Slot, reader: XmlReader, input: Input, value: Fields): void {
  if (slot.repeated !== null) return readIntoEntry(slot.repeated, slot, reader, input, value);
  const { key, list, read } = slot;
  input.path.push(key);
  if (list) {
    const items = (value[key] ??= []) as Json[];
    input.path.push(items.length);
    const item = read(reader, input);
    if (item === absent) input.refuse('is empty');
    items.push(item as Json);
    input.path.pop();
  } else {
    if (value[key] !== undefined) input.refuse('stands twice, and the schema allows one');
    const item = read(reader, input);
    if (item !== absent) value[key] = item;
  }
  input.path.pop();
}

/** Continues the last entry as long as the element fits behind what it has; otherwise begins the next. */
function readIntoEntry({ key, isChoice, group }: Repeated, outer: Slot, reader: XmlReader, input: Input, value: Fields): void {
  const entries = (value[key] ??= []) as Fields[];
  let entry = entries.at(-1);
  const slot = slotFor(group, reader, entry ?? {}) ?? outer;
  const state = entry === undefined ? undefined : progress.get(entry);
  const follows = state !== undefined && (slot.rank > state.rank || (slot.rank === state.rank && slot.list));
  if (entry === undefined || !follows || !hasRoom(slot, entry) || (isChoice && slot.option !== state.option)) {
    if (entry !== undefined) input.at(key, () => input.at(entries.length - 1, () => finish(group, input, entry as Fields)));
    entry = {};
    entries.push(entry);
  }
  progress.set(entry, { rank: slot.rank, option: slot.option });
  const current = entry;
  input.at(key, () => input.at(entries.length - 1, () => readInto(slot, reader, input, current)));
}

function compileGroup(shape: GroupShape, compiler: ElementReaders): Group {
  const slots = new Map<string, Slot[]>();
  const lists: string[] = [];
  const repeatedGroups: { key: string; group: Group }[] = [];
  let anyKey: string | null = null;
  let rank = 0;
  const add = (slot: Slot): void => {
    const known = slots.get(slot.name);
    if (known === undefined) slots.set(slot.name, [slot]);
    else if (!known.some((other) => other.key === slot.key && other.namespace === slot.namespace)) known.push(slot);
  };
  let options = 0;
  const visit = (member: MemberShape, sure: boolean, option: number | null): void => {
    rank += 1;
    if (member.kind === 'group') return visitGroup(member.group, sure, option);
    if (member.kind === 'any') {
      anyKey ??= member.key;
      if (sure) lists.push(member.key);
      return;
    }
    if (sure && (member.kind === 'repeated' || member.list)) lists.push(member.key);
    if (member.kind === 'field') return add(slotOf(member, compiler, rank, option ?? 0));
    const group = compileGroup(member.group, compiler);
    const repeated = { key: member.key, isChoice: member.group.kind === 'choice', group };
    repeatedGroups.push(repeated);
    for (const inner of [...group.slots.values()].flat()) add({ ...inner, key: member.key, repeated, rank, option: option ?? 0 });
  };
  /** Options of a choice are told apart; within one option, elements belong together, whatever they are. Null: still among choices. */
  const visitGroup = (group: GroupShape, sure: boolean, option: number | null): void => {
    for (const member of group.members) {
      const sureOf = sure && !group.optional && group.kind !== 'choice';
      const isChoice = member.kind === 'group' && member.group.kind === 'choice';
      if (group.kind === 'choice' && option === null) visit(member, sureOf, isChoice ? null : (options += 1));
      else visit(member, sureOf, option ?? 0);
    }
  };
  visitGroup(shape, true, null);
  const missingIn = missing(shape);
  return {
    slots,
    anyKey,
    lists,
    missing: (value) => {
      for (const { key, group } of repeatedGroups) {
        const last = (value[key] as Fields[] | undefined)?.at(-1);
        if (last === undefined) continue;
        for (const list of group.lists) last[list] ??= [];
        const inner = group.missing(last);
        if (inner !== null) return `${key}.${inner}`;
      }
      return missingIn(value);
    },
  };
}

function slotOf({ key, element, max, list }: FieldShape, compiler: ElementReaders, rank: number, option: number): Slot {
  return { name: element.name, namespace: element.namespace, key, max, list, read: compiler.element(element), rank, option, repeated: null };
}

/** What a group lacks, as the property to name; null when it is whole. */
function missing(group: GroupShape): (value: Fields) => string | null {
  const members = group.members.map((member) => {
    const properties = member.kind === 'group' ? propertiesOf(member.group) : [{ key: member.key, list: member.kind !== 'field' || member.list }];
    return {
      isThere: (value: Fields) => properties.some(({ key, list }) => isGiven(value[key], list)),
      lacks: member.kind === 'group' ? missing(member.group) : lacksMember(member),
    };
  });
  return (value) => {
    const given = members.filter(({ isThere }) => isThere(value));
    if (given.length === 0 && group.optional) return null;
    const needed = group.kind !== 'choice' || given.length === 0 ? members : given;
    const lacks = needed.map((member) => member.lacks(value));
    if (group.kind === 'choice') return lacks.includes(null) ? null : (lacks[0] ?? null);
    return lacks.find((lack) => lack !== null) ?? null;
  };
}

function lacksMember(member: Exclude<MemberShape, { kind: 'group' }>): (value: Fields) => string | null {
  const { key, min } = member;
  if (min === 0 || member.kind === 'any') return () => null;
  const list = member.kind !== 'field' || member.list;
  return (value) => (isGiven(value[key], list) ? null : key);
}
