import { type LateWork } from '../terminal/late-work.ts';
import { type Ledger } from '../terminal/ledger.ts';
import { Pause } from '../terminal/pause.ts';
import { type DeskSession, type SignOnDesk } from '../terminal/sign-on-desk.ts';
import { type TerminalFault, type TerminalFaults, type TerminalMoment } from '../terminal/terminal.faults.ts';
import { type Addressing } from './address.ts';
import { type CustomerFile, type MainframeEntry } from './customers.ts';
import { DataStream, type WriteControl } from './data-stream.ts';
import { type Ebcdic } from './ebcdic.ts';
import { type Inbound, type InboundField, readInbound } from './inbound.ts';
import { type ScreenMap, type Terminal, takeFields, textOf, writeMap, writeMessage } from './screen-map.ts';
import { type Draft, type MainframeScreen, type Step, type Work, screens } from './screens.ts';
import { type BlockTerminalUser, type Tn3270Line } from './tn3270.line.ts';

/** What all sessions of one mainframe share. */
export interface Mainframe {
  readonly ledger: Ledger<MainframeEntry>;
  readonly customers: CustomerFile;
  readonly faults: TerminalFaults<MainframeScreen>;
  readonly desk: SignOnDesk<HostSession>;
  readonly late: LateWork;
  readonly ebcdic: Ebcdic;
  readonly addressing: Addressing;
  /** Ask the terminal what it can do before the first screen. */
  readonly query: boolean;
  readonly sessions: Set<HostSession>;
}

type Fault = TerminalFault<MainframeScreen>;

/** A terminal's keyboard is locked while the host works: only a client that does not keep to it sends more. */
const maxRecordsWaiting = 16;
const maxBacklogBytes = 65_536;
const queryMs = 1_000;
const dripBytes = 8;
const keyboardBack: WriteControl = { restore: true, resetModified: true };

/** A user's session on the host. It may change its connection, and stands a while without one. */
export class HostSession implements BlockTerminalUser, DeskSession {
  readonly #host: Mainframe;
  #line: Tn3270Line | null;
  readonly #records: Inbound[] = [];
  #working = false;
  #ended = false;
  #screen: MainframeScreen = 'sign-on';
  /** A message from operations stands in the place of the screen. */
  #noticed = false;
  #message = '';
  #cursorIn: string | undefined;
  #deaf = false;
  #querying: NodeJS.Timeout | null = null;
  #clock: NodeJS.Timeout | null = null;
  /** Cut short when the session ends or the faults are cleared. */
  readonly #pause = new Pause();
  peer: string;
  readonly #work: Work;

  constructor(host: Mainframe, line: Tn3270Line) {
    this.#host = host;
    this.#line = line;
    this.peer = line.peer;
    this.#work = {
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
    host.sessions.add(this);
    line.serve(this);
    if (host.query && /-E$|DYNAMIC$/.test(line.terminalType)) {
      this.#send(DataStream.query());
      this.#querying = setTimeout(() => this.#queried(null, null), queryMs).unref();
    } else this.#paint();
  }

  get attached(): boolean {
    return this.#line !== null;
  }

  received(record: Uint8Array): void {
    if (this.#deaf) return;
    const inbound = readInbound(record);
    if (inbound === null || this.#records.length >= maxRecordsWaiting) return;
    this.#records.push(inbound);
    void this.#workOff();
  }

  closed(): void {
    this.#detach();
  }

  /** Goes on over another connection, on the screen where it was left. */
  adopt(line: Tn3270Line): void {
    this.#host.desk.resume(this);
    this.#line = line;
    this.peer = line.peer;
    this.#records.length = 0;
    this.#deaf = false;
    line.serve(this);
    this.#paint();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopTimers();
    this.#host.desk.leave(this);
    this.#host.sessions.delete(this);
    const line = this.#line;
    this.#line = null;
    line?.drop();
  }

  /** A message in the place of whatever stands there, until any key is pressed. */
  broadcast(text: string): void {
    this.#work.notice = text;
    this.#noticed = true;
    this.#paint();
  }

  /** The faults are over: hears again, and gives the keyboard back. */
  calm(): void {
    const wasDeaf = this.#deaf;
    this.#deaf = false;
    this.#stopClock();
    this.#pause.over();
    if (wasDeaf) this.#paint();
  }

  #detach(): void {
    if (this.#line === null) return;
    this.#line = null;
    this.#stopTimers();
    if (this.#work.user === '' || this.#screen === 'already-on') this.end();
    else this.#host.desk.hold(this);
  }

  async #workOff(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let next = this.#records.shift(); next !== undefined && !this.#deaf && this.#line !== null; next = this.#records.shift()) {
      if (next.is === 'query-reply') this.#queried(next.rows, next.columns);
      else if (this.#querying === null) await this.#attend(next.aid, next.is === 'key' ? next.fields : []);
    }
    this.#working = false;
    if (this.#deaf || this.#line === null) this.#records.length = 0;
  }

  #queried(rows: number | null, columns: number | null): void {
    if (this.#querying === null) return;
    clearTimeout(this.#querying);
    this.#querying = null;
    // What 14 bits can address, and no less than the smallest model.
    if (this.#line?.terminalType === 'IBM-DYNAMIC' && rows !== null && columns !== null && rows >= 24 && columns >= 80 && rows * columns <= 16_384)
      this.#line.alternate = { rows, columns };
    this.#paint();
  }

  async #attend(aid: string, fields: readonly InboundField[]): Promise<void> {
    if (this.#noticed) {
      this.#noticed = false;
      return this.#paint();
    }
    this.#take(fields);
    if (aid === 'PA2') return this.#paint();
    const step = screens[this.#screen].press(aid, this.#work);
    const moments: TerminalMoment[] = ['key'];
    if (step.does === 'commit') moments.push('commit');
    if (step.does === 'sign-on') moments.push('sign-on');
    const fault = this.#host.faults.meet(moments, this.#screen, this.#text());
    if (await this.#prevented(step, fault)) return undefined;
    const shown = this.#screen;
    if (fault?.kind === 'deny') this.#go('sign-on', 'CU011E WRONG USERID OR PASSWORD');
    else if (fault?.kind === 'session-limit') this.#go('sign-on', 'CU013E SESSION LIMIT OF THIS USERID REACHED');
    else this.#carryOut(step, fault);
    if (fault?.kind === 'drop-after') return this.#line?.drop();
    if (fault?.kind === 'half-open-after') return this.#freeze();
    // The keyboard comes back over the old screen.
    if (fault?.kind === 'stale') return this.#send(new DataStream('write', keyboardBack, this.#host.ebcdic, this.#host.addressing).bytes);
    return this.#present(step.does === 'remark' && shown === this.#screen && aid !== 'Clear');
  }

  #take(fields: readonly InboundField[]): void {
    if (this.#screen !== 'blank') return takeFields(this.#map(), fields, this.#terminal(), this.#work.values);
    const typed = fields.find(({ at }) => at === null);
    this.#work.values['command'] = typed === undefined ? '' : this.#host.ebcdic.decode(typed.bytes);
    return undefined;
  }

  /** @returns whether the key does not act, or not now */
  async #prevented(step: Step, fault: Fault | undefined): Promise<boolean> {
    switch (fault?.kind) {
      case 'silent':
        if (fault.ms === undefined) this.#deaf = true;
        else await this.#pause.for(fault.ms);
        return fault.ms === undefined || this.#line === null;
      case 'drop-before':
        this.#line?.drop();
        return true;
      case 'half-open':
        this.#freeze();
        return true;
      case 'busy':
        this.#message = 'CU035E THE RECORD IS HELD BY ANOTHER TASK, TRY AGAIN';
        this.#remark();
        return true;
      case 'redisplay':
        this.#message = '';
        this.#paint();
        return true;
      case 'commit-late':
        this.#deaf = true;
        if (step.does === 'commit') this.#host.late.after(fault.ms ?? 100, () => this.#commit(step.draft));
        return true;
      default:
        return false;
    }
  }

  #carryOut(step: Step, fault: Fault | undefined): void {
    switch (step.does) {
      case 'show':
        return this.#go(step.screen, step.message);
      case 'remark':
        this.#message = step.message;
        this.#cursorIn = step.cursorIn;
        return undefined;
      case 'repaint':
        this.#message = step.message ?? '';
        return undefined;
      case 'sign-on':
        return this.#signOn(step.user, step.password);
      case 'resume':
        return this.#resume();
      case 'begin-anew':
        this.#host.desk.endHeld(this.#work.user);
        return this.#welcome();
      case 'commit': {
        const { number } = this.#commit(step.draft);
        this.#work.customer = this.#host.customers.find(step.draft.customer) ?? null;
        if (fault?.kind === 'unconfirmed') return this.#go('menu');
        this.#message = `CU031I CUSTOMER ${step.draft.customer} SAVED AS UPDATE ${number}`;
        return undefined;
      }
      default: {
        const line = this.#line;
        this.#line = null;
        line?.end();
        return this.end();
      }
    }
  }

  #signOn(user: string, password: string): void {
    const verdict = this.#host.desk.judge(user, password);
    this.#work.user = user;
    switch (verdict.is) {
      case 'welcome':
        return this.#welcome();
      case 'held':
        this.#work.heldFrom = verdict.session.peer;
        if (verdict.policy === 'ask') return this.#go('already-on');
        if (verdict.policy === 'resume') return this.#resume();
        this.#work.user = '';
        return this.#go('sign-on', `CU014E USERID ALREADY SIGNED ON AT ${verdict.session.peer.toUpperCase()}`);
      default: {
        this.#work.user = '';
        const texts = {
          'wrong-password': 'CU011E WRONG USERID OR PASSWORD',
          locked: 'CU012E USERID IS REVOKED, CALL THE HELP DESK',
          'session-limit': 'CU013E SESSION LIMIT OF THIS USERID REACHED',
        };
        return this.#go('sign-on', texts[verdict.is]);
      }
    }
  }

  #welcome(): void {
    this.#host.desk.enter(this, this.#work.user);
    this.#go('menu');
  }

  #resume(): void {
    const held = this.#host.desk.heldOf(this.#work.user);
    const line = this.#line;
    // It ran out while the question stood on the screen.
    if (held === undefined || line === null) return this.#welcome();
    this.#line = null;
    this.end();
    return held.adopt(line);
  }

  #commit({ ref, customer, changes }: Draft): MainframeEntry {
    const number = `U${String(this.#host.ledger.entries.length + 1).padStart(6, '0')}`;
    this.#host.customers.change(customer, changes);
    return this.#host.ledger.add({ kind: 'update', number, ref, customer, changes, user: this.#work.user, atMs: Date.now() });
  }

  #go(screen: MainframeScreen, message = ''): void {
    this.#screen = screen;
    this.#message = message;
    this.#cursorIn = undefined;
    const { customer } = this.#work;
    this.#work.values = screen === 'update' && customer !== null ? { ...customer } : {};
    if (screen !== 'update') this.#work.customer = null;
    this.#work.page = 0;
    this.#work.ref = '';
  }

  /** Shows what a key led to, with the faults of painting. */
  async #present(onlyMessage: boolean): Promise<void> {
    this.#stopClock();
    if (this.#line === null) return undefined;
    const fault = this.#host.faults.meet(['paint'], this.#screen, this.#text());
    if (fault?.kind === 'broadcast') return this.broadcast(fault.text ?? 'THE SYSTEM GOES DOWN AT 18:00.');
    if (fault?.kind === 'flash') {
      this.#send(writeMap(this.#map('wait'), {}, this.#terminal('wait'), keyboardBack));
      await this.#pause.for(fault.ms ?? 0);
    }
    if (fault?.kind === 'slow') return this.#drip(fault.ms ?? 5);
    if (fault?.kind === 'keyboard-kept') return this.#send(writeMap(this.#map(), this.#work.values, this.#terminal(), {}));
    if (fault?.kind === 'chatty') this.#clock = setInterval(() => this.#tick(), fault.ms ?? 50).unref();
    return onlyMessage ? this.#remark() : this.#paint();
  }

  async #drip(ms: number): Promise<void> {
    const bytes = this.#line?.frame(writeMap(this.#map(), this.#work.values, this.#terminal(), keyboardBack)) ?? new Uint8Array();
    for (let at = 0; at < bytes.length && this.#line !== null; at += dripBytes) {
      this.#line.write(bytes.subarray(at, at + dripBytes));
      await this.#pause.for(ms);
    }
  }

  #tick(): void {
    const stream = new DataStream('write', {}, this.#host.ebcdic, this.#host.addressing);
    const { columns } = this.#terminal();
    this.#send(stream.at(columns - 13).text(new Date().toISOString().slice(11, 23)).bytes);
  }

  #paint(): void {
    if (this.#deaf || this.#querying !== null) return;
    if (this.#screen === 'blank' && !this.#noticed) {
      const stream = new DataStream('eraseWrite', keyboardBack, this.#host.ebcdic, this.#host.addressing);
      this.#send((this.#message === '' ? stream : stream.at(23 * 80).text(this.#message)).at(0).cursor().bytes);
      return;
    }
    const screen = this.#noticed ? 'broadcast' : this.#screen;
    this.#send(writeMap(this.#map(screen), this.#work.values, this.#terminal(screen), keyboardBack));
  }

  /** The message line alone: typed fields stay as they are, and stay modified. */
  #remark(): void {
    if (this.#screen === 'blank') this.#paint();
    else this.#send(writeMessage(this.#map(), this.#terminal(), { restore: true, alarm: true }));
  }

  #text(): string {
    const { rows, columns } = this.#terminal();
    return textOf(this.#map(), this.#work.values, rows, columns);
  }

  #terminal(screen: MainframeScreen = this.#screen): Terminal {
    const bigger = this.#line?.alternate ?? { rows: 24, columns: 80 };
    const alternate = screens[screen].alternate === true && bigger.rows * bigger.columns > 24 * 80;
    return {
      ebcdic: this.#host.ebcdic,
      addressing: bigger.rows * bigger.columns > 4_096 ? 14 : this.#host.addressing,
      ...(alternate ? bigger : { rows: 24, columns: 80 }),
      alternate,
      extended: /^IBM-(?:.*-E|DYNAMIC)$/.test(this.#line?.terminalType ?? ''),
    };
  }

  #map(screen: MainframeScreen = this.#screen): ScreenMap {
    const { rows, columns } = this.#terminal(screen);
    this.#work.rows = rows;
    this.#work.columns = columns;
    const { code, title, keys, inputs, texts } = screens[screen];
    const frame = [
      { row: 0, column: 1, text: code },
      { row: 0, column: Math.floor((columns - title.length) / 2), text: title, bright: true as const },
      { row: 0, column: columns - 13, text: this.#work.user.toUpperCase().padStart(12) },
      { row: rows - 1, column: 1, text: keys },
    ];
    return {
      inputs,
      texts: [...frame, ...texts(this.#work)],
      message: this.#message.slice(0, columns - 3),
      messageRow: rows - 2,
      ...(this.#cursorIn === undefined ? {} : { cursorIn: this.#cursorIn }),
    };
  }

  #send(record: Uint8Array): void {
    if (this.#line === null) return;
    // A terminal that takes nothing has no use for more; it gets the screen with its next key.
    if (this.#line.backlog <= maxBacklogBytes) this.#line.write(this.#line.frame(record));
  }

  #freeze(): void {
    this.#line?.freeze();
    this.#detach();
  }

  #stopTimers(): void {
    this.#stopClock();
    if (this.#querying !== null) clearTimeout(this.#querying);
    this.#querying = null;
    this.#pause.over();
  }

  #stopClock(): void {
    if (this.#clock !== null) clearInterval(this.#clock);
    this.#clock = null;
  }
}
