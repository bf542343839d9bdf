/**
 * Whether a routing key matches a binding of a topic exchange: words between dots, `*` is one word, `#` none or more.
 * @see AMQP 0-9-1, section 3.1.3.3
 */
export function matchesTopic(pattern: string, routingKey: string): boolean {
  return matchesWords(pattern.split('.'), routingKey.split('.'));
}

/** Greedy with one step back to the last `#`: linear but for the words after it. */
function matchesWords(pattern: readonly string[], words: readonly string[]): boolean {
  let [p, w] = [0, 0];
  let back: { p: number; w: number } | null = null;
  while (w < words.length) {
    if (pattern[p] === '#') {
      back = { p: (p += 1), w };
    } else if (p < pattern.length && (pattern[p] === '*' || pattern[p] === words[w])) {
      p += 1;
      w += 1;
    } else if (back !== null) {
      back = { p: back.p, w: back.w + 1 };
      ({ p, w } = back);
    } else {
      return false;
    }
  }
  while (pattern[p] === '#') p += 1;
  return p === pattern.length;
}
