import { type Json } from '../../../../contract/json.ts';
import { clipped, misfit } from '../record-fault.ts';

/** One component is its text, several are a list of them. */
export type Simple = string | string[];
/** An element that repeats says so. */
export type Element = Simple | { repeats: Simple[] };
/** The tag, then the elements: the index of an element is its number in the standard. */
export type Segment = Element[];

export interface Delimiters {
  readonly element: string;
  readonly component: string;
  readonly repetition: string | null;
  /** What takes the meaning from the character after it; X12 has none. */
  readonly release: string | null;
  readonly segment: string;
}

/** Splits at what is not released; the parts keep their release characters. */
export function split(text: string, at: string, release: string | null): string[] {
  const parts = text.split(at);
  if (release === null || parts.length === 1 || !text.includes(release)) return parts;
  const whole: string[] = [];
  let open = '';
  for (const part of parts) {
    let last = part.length;
    while (last > 0 && part.charAt(last - 1) === release) last -= 1;
    if ((part.length - last) % 2 === 1) open += part + at;
    else {
      whole.push(open + part);
      open = '';
    }
  }
  if (open !== '') whole.push(open.slice(0, -at.length));
  return whole;
}

function unreleased(text: string, release: string | null): string {
  if (release === null || !text.includes(release)) return text;
  let plain = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text.charAt(at) === release) at += 1;
    plain += text.charAt(at);
  }
  return plain;
}

/** `text`: a segment without its terminator. */
export function readSegment(text: string, delimiters: Delimiters): Segment {
  const { component, repetition, release } = delimiters;
  const simple = (part: string): Simple => {
    if (!part.includes(component)) return unreleased(part, release);
    const components = split(part, component, release).map((each) => unreleased(each, release));
    return components.length === 1 ? (components[0] ?? '') : components;
  };
  return split(text, delimiters.element, release).map((element) => {
    if (repetition === null || !element.includes(repetition)) return simple(element);
    const repeats = split(element, repetition, release).map(simple);
    return repeats.length === 1 ? (repeats[0] ?? '') : { repeats };
  });
}

/** @throws RECORD_INVALID naming the element that has a character it cannot have, or is no element */
export function writeSegment(segment: Json, delimiters: Delimiters, position: number): string {
  if (!Array.isArray(segment) || segment.length === 0) throw misfit(`segment ${position}`, 'is no list of a tag and elements');
  const tag = Array.isArray(segment[0]) ? segment[0][0] : segment[0];
  const where = `segment ${position} (${typeof tag === 'string' ? clipped(tag) : '?'})`;
  return segment.map((element, index) => writeElement(element, delimiters, `${where}, element ${index}`)).join(delimiters.element);
}

function writeElement(element: Json, delimiters: Delimiters, where: string): string {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return writeSimple(element, delimiters, where);
  const { repeats } = element;
  if (!Array.isArray(repeats) || repeats.length < 2) throw misfit(where, 'has no list of two or more repeats');
  if (delimiters.repetition === null) throw misfit(where, 'repeats, and this interchange has no repetition separator');
  return repeats.map((each, index) => writeSimple(each, delimiters, `${where}, repeat ${index + 1}`)).join(delimiters.repetition);
}

function writeSimple(simple: Json, delimiters: Delimiters, where: string): string {
  if (!Array.isArray(simple)) return released(simple, delimiters, where);
  if (simple.length < 2) throw misfit(where, 'has no list of two or more components');
  return simple.map((each, index) => released(each, delimiters, `${where}, component ${index + 1}`)).join(delimiters.component);
}

function released(value: Json, { element, component, repetition, release, segment }: Delimiters, where: string): string {
  if (typeof value !== 'string') throw misfit(where, 'is no text', JSON.stringify(value));
  let text = '';
  for (const character of value) {
    const special = character === element || character === component || character === segment || character === repetition || character === release;
    if (special && release === null) throw misfit(where, `has the delimiter '${clipped(character)}', which cannot be written here`, value);
    text += special ? `${release}${character}` : character;
  }
  return text;
}

/** The text of an element of a header; '' when it is not there. */
export function textAt(segment: readonly Json[] | null, index: number, component = 0): string {
  const element = segment?.[index];
  const text = Array.isArray(element) ? element[component] : component === 0 ? element : '';
  return typeof text === 'string' ? text : '';
}
