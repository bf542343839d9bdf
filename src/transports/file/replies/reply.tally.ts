import { type GatehouseError } from '../../../contract/errors.ts';
import { type LaterVerdict, type ReplyStatus } from '../../../contract/transport.ts';
import { type ReadReport } from './reply.reader.ts';

/** What became of the reply files of one kind, and what is in the way of more. */
export class ReplyTally {
  readonly #kind: string;
  readonly #about: string;
  readonly #verdicts: Record<LaterVerdict, number> = { answered: 0, evidence: 0, candidate: 0 };
  #files = 0;
  #refused = 0;
  #badRecords = 0;
  #last: string | null = null;
  #lastMs: number | null = null;
  #lastLookMs: number | null = null;
  #failingSinceMs: number | null = null;
  #reason: string | null = null;

  constructor(kind: string, about: string) {
    this.#kind = kind;
    this.#about = about;
  }

  get isFailing(): boolean {
    return this.#failingSinceMs !== null;
  }

  /** A file has been read to its end, and what it answers is durable. */
  read(name: string, { refused, badRecords, verdicts }: ReadReport, wallMs: number): void {
    this.#files += 1;
    this.#refused += refused === null ? 0 : 1;
    this.#badRecords += badRecords;
    for (const verdict of Object.keys(verdicts) as LaterVerdict[]) this.#verdicts[verdict] += verdicts[verdict];
    this.#last = name;
    this.#lastMs = wallMs;
  }

  /** A look is over; `error` says what was in its way. */
  looked(error: GatehouseError | null, wallMs: number): void {
    if (error === null) this.#lastLookMs = wallMs;
    this.#failingSinceMs = error === null ? null : (this.#failingSinceMs ?? wallMs);
    this.#reason = error === null ? null : `${error.code}: ${error.message}`;
  }

  status(): ReplyStatus {
    return {
      kind: this.#kind,
      about: this.#about,
      lastLookMs: this.#lastLookMs,
      failingSinceMs: this.#failingSinceMs,
      reason: this.#reason,
      last: this.#last,
      lastMs: this.#lastMs,
      files: this.#files,
      refused: this.#refused,
      badRecords: this.#badRecords,
      verdicts: { ...this.#verdicts },
    };
  }
}
