import { characterSet, type CharacterSet, type CharacterSetName } from '../character-set.ts';
import { misfit } from '../record-fault.ts';
import { type Dialect, type Interchange, type Opened } from '../segments/dialect.ts';
import { type Delimiters, readSegment, type Segment, textAt, writeSegment } from '../segments/segment.ts';

/** @see ISO 9735-1, service string advice: component, element, decimal mark, release, repetition (version 4) or space, terminator */
const unaBytes = 9;
const usual = "UNA:+.? '";

/** @see UN/EDIFACT syntax identifiers, data element 0001 */
const sets: Readonly<Record<string, CharacterSetName>> = {
  UNOA: 'ascii',
  UNOB: 'ascii',
  UNOC: 'latin-1',
  UNOD: 'iso-8859-2',
  UNOE: 'iso-8859-5',
  UNOF: 'iso-8859-7',
  UNOG: 'iso-8859-3',
  UNOH: 'iso-8859-4',
  UNOI: 'iso-8859-6',
  UNOJ: 'iso-8859-8',
  UNOK: 'iso-8859-9',
  UNOL: 'iso-8859-15',
  UNOW: 'utf-8',
  UNOY: 'utf-8',
};
/** What the two smallest sets leave out of ASCII. @see ISO 9735, annex A */
const outside: Readonly<Record<string, RegExp>> = { UNOA: /[^A-Z0-9 .,\-()/=!"%&*;<>'+:?]/, UNOB: /[^A-Za-z0-9 .,\-()/=!"%&*;<>'+:?]/ };

export function edifactDialect(lenient: boolean): Dialect {
  return {
    name: 'EDIFACT',
    levels: {
      interchange: { name: 'interchange', open: 'UNB', close: 'UNZ', reference: 5 },
      group: { name: 'group', open: 'UNG', close: 'UNE', reference: 5 },
      message: { name: 'message', open: 'UNH', close: 'UNT', reference: 1 },
    },
    groupNeeded: false,
    begins: (tag) => (tag === 'UNA' ? unaBytes : tag === 'UNB' ? 'segment' : null),
    initial: (advice) => delimitersOf(advice, false),
    open: (bytes, advice) => {
      const delimiters = delimitersOf(advice, false);
      const text = bytes.toString('latin1').slice(0, -1);
      const { set } = repertoire(textAt(readSegment(text, delimiters), 1), lenient);
      return opened(readSegment(set.decode(bytes.subarray(0, -1)), delimiters), advice, '', lenient);
    },
    reopen: ({ header, una, lineEnd }) => {
      if (!Array.isArray(header)) throw misfit('interchange', 'has no header of UNB and its elements');
      const advice = una === undefined || una === null ? null : `UNA${typeof una === 'string' ? una : ''}`;
      return opened(header as Segment, advice, typeof lineEnd === 'string' && /^[\r\n]*$/.test(lineEnd) ? lineEnd : '', lenient);
    },
    writeOpening: ({ interchange, delimiters }) => {
      const { una } = interchange;
      const advice = typeof una === 'string' ? `UNA${una}${interchange.lineEnd}` : '';
      return advice + writeSegment(interchange.header, delimiters, 1) + delimiters.segment;
    },
    typeOf: (header) => textAt(header, 2),
    numbered: (count) => String(count),
  };
}

function opened(header: Segment, advice: string | null, lineEnd: string, lenient: boolean): Opened {
  if (textAt(header, 0) !== 'UNB') throw misfit('UNB', 'is not the first segment', textAt(header, 0));
  if (textAt(header, 5) === '') throw misfit('UNB element 5', 'is no interchange control reference');
  const repeats = Number(textAt(header, 1, 1)) >= 4;
  const interchange: Interchange = { header, ...(advice === null ? {} : { una: advice.slice(3) }), lineEnd };
  return { interchange, delimiters: delimitersOf(advice, repeats), ...repertoire(textAt(header, 1), lenient) };
}

function repertoire(level: string, lenient: boolean): { set: CharacterSet; forbidden: RegExp | null } {
  const name = sets[level];
  if (name === undefined) throw misfit('UNB element 1', 'is no syntax identifier that is read', level);
  // Many who write UNOA mean a code page.
  if (lenient) return { set: characterSet(name === 'ascii' ? 'latin-1' : name), forbidden: null };
  return { set: characterSet(name), forbidden: outside[level] ?? null };
}

function delimitersOf(advice: string | null, repeats: boolean): Delimiters {
  const una = advice ?? usual;
  const [component = '', element = '', , release = '', repetition = '', segment = ''] = una.slice(3);
  const delimiters: Delimiters = {
    component,
    element,
    release: release === ' ' ? null : release,
    repetition: repeats ? (advice === null ? '*' : repetition === ' ' ? null : repetition) : null,
    segment,
  };
  const all = Object.values(delimiters).filter((each) => each !== null);
  if (
    /[^ -~]/.test(una) ||
    una.length !== unaBytes ||
    new Set(all).size !== all.length ||
    all.some((each) => !/^[^A-Za-z0-9 ]$/.test(each) || each > '\x7f')
  )
    throw misfit('UNA', 'has delimiters that are equal, letters, digits or not ASCII', una);
  return delimiters;
}
