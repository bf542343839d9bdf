import { type Json } from '../../../../contract/json.ts';
import { type RecordValue } from '../../codecs/record-codec.ts';
import { characterSet, type CharacterSet, type CharacterSetName } from '../character-set.ts';
import { lineEndLength } from '../record-cutter.ts';
import { clipped, misfit } from '../record-fault.ts';
import { bringsSeparators, readFields, type Segment, type Separators, separatorsOf, textAt, writeFields } from './hl7.text.ts';

export interface Hl7Settings {
  readonly framing: 'segments' | 'mllp';
  readonly characterSet: CharacterSetName;
  readonly lineEnd: '\r' | '\n' | '\r\n';
  readonly maxRecordBytes: number;
}

/** @see HL7 table 0211 */
const sets: Readonly<Record<string, CharacterSetName>> = {
  ASCII: 'ascii',
  'UNICODE UTF-8': 'utf-8',
  UNICODE: 'utf-8',
  '8859/1': 'latin-1',
  '8859/2': 'iso-8859-2',
  '8859/3': 'iso-8859-3',
  '8859/4': 'iso-8859-4',
  '8859/5': 'iso-8859-5',
  '8859/6': 'iso-8859-6',
  '8859/7': 'iso-8859-7',
  '8859/8': 'iso-8859-8',
  '8859/9': 'iso-8859-9',
  '8859/15': 'iso-8859-15',
};

/** What ends the message before it. */
const begins: ReadonlySet<string> = new Set(['MSH', 'FHS', 'BHS', 'BTS', 'FTS']);

/** MSH-18, FHS and BHS have none. @throws RECORD_INVALID when it names a set that is not read */
function setNamed(name: string, fallback: CharacterSetName): CharacterSet {
  if (name === '') return characterSet(fallback);
  const known = sets[name];
  if (known === undefined) throw misfit('MSH-18', 'is no character set that is read', name);
  return characterSet(known);
}

/** `lines`: the segments with their line ends; a header alone, or a message from MSH on. */
export function readMessage(lines: readonly Buffer[], separators: Separators | null, settings: Hl7Settings): { type: string; value: RecordValue } {
  const first = (lines[0]?.toString('latin1') ?? '').replace(/[\r\n]+$/, '');
  const own = bringsSeparators(first.slice(0, 3)) ? separatorsOf(first) : separators;
  if (own === null) throw misfit('', 'has no MSH before it', first);
  const set = setNamed(first.startsWith('MSH') ? ((first.split(own.field)[17] ?? '').split(own.repetition)[0] ?? '') : '', settings.characterSet);
  const ends: string[] = [];
  const segments = lines.map((line, index) => {
    const end = blankEnd(line);
    ends.push(line.toString('latin1', line.length - end));
    try {
      const text = set.decode(line.subarray(0, line.length - end));
      const name = text.split(own.field)[0] ?? '';
      if (index > 0 && begins.has(name)) throw misfit('', 'begins another message', name);
      if (!/^[A-Z][A-Z0-9]{2}$/.test(name)) throw misfit('', 'does not begin with the name of a segment', text);
      return readFields(text, own, set);
    } catch (error) {
      throw misfit(`segment ${index + 1}`, error instanceof Error ? error.message : '');
    }
  });
  const type = typeOf(segments[0] ?? []);
  const usual = ends.every((end) => end === settings.lineEnd);
  return { type, value: { segments: segments as Json, ...(usual ? {} : { lineEnds: ends }) } };
}

/** Its line end, with those of the blank lines behind it. */
function blankEnd(line: Buffer): number {
  let length = 0;
  for (let end = lineEndLength(line); end > 0; end = lineEndLength(line.subarray(0, line.length - length))) length += end;
  return length;
}

/** Of MSH: message code and trigger event. */
export function typeOf(first: Segment): string {
  const name = textAt(first, 0);
  if (name !== 'MSH') return name;
  const [code, event] = [textAt(first, 9, 0), textAt(first, 9, 1)];
  if (code === '') throw misfit('MSH-9', 'names no message');
  return event === '' ? code : `${code}^${event}`;
}

export interface Written {
  readonly text: Buffer;
  readonly separators: Separators;
  readonly first: Segment;
}

/** `separators`: those that are in force for what does not bring its own. @throws RECORD_INVALID naming segment and field */
export function writeMessage(value: RecordValue, separators: Separators | null, settings: Hl7Settings): Written {
  const { segments, lineEnds } = value;
  if (!Array.isArray(segments) || !Array.isArray(segments[0])) throw misfit('', 'has no list of segments');
  const first = segments[0] as Segment;
  const [name, field, marks] = first;
  const brings = typeof name === 'string' && bringsSeparators(name);
  if (brings && (typeof field !== 'string' || field.length !== 1 || typeof marks !== 'string')) throw misfit(`${clipped(name)}-1`, 'is no separator');
  const own = brings ? separatorsOf(`${name}${field as string}${marks as string}`) : separators;
  if (own === null) throw misfit('', 'has no MSH before it');
  const set = setNamed(name === 'MSH' ? textAt(first, 18) : '', settings.characterSet);
  const parts = segments.map((segment, index) => {
    const end = Array.isArray(lineEnds) && lineEnds.length === segments.length ? lineEnds[index] : settings.lineEnd;
    const last = index === segments.length - 1;
    if (typeof end !== 'string' || !/^[\r\n]*$/.test(end) || (end === '' && !last)) throw misfit(`line end ${index + 1}`, 'is none');
    if (index > 0 && begins.has(textAt(segment as Segment, 0)))
      throw misfit(`segment ${index + 1}`, 'begins another message', textAt(segment as Segment, 0));
    return Buffer.concat([set.encode(writeFields(segment, own, set, index + 1)), Buffer.from(end)]);
  });
  const text = Buffer.concat(parts);
  if (text.length > settings.maxRecordBytes) throw misfit('', `${text.length} bytes are more than maxRecordBytes (${settings.maxRecordBytes})`);
  return { text, separators: own, first };
}
