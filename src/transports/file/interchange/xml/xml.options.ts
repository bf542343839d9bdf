import { type CharacterSetName } from '../character-set.ts';

export interface XmlOptions {
  /** The names of the elements from the root to the record, as they are written, prefix included. */
  readonly path: readonly string[];
  /** The type of every record. Default: the name of its element. */
  readonly type?: string;
  /** Names of elements that are a list also when there is one of them. */
  readonly lists?: readonly string[];
  /** What elements and texts beside the path are. Default `refuse`: bad records. */
  readonly outside?: 'refuse' | 'ignore';
  /** Whether the attributes of the root come as a first record of type `root`. Default false. */
  readonly rootRecord?: boolean;
  /** Of the root, when `control.root` or a record of type `root` does not give them: `{ '@xmlns': '…' }`. */
  readonly root?: { readonly [attribute: string]: string };
  /** Written; read is what the declaration says. Default UTF-8. */
  readonly encoding?: Extract<CharacterSetName, 'ascii' | 'utf-8' | 'latin-1' | 'windows-1252'>;
  /** Written after every record. Default LF. */
  readonly lineEnd?: '' | '\n' | '\r\n';
  /** Of a record. Default 100. */
  readonly maxDepth?: number;
  readonly maxRecordBytes?: number;
}

export type XmlSettings = Required<Omit<XmlOptions, 'lists'>> & { readonly lists: ReadonlySet<string> };
