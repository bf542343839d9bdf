import { HostSession, type HostWords, type SessionHost } from '../terminal/host-session.ts';
import { type Ledger } from '../terminal/ledger.ts';
import { type Addressing } from './address.ts';
import { type CustomerFile, type MainframeEntry } from './customers.ts';
import { DataStream, type WriteControl } from './data-stream.ts';
import { type Ebcdic } from './ebcdic.ts';
import { type Inbound, type InboundField, readInbound } from './inbound.ts';
import { type ScreenMap, type Terminal, takeFields, textOf, writeMap, writeMessage } from './screen-map.ts';
import { type Draft, type MainframeScreen, type Step, type Work, screens } from './screens.ts';
import { type BlockTerminalUser, type Tn3270Line } from './tn3270.line.ts';

/** What all sessions of one mainframe share. */
export interface Mainframe extends SessionHost<Tn3270Line, MainframeScreen, Draft> {
  readonly ledger: Ledger<MainframeEntry>;
  readonly customers: CustomerFile;
  readonly ebcdic: Ebcdic;
  readonly addressing: Addressing;
  /** Ask the terminal what it can do before the first screen. */
  readonly query: boolean;
}

const words: HostWords = {
  'wrong-password': 'CU011E WRONG USERID OR PASSWORD',
  locked: 'CU012E USERID IS REVOKED, CALL THE HELP DESK',
  'session-limit': 'CU013E SESSION LIMIT OF THIS USERID REACHED',
  busy: 'CU035E THE RECORD IS HELD BY ANOTHER TASK, TRY AGAIN',
  held: (peer) => `CU014E USERID ALREADY SIGNED ON AT ${peer.toUpperCase()}`,
};

/** A terminal's keyboard is locked while the host works: only a client that does not keep to it sends more. */
const maxRecordsWaiting = 16;
const maxBacklogBytes = 65_536;
const queryMs = 1_000;
const keyboardBack: WriteControl = { restore: true, resetModified: true };

/** A user's session on the mainframe. */
export class MainframeSession extends HostSession<Tn3270Line, MainframeScreen, Draft> implements BlockTerminalUser {
  readonly #host: Mainframe;
  readonly #records: Inbound[] = [];
  #working = false;
  /** A message from operations stands in the place of the screen. */
  #noticed = false;
  #cursorIn: string | undefined;
  #querying: NodeJS.Timeout | null = null;
  protected readonly work: Work;

  constructor(host: Mainframe, line: Tn3270Line) {
    super(host, words, line);
    this.#host = host;
    this.work = {
      user: '',
      values: {},
      customer: null,
      page: 0,
      ref: '',
      heldFrom: '',
      notice: '',
      rows: 24,
      columns: 80,
      customers: host.customers,
      ledger: host.ledger.entries,
    };
    line.serve(this);
    if (host.query && /-E$|DYNAMIC$/.test(line.terminalType)) {
      this.#send(DataStream.query());
      this.#querying = setTimeout(() => this.#queried(null, null), queryMs).unref();
    } else this.#paint();
  }

  received(record: Uint8Array): void {
    if (this.deaf) return;
    const inbound = readInbound(record);
    if (inbound === null || this.#records.length >= maxRecordsWaiting) return;
    this.#records.push(inbound);
    void this.#workOff();
  }

  /** A message in the place of whatever stands there, until any key is pressed. */
  broadcast(text: string): void {
    this.work.notice = text;
    this.#noticed = true;
    this.#paint();
  }

  /** Gives the keyboard back, too. */
  override calm(): void {
    const wasDeaf = this.deaf;
    super.calm();
    if (wasDeaf) this.#paint();
  }

  protected attachedTo(line: Tn3270Line): void {
    this.#records.length = 0;
    line.serve(this);
    this.#paint();
  }

  protected rest(): void {
    if (this.#querying !== null) clearTimeout(this.#querying);
    this.#querying = null;
  }

  async #workOff(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let next = this.#records.shift(); next !== undefined && !this.deaf && this.line !== null; next = this.#records.shift()) {
      if (next.is === 'query-reply') this.#queried(next.rows, next.columns);
      else if (this.#querying === null) await this.#attend(next.aid, next.is === 'key' ? next.fields : []);
    }
    this.#working = false;
    if (this.deaf || this.line === null) this.#records.length = 0;
  }

  #queried(rows: number | null, columns: number | null): void {
    if (this.#querying === null) return;
    clearTimeout(this.#querying);
    this.#querying = null;
    // What 14 bits can address, and no less than the smallest model.
    if (this.line?.terminalType === 'IBM-DYNAMIC' && rows !== null && columns !== null && rows >= 24 && columns >= 80 && rows * columns <= 16_384)
      this.line.alternate = { rows, columns };
    this.#paint();
  }

  async #attend(aid: string, fields: readonly InboundField[]): Promise<void> {
    if (this.#noticed) {
      this.#noticed = false;
      return this.#paint();
    }
    this.#take(fields);
    if (aid === 'PA2') return this.#paint();
    const step = screens[this.screen].press(aid, this.work);
    const met = await this.meet(step);
    if (met === null) return undefined;
    const { fault, refused } = met;
    const shown = this.screen;
    if (!refused) this.#carryOut(step, fault?.kind === 'unconfirmed');
    if (fault?.kind === 'drop-after') return this.line?.drop();
    if (fault?.kind === 'half-open-after') return this.freeze();
    // The keyboard comes back over the old screen.
    if (fault?.kind === 'stale') return this.#send(new DataStream('write', keyboardBack, this.#host.ebcdic, this.#host.addressing).bytes);
    return this.#present(step.does === 'remark' && shown === this.screen && aid !== 'Clear');
  }

  #take(fields: readonly InboundField[]): void {
    if (this.screen !== 'blank') return takeFields(this.#map(), fields, this.#terminal(), this.work.values);
    const typed = fields.find(({ at }) => at === null);
    this.work.values['command'] = typed === undefined ? '' : this.#host.ebcdic.decode(typed.bytes);
    return undefined;
  }

  #carryOut(step: Step, unconfirmed: boolean): void {
    switch (step.does) {
      case 'show':
        return this.go(step.screen, step.message);
      case 'remark':
        this.message = step.message;
        this.#cursorIn = step.cursorIn;
        return undefined;
      case 'repaint':
        this.message = step.message ?? '';
        return undefined;
      case 'commit': {
        const { number } = this.commit(step.draft);
        this.work.customer = this.#host.customers.find(step.draft.customer) ?? null;
        if (unconfirmed) return this.go('menu');
        this.message = `CU031I CUSTOMER ${step.draft.customer} SAVED AS UPDATE ${number}`;
        return undefined;
      }
      default:
        return this.carryOut(step);
    }
  }

  protected entrance(): MainframeScreen {
    return 'menu';
  }

  /** Unbound without a word. */
  protected farewell(): void {}

  protected redisplay(): void {
    this.message = '';
    this.#paint();
  }

  protected commit({ ref, customer, changes }: Draft): MainframeEntry {
    const number = `U${String(this.#host.ledger.entries.length + 1).padStart(6, '0')}`;
    this.#host.customers.change(customer, changes);
    return this.#host.ledger.add({ kind: 'update', number, ref, customer, changes, user: this.work.user, atMs: Date.now() });
  }

  protected go(screen: MainframeScreen, message = ''): void {
    this.screen = screen;
    this.message = message;
    this.#cursorIn = undefined;
    const { customer } = this.work;
    this.work.values = screen === 'update' && customer !== null ? { ...customer } : {};
    if (screen !== 'update') this.work.customer = null;
    this.work.page = 0;
    this.work.ref = '';
  }

  /** Shows what a key led to, with the faults of painting. */
  async #present(onlyMessage: boolean): Promise<void> {
    this.stopClock();
    if (this.line === null) return undefined;
    const fault = this.paintFault();
    if (fault?.kind === 'broadcast') return this.broadcast(fault.text ?? 'THE SYSTEM GOES DOWN AT 18:00.');
    if (fault?.kind === 'flash') {
      this.#send(writeMap(this.#map('wait'), {}, this.#terminal('wait'), keyboardBack));
      await this.pause.for(fault.ms ?? 0);
    }
    if (fault?.kind === 'slow')
      return this.drip(this.line.frame(writeMap(this.#map(), this.work.values, this.#terminal(), keyboardBack)), fault.ms ?? 5);
    if (fault?.kind === 'keyboard-kept') return this.#send(writeMap(this.#map(), this.work.values, this.#terminal(), {}));
    if (fault?.kind === 'chatty') this.startClock(fault.ms ?? 50, () => this.#tick());
    return onlyMessage ? this.remark() : this.#paint();
  }

  #tick(): void {
    const stream = new DataStream('write', {}, this.#host.ebcdic, this.#host.addressing);
    const { columns } = this.#terminal();
    this.#send(stream.at(columns - 13).text(new Date().toISOString().slice(11, 23)).bytes);
  }

  #paint(): void {
    if (this.deaf || this.#querying !== null) return;
    if (this.screen === 'blank' && !this.#noticed) {
      const stream = new DataStream('eraseWrite', keyboardBack, this.#host.ebcdic, this.#host.addressing);
      this.#send((this.message === '' ? stream : stream.at(23 * 80).text(this.message)).at(0).cursor().bytes);
      return;
    }
    const screen = this.#noticed ? 'broadcast' : this.screen;
    this.#send(writeMap(this.#map(screen), this.work.values, this.#terminal(screen), keyboardBack));
  }

  /** The message line alone: typed fields stay as they are, and stay modified. */
  protected remark(): void {
    if (this.screen === 'blank') this.#paint();
    else this.#send(writeMessage(this.#map(), this.#terminal(), { restore: true, alarm: true }));
  }

  protected text(): string {
    const { rows, columns } = this.#terminal();
    return textOf(this.#map(), this.work.values, rows, columns);
  }

  #terminal(screen: MainframeScreen = this.screen): Terminal {
    const bigger = this.line?.alternate ?? { rows: 24, columns: 80 };
    const alternate = screens[screen].alternate === true && bigger.rows * bigger.columns > 24 * 80;
    return {
      ebcdic: this.#host.ebcdic,
      addressing: bigger.rows * bigger.columns > 4_096 ? 14 : this.#host.addressing,
      ...(alternate ? bigger : { rows: 24, columns: 80 }),
      alternate,
      extended: /^IBM-(?:.*-E|DYNAMIC)$/.test(this.line?.terminalType ?? ''),
    };
  }

  #map(screen: MainframeScreen = this.screen): ScreenMap {
    const { rows, columns } = this.#terminal(screen);
    this.work.rows = rows;
    this.work.columns = columns;
    const { code, title, keys, inputs, texts } = screens[screen];
    const frame = [
      { row: 0, column: 1, text: code },
      { row: 0, column: Math.floor((columns - title.length) / 2), text: title, bright: true as const },
      { row: 0, column: columns - 13, text: this.work.user.toUpperCase().padStart(12) },
      { row: rows - 1, column: 1, text: keys },
    ];
    return {
      inputs,
      texts: [...frame, ...texts(this.work)],
      message: this.message.slice(0, columns - 3),
      messageRow: rows - 2,
      ...(this.#cursorIn === undefined ? {} : { cursorIn: this.#cursorIn }),
    };
  }

  #send(record: Uint8Array): void {
    if (this.line === null) return;
    // A terminal that takes nothing has no use for more; it gets the screen with its next key.
    if (this.line.backlog <= maxBacklogBytes) this.line.write(this.line.frame(record));
  }
}
