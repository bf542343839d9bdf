import { type Json } from '../../../contract/json.ts';
import { XmlReader } from '../xml/xml.reader.ts';
import { placeOf } from './output.ts';
import { Unfit } from './unfit.ts';

const mostNotes = 10;
const deepestReference = 50;
/** Elements inside each other up to where a reference is followed: what it leads to may be as deep again as a document. */
const deepestPlace = 250;
/** All that references lead to, characters: references to references could make a small answer endless. */
const mostFollowed = 20_000_000;

/** An answer while it is read: where we are in it, what came beside it, and what is worth telling. */
export class Input {
  readonly path: (string | number)[] = [];
  /** Elements that the WSDL does not know: they are passed over. */
  readonly notes = new Set<string>();
  /** By content id. */
  readonly attachments: ReadonlyMap<string, Uint8Array>;
  /** Elements that others refer to by id, as XML text. @see SOAP 1.1, section 5.2.1 */
  readonly #targets: ReadonlyMap<string, string>;
  #depth = 0;
  #followed = 0;

  constructor(attachments: ReadonlyMap<string, Uint8Array> = new Map(), targets: ReadonlyMap<string, string> = new Map()) {
    this.attachments = attachments;
    this.#targets = targets;
  }

  /** @throws Unfit that says where */
  refuse(what: string, under?: string): never {
    throw new Unfit(`${placeOf(this.path, under)} ${what}`);
  }

  note(under: string): void {
    if (this.notes.size < mostNotes) this.notes.add(placeOf(this.path, under));
  }

  /** Runs `work`; an Unfit that does not say where gets the present place. */
  at<T>(step: string | number, work: () => T): T {
    this.path.push(step);
    const value = work();
    this.path.pop();
    return value;
  }

  /** A simple value's reading, its misfit told with its place. */
  value(read: (text: string) => Json, text: string): Json {
    try {
      return read(text);
    } catch (error) {
      if (error instanceof Unfit) return this.refuse(error.message);
      throw error;
    }
  }

  /** Whether elements refer to others at all: only in SOAP encoding. */
  get refers(): boolean {
    return this.#targets.size > 0;
  }

  /** Where the answer refers to another element of itself: reads that one. @throws Unfit when there is none, or it goes in a circle */
  follow<T>(id: string, read: (target: XmlReader) => T): T {
    const target = this.#targets.get(id);
    if (target === undefined) return this.refuse('refers to an element that is not there');
    this.#followed += target.length;
    if (this.#depth >= deepestReference || this.path.length > deepestPlace || this.#followed > mostFollowed)
      return this.refuse('refers to itself, or to too much');
    this.#depth += 1;
    const reader = new XmlReader(target);
    reader.next();
    const value = read(reader);
    this.#depth -= 1;
    return value;
  }
}
