import { type Secret } from '../../contract/secret.ts';
import { ebcdicForms } from './tn3270/ebcdic.ts';

/**
 * Finds secrets in what is about to be stored: in plain, as JSON, XML or URL writes them, in hexadecimal, in Base64 at any offset, in
 * EBCDIC, and broken over lines, blanks, frames and cursor moves. It would rather find one too many.
 */
export class SecretScan {
  readonly #forms: readonly Forms[];

  constructor(secrets: readonly Secret[]) {
    this.#forms = secrets.map(formsOf);
  }

  /** The name of the first secret in a text; null when there is none. */
  inText(text: string): string | null {
    const lower = text.toLowerCase();
    return this.#first(({ exact, folded }) => exact.some((form) => text.includes(form)) || folded.some((form) => lower.includes(form)));
  }

  /** The same for what a terminal was sent or shows: as it stands, and with everything taken out that only moves or frames. */
  inTerminal(text: string): string | null {
    const plain = text.replaceAll(sequences, '');
    const bare = bareOf(plain);
    return this.inText(plain) ?? this.#first(({ squeezed }) => squeezed !== '' && bare.includes(squeezed));
  }

  #first(has: (forms: Forms) => boolean): string | null {
    return this.#forms.find(has)?.name ?? null;
  }
}

interface Forms {
  readonly name: string;
  readonly exact: readonly string[];
  /** In lower case, to be found in any case. */
  readonly folded: readonly string[];
  /** Without blanks and frames; empty when too little is left to tell it from chance. */
  readonly squeezed: string;
}

/** Less than this stands in any text by chance. */
const leastForm = 4;

function formsOf(secret: Secret): Forms {
  const value = secret.reveal();
  const bytes = [Buffer.from(value, 'utf8'), Buffer.from(value, 'utf16le'), ...ebcdicForms(value)];
  const xml = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const plain = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), xml, xml.replaceAll('"', '&quot;').replaceAll("'", '&#39;')];
  const hex = bytes.flatMap((form) => ['', ' ', ':', '-'].map((between) => form.toString('hex').replace(/..(?!$)/g, `$&${between}`)));
  const bare = bareOf(value);
  return {
    name: secret.name,
    exact: [...new Set([...plain, ...bytes.flatMap(base64Forms), ...ebcdicForms(value).map((form) => form.toString('latin1'))])].filter(
      ({ length }) => length >= leastForm,
    ),
    folded: [...new Set(hex)],
    squeezed: bare.length >= leastForm ? bare : '',
  };
}

/** Base64 of the bytes wherever they stand in what is encoded: the characters that hold bits of neighbours are left out. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const shared = (offset + bytes.length) % 3 === 0 ? 0 : 1;
    return text.slice(offset === 0 ? 0 : offset + 1, text.length - shared);
  });
}

/** Escape sequences of every kind, 7-bit and 8-bit. @see ECMA-48, section 5 */
const sequences =
  // oxlint-disable-next-line no-control-regex
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[P\]X^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-~]/g;

const bareOf = (text: string): string => text.replaceAll(/[\p{Cc}\p{Z}\u2500-\u259f|]/gu, '');
