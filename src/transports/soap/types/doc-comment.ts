import { builtInType } from '../wsdl/builtin-types.ts';
import { xsdNamespace } from '../wsdl/namespaces.ts';
import { type Facets, type SimpleType } from '../wsdl/schema.model.ts';

const lineLength = 140;
const longest = 1_000;
const longestFacet = 120;

/** A doc comment of these sentences, with its line end; empty when they are. Whatever they hold, they stay a comment. */
export function docComment(sentences: readonly (string | undefined)[], indent = ''): string {
  const paragraphs = sentences.map((sentence) => harmless(sentence ?? '')).filter((sentence) => sentence !== '');
  const lines = paragraphs.flatMap((paragraph) => wrapped(clip(paragraph, longest)));
  if (lines.length === 0) return '';
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

/** Without what could end a comment, be a directive to a tool, hide or turn around text. */
export const harmless = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('*/', '*\\/')
    .replaceAll(/(^|[\s*/])@(?=\w)/g, String.raw`$1\@`)
    .trim();

const clip = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : text);

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= lineLength) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** What a declaration says of its value besides its type. */
interface ValueNotes {
  readonly fixed?: string;
  readonly byDefault?: string;
}

/** `unless`: when the default counts, `left out` for attributes, `empty` for elements. */
export function valueWords({ fixed, byDefault }: ValueNotes, unless: 'left out' | 'empty'): string[] {
  return [
    ...(fixed === undefined ? [] : [`Always ${shown(fixed)}.`]),
    ...(byDefault === undefined ? [] : [`${shown(byDefault)} where it is ${unless}.`]),
  ];
}

/** The form and limits of a simple type, as one sentence; undefined when its type in TypeScript says all. */
export function facetWords(type: SimpleType): string | undefined {
  const { primitive, builtIn, item, members } = type;
  if (item !== undefined && type.namespace === xsdNamespace) return undefined;
  const own = besides(type.facets, item === undefined && members === undefined ? builtInType(builtIn)?.facets : undefined);
  const words = [
    ...(item !== undefined || members !== undefined || spoken.has(primitive) ? [] : [`xs:${builtIn}`]),
    ...lengthWords(own, item === undefined ? (primitive === 'base64' || primitive === 'hex' ? 'bytes' : 'characters') : 'items'),
    ...rangeWords(own),
    ...(own.totalDigits === undefined ? [] : [`at most ${own.totalDigits} digits`]),
    ...(own.fractionDigits === undefined ? [] : [`at most ${own.fractionDigits} after the point`]),
    ...(own.patterns ?? []).map((pattern) => `pattern ${shown(pattern)}`),
    ...(own.enumeration === undefined || isLiteral(type) ? [] : [`one of ${clip(own.enumeration.join(', '), longestFacet)}`]),
  ];
  const sentence = words.join(', ');
  return sentence === '' ? undefined : `${sentence.replace(/^(?!xs:)./u, (first) => first.toUpperCase())}.`;
}

/** Primitives whose TypeScript type says all that the XML type says. */
const spoken: ReadonlySet<string> = new Set(['string', 'boolean', 'int', 'any']);

/** Whether an enumeration of this type becomes a union of literals. */
export const isLiteral = ({ primitive, item, members }: SimpleType): boolean =>
  item === undefined && (members === undefined ? primitive === 'string' || primitive === 'int' : members.every(isPlainText));

const isPlainText = ({ primitive, item, members }: SimpleType): boolean =>
  primitive === 'string' && item === undefined && (members === undefined || members.every(isPlainText));

const shown = (text: string): string => (/^[\w.:+-]+$/.test(text) ? text : `\`${clip(text, longestFacet)}\``);

/** The facets that are not those of the built-in type anyway. */
function besides(facets: Facets, builtIn: Facets = {}): Facets {
  const known = builtIn as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(facets).filter(([name, value]) => known[name] !== value)) as Facets;
}

function lengthWords({ minLength = 0, maxLength = Infinity }: Facets, unit: string): string[] {
  if (minLength === 0 && maxLength === Infinity) return [];
  if (minLength === maxLength) return [`exactly ${minLength} ${unit}`];
  return [
    maxLength === Infinity
      ? `at least ${minLength} ${unit}`
      : minLength === 0
        ? `at most ${maxLength} ${unit}`
        : `${minLength} to ${maxLength} ${unit}`,
  ];
}

function rangeWords({ minInclusive, maxInclusive, minExclusive, maxExclusive }: Facets): string[] {
  if (minInclusive !== undefined && maxInclusive !== undefined) return [`${shown(minInclusive)} to ${shown(maxInclusive)}`];
  return [
    ...(minInclusive === undefined ? [] : [`at least ${shown(minInclusive)}`]),
    ...(minExclusive === undefined ? [] : [`more than ${shown(minExclusive)}`]),
    ...(maxInclusive === undefined ? [] : [`at most ${shown(maxInclusive)}`]),
    ...(maxExclusive === undefined ? [] : [`less than ${shown(maxExclusive)}`]),
  ];
}
