import { type ReadPosting } from './posting.reader.ts';

/** What was really booked, in order: the judge. */
export interface BookEntry {
  readonly bookingNumber: number;
  readonly postingId: string;
  readonly debit: string;
  readonly credit: string;
  /** Hundredths. */
  readonly amount: bigint;
  /** 20261120 */
  readonly bookedOn: string;
  readonly text: readonly string[];
}

export interface PostingResult {
  readonly postingId: string;
  /** Null when it was rejected. */
  readonly bookingNumber: number | null;
  readonly bookedOn: string;
  /** 0 when it was booked. */
  readonly code: number;
  readonly reason: string;
}

export interface AccountDay {
  readonly account: string;
  readonly currency: string;
  readonly bookedOn: string;
  readonly opening: bigint;
  readonly closing: bigint;
  readonly movements: readonly { readonly bookingNumber: number; readonly postingId: string; readonly amount: bigint }[];
}

/** Why the ledger rejects, by its codes. */
const reasons: Readonly<Record<number, string>> = {
  1001: 'ACCOUNT UNKNOWN',
  1002: 'DEBIT AND CREDIT ARE ONE ACCOUNT',
  1003: 'VALUE DATE IS NO DAY',
  1004: 'POSTING ID WAS BOOKED BEFORE',
  1005: 'CURRENCY IS NOT THAT OF THE ACCOUNT',
  1006: 'NOTHING TO REVERSE',
  1007: 'ACCOUNT IS BLOCKED',
  9001: 'FILE REFUSED BY OPERATOR',
};

/** Accounts and what was booked on them. */
export class Book {
  readonly entries: BookEntry[] = [];
  readonly #accounts = new Map<string, { readonly currency: string; readonly blocked: boolean }>();

  account(account: string, { currency = 'EUR', blocked = false }: { currency?: string; blocked?: boolean } = {}): void {
    this.#accounts.set(account, { currency, blocked });
  }

  take(posting: ReadPosting, bookedOn: string, refused: boolean): PostingResult {
    const { postingId, debit, credit, amount, text } = posting;
    const code = refused ? 9001 : this.#objection(posting);
    if (code !== 0) return { postingId, bookingNumber: null, bookedOn, code, reason: reasons[code] ?? '' };
    const bookingNumber = this.entries.length + 1;
    this.entries.push({ bookingNumber, postingId, debit, credit, amount, bookedOn, text });
    return { postingId, bookingNumber, bookedOn, code: 0, reason: '' };
  }

  /** Every account that something was booked on from this booking number on. */
  statements(from: number, bookedOn: string): AccountDay[] {
    const fresh = this.entries.filter(({ bookingNumber }) => bookingNumber >= from);
    const touched = [...new Set(fresh.flatMap(({ debit, credit }) => [debit, credit]))].sort();
    return touched.map((account) => {
      const opening = this.#balance(account, this.entries.slice(0, from - 1));
      const movements = fresh
        .filter(({ debit, credit }) => debit === account || credit === account)
        .map(({ bookingNumber, postingId, debit, amount }) => ({ bookingNumber, postingId, amount: debit === account ? -amount : amount }));
      const closing = movements.reduce((sum, { amount }) => sum + amount, opening);
      return { account, currency: this.#accounts.get(account)?.currency ?? '', bookedOn, opening, closing, movements };
    });
  }

  #balance(account: string, entries: readonly BookEntry[]): bigint {
    return entries.reduce((sum, { debit, credit, amount }) => sum + (credit === account ? amount : 0n) - (debit === account ? amount : 0n), 0n);
  }

  #objection({ postingId, kind, debit, credit, amount, currency, valueDate, reverses }: ReadPosting): number {
    const sides = [debit, credit].map((account) => this.#accounts.get(account));
    if (sides.includes(undefined)) return 1001;
    if (debit === credit) return 1002;
    if (!isDay(valueDate)) return 1003;
    if (this.entries.some((entry) => entry.postingId === postingId)) return 1004;
    if (sides.some((side) => side?.currency !== currency)) return 1005;
    if (sides.some((side) => side?.blocked)) return 1007;
    const original = this.entries.find((entry) => entry.postingId === reverses);
    if (kind === 'R' && (original?.amount !== -amount || original.debit !== debit || original.credit !== credit)) return 1006;
    return 0;
  }
}

function isDay(text: string): boolean {
  const day = text.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
  return !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
}
