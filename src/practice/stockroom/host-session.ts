import { HostSession, type HostWords, type SessionHost } from '../terminal/host-session.ts';
import { type Ledger } from '../terminal/ledger.ts';
import { type TerminalLine, type TerminalUser } from '../terminal/terminal-line.ts';
import { type Canvas } from './canvas.ts';
import { Form } from './form.ts';
import { type Key, KeyReader } from './keys.ts';
import { composePage } from './page.ts';
import { Painter } from './painter.ts';
import { type Step, type StockroomScreen, type Work, screens } from './screens.ts';
import { type Draft, type StockroomEntry, reserve } from './stock.ts';

/** What all sessions of one stockroom share. */
export interface Stockroom extends SessionHost<TerminalLine, StockroomScreen, Draft> {
  readonly ledger: Ledger<StockroomEntry>;
  readonly news: string;
  readonly identify: boolean;
}

const words: HostWords = {
  'wrong-password': 'SR-011 Wrong user or password',
  locked: 'SR-012 This user is locked, call the help desk',
  'session-limit': 'SR-013 Session limit of this user reached',
  busy: 'SR-035 The item is in use by another user, try again',
  held: (peer, user) => `SR-014 User ${user} is already logged on from ${peer}`,
};

/** What a tty's input buffer takes, in bytes at once and in keys that wait while the host is busy; more is lost. */
const typeAhead = 4_096;
/** Unsent bytes past which painting waits for the terminal. */
const maxBacklogBytes = 65_536;

/** A user's session on the stockroom. */
export class StockroomSession extends HostSession<TerminalLine, StockroomScreen, Draft> implements TerminalUser {
  readonly #room: Stockroom;
  #reader: KeyReader;
  readonly #painter = new Painter();
  readonly #keys: Key[] = [];
  #reading = false;
  #working = false;
  #form = new Form(screens['sign-on'].fields);
  #overlay: string | null = null;
  /** What stands on the terminal is not what stands here, until the next key. */
  #stale = false;
  /** A painting is under way, and another would come between its pieces. */
  #dripping = false;
  #identified: boolean;
  protected readonly work: Work;

  constructor(room: Stockroom, line: TerminalLine) {
    super(room, words, line);
    this.#room = room;
    this.#identified = !room.identify;
    this.work = {
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
    line.serve(this);
    this.#greet();
  }

  received(bytes: Uint8Array): void {
    if (this.deaf) return;
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

  /** A message over whatever stands there, until any key is pressed. */
  broadcast(text: string): void {
    this.#overlay = text;
    this.#show();
  }

  /** Paints as it should, too. */
  override calm(): void {
    this.#stale = false;
    super.calm();
  }

  protected attachedTo(line: TerminalLine): void {
    this.#reader = this.#newReader();
    this.#keys.length = 0;
    this.#stale = false;
    this.#identified = true;
    line.serve(this);
    this.#painter.forget();
    this.#show();
  }

  protected rest(): void {
    this.#reader.stop();
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

  async #workOff(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    let edited = false;
    let bell = false;
    for (let key = this.#keys.shift(); key !== undefined && !this.deaf && this.line !== null; key = this.#keys.shift()) {
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
    if (bell && !this.deaf) this.#write('\x07');
    if (this.line === null || this.deaf) this.#keys.length = 0;
  }

  #stepOf(key: Key): Step | null {
    this.work.values = this.#form.values;
    this.work.rows = this.#size().rows;
    return screens[this.screen].press(key, this.work);
  }

  async #attend(step: Step): Promise<void> {
    this.#stale = false;
    const met = await this.meet(step);
    if (met === null) return undefined;
    const { fault, refused } = met;
    if (!refused) this.#carryOut(step, fault?.kind === 'unconfirmed');
    if (fault?.kind === 'drop-after') this.line?.drop();
    if (fault?.kind === 'half-open-after') this.freeze();
    if (fault?.kind === 'stale') this.#stale = true;
    return this.#present();
  }

  #carryOut(step: Step, unconfirmed: boolean): void {
    switch (step.does) {
      case 'show':
        if (step.keeps === true) this.message = step.message ?? '';
        else this.go(step.screen, step.message);
        return undefined;
      case 'commit':
        if (!this.commit(step.draft)) return this.go('menu', `SR-033 No longer available: ${step.draft.sku}`);
        return this.go(unconfirmed ? 'menu' : 'reserved');
      default:
        return this.carryOut(step);
    }
  }

  protected entrance(): StockroomScreen {
    return this.#room.news === '' ? 'menu' : 'news';
  }

  protected farewell(line: TerminalLine): void {
    line.write(Buffer.from('\x1b[m\x1b[H\x1b[2J\x1b[?1l\x1b>SR-099 You are logged off.\r\n'));
  }

  protected remark(): void {
    this.#show();
  }

  protected redisplay(): void {
    this.#painter.forget();
    this.#show();
  }

  protected text(): string {
    return this.#canvas().text();
  }

  protected commit(draft: Draft): boolean {
    this.work.last = reserve(this.#room.ledger, draft, this.work.user);
    return this.work.last !== null;
  }

  protected go(screen: StockroomScreen, message = ''): void {
    this.screen = screen;
    this.message = message;
    this.#form = new Form(screens[screen].fields);
    this.work.page = 0;
    this.work.item = null;
    this.work.ref = '';
  }

  /** Shows what an attention key led to, with the faults of painting. */
  async #present(): Promise<void> {
    this.stopClock();
    if (this.#stale || this.line === null) return;
    const fault = this.paintFault();
    if (fault?.kind === 'broadcast') this.#overlay = fault.text ?? 'The system goes down at 18:00.';
    if (fault?.kind === 'flash') {
      this.#write(this.#painter.paint(this.#canvas('wait')));
      await this.pause.for(fault.ms ?? 0);
    }
    if (fault?.kind === 'slow') return this.#paintSlowly(fault.ms ?? 5);
    if (fault?.kind === 'chatty') this.startClock(fault.ms ?? 50, () => this.#show());
    return this.#show();
  }

  async #paintSlowly(ms: number): Promise<void> {
    this.#dripping = true;
    await this.drip(Buffer.from(this.#painter.paint(this.#canvas())), ms);
    this.#dripping = false;
    this.#show();
  }

  #show(): void {
    if (this.deaf || this.#stale || this.#dripping || !this.#identified) return;
    if (this.line === null || this.line.backlog > maxBacklogBytes) return;
    this.#write(this.#painter.paint(this.#canvas()));
  }

  #size(): { rows: number; columns: number } {
    return { rows: this.line?.rows ?? 24, columns: this.line?.columns ?? 80 };
  }

  #canvas(name: StockroomScreen = this.screen): Canvas {
    return composePage({
      ...this.#size(),
      screen: name,
      work: this.work,
      form: name === this.screen ? this.#form : null,
      message: this.message,
      overlay: this.#overlay,
      clock: this.clockGoes,
    });
  }

  #write(text: string): void {
    this.line?.write(Buffer.from(text));
  }
}
