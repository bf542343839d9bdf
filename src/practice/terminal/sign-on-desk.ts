import { createHash, timingSafeEqual } from 'node:crypto';

/** A session that belongs to a user and may outlive its connection. */
export interface DeskSession {
  readonly attached: boolean;
  /** Where it is or was used from. */
  readonly peer: string;
  /** Ends it for good; a connection that it has is told and cut. */
  end(): void;
}

/** What a host does with a right password when the user's last connection broke and its session still stands. */
export type HeldPolicy =
  /** Go on in it, without asking. */
  | 'resume'
  /** Ask on a screen of its own: go on in it, end it and begin anew, or leave. */
  | 'ask'
  /** No sign-on until it has run out. */
  | 'refuse';

export interface SignOnOptions {
  readonly user: string;
  readonly password: string;
  readonly sessionsPerUser: number;
  readonly held: HeldPolicy;
  /** How long a session stands after its connection broke, ms. */
  readonly holdMs: number;
  /** Wrong passwords in a row after which the user id is locked. */
  readonly lockAfter: number;
}

export type SignOnVerdict<Session> =
  | { readonly is: 'welcome' | 'wrong-password' | 'locked' | 'session-limit' }
  | { readonly is: 'held'; readonly session: Session; readonly policy: HeldPolicy };

/** Decides who may sign on, and keeps the sessions of every user, those without a connection too. */
export class SignOnDesk<Session extends DeskSession> {
  readonly options: SignOnOptions;
  password: string;
  #wrong = 0;
  readonly #sessions = new Set<Session>();
  readonly #runningOut = new Map<Session, NodeJS.Timeout>();

  constructor(options: SignOnOptions) {
    this.options = options;
    this.password = options.password;
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions];
  }

  /** User ids are told apart without regard to case, passwords with it. */
  judge(user: string, password: string): SignOnVerdict<Session> {
    if (user.toLowerCase() !== this.options.user.toLowerCase()) return { is: 'wrong-password' };
    if (this.#wrong >= this.options.lockAfter) return { is: 'locked' };
    if (!this.knows(password)) {
      this.#wrong += 1;
      return { is: this.#wrong >= this.options.lockAfter ? 'locked' : 'wrong-password' };
    }
    this.#wrong = 0;
    const held = this.sessions.find((session) => !session.attached);
    if (held !== undefined) return { is: 'held', session: held, policy: this.options.held };
    return { is: this.#sessions.size >= this.options.sessionsPerUser ? 'session-limit' : 'welcome' };
  }

  knows(password: string): boolean {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(password), digest(this.password));
  }

  unlock(): void {
    this.#wrong = 0;
  }

  enter(session: Session): void {
    this.#sessions.add(session);
  }

  /** The session's connection broke: it stands until `holdMs` is over or somebody goes on in it. */
  hold(session: Session): void {
    if (!this.#sessions.has(session)) return;
    this.#runningOut.set(session, setTimeout(() => session.end(), this.options.holdMs).unref());
  }

  resume(session: Session): void {
    clearTimeout(this.#runningOut.get(session));
    this.#runningOut.delete(session);
  }

  leave(session: Session): void {
    this.resume(session);
    this.#sessions.delete(session);
  }

  /** The host is down: no session survives that. */
  endAll(): void {
    for (const session of this.sessions) session.end();
  }
}
