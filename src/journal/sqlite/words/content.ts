import type { Json } from '../../../contract/json.ts';

/** What a person would read in a document: the values of JSON, the text and attributes of XML; any other text as it is. */
export function contentOf(document: string): string {
  if (/^\s*[[{"]/.test(document)) {
    try {
      return valuesOf(JSON.parse(document) as Json);
    } catch {
      // Cut off, or no JSON: read as text.
      return document.replaceAll(/\\u([\da-f]{4})|\\[nrtbf]/gi, (_, hex?: string) =>
        hex === undefined ? ' ' : String.fromCharCode(parseInt(hex, 16)),
      );
    }
  }
  return document.includes('<') ? document.replaceAll(tags, ' ').replaceAll(references, decoded) : document;
}

const tags = /<[/?!]?[^\s<>/"'=]+/g;
const references = /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi;

function decoded(_: string, hex?: string, decimal?: string, name?: string): string {
  if (name !== undefined) return ' ';
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
}

/** However deep it is: what strangers send is no reason for a stack to end. */
function valuesOf(root: Json): string {
  const found: string[] = [];
  const left: Json[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') found.push(value);
    else if (typeof value === 'number') found.push(String(value));
    else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) left.push(inner);
  }
  return found.join('\n');
}
