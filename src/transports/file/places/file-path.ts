import { GatehouseError } from '../../../contract/errors.ts';
import { type SafeName } from './safe-name.ts';

const maxSegmentBytes = 1_024;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Where a file or directory is in a place: names under the directory of the place, each with its exact bytes. It cannot lead out by its
 * names; links that could lead out are the place's to refuse. As text it is printable, and tells every path apart: a byte that is a control
 * character, a percent sign or no UTF-8 is written as `%0A`. `FilePath.parse` reads that text back.
 */
export class FilePath {
  readonly segments: readonly Buffer[];

  private constructor(segments: readonly Buffer[]) {
    this.segments = segments;
  }

  /** The directory of the place itself. */
  static readonly root = new FilePath([]);

  /**
   * A path as a person writes it in the configuration, or as `toString` gave it: `archive/2026`.
   * @throws GatehouseError CONFIG_INVALID when it is absolute or leads upwards
   */
  static parse(text: string): FilePath {
    if (text === '' || text === '.') return FilePath.root;
    try {
      return new FilePath(text.split('/').map((segment) => checked(unescaped(segment))));
    } catch (cause) {
      if (!(cause instanceof GatehouseError)) throw cause;
      throw new GatehouseError('CONFIG_INVALID', `the path '${escaped(Buffer.from(text))}' does not stay inside its place: ${cause.message}`, {
        cause,
      });
    }
  }

  /** A name that a place has listed, byte for byte. @throws GatehouseError ANSWER_INVALID when it is no name of one file */
  listed(name: Uint8Array): FilePath {
    return new FilePath([...this.segments, checked(Buffer.from(name))]);
  }

  /** The same name in another directory: for a claim, an archive, an error directory. */
  movedTo(directory: FilePath): FilePath {
    return new FilePath([...directory.segments, this.name]);
  }

  /** The bytes of the last name. */
  get name(): Buffer {
    return this.segments.at(-1) ?? Buffer.alloc(0);
  }

  get directory(): FilePath {
    return new FilePath(this.segments.slice(0, -1));
  }

  /** The last name, printable. */
  get shownName(): string {
    return escaped(this.name);
  }

  /** @internal for `joinInside` */
  static under(directory: FilePath, name: SafeName): FilePath {
    return new FilePath([...directory.segments, Buffer.from(name)]);
  }

  equals(other: FilePath): boolean {
    return (
      this.segments.length === other.segments.length && this.segments.every((segment, index) => segment.equals(other.segments[index] ?? segment))
    );
  }

  toString(): string {
    return this.segments.map(escaped).join('/');
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The path of a file whose name comes from outside, in a directory that comes from the configuration. */
export const joinInside = (directory: FilePath, name: SafeName): FilePath => FilePath.under(directory, name);

function checked(segment: Buffer): Buffer {
  const why =
    segment.length === 0
      ? 'a name is empty'
      : segment.length > maxSegmentBytes
        ? `a name has ${segment.length} bytes`
        : segment.includes(0x2f) || segment.includes(0)
          ? `the name '${escaped(segment)}' has a separator or a NUL`
          : segment.equals(Buffer.from('.')) || segment.equals(Buffer.from('..'))
            ? `'${segment.toString()}' is no name of a file`
            : null;
  if (why !== null) throw new GatehouseError('ANSWER_INVALID', why);
  return segment;
}

/** Printable UTF-8 stays, the rest becomes %XX a byte. */
function escaped(bytes: Buffer): string {
  const percent = (part: Uint8Array): string => [...part].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return [...bytes].map((byte) => (byte > 0x20 && byte < 0x7f && byte !== 0x25 ? String.fromCharCode(byte) : percent([byte] as never))).join('');
  }
  return text.replaceAll(/[%\p{C}\p{Zl}\p{Zp}]/gu, (character) => percent(Buffer.from(character)));
}

function unescaped(text: string): Buffer {
  const parts = text.split(/%([0-9A-Fa-f]{2})/);
  return Buffer.concat(parts.map((part, index) => (index % 2 === 1 ? Buffer.from([Number.parseInt(part, 16)]) : Buffer.from(part))));
}
