import { type SoapInspection, type SoapMessage, type XmlLine } from '../../../../transports/soap/inspection.ts';
import { piecesOf } from '../pieces.ts';

const deepest = 60;

/** A line of XML as it would be written, references and all. */
export function writtenLine({ is, name, attributes, text }: XmlLine): string {
  const tag = `${name}${attributes.map(([attribute, value]) => ` ${attribute}="${escaped(value).replaceAll('"', '&quot;')}"`).join('')}`;
  if (is === 'begin') return `<${tag}>`;
  if (is === 'end') return `</${name}>`;
  if (is === 'text') return escaped(text.trim());
  return text === '' ? `<${tag}/>` : `<${tag}>${escaped(text)}</${name}>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The exchange in lines, for comparing. */
export const linesOf = ({ messages }: SoapInspection): string[] => messages.flatMap(messageLines);

function messageLines({ kind, startLine, headers, envelope, raw }: SoapMessage): string[] {
  const body =
    envelope === null
      ? piecesOf(raw)
      : envelope.lines.flatMap((line) => piecesOf(`${'  '.repeat(Math.min(line.depth, deepest))}${writtenLine(line)}`));
  // What HTTP counts and dates is different each time, and never what was meant.
  const told = headers.filter(([name]) => !/^(?:date|content-length|age)$/i.test(name)).map(([name, value]) => `${name}: ${value}`);
  return [`── ${kind}`, ...(startLine === '' ? [] : [startLine]), ...told, '', ...body];
}

/** Index of the line that closes each one that begins; itself for all others. */
export function endsOf(lines: readonly XmlLine[]): Int32Array {
  const ends = Int32Array.from(lines, (_, index) => index);
  const open: number[] = [];
  for (const [index, { is }] of lines.entries()) {
    if (is === 'begin') open.push(index);
    const begin = is === 'end' ? open.pop() : undefined;
    if (begin !== undefined) ends[begin] = index;
  }
  // Of a document that breaks off, all that follows is within.
  for (const begin of open) ends[begin] = lines.length - 1;
  return ends;
}

/** Indexes of the lines that are shown when these are folded. */
export function unfolded(lines: readonly XmlLine[], folds: ReadonlySet<number>, ends: Int32Array): number[] {
  const shown: number[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    shown.push(index);
    if (folds.has(index)) index = ends[index] ?? index;
  }
  return shown;
}
