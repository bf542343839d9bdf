import { type Json } from '../../../../contract/json.ts';
import { type CharacterSet } from '../character-set.ts';
import { clipped, misfit } from '../record-fault.ts';

/** Text; where it was written in another way than this codec would write it, the way it was written too. */
export type Text = string | { text: string; written: string };
/** Several subcomponents are a list. */
export type Component = Text | Text[];
/** One component without subcomponents is its text; otherwise a list of components. */
export type Simple = Text | Component[];
export type Field = Simple | { repeats: Simple[] };
/** The name, then the fields: the index of a field is its number, also in MSH, whose field 1 is the separator itself. */
export type Segment = Field[];

/** @see HL7 v2, chapter 2, message delimiters */
export interface Separators {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
  /** From version 2.7 on. */
  readonly truncation: string;
}

/** Where a segment begins that brings the separators with it. */
export const bringsSeparators = (name: string): boolean => name === 'MSH' || name === 'FHS' || name === 'BHS';

/** From the first characters of MSH, FHS or BHS. @throws RECORD_INVALID when they are not 4 or 5 different ones after the field separator */
export function separatorsOf(segment: string): Separators {
  const field = segment.charAt(3);
  const end = segment.indexOf(field, 4);
  const marks = segment.slice(4, end < 0 || field === '' ? segment.length : end);
  const [component = '', repetition = '', escape = '', subcomponent = '', truncation = ''] = marks;
  const all = [field, ...marks];
  if (
    marks.length < 4 ||
    marks.length > 5 ||
    new Set(all).size !== all.length ||
    all.some((mark) => !/^[!-~]$/.test(mark) || /[A-Za-z0-9]/.test(mark))
  )
    throw misfit(`${clipped(segment.slice(0, 3))}-2`, 'has not four or five different encoding characters', field + marks);
  return { field, component, repetition, escape, subcomponent, truncation };
}

export function readFields(text: string, separators: Separators, set: CharacterSet): Segment {
  const [name = '', ...fields] = text.split(separators.field);
  const own = bringsSeparators(name);
  const read = fields.map((field, index) => (own && index === 0 ? field : readField(field, separators, set)));
  return own ? [name, separators.field, ...read] : [name, ...read];
}

function readField(field: string, separators: Separators, set: CharacterSet): Field {
  if (!field.includes(separators.repetition)) return readSimple(field, separators, set);
  return { repeats: field.split(separators.repetition).map((each) => readSimple(each, separators, set)) };
}

function readSimple(text: string, separators: Separators, set: CharacterSet): Simple {
  const { component, subcomponent } = separators;
  if (!text.includes(component) && !text.includes(subcomponent)) return unescaped(text, separators, set);
  return text.split(component).map((each) => {
    if (!each.includes(subcomponent)) return unescaped(each, separators, set);
    return each.split(subcomponent).map((part) => unescaped(part, separators, set));
  });
}

/** @see HL7 v2, chapter 2, use of escape sequences in text fields */
function unescaped(written: string, separators: Separators, set: CharacterSet): Text {
  const { escape, truncation } = separators;
  if (written.includes('\v') || written.includes('\x1c')) throw misfit('', 'has a character that only frames have', written);
  if (!written.includes(escape) && (truncation === '' || !written.includes(truncation))) return written;
  const plain: Readonly<Record<string, string>> = {
    F: separators.field,
    S: separators.component,
    T: separators.subcomponent,
    R: separators.repetition,
    E: escape,
    '.br': '\n',
    ...(truncation === '' ? {} : { P: truncation }),
  };
  const parts = written.split(escape);
  let text = parts[0] ?? '';
  for (let at = 1; at < parts.length; at += 2) {
    const code = parts[at] ?? '';
    // What is no sequence, or formats the text, stays as it is written.
    const meant = at + 1 < parts.length ? (Object.hasOwn(plain, code) ? plain[code] : fromHex(code, set)) : undefined;
    text += meant ?? (at + 1 < parts.length ? escape + code + escape : escape + code);
    text += parts[at + 1] ?? '';
  }
  return escaped(text, separators) === written ? text : { text, written };
}

function fromHex(code: string, set: CharacterSet): string | undefined {
  if (!/^X(?:[0-9A-Fa-f]{2})+$/.test(code)) return undefined;
  try {
    return set.decode(Buffer.from(code.slice(1), 'hex'));
  } catch {
    return undefined;
  }
}

function escaped(text: string, separators: Separators): string {
  const { escape } = separators;
  let written = '';
  for (const character of text) written += sequenceOf(character, separators) ?? character;
  return escape === '' ? text : written;
}

function sequenceOf(character: string, { field, component, repetition, escape, subcomponent, truncation }: Separators): string | null {
  const around = (code: string): string => escape + code + escape;
  switch (character) {
    case escape:
      return around('E');
    case field:
      return around('F');
    case component:
      return around('S');
    case subcomponent:
      return around('T');
    case repetition:
      return around('R');
    case '\n':
      return around('.br');
    case '\r':
    case '\v':
    case '\x1c':
      return around(`X${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
    default:
      return character === truncation ? around('P') : null;
  }
}

/** @throws RECORD_INVALID naming segment and field */
export function writeFields(segment: Json, separators: Separators, set: CharacterSet, position: number): string {
  const [name, ...fields] = Array.isArray(segment) ? segment : [];
  if (typeof name !== 'string' || !/^[A-Z][A-Z0-9]{2}$/.test(name))
    throw misfit(`segment ${position}`, 'has no name of three characters', JSON.stringify(name ?? null));
  const own = bringsSeparators(name);
  const texts = fields.map((field, index) => {
    if (own && index < 2) return typeof field === 'string' ? field : '';
    const number = `segment ${position} (${name}), field ${index + 1}`;
    return writeField(field, separators, set, number);
  });
  return own ? name + separators.field + texts.slice(1).join(separators.field) : [name, ...texts].join(separators.field);
}

function writeField(field: Json, separators: Separators, set: CharacterSet, where: string): string {
  if (typeof field !== 'object' || field === null || Array.isArray(field) || !('repeats' in field)) return writeSimple(field, separators, set, where);
  const { repeats } = field;
  if (!Array.isArray(repeats) || repeats.length < 2) throw misfit(where, 'has no list of two or more repeats');
  return repeats.map((each, index) => writeSimple(each, separators, set, `${where}, repeat ${index + 1}`)).join(separators.repetition);
}

function writeSimple(simple: Json, separators: Separators, set: CharacterSet, where: string): string {
  if (!Array.isArray(simple)) return writeText(simple, separators, set, where);
  if (simple.length === 0 || (simple.length === 1 && !Array.isArray(simple[0]))) throw misfit(where, 'is a list of fewer than two components');
  return simple
    .map((component, index) => {
      const place = `${where}, component ${index + 1}`;
      if (!Array.isArray(component)) return writeText(component, separators, set, place);
      if (component.length < 2) throw misfit(place, 'is a list of fewer than two subcomponents');
      return component.map((part, at) => writeText(part, separators, set, `${place}, subcomponent ${at + 1}`)).join(separators.subcomponent);
    })
    .join(separators.component);
}

function writeText(value: Json, separators: Separators, set: CharacterSet, where: string): string {
  if (typeof value === 'string') return escaped(value, separators);
  const { text, written } = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  if (typeof text !== 'string' || typeof written !== 'string') throw misfit(where, 'is no text', JSON.stringify(value));
  const { field, component, subcomponent, repetition } = separators;
  const read = [field, component, subcomponent, repetition, '\r', '\n', '\v', '\x1c'].some((mark) => written.includes(mark))
    ? null
    : unescaped(written, separators, set);
  if (read === null || (typeof read === 'string' ? read : read.text) !== text)
    throw misfit(where, 'is written in a way that does not mean its text', text);
  return written;
}

/** The text of a component; '' when it is not there. */
export function textAt(segment: readonly Json[] | undefined, field: number, component = 0): string {
  const value = segment?.[field];
  const first = typeof value === 'object' && value !== null && !Array.isArray(value) && 'repeats' in value ? (value['repeats'] as Json[])[0] : value;
  const part = Array.isArray(first) ? first[component] : component === 0 ? first : '';
  const leaf = Array.isArray(part) ? part[0] : part;
  if (typeof leaf === 'string') return leaf;
  return typeof leaf === 'object' && leaf !== null && !Array.isArray(leaf) && typeof leaf['text'] === 'string' ? leaf['text'] : '';
}
