/** Names of the generated file. A WSDL may be hostile: only what these functions give goes into code. */

/** Names that a file with generated types has for something else: of TypeScript itself, and those that adapters import beside them. */
const taken = (
  'Adapter AnyValue Array Boolean Call Calls Date Error EventType Exclude Function Json Map Number Object OneOf Operation Pick Promise ' +
  'Record Refusal Set String Symbol SystemHandle Translation IsDefined IsObject IsString Length'
).split(' ');

/** Longest name, characters: the lines of a file stay within its width. */
const longest = 60;

/** Gives every declaration of a file its own name. */
export class Names {
  readonly #taken = new Set<string>(taken);
  readonly #next = new Map<string, number>();

  /** `wanted`, or with the first number that is free: `Order`, `Order2`. Of a long name the end. */
  take(wanted: string): string {
    const short = wanted.length <= longest ? wanted : typeName(wanted.slice(-longest).replace(/^[^\p{Lu}]*(?=\p{Lu})/u, ''));
    let name = short;
    for (let count = this.#next.get(short) ?? 2; this.#taken.has(name); count += 1) {
      name = `${short}${count}`;
      this.#next.set(short, count + 1);
    }
    this.#taken.add(name);
    return name;
  }
}

/** `order-line` → `OrderLine`, `@currency` → `Currency`, `{http://acme.example/}id` → `Id`: an identifier that is no reserved word. */
export function typeName(name: string): string {
  const words = name
    .replace(/^\{.*\}/s, '')
    .split(/[^\p{ID_Continue}]+/u)
    .filter((word) => word !== '');
  const pascal = words.map((word) => word.replace(/^./u, (first) => first.toUpperCase())).join('');
  return /^\p{ID_Start}/u.test(pascal) ? pascal : `T${pascal}`;
}

/** A property's name as it stands in code, in quotes where it needs them. */
export const propertyName = (key: string): string => (/^[$_\p{ID_Start}][$\p{ID_Continue}]*$/u.test(key) ? key : textLiteral(key));

/** A string literal, in the quotes that need fewer escapes; what could mislead a reader is escaped. */
export function textLiteral(text: string): string {
  const singles = text.split("'").length;
  const quote = singles > text.split('"').length ? '"' : "'";
  const body = text.replaceAll(/[\\'"\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\\') return '\\\\';
    if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `${quote}${body}${quote}`;
}
