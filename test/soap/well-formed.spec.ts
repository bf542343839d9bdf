import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { XmlError, XmlReader } from '../../src/transports/soap/xml/xml.reader.ts';
import { escapeAttribute, escapeText } from '../../src/transports/soap/xml/xml.text.ts';
import { need } from '../support/needs.ts';

function isRead(xml: string): boolean {
  try {
    const reader = new XmlReader(xml);
    while (reader.next() !== 'end');
    return true;
  } catch (error) {
    if (error instanceof XmlError) return false;
    throw error;
  }
}

/** Which of the documents libxml2 finds well-formed, namespaces included. */
function judgedByXmllint(documents: readonly string[]): boolean[] {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-xml-'));
  try {
    documents.forEach((xml, index) => writeFileSync(join(folder, `${index}.xml`), xml));
    const names = documents.map((_, index) => `${index}.xml`);
    const sh = `${need('xmllint', 'libxml2-utils')} --noout --nonet ${names.join(' ')} 2>&1 || true`;
    const said = execFileSync('sh', ['-c', sh], { cwd: folder, encoding: 'utf8', maxBuffer: 64_000_000 });
    const wrong = new Set([...said.matchAll(/^(\d+)\.xml:\d+: (?:parser|namespace) (?:error|warning)/gm)].map((match) => Number(match[1])));
    return documents.map((_, index) => !wrong.has(index));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const pieces = [
  '<a>',
  '</a>',
  '<b x="1"/>',
  '<p:c xmlns:p="urn:p" p:d=\'2\'>',
  '</p:c>',
  'text',
  ' ',
  '&amp;',
  '&#65;',
  '&#x1F600;',
  '&nbsp;',
  '&',
  '<',
  '>',
  '<!-- c -->',
  '<!-- -- -->',
  '<![CDATA[ ]] > ]]>',
  ']]>',
  '<?pi x?>',
  '<?xml version="1.0"?>',
  '"',
  "'",
  '=',
  '/',
  '<a',
  'xmlns=""',
  'xmlns:q="urn:q"',
  '<q:e/>',
  ' y="<"',
  ' x="1" x="2"',
  '\r\n',
  '&#0;',
  '&#xFFFF;',
  '<!DOCTYPE a>',
  '<1/>',
  '<:a/>',
  '<a:/>',
  '<a:b:c/>',
];

describe('the XML reader', () => {
  it('takes nothing that libxml2 refuses, and of what libxml2 takes refuses only document types', () => {
    const documents = fc.sample(
      fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => `<r>${parts.join('')}</r>`),
      { numRuns: 3_000, seed: 7 },
    );
    const judged = judgedByXmllint(documents);
    const ours = documents.map(isRead);
    const different = documents.filter((xml, index) => ours[index] !== judged[index] && !xml.includes('<!DOCTYPE'));
    expect(different).toEqual([]);
    expect([ours.filter(Boolean).length > 200, ours.filter((read) => !read).length > 200]).toEqual([true, true]);
  });

  it('reads back what is escaped, in text and attributes, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const speakable = text.replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
        const reader = new XmlReader(`<a b="${escapeAttribute(speakable)}">${escapeText(speakable)}</a>`);
        reader.next();
        expect([reader.attribute('b'), reader.content()]).toEqual([speakable, speakable]);
      }),
    );
  });

  it.each([
    ['deep', '<a>'.repeat(100_000)],
    ['wide', `<a ${Array.from({ length: 100_000 }, (_, n) => `x${n}="1"`).join(' ')}/>`],
    ['namespaces', `<a ${Array.from({ length: 900 }, (_, n) => `xmlns:x${n}="u${n}"`).join(' ')}>${'<b/>'.repeat(50_000)}</a>`],
    ['text in pieces', `<a>${'&amp;'.repeat(500_000)}</a>`],
    ['comments', `<a>${'<!---->'.repeat(300_000)}</a>`],
    ['an open comment', `<a><!--${'-'.repeat(2_000_000)}`],
  ])('hostile: %s ends soon, one way or the other', (_what, xml) => {
    expect(isRead(xml)).toBeTypeOf('boolean');
  });
});

it('blanks before the declaration are passed over, a second declaration is not', () => {
  expect([
    isRead('\uFEFF\n <?xml version="1.0"?><a/>'),
    isRead('<!-- c --><?xml version="1.0"?><a/>'),
    isRead('<?xml version="1.0"?><?XML version="1.0"?><a/>'),
  ]).toEqual([true, false, false]);
});
