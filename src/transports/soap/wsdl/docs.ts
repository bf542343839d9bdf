import { type XmlElement } from '../xml/xml.document.ts';

/** The words of an element's documentation, blanks made one; nothing when there are none. */
export function docOf(node: XmlElement): { doc?: string } {
  const words = node.children
    .filter(({ local }) => local === 'annotation' || local === 'documentation')
    .map((child) => (child.local === 'annotation' ? (docOf(child).doc ?? '') : textOf(child)))
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return words === '' ? {} : { doc: words };
}

const textOf = (node: XmlElement): string => [node.text, ...node.children.map(textOf)].join(' ');
