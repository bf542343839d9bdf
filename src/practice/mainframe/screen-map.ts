import { type Addressing } from './address.ts';
import { DataStream, type WriteControl, colour, highlight } from './data-stream.ts';
import { type Ebcdic } from './ebcdic.ts';
import { type InboundField } from './inbound.ts';

/** A field a person may type into. Its attribute byte stands in the cell before `column`. */
export interface InputField {
  readonly name: string;
  readonly row: number;
  readonly column: number;
  readonly length: number;
  readonly numeric?: true;
  readonly hidden?: true;
  /** Comes back with every key, typed into or not. */
  readonly always?: true;
}

/** Text that nobody may type into. */
export interface OutputText {
  readonly row: number;
  readonly column: number;
  readonly text: string;
  readonly bright?: true;
}

export interface ScreenMap {
  readonly inputs: readonly InputField[];
  readonly texts: readonly OutputText[];
  /** Name of the input in which the cursor stands. */
  readonly cursorIn?: string;
  /** A line of its own at the bottom, always there, for errors and confirmations. */
  readonly message: string;
  readonly messageRow: number;
}

export interface Terminal {
  readonly ebcdic: Ebcdic;
  readonly addressing: Addressing;
  readonly rows: number;
  readonly columns: number;
  /** The bigger of its two sizes is in use. */
  readonly alternate: boolean;
  /** It knows extended attributes. */
  readonly extended: boolean;
}

/** Writes a whole screen. */
export function writeMap(map: ScreenMap, values: Readonly<Record<string, string>>, terminal: Terminal, control: WriteControl): Uint8Array {
  const stream = new DataStream(terminal.alternate ? 'eraseWriteAlternate' : 'eraseWrite', control, terminal.ebcdic, terminal.addressing);
  const position = (row: number, column: number): number => row * terminal.columns + column;
  for (const { row, column, text, bright } of map.texts) {
    const attribute = { protected: true, numeric: true, ...(bright === undefined ? {} : { bright }) };
    stream.at(position(row, column - 1));
    if (bright === true && terminal.extended) stream.extendedField(attribute, { colour: colour.white });
    else stream.field(attribute);
    stream.text(text);
  }
  for (const input of map.inputs) {
    const { row, column, length, numeric = false, hidden = false, always = false } = input;
    const attribute = { numeric, hidden, modified: always };
    stream.at(position(row, column - 1));
    if (terminal.extended) stream.extendedField(attribute, { highlight: highlight.underscore });
    else stream.field(attribute);
    const value = hidden ? '' : (values[input.name] ?? '').slice(0, length);
    stream.text(value);
    if (value.length < length) stream.clear(position(row, column + length));
    // Ends the field: what is typed past it jumps to the next input.
    stream.field({ protected: true, numeric: true });
  }
  putMessage(stream.at(position(map.messageRow, 0)), map, position(map.messageRow, terminal.columns - 1));
  putCursor(stream, map, position);
  return stream.bytes;
}

/** Writes the message line over a screen that stands; what was typed into it stays typed. */
export function writeMessage(map: ScreenMap, terminal: Terminal, control: WriteControl): Uint8Array {
  const stream = new DataStream('write', control, terminal.ebcdic, terminal.addressing);
  const position = (row: number, column: number): number => row * terminal.columns + column;
  putMessage(stream.at(position(map.messageRow, 0)), map, position(map.messageRow, terminal.columns - 1));
  putCursor(stream, map, position);
  return stream.bytes;
}

function putMessage(stream: DataStream, { message }: ScreenMap, until: number): void {
  stream.field({ protected: true, numeric: true, bright: true }).text(message).repeat(until, ' ');
}

function putCursor(stream: DataStream, { inputs, cursorIn }: ScreenMap, position: (row: number, column: number) => number): void {
  const input = inputs.find(({ name }) => name === cursorIn) ?? inputs[0];
  stream.at(input === undefined ? 0 : position(input.row, input.column)).cursor();
}

/** Takes what came back into `values`. What lies in no input of this map is left out, and nothing is longer than its field. */
export function takeFields(map: ScreenMap, fields: readonly InboundField[], terminal: Terminal, values: Record<string, string>): void {
  for (const { at, bytes } of fields) {
    const input = map.inputs.find(({ row, column }) => row * terminal.columns + column === at);
    if (input !== undefined) values[input.name] = terminal.ebcdic.decode(bytes.subarray(0, input.length)).trim();
  }
}

/** What a person reads on it, a line a row; hidden fields are blank. */
export function textOf(map: ScreenMap, values: Readonly<Record<string, string>>, rows: number, columns: number): string {
  const lines = Array.from({ length: rows }, () => ' '.repeat(columns));
  const put = (row: number, column: number, text: string): void => {
    const line = lines[row];
    if (line !== undefined) lines[row] = (line.slice(0, column) + text + line.slice(column + text.length)).slice(0, columns);
  };
  for (const { row, column, text } of map.texts) put(row, column, text);
  for (const { name, row, column, length, hidden } of map.inputs) if (hidden !== true) put(row, column, (values[name] ?? '').slice(0, length));
  put(map.messageRow, 1, map.message);
  return lines.map((line) => line.trimEnd()).join('\n');
}
