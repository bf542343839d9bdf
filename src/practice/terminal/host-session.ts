import { type LateWork } from './late-work.ts';
import { Pause } from './pause.ts';
import { type DeskSession, type SignOnDesk } from './sign-on-desk.ts';
import { type TerminalLine } from './terminal-line.ts';
import { type TerminalFault, type TerminalFaults, type TerminalMoment } from './terminal.faults.ts';

/** A connection as the session on it needs it, block terminal or not. */
export type SessionLine = Pick<TerminalLine, 'peer' | 'write' | 'end' | 'drop' | 'freeze'>;

/** What all sessions of one host share. */
export interface SessionHost<Line extends SessionLine, Screen extends string, Draft> {
  readonly faults: TerminalFaults<Screen | SharedScreen>;
  readonly desk: SignOnDesk<HostSession<Line, Screen, Draft>>;
  readonly late: LateWork;
  readonly sessions: Set<HostSession<Line, Screen, Draft>>;
}

/** What every host says, each in words of its own. */
export interface HostWords {
  readonly 'wrong-password': string;
  readonly locked: string;
  readonly 'session-limit': string;
  readonly busy: string;
  held(peer: string, user: string): string;
}

/** Screens that every host has. */
export type SharedScreen = 'sign-on' | 'already-on' | 'menu';

/** What keys lead to on every host. */
export type SignOnStep =
  { readonly does: 'sign-on'; readonly user: string; readonly password: string } | { readonly does: 'resume' | 'begin-anew' | 'log-off' };

/** What of a step the faults ask. */
interface FaultyStep<Draft> {
  readonly does: string;
  readonly draft?: Draft;
}

const dripBytes = 8;

/**
 * A user's session on a host: it may change its connection, and stands a while without one. Here is what hosts have in common: signing on, the
 * faults that a key meets, holding and ending. How a screen looks, what is typed on it and what else a key does, each says for itself.
 */
export abstract class HostSession<Line extends SessionLine, Screen extends string, Draft> implements DeskSession {
  protected line: Line | null;
  protected screen: Screen | SharedScreen = 'sign-on';
  protected message = '';
  /** Hears nothing and shows nothing. */
  protected deaf = false;
  /** Cut short when the session ends or the faults are cleared. */
  protected readonly pause = new Pause();
  peer: string;
  readonly #host: SessionHost<Line, Screen, Draft>;
  readonly #words: HostWords;
  #ended = false;
  #clock: NodeJS.Timeout | null = null;

  constructor(host: SessionHost<Line, Screen, Draft>, words: HostWords, line: Line) {
    this.#host = host;
    this.#words = words;
    this.line = line;
    this.peer = line.peer;
    host.sessions.add(this);
  }

  protected abstract readonly work: { user: string; heldFrom: string };
  /** A message over whatever stands there, until any key is pressed. */
  abstract broadcast(text: string): void;
  /** What the screen shows. */
  protected abstract text(): string;
  protected abstract go(screen: Screen | SharedScreen, message?: string): void;
  /** Where a user comes who has signed on. */
  protected abstract entrance(): Screen | SharedScreen;
  /** The message alone is shown. */
  protected abstract remark(): void;
  /** The entered text is shown again, as if nothing had been pressed. */
  protected abstract redisplay(): void;
  protected abstract commit(draft: Draft): unknown;
  /** What the host says to who logs off. */
  protected abstract farewell(line: Line): void;
  /** Goes on over a connection that is new, on the screen where it was left. */
  protected abstract attachedTo(line: Line): void;
  /** No timer of its own goes on. */
  protected abstract rest(): void;

  get attached(): boolean {
    return this.line !== null;
  }

  closed(): void {
    if (this.line === null) return;
    this.line = null;
    this.#rested();
    if (this.work.user === '' || this.screen === 'already-on') this.end();
    else this.#host.desk.hold(this);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#rested();
    this.#host.desk.leave(this);
    this.#host.sessions.delete(this);
    const { line } = this;
    this.line = null;
    line?.drop();
  }

  /** The faults are over: hears again. */
  calm(): void {
    this.deaf = false;
    this.stopClock();
    this.pause.over();
  }

  /**
   * The fault that a key meets which leads to this step. `refused`: the host has said no already.
   * @returns null when the key does not act, or not now
   */
  protected async meet(
    step: FaultyStep<Draft>,
  ): Promise<{ readonly fault: TerminalFault<Screen | SharedScreen> | undefined; readonly refused: boolean } | null> {
    const moments: TerminalMoment[] = ['key'];
    if (step.does === 'commit') moments.push('commit');
    if (step.does === 'sign-on') moments.push('sign-on');
    const fault = this.#host.faults.meet(moments, this.screen, this.text());
    if (await this.#prevented(step, fault)) return null;
    const refused = fault?.kind === 'deny' ? 'wrong-password' : fault?.kind === 'session-limit' ? 'session-limit' : null;
    if (refused !== null) this.go('sign-on', this.#words[refused]);
    return { fault, refused: refused !== null };
  }

  protected carryOut(step: SignOnStep): void {
    switch (step.does) {
      case 'sign-on':
        return this.#signOn(step.user, step.password);
      case 'resume':
        return this.#resume();
      case 'begin-anew':
        this.#host.desk.endHeld(this.work.user);
        return this.#welcome();
      default: {
        const { line } = this;
        this.line = null;
        if (line !== null) this.farewell(line);
        line?.end();
        return this.end();
      }
    }
  }

  /** The fault that the screen which stands now meets when it is painted. */
  protected paintFault(): TerminalFault<Screen | SharedScreen> | undefined {
    return this.#host.faults.meet(['paint'], this.screen, this.text());
  }

  /** In small pieces, so far apart. */
  protected async drip(bytes: Uint8Array, ms: number): Promise<void> {
    for (let at = 0; at < bytes.length && this.line !== null; at += dripBytes) {
      this.line.write(bytes.subarray(at, at + dripBytes));
      await this.pause.for(ms);
    }
  }

  protected freeze(): void {
    this.line?.freeze();
    this.closed();
  }

  protected get clockGoes(): boolean {
    return this.#clock !== null;
  }

  protected startClock(everyMs: number, tick: () => void): void {
    this.#clock = setInterval(tick, everyMs).unref();
  }

  protected stopClock(): void {
    if (this.#clock !== null) clearInterval(this.#clock);
    this.#clock = null;
  }

  #rested(): void {
    this.stopClock();
    this.rest();
    this.pause.over();
  }

  async #prevented({ draft }: FaultyStep<Draft>, fault: TerminalFault<Screen | SharedScreen> | undefined): Promise<boolean> {
    switch (fault?.kind) {
      case 'silent':
        if (fault.ms === undefined) this.deaf = true;
        else await this.pause.for(fault.ms);
        return fault.ms === undefined || this.line === null;
      case 'drop-before':
        this.line?.drop();
        return true;
      case 'half-open':
        this.freeze();
        return true;
      case 'busy':
        this.message = this.#words.busy;
        this.remark();
        return true;
      case 'redisplay':
        this.redisplay();
        return true;
      case 'commit-late':
        this.deaf = true;
        if (draft !== undefined) this.#host.late.after(fault.ms ?? 100, () => this.commit(draft));
        return true;
      default:
        return false;
    }
  }

  #signOn(user: string, password: string): void {
    const verdict = this.#host.desk.judge(user, password);
    this.work.user = user;
    switch (verdict.is) {
      case 'welcome':
        return this.#welcome();
      case 'held':
        this.work.heldFrom = verdict.session.peer;
        if (verdict.policy === 'ask') return this.go('already-on');
        if (verdict.policy === 'resume') return this.#resume();
        this.work.user = '';
        return this.go('sign-on', this.#words.held(verdict.session.peer, user));
      default:
        this.work.user = '';
        return this.go('sign-on', this.#words[verdict.is]);
    }
  }

  #welcome(): void {
    this.#host.desk.enter(this, this.work.user);
    this.go(this.entrance());
  }

  #resume(): void {
    const held = this.#host.desk.heldOf(this.work.user);
    const { line } = this;
    // It ran out while the question stood on the screen.
    if (held === undefined || line === null) return this.#welcome();
    this.line = null;
    this.end();
    return held.#adopt(line);
  }

  #adopt(line: Line): void {
    this.#host.desk.resume(this);
    this.line = line;
    this.peer = line.peer;
    this.deaf = false;
    this.attachedTo(line);
  }
}
