import { describe, expect, it } from 'vitest';
import { type XmlLine } from '../../../../transports/soap/inspection.ts';
import { endsOf, linesOf, unfolded, writtenLine } from './lines.ts';

const line = (is: XmlLine['is'], name: string, depth: number, text = ''): XmlLine => ({ is, name, depth, text, namespace: null, attributes: [] });
const lines = [
  line('begin', 'a', 0),
  line('begin', 'b', 1),
  line('element', 'c', 2, '<1>'),
  line('end', 'b', 1),
  line('text', '', 1, ' x '),
  line('end', 'a', 0),
];

describe('an envelope', () => {
  it('is written with its references', () => {
    expect(lines.map(writtenLine)).toEqual(['<a>', '<b>', '<c>&lt;1&gt;</c>', '</b>', 'x', '</a>']);
    expect(writtenLine({ ...line('element', 'e', 0), attributes: [['k', 'a"<']] })).toBe('<e k="a&quot;&lt;"/>');
  });

  it('folds from an element to its end', () => {
    const ends = endsOf(lines);
    expect([...ends]).toEqual([5, 3, 2, 3, 4, 5]);
    expect(unfolded(lines, new Set([1]), ends)).toEqual([0, 1, 4, 5]);
    expect(unfolded(lines, new Set([0, 1]), ends)).toEqual([0]);
  });

  it('that breaks off folds to where it does', () => {
    const broken = lines.slice(0, 3);
    expect(unfolded(broken, new Set([1]), endsOf(broken))).toEqual([0, 1]);
  });

  it('is compared without what HTTP counts and dates', () => {
    const message = {
      kind: 'sent',
      startLine: 'POST / HTTP/1.1',
      headers: [
        ['Date', 'x'],
        ['soapaction', '"u"'],
      ],
      envelope: { lines, left: 0, namespaces: [] },
      raw: '',
    } as const;
    expect(linesOf({ view: 'soap', messages: [message as never] }).slice(0, 5)).toEqual(['── sent', 'POST / HTTP/1.1', 'soapaction: "u"', '', '<a>']);
  });
});
