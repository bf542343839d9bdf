/** What the sessions of a link with its system are doing. Users are named, secrets never. */
export interface SessionsStatus {
  readonly sessions: readonly SessionStatus[];
  /** Calls that wait for a session. */
  readonly waiting: number;
  /** Since the start: log-ins that led to a session, and those that did not. */
  readonly logIns: number;
  readonly failedLogIns: number;
}

/** One user id, which is in one session at a time. */
export interface SessionStatus {
  readonly user: string;
  /** `resting`: not logged in again before a time that the error tells. `refused`: not before its secret changes or a person resumes the system. */
  readonly state: SessionState;
  /** Wall clock, ms. */
  readonly sinceMs: number;
  /** Of the session that stands: calls it has served, and how old it is, ms. */
  readonly uses: number;
  readonly ageMs: number;
  /** What went wrong last, until a log-in succeeds. */
  readonly error: string | null;
}

export const sessionStates = ['closed', 'opening', 'idle', 'lent', 'recovering', 'closing', 'resting', 'refused'] as const;
export type SessionState = (typeof sessionStates)[number];
