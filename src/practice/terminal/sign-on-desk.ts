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
  /** More user ids, with the same password and limits of their own. */
  readonly users?: readonly string[];
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
  /** By user id in lower case. */
  readonly #wrong = new Map<string, number>();
  /** Of the session and in whose name it was begun, in lower case. */
  readonly #sessions = new Map<Session, string>();
  readonly #judged: { user: string; is: SignOnVerdict<Session>['is'] }[] = [];
  readonly #runningOut = new Map<Session, NodeJS.Timeout>();

  constructor(options: SignOnOptions) {
    this.options = options;
    this.password = options.password;
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions.keys()];
  }

  /** Every sign-on that was tried, in order. */
  get judged(): readonly { readonly user: string; readonly is: SignOnVerdict<Session>['is'] }[] {
    return this.#judged;
  }

  knowsUser(user: string): boolean {
    const { user: first, users = [] } = this.options;
    return [first, ...users].some((each) => each.toLowerCase() === user.toLowerCase());
  }

  /** The user's session that stands without a connection. */
  heldOf(user: string): Session | undefined {
    return this.#of(user).find((session) => !session.attached);
  }

  /** Ends what of the user stands without a connection. */
  endHeld(user: string): void {
    for (const session of this.#of(user)) if (!session.attached) session.end();
  }

  #of(user: string): Session[] {
    return this.sessions.filter((session) => this.#sessions.get(session) === user.toLowerCase());
  }

  /** User ids are told apart without regard to case, passwords with it. */
  judge(user: string, password: string): SignOnVerdict<Session> {
    const verdict = this.#verdict(user, password);
    this.#judged.push({ user: user.toLowerCase(), is: verdict.is });
    return verdict;
  }

  #verdict(user: string, password: string): SignOnVerdict<Session> {
    const id = user.toLowerCase();
    if (!this.knowsUser(user)) return { is: 'wrong-password' };
    const wrong = this.#wrong.get(id) ?? 0;
    if (wrong >= this.options.lockAfter) return { is: 'locked' };
    if (!this.knows(password)) {
      this.#wrong.set(id, wrong + 1);
      return { is: wrong + 1 >= this.options.lockAfter ? 'locked' : 'wrong-password' };
    }
    this.#wrong.delete(id);
    const session = this.heldOf(user);
    if (session !== undefined) return { is: 'held', session, policy: this.options.held };
    return { is: this.#of(user).length >= this.options.sessionsPerUser ? 'session-limit' : 'welcome' };
  }

  knows(password: string): boolean {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(password), digest(this.password));
  }

  unlock(): void {
    this.#wrong.clear();
  }

  enter(session: Session, user: string): void {
    this.#sessions.set(session, user.toLowerCase());
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
