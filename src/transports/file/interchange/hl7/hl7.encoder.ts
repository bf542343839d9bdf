import { type Json } from '../../../../contract/json.ts';
import { type RecordEncoder, type RecordValue } from '../../codecs/record-codec.ts';
import { clipped, misfit, refused } from '../record-fault.ts';
import { carriageReturn, endBlock, startBlock } from './hl7.lexer.ts';
import { type Hl7Settings, typeOf, writeMessage } from './hl7.message.ts';
import { type Separators, textAt } from './hl7.text.ts';

/**
 * `control.FHS` and `control.BHS`: these segments, to be written first. A batch or file that is open at the end gets its trailer with its
 * count; a trailer that is given is checked.
 */
export class Hl7Encoder implements RecordEncoder {
  readonly #settings: Hl7Settings;
  readonly #control: Record<string, Json>;
  #separators: Separators | null = null;
  #messages: number | null = null;
  #batches: number | null = null;
  #owed = '';

  constructor(settings: Hl7Settings, control: Record<string, Json>) {
    this.#settings = settings;
    this.#control = control;
  }

  begin(): Uint8Array {
    const headers = ['FHS', 'BHS'].filter((name) => this.#control[name] !== undefined);
    return Buffer.concat(headers.map((name) => this.record(name, { segments: [this.#control[name] ?? null] })));
  }

  record(type: string, value: RecordValue): Uint8Array {
    try {
      return this.#written(type, value);
    } catch (error) {
      throw refused('HL7', type, error);
    }
  }

  end(): Uint8Array {
    const parts: Uint8Array[] = [];
    if (this.#messages !== null) parts.push(this.record('BTS', { segments: [['BTS', String(this.#messages)]] }));
    if (this.#batches !== null) parts.push(this.record('FTS', { segments: [['FTS', String(this.#batches)]] }));
    return Buffer.concat(parts);
  }

  #written(type: string, value: RecordValue): Buffer {
    const { text, separators, first } = writeMessage(value, this.#separators, this.#settings);
    const name = textAt(first, 0);
    if (typeOf(first) !== type) throw misfit('', `is not of the type ${clipped(type)}`, typeOf(first));
    if (this.#settings.framing === 'mllp') {
      if (name !== 'MSH') throw misfit('', 'is no message, which a frame must hold', name);
      const end = value['frameEnd'] === 'short' ? [endBlock] : [endBlock, carriageReturn];
      return Buffer.concat([Uint8Array.of(startBlock), text, Uint8Array.from(end)]);
    }
    this.#check(name, textAt(first, 1));
    const written = Buffer.concat([Buffer.from(this.#owed), text]);
    this.#owed = /[\r\n]$/.test(text.toString('latin1', text.length - 1)) ? '' : this.#settings.lineEnd;
    this.#note(name);
    if (name === 'FHS' || name === 'BHS') this.#separators = separators;
    return written;
  }

  #check(name: string, said: string): void {
    if (!['MSH', 'FHS', 'BHS', 'BTS', 'FTS'].includes(name)) throw misfit('segment 1', 'begins no message', name);
    const count = name === 'BTS' ? this.#messages : this.#batches;
    if (name === 'BTS' || name === 'FTS') {
      if (count === null) throw misfit('', `${name} ends nothing that is open`);
      if (said !== '' && Number(said) !== count) throw misfit(`${name}-1`, `is not ${count}`, said);
    }
    if ((name === 'BHS' || name === 'FHS' || name === 'FTS') && this.#messages !== null) throw misfit('', `${name} comes before BTS`);
    if (name === 'FHS' && this.#batches !== null) throw misfit('', 'FHS comes before FTS');
  }

  #note(name: string): void {
    if (name === 'MSH' && this.#messages !== null) this.#messages += 1;
    if (name === 'BTS' && this.#batches !== null) this.#batches += 1;
    if (name === 'BHS') this.#messages = 0;
    if (name === 'BTS') this.#messages = null;
    if (name === 'FHS') this.#batches = 0;
    if (name === 'FTS') this.#batches = null;
  }
}
