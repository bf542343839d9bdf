/*
 * A text is found by its words, whole: no letter that is no letter or digit, upper case or accent makes a difference. A number inside a longer
 * word is a word too, and so is every number without the zeros before it, because legacy systems pad: `4711` finds `PO-004711X`.
 */

/** Longer ones are cut, in a text and in a question alike. */
const longestWord = 64;
/** Shorter runs of digits inside a word say nothing. */
const shortestRun = 3;

const plain = /^[\u0000-\u007f]*$/;
const plainWords = /[a-z0-9]+/g;
/** Scripts that put nothing between words: each of their characters counts as one. */
const unspaced = String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}`;
const anyWords = new RegExp(String.raw`[${unspaced}]|[[\p{L}\p{N}]--[${unspaced}]]+`, 'gv');
/** Letters with a stroke or that are two: Unicode takes none of them apart. */
const letters: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' };

const folded = (text: string): string =>
  plain.test(text)
    ? text.toLowerCase()
    : text
        .normalize('NFKD')
        .replaceAll(/\p{M}+/gu, '')
        .toLowerCase()
        .replaceAll(/[ßæœøłđðþı]/g, (letter) => letters[letter] ?? letter);

function* wholeWords(text: string): Generator<string> {
  const shown = folded(text);
  for (const [word] of shown.matchAll(plain.test(shown) ? plainWords : anyWords)) yield word.slice(0, longestWord);
}

/** Adds the words of a text that it can be found by, until there are `most`. */
export function addWords(text: string, found: Set<string>, most: number): void {
  for (const word of wholeWords(text)) {
    if (found.size >= most) return;
    if (found.has(word)) continue;
    found.add(word);
    if (!/\d{3}/.test(word)) continue;
    for (const [run] of word.matchAll(/\d+/g)) {
      if (run.length < shortestRun) continue;
      found.add(run);
      const number = run.replace(/^0+/, '');
      if (number !== '') found.add(number);
    }
  }
}

/** The words that all must be in a text for a question to find it; none when there are no letters and digits in it. */
export const askedWords = (question: string): readonly string[] => [...new Set(wholeWords(question))];
