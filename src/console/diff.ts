/** A run of whole lines, their line ends among them: in both texts, only in the first, or only in the second. */
export interface Edit {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
  readonly lines: number;
}

/** More lines than that between the first and the last difference are not compared one by one. */
const mostLines = 200_000;
/** Work for one piece that no line divides: above it the piece is shown as replaced. */
const mostSteps = 2_000_000;
/** How often a piece is divided by lines that stand once in each of its texts. */
const mostDepth = 16;

/**
 * What makes `b` of `a`, line by line: `same` and `removed` in order are `a`, `same` and `added` are `b`. Not always the shortest, but in
 * bounded time whatever the texts are: what is too large or too different to be compared is shown as replaced.
 */
export function diffLines(a: string, b: string): Edit[] {
  const [start, end] = common(a, b);
  const [oldText, newText] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const edits: Edit[] = [];
  add(edits, 'same', a.slice(0, start));
  if (countLines(oldText) > mostLines || countLines(newText) > mostLines) {
    add(edits, 'removed', oldText);
    add(edits, 'added', newText);
  } else compareLines(linesOf(oldText), linesOf(newText), edits);
  add(edits, 'same', a.slice(a.length - end));
  return edits;
}

/** Lengths of the lines that both texts begin and end with; the end may not reach into the beginning. */
function common(a: string, b: string): [start: number, end: number] {
  if (a === b) return [a.length, 0];
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  const start = at === 0 ? 0 : a.lastIndexOf('\n', at - 1) + 1;
  let end = 0;
  while (end < most - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end += 1;
  // To the beginning of a line in both: after a line end, or where the rest of either begins.
  while (end > 0 && !(beginsLine(a, a.length - end, start) && beginsLine(b, b.length - end, start))) {
    const next = a.indexOf('\n', a.length - end);
    end = next < 0 ? 0 : a.length - next - 1;
  }
  return [start, end];
}

const beginsLine = (text: string, at: number, start: number): boolean => at === start || text.charCodeAt(at - 1) === 10;

function countLines(text: string): number {
  if (text === '') return 0;
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Lines with their ends. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('\n', at);
    const end = next < 0 ? text.length : next + 1;
    lines.push(text.slice(at, end));
    at = end;
  }
  return lines;
}

function add(edits: Edit[], kind: Edit['kind'], text: string): void {
  if (text !== '') edits.push({ kind, text, lines: countLines(text) });
}

/** A piece of both texts, by line numbers; ends are behind the last line. */
interface Piece {
  readonly a: number;
  readonly aEnd: number;
  readonly b: number;
  readonly bEnd: number;
  readonly depth: number;
}

function compareLines(oldLines: readonly string[], newLines: readonly string[], edits: Edit[]): void {
  const [a, b] = numbered(oldLines, newLines);
  /** Line of the new text that each line of the old one is. */
  const partner = new Int32Array(a.length).fill(-1);
  const open: Piece[] = [{ a: 0, aEnd: a.length, b: 0, bEnd: b.length, depth: 0 }];
  for (let piece = open.pop(); piece !== undefined; piece = open.pop()) divide(a, b, piece, partner, open);
  let [from, at] = [0, 0];
  while (from < a.length || at < b.length) {
    const [oldFrom, newFrom] = [from, at];
    while (from < a.length && partner[from] === -1) from += 1;
    add(edits, 'removed', oldLines.slice(oldFrom, from).join(''));
    const stop = from < a.length ? (partner[from] as number) : b.length;
    at = stop;
    add(edits, 'added', newLines.slice(newFrom, stop).join(''));
    const same = from;
    while (from < a.length && partner[from] === at) [from, at] = [from + 1, at + 1];
    add(edits, 'same', oldLines.slice(same, from).join(''));
  }
}

/** Equal lines by equal numbers. */
function numbered(oldLines: readonly string[], newLines: readonly string[]): [a: Int32Array, b: Int32Array] {
  const numbers = new Map<string, number>();
  const numberOf = (line: string): number => {
    const number = numbers.get(line) ?? numbers.size;
    numbers.set(line, number);
    return number;
  };
  return [Int32Array.from(oldLines, numberOf), Int32Array.from(newLines, numberOf)];
}

/** Pairs what both ends of a piece have alike, then goes on between lines that stand once in each of its texts. */
function divide(a: Int32Array, b: Int32Array, piece: Piece, partner: Int32Array, open: Piece[]): void {
  let { a: from, aEnd, b: at, bEnd } = piece;
  while (from < aEnd && at < bEnd && a[from] === b[at]) partner[from++] = at++;
  while (from < aEnd && at < bEnd && a[aEnd - 1] === b[bEnd - 1]) partner[--aEnd] = --bEnd;
  if (from === aEnd || at === bEnd) return;
  const anchors = piece.depth < mostDepth ? increasing(onceInBoth(a, b, { ...piece, a: from, aEnd, b: at, bEnd })) : [];
  if (anchors.length === 0) return shortest(a, b, { ...piece, a: from, aEnd, b: at, bEnd }, partner);
  for (const [oldAt, newAt] of anchors) {
    partner[oldAt] = newAt;
    open.push({ a: from, aEnd: oldAt, b: at, bEnd: newAt, depth: piece.depth + 1 });
    [from, at] = [oldAt + 1, newAt + 1];
  }
  open.push({ a: from, aEnd, b: at, bEnd, depth: piece.depth + 1 });
}

type Pair = readonly [old: number, new: number];

/** Lines that stand exactly once in each text of the piece, in the old order. */
function onceInBoth(a: Int32Array, b: Int32Array, piece: Piece): Pair[] {
  const places = new Map<number, { old: number; new: number }>();
  const often = -2;
  for (let from = piece.a; from < piece.aEnd; from += 1) {
    const number = a[from] as number;
    const known = places.get(number);
    if (known === undefined) places.set(number, { old: from, new: -1 });
    else known.old = often;
  }
  for (let at = piece.b; at < piece.bEnd; at += 1) {
    const known = places.get(b[at] as number);
    if (known !== undefined) known.new = known.new === -1 ? at : often;
  }
  return [...places.values()].filter((place) => place.old >= 0 && place.new >= 0).map((place): Pair => [place.old, place.new]);
}

/** The longest run of pairs that goes up in both texts. @see Szymanski, "A special case of the maximal common subsequence problem" (patience) */
function increasing(pairs: readonly Pair[]): Pair[] {
  const tops: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  for (const [n, pair] of pairs.entries()) {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tops[middle] as number] as Pair)[1] < pair[1]) low = middle + 1;
      else high = middle;
    }
    before[n] = low === 0 ? -1 : (tops[low - 1] as number);
    tops[low] = n;
  }
  const run: Pair[] = [];
  for (let n = tops.at(-1) ?? -1; n >= 0; n = before[n] as number) run.push(pairs[n] as Pair);
  return run.toReversed();
}

/** The fewest lines removed and added, where that can be found in time; otherwise nothing is paired. @see Myers, "An O(ND) difference algorithm" */
function shortest(a: Int32Array, b: Int32Array, piece: Piece, partner: Int32Array): void {
  const [n, m] = [piece.aEnd - piece.a, piece.bEnd - piece.b];
  const most = Math.min(n + m, Math.floor(Math.sqrt(mostSteps)));
  const reached = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  let steps = 0;
  for (let d = 0; d <= most; d += 1) {
    trace.push(reached.slice(most + 1 - d - 1, most + 1 + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reached[most + k] as number) < (reached[most + 2 + k] as number));
      let x = down ? (reached[most + 2 + k] as number) : (reached[most + k] as number) + 1;
      while (x < n && x - k < m && a[piece.a + x] === b[piece.b + x - k]) [x, steps] = [x + 1, steps + 1];
      reached[most + 1 + k] = x;
      steps += 1;
      if (x >= n && x - k >= m) return pairBack(piece, trace, d, partner);
    }
    if (steps > mostSteps) return;
  }
}

/** `trace[d]` holds how far each diagonal from -d-1 to d+1 had come before the d-th edit. */
function pairBack(piece: Piece, trace: readonly Int32Array[], last: number, partner: Int32Array): void {
  let [x, y] = [piece.aEnd - piece.a, piece.bEnd - piece.b];
  for (let d = last; d >= 0; d -= 1) {
    const reached = trace[d] as Int32Array;
    const at = (k: number): number => reached[k + d + 1] as number;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const before = down ? k + 1 : k - 1;
    const [fromX, fromY] = d === 0 ? [0, 0] : [at(before), at(before) - before];
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      partner[piece.a + x] = piece.b + y;
    }
    [x, y] = [fromX, fromY];
  }
}
