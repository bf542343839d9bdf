import { CopybookMistake } from './mistake.ts';
import { type Source } from './source.ts';

/** One rule of COPY … REPLACING. `part`: only the beginning or end of a word. */
export interface Replacement {
  readonly from: string;
  readonly by: string;
  readonly part: 'leading' | 'trailing' | null;
}

const maxCharacters = 4_000_000;
const isWord = (character: string): boolean => /[\w-]/.test(character);

/**
 * The source with its texts replaced, left to right, the first rule that fits; what was put in is not looked at again. A word is replaced whole,
 * or at its beginning or end where the rule says so; a text that is no word, like `:TAG:`, wherever it stands.
 */
export function replaced(source: Source, rules: readonly Replacement[]): Source {
  const { text } = source;
  const matchers = rules.map(({ from, by, part }) => {
    const words = from
      .split(/\s+/)
      .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join(String.raw`[ \n]+`);
    return {
      pattern: new RegExp(words, 'iy'),
      by,
      before: part !== 'trailing' && isWord(from.charAt(0)),
      after: part !== 'leading' && isWord(from.charAt(from.length - 1)),
    };
  });
  const out: string[] = [];
  const marks: { readonly start: number; readonly from: number; readonly moves: boolean }[] = [];
  let length = 0;
  const push = (piece: string, from: number, moves: boolean): void => {
    marks.push({ start: length, from, moves });
    out.push(piece);
    length += piece.length;
    if (length > maxCharacters) throw new CopybookMistake(source.positionAt(from), `has more than ${maxCharacters} characters after REPLACING`);
  };
  let kept = 0;
  for (let at = 0; at < text.length;) {
    const hit = matchers
      .map(({ pattern, by, before, after }) => {
        if (before && at > 0 && isWord(text.charAt(at - 1))) return null;
        pattern.lastIndex = at;
        const width = pattern.exec(text)?.[0].length ?? 0;
        return width === 0 || (after && isWord(text.charAt(at + width))) ? null : { width, by };
      })
      .find((each) => each !== null);
    if (hit === undefined) {
      at += 1;
      continue;
    }
    push(text.slice(kept, at), kept, true);
    push(hit.by, at, false);
    at += hit.width;
    kept = at;
  }
  push(text.slice(kept), kept, true);
  return {
    text: out.join(''),
    overruns: source.overruns,
    positionAt: (index) => {
      const mark = marks.findLast(({ start }) => start <= index);
      return source.positionAt(mark === undefined ? 0 : mark.from + (mark.moves ? index - mark.start : 0));
    },
  };
}
