/** The call of a SOAP envelope and the text of its fields. */
export interface PracticeRequest {
  readonly call: string;
  readonly fields: Readonly<Record<string, string>>;
}

const token =
  /<!\[CDATA\[([^]*?)\]\]>|<!--[^]*?-->|<\?[^]*?\?>|<(\/?)(?:[\w.-]+:)?([\w.-]+)(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>|([^<]+)/y;

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** Reads an envelope by itself and not with the transport: what judges the transport must not be part of it. Null when it is not well formed. */
export function readRequest(envelope: string): PracticeRequest | null {
  const path: string[] = [];
  const fields = new Map<string, string>();
  let call: string | null = null;
  let at = 0;
  while (at < envelope.length) {
    token.lastIndex = at;
    const found = token.exec(envelope);
    if (found === null) return null;
    at = token.lastIndex;
    const [, verbatim, closes, name, empty, text] = found;
    if (name === undefined) {
      const [, , , field] = path;
      if (field !== undefined && path.length === 4) fields.set(field, (fields.get(field) ?? '') + (verbatim ?? unescaped(text ?? '')));
    } else if (closes === '/') {
      if (path.pop() !== name) return null;
    } else {
      path.push(name);
      if (path.length === 3 && path[1] === 'Body') call ??= name;
      if (path.length === 4 && path[1] === 'Body') fields.set(name, '');
      if (empty === '/') path.pop();
    }
  }
  return call === null || path.length > 0 ? null : { call, fields: Object.fromEntries(fields) };
}

const unescaped = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w{1,8}));/g, (_all, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? '';
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
