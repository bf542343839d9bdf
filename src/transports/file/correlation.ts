const longest = 400;

/** A correlation as the journal has it: unlike that of any other kind of reply. Null when the text cannot be one. */
export function correlationOf(replyName: string, text: string): string | null {
  const bare = text.trim();
  return bare === '' || bare.length > longest ? null : `${replyName}:${bare}`;
}
