import { type LateWork } from '../terminal/late-work.ts';
import { type Ledger } from '../terminal/ledger.ts';
import { Pause } from '../terminal/pause.ts';
import { type DeskSession, type SignOnDesk } from '../terminal/sign-on-desk.ts';
import { type TerminalFault, type TerminalFaults, type TerminalMoment } from '../terminal/terminal.faults.ts';
import { type TerminalLine, type TerminalUser } from '../terminal/terminal-line.ts';
import { type Canvas } from './canvas.ts';
import { Form } from './form.ts';
import { type Key, KeyReader } from './keys.ts';
import { composePage } from './page.ts';
import { Painter } from './painter.ts';
import { type Step, type StockroomScreen, type Work, screens } from './screens.ts';
import { type Draft, type StockroomEntry, reserve } from './stock.ts';

/** What all sessions of one stockroom share. */
export interface Stockroom {
  readonly ledger: Ledger<StockroomEntry>;
  readonly faults: TerminalFaults<StockroomScreen>;
  readonly desk: SignOnDesk<HostSession>;
  readonly late: LateWork;
  readonly news: string;
  readonly identify: boolean;
  readonly sessions: Set<HostSession>;
}

type Fault = TerminalFault<StockroomScreen>;

/** What a tty's input buffer takes, in bytes at once and in keys that wait while the host is busy; more is lost. */
const typeAhead = 4_096;
/** Unsent bytes past which painting waits for the terminal. */
const maxBacklogBytes = 65_536;
const dripBytes = 8;

/** A user's session on the host. It may change its connection, and stands a while without one. */
export class HostSession implements TerminalUser, DeskSession {
  readonly #room: Stockroom;
  #line: TerminalLine | null;
  #reader: KeyReader;
  readonly #painter = new Painter();
  readonly #keys: Key[] = [];
  #reading = false;
  #working = false;
  #ended = false;
  #screen: StockroomScreen = 'sign-on';
  #form = new Form(screens['sign-on'].fields);
  #message = '';
  #overlay: string | null = null;
  /** Hears nothing and shows nothing. */
  #deaf = false;
  /** What stands on the terminal is not what stands here, until the next key. */
  #stale = false;
  /** A painting is under way, and another would come between its pieces. */
  #dripping = false;
  #identified: boolean;
  #clock: NodeJS.Timeout | null = null;
  /** Cut short when the session ends or the faults are cleared. */
  readonly #pause = new Pause();
  peer: string;
  readonly #work: Work;

  constructor(room: Stockroom, line: TerminalLine) {
    this.#room = room;
    this.#line = line;
    this.peer = line.peer;
    this.#identified = !room.identify;
    this.#work = {
      user: '',
      values: this.#form.values,
      item: null,
      draft: null,
      last: null,
      page: 0,
      ref: '',
      heldFrom: '',
      news: room.news,
      rows: line.rows,
      ledger: room.ledger.entries,
    };
    this.#reader = this.#newReader();
    room.sessions.add(this);
    line.serve(this);
    this.#greet();
  }

  get attached(): boolean {
    return this.#line !== null;
  }

  received(bytes: Uint8Array): void {
    if (this.#deaf) return;
    this.#reading = true;
    this.#reader.read(bytes.subarray(0, typeAhead));
    this.#reading = false;
    void this.#workOff();
  }

  resized(): void {
    this.#painter.forget();
    this.#show();
  }

  drained(): void {
    this.#show();
  }

  closed(): void {
    this.#detach();
  }

  /** Goes on over another connection, on the screen where it was left. */
  adopt(line: TerminalLine): void {
    this.#room.desk.resume(this);
    this.#line = line;
    this.peer = line.peer;
    this.#reader = this.#newReader();
    this.#keys.length = 0;
    this.#deaf = false;
    this.#stale = false;
    this.#identified = true;
    line.serve(this);
    this.#painter.forget();
    this.#show();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopClock();
    this.#reader.stop();
    this.#pause.over();
    this.#room.desk.leave(this);
    this.#room.sessions.delete(this);
    const line = this.#line;
    this.#line = null;
    line?.drop();
  }

  /** A message over whatever stands there, until any key is pressed. */
  broadcast(text: string): void {
    this.#overlay = text;
    this.#show();
  }

  /** The faults are over: hears again, and paints as it should. */
  calm(): void {
    this.#deaf = false;
    this.#stale = false;
    this.#stopClock();
    this.#pause.over();
  }

  #newReader(): KeyReader {
    return new KeyReader({
      key: (key) => {
        if (this.#keys.length < typeAhead) this.#keys.push(key);
        // An ESC that turned out to be the Escape key comes from a timer, when nothing else starts the work.
        if (!this.#reading) void this.#workOff();
      },
      answer: () => {
        if (this.#identified) return;
        this.#identified = true;
        this.#show();
      },
    });
  }

  #greet(): void {
    // Application cursor and keypad mode, as curses sets them for a program that wants function keys.
    this.#write('\x1b[?1h\x1b=');
    if (this.#identified) this.#show();
    else this.#write('\x1b[c');
  }

  #detach(): void {
    if (this.#line === null) return;
    this.#line = null;
    this.#reader.stop();
    this.#stopClock();
    this.#pause.over();
    if (this.#work.user === '' || this.#screen === 'already-on') this.end();
    else this.#room.desk.hold(this);
  }

  async #workOff(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    let edited = false;
    let bell = false;
    for (let key = this.#keys.shift(); key !== undefined && !this.#deaf && this.#line !== null; key = this.#keys.shift()) {
      if (this.#overlay !== null) {
        this.#overlay = null;
        edited = true;
      } else if (key.name === 'redraw') {
        this.#painter.forget();
        edited = true;
      } else if (this.#form.edit(key)) edited = true;
      else {
        const step = this.#stepOf(key);
        if (step === null) {
          bell = true;
          continue;
        }
        // What was typed before the key stands on the terminal when a fault strikes.
        if (edited) this.#show();
        edited = false;
        await this.#attend(step);
      }
    }
    this.#working = false;
    if (edited) this.#show();
    if (bell && !this.#deaf) this.#write('\x07');
    if (this.#line === null || this.#deaf) this.#keys.length = 0;
  }

  #stepOf(key: Key): Step | null {
    this.#work.values = this.#form.values;
    this.#work.rows = this.#size().rows;
    return screens[this.#screen].press(key, this.#work);
  }

  async #attend(step: Step): Promise<void> {
    this.#stale = false;
    const at: TerminalMoment[] = ['key'];
    if (step.does === 'commit') at.push('commit');
    if (step.does === 'sign-on') at.push('sign-on');
    const fault = this.#room.faults.meet(at, this.#screen, this.#canvas().text());
    if (await this.#prevented(step, fault)) return undefined;
    if (fault?.kind === 'deny') this.#go('sign-on', 'SR-011 Wrong user or password');
    else if (fault?.kind === 'session-limit') this.#go('sign-on', 'SR-013 Session limit of this user reached');
    else this.#carryOut(step, fault);
    if (fault?.kind === 'drop-after') this.#line?.drop();
    if (fault?.kind === 'half-open-after') this.#freeze();
    if (fault?.kind === 'stale') this.#stale = true;
    return this.#present();
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
        this.#message = 'SR-035 The item is in use by another user, try again';
        this.#show();
        return true;
      case 'redisplay':
        this.#painter.forget();
        this.#show();
        return true;
      case 'commit-late':
        this.#deaf = true;
        if (step.does === 'commit') this.#room.late.after(fault.ms ?? 100, () => this.#commit(step.draft));
        return true;
      default:
        return false;
    }
  }

  #carryOut(step: Step, fault: Fault | undefined): void {
    switch (step.does) {
      case 'show':
        if (step.keeps === true) this.#message = step.message ?? '';
        else this.#go(step.screen, step.message);
        return undefined;
      case 'sign-on':
        return this.#signOn(step.user, step.password);
      case 'resume':
        return this.#resume();
      case 'begin-anew':
        this.#room.desk.endHeld(this.#work.user);
        return this.#welcome();
      case 'commit':
        if (!this.#commit(step.draft)) return this.#go('menu', `SR-033 No longer available: ${step.draft.sku}`);
        return this.#go(fault?.kind === 'unconfirmed' ? 'menu' : 'reserved');
      default:
        return this.#logOff();
    }
  }

  #signOn(user: string, password: string): void {
    const verdict = this.#room.desk.judge(user, password);
    this.#work.user = user;
    switch (verdict.is) {
      case 'welcome':
        return this.#welcome();
      case 'held':
        this.#work.heldFrom = verdict.session.peer;
        if (verdict.policy === 'ask') return this.#go('already-on');
        if (verdict.policy === 'resume') return this.#resume();
        this.#work.user = '';
        return this.#go('sign-on', `SR-014 User ${user} is already logged on from ${verdict.session.peer}`);
      default: {
        this.#work.user = '';
        const texts = {
          'wrong-password': 'SR-011 Wrong user or password',
          locked: 'SR-012 This user is locked, call the help desk',
          'session-limit': 'SR-013 Session limit of this user reached',
        };
        return this.#go('sign-on', texts[verdict.is]);
      }
    }
  }

  #welcome(): void {
    this.#room.desk.enter(this, this.#work.user);
    this.#go(this.#room.news === '' ? 'menu' : 'news');
  }

  #resume(): void {
    const held = this.#room.desk.heldOf(this.#work.user);
    const line = this.#line;
    // It ran out while the question stood on the screen.
    if (held === undefined || line === null) return this.#welcome();
    this.#line = null;
    this.end();
    return held.adopt(line);
  }

  #logOff(): void {
    const line = this.#line;
    this.#line = null;
    line?.write(Buffer.from('\x1b[m\x1b[H\x1b[2J\x1b[?1l\x1b>SR-099 You are logged off.\r\n'));
    line?.end();
    this.end();
  }

  #commit(draft: Draft): boolean {
    this.#work.last = reserve(this.#room.ledger, draft, this.#work.user);
    return this.#work.last !== null;
  }

  #go(screen: StockroomScreen, message = ''): void {
    this.#screen = screen;
    this.#message = message;
    this.#form = new Form(screens[screen].fields);
    this.#work.page = 0;
    this.#work.item = null;
    this.#work.ref = '';
  }

  /** Shows what an attention key led to, with the faults of painting. */
  async #present(): Promise<void> {
    this.#stopClock();
    if (this.#stale || this.#line === null) return;
    const fault = this.#room.faults.meet(['paint'], this.#screen, this.#canvas().text());
    if (fault?.kind === 'broadcast') this.#overlay = fault.text ?? 'The system goes down at 18:00.';
    if (fault?.kind === 'flash') {
      this.#write(this.#painter.paint(this.#canvas('wait')));
      await this.#pause.for(fault.ms ?? 0);
    }
    if (fault?.kind === 'slow') return this.#drip(fault.ms ?? 5);
    if (fault?.kind === 'chatty') this.#clock = setInterval(() => this.#show(), fault.ms ?? 50).unref();
    return this.#show();
  }

  async #drip(ms: number): Promise<void> {
    this.#dripping = true;
    const bytes = Buffer.from(this.#painter.paint(this.#canvas()));
    for (let at = 0; at < bytes.length && this.#line !== null; at += dripBytes) {
      this.#line.write(bytes.subarray(at, at + dripBytes));
      await this.#pause.for(ms);
    }
    this.#dripping = false;
    this.#show();
  }

  #show(): void {
    if (this.#deaf || this.#stale || this.#dripping || !this.#identified) return;
    if (this.#line === null || this.#line.backlog > maxBacklogBytes) return;
    this.#write(this.#painter.paint(this.#canvas()));
  }

  #size(): { rows: number; columns: number } {
    return { rows: this.#line?.rows ?? 24, columns: this.#line?.columns ?? 80 };
  }

  #canvas(name: StockroomScreen = this.#screen): Canvas {
    return composePage({
      ...this.#size(),
      screen: name,
      work: this.#work,
      form: name === this.#screen ? this.#form : null,
      message: this.#message,
      overlay: this.#overlay,
      clock: this.#clock !== null,
    });
  }

  #freeze(): void {
    this.#line?.freeze();
    this.#detach();
  }

  #stopClock(): void {
    if (this.#clock !== null) clearInterval(this.#clock);
    this.#clock = null;
  }

  #write(text: string): void {
    this.#line?.write(Buffer.from(text));
  }
}
