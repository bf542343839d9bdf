import { type Initial } from '../layouts/record-layout.ts';
import { quoted } from './mistake.ts';
import { type Scanner } from './scanner.ts';

const figuratives: Readonly<Record<string, 'space' | 'zero' | 'low-value' | 'high-value'>> = {
  SPACE: 'space',
  SPACES: 'space',
  ZERO: 'zero',
  ZEROS: 'zero',
  ZEROES: 'zero',
  'LOW-VALUE': 'low-value',
  'LOW-VALUES': 'low-value',
  NULL: 'low-value',
  NULLS: 'low-value',
  'HIGH-VALUE': 'high-value',
  'HIGH-VALUES': 'high-value',
};

/** The literal or figurative constant that comes next. @throws CopybookMistake */
export function readInitial(scanner: Scanner): Initial {
  const token = scanner.next();
  if (token.kind === 'text') return { text: token.text };
  if (token.kind === 'hex') return { hex: token.text };
  if (token.kind === 'number') return { number: token.text.replace(/^\+/, '').replace(/^(-?)\./, '$10.') };
  if (token.kind === 'word') {
    if (token.text === 'ALL') {
      const all = scanner.next();
      if (all.kind === 'text' && all.text !== '') return { all: all.text };
      throw scanner.fail(all, `ALL goes on with a text, not ${quoted(all.text)}`);
    }
    if (token.text === 'QUOTE' || token.text === 'QUOTES') return { all: '"' };
    const figurative = Object.hasOwn(figuratives, token.text) ? figuratives[token.text] : undefined;
    if (figurative !== undefined) return { figurative };
  }
  throw scanner.fail(token, `a literal must stand here, not ${quoted(token.text)}`);
}

/** As a person writes it. */
export const literalText = (initial: Initial): string => {
  if ('text' in initial) return initial.text;
  if ('number' in initial) return initial.number;
  if ('hex' in initial) return `X'${initial.hex}'`;
  return 'all' in initial ? `ALL ${initial.all}` : initial.figurative;
};
