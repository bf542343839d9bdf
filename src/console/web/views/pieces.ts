/** Characters of a line that are laid out in one piece. */
const most = 500;

/** A text in lines that a page can lay out: long ones go on in the next line. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.length <= most) pieces.push(line);
    else
      for (let at = 0; at < line.length;) {
        // Not between the two halves of a character.
        const end = at + most < line.length && /[\uD800-\uDBFF]/.test(line.charAt(at + most - 1)) ? at + most + 1 : at + most;
        pieces.push(line.slice(at, end));
        at = end;
      }
  }
  return pieces;
}
