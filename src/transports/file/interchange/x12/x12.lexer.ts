import { characterSet, type CharacterSetName } from '../character-set.ts';
import { misfit } from '../record-fault.ts';
import { type Dialect, type Interchange, type Opened } from '../segments/dialect.ts';
import { type Delimiters, type Segment, textAt } from '../segments/segment.ts';

/** An ISA segment has one size, so that its delimiters stand at known places. @see ASC X12.5, interchange control structures */
const isaBytes = 106;
const widths = [3, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

export function x12Dialect(encoding: CharacterSetName): Dialect {
  return {
    name: 'X12',
    levels: {
      interchange: { name: 'interchange', open: 'ISA', close: 'IEA', reference: 13 },
      group: { name: 'group', open: 'GS', close: 'GE', reference: 6 },
      message: { name: 'message', open: 'ST', close: 'SE', reference: 2 },
    },
    groupNeeded: true,
    begins: (tag) => (tag === 'ISA' ? isaBytes : null),
    initial: () => ({ element: '*', component: ':', repetition: null, release: null, segment: '~' }),
    open: (bytes) => opened(bytes, encoding),
    reopen: (interchange) => opened(Buffer.from(openingOf(interchange), 'latin1'), encoding, interchange),
    writeOpening: ({ interchange, delimiters }) => interchange.header.join(delimiters.element) + delimiters.segment,
    typeOf: (header) => textAt(header, 1),
    numbered: (count) => String(count).padStart(4, '0'),
  };
}

function opened(bytes: Buffer, encoding: CharacterSetName, given: { readonly [field: string]: unknown } = {}): Opened {
  if (bytes.length !== isaBytes || bytes.toString('latin1', 0, 3) !== 'ISA') throw misfit('ISA', `has ${bytes.length} bytes, not ${isaBytes}`);
  const text = characterSet('ascii').decode(bytes);
  const element = text.charAt(3);
  const header = text.slice(0, -1).split(element);
  const wrong = widths.findIndex(
    (width, index) => header[index]?.length !== width || (index !== 11 && index !== 16 && /[^ -~]/.test(header[index] ?? '')),
  );
  if (wrong >= 0 || header.length !== widths.length)
    throw misfit(`ISA element ${Math.max(wrong, 0)}`, `is not ${widths[wrong] ?? 0} printable characters wide`, header[wrong] ?? '');
  const [component, segment] = [text.charAt(104), text.charAt(105)];
  // Before version 00402 element 11 is a code, U, and no separator. @see ASC X12.5, ISA11
  const repeats = header[11] ?? '';
  const delimiters: Delimiters = {
    element,
    component,
    repetition: (header[12] ?? '') >= '00402' && !/[A-Za-z0-9 ]/.test(repeats) ? repeats : null,
    release: null,
    segment,
  };
  const all = [element, component, segment, ...(delimiters.repetition === null ? [] : [delimiters.repetition])];
  if (new Set(all).size !== all.length || all.some((each) => /[A-Za-z0-9 ]/.test(each) || each > '\x7f'))
    throw misfit('ISA', 'has delimiters that are equal, letters, digits or not ASCII', all.join(' '));
  const lineEnd = typeof given['lineEnd'] === 'string' && /^[\r\n]*$/.test(given['lineEnd']) ? given['lineEnd'] : '';
  const interchange: Interchange = { header: header as Segment, element, segment, lineEnd };
  return { interchange, delimiters, set: characterSet(encoding), forbidden: null };
}

/** The ISA of a value, its elements filled up with spaces. */
function openingOf({ header, element = '*', segment = '~' }: { readonly [field: string]: unknown }): string {
  if (!Array.isArray(header) || header.length !== widths.length || !header.every((each) => typeof each === 'string'))
    throw misfit('interchange', 'has no header of ISA and its 16 elements, all texts');
  if (typeof element !== 'string' || element.length !== 1 || typeof segment !== 'string' || segment.length !== 1)
    throw misfit('interchange', 'has no element separator and segment terminator of one character');
  const elements = header.map((each: string, index) => each.padEnd(widths[index] ?? 0));
  const wrong = elements.findIndex((each, index) => each.length !== widths[index] || each.includes(element) || /[^\x20-\x7e]/.test(each));
  // The separators themselves may be control characters.
  if (wrong >= 0 && !([11, 16].includes(wrong) && elements[wrong]?.length === 1))
    throw misfit(`ISA element ${wrong}`, `does not fit into ${widths[wrong]} ASCII characters`, elements[wrong]);
  return elements.join(element) + segment;
}
