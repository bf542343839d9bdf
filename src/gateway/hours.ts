import { type OpeningHours } from '../contract/settings.ts';

export type Opening = { readonly open: true; readonly closesMs: number | null } | { readonly open: false; readonly opensMs: number | null };

type Day = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

const dayMs = 86_400_000;
const days: readonly Day[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** How far ahead the next change is looked for: beyond a week and any run of exception dates that people write. */
const horizonDays = 400;

/** A local calendar date as the UTC midnight of the same date. */
type LocalDate = number;

/** Opening hours of one system in its zone. Asking costs nothing until the next change. */
export class OpeningClock {
  readonly #hours: OpeningHours;
  readonly #zone: Zone;
  #known: { fromMs: number; untilMs: number; opening: Opening } | null = null;

  constructor(hours: OpeningHours) {
    this.#hours = hours;
    this.#zone = new Zone(hours.zone);
  }

  at(wallMs: number): Opening {
    if (this.#known === null || wallMs < this.#known.fromMs || wallMs >= this.#known.untilMs) this.#known = this.#look(wallMs);
    return this.#known.opening;
  }

  #look(wallMs: number): { fromMs: number; untilMs: number; opening: Opening } {
    const today = this.#zone.dateOf(wallMs);
    let openUntil: number | null = null;
    for (let offset = -1; offset <= horizonDays; offset += 1) {
      for (const { fromMs, toMs } of this.#intervals(today + offset * dayMs)) {
        if (openUntil === null && toMs <= wallMs) continue;
        if (openUntil === null && fromMs > wallMs) return { fromMs: wallMs, untilMs: fromMs, opening: { open: false, opensMs: fromMs } };
        if (openUntil !== null && fromMs > openUntil) return opened(wallMs, openUntil);
        openUntil = Math.max(openUntil ?? toMs, toMs);
      }
    }
    if (openUntil === null) return { fromMs: wallMs, untilMs: wallMs + dayMs, opening: { open: false, opensMs: null } };
    // An unbroken chain up to the horizon is no closing time.
    return openUntil > wallMs + (horizonDays - 2) * dayMs
      ? { fromMs: wallMs, untilMs: wallMs + dayMs, opening: { open: true, closesMs: null } }
      : opened(wallMs, openUntil);
  }

  /** The intervals that begin on a local date, in order. An exception date replaces what the week says for it. */
  #intervals(date: LocalDate): { fromMs: number; toMs: number }[] {
    const { weekly, except } = this.#hours;
    const exceptions = except.filter((exception) => Date.parse(`${exception.date}T00:00:00Z`) === date);
    const day = days[new Date(date).getUTCDay()] as Day;
    const spans =
      exceptions.length > 0
        ? exceptions.flatMap(({ from, to }) => (from === undefined && to === undefined ? [] : [{ from: from ?? '00:00', to: to ?? '24:00' }]))
        : weekly.filter((interval) => interval.days.includes(day));
    return spans
      .map(({ from, to }) => {
        const [start, end] = [minutesOf(from), minutesOf(to)];
        return { fromMs: this.#zone.first(date + start * 60_000), toMs: this.#zone.last(date + (end <= start ? end + 1_440 : end) * 60_000) };
      })
      .filter(({ fromMs, toMs }) => fromMs < toMs)
      .sort((a, b) => a.fromMs - b.fromMs);
  }
}

function opened(wallMs: number, closesMs: number): { fromMs: number; untilMs: number; opening: Opening } {
  return { fromMs: wallMs, untilMs: closesMs, opening: { open: true, closesMs } };
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** An IANA zone, by the runtime's own tables. */
class Zone {
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** The local time of an instant, written as if it were UTC. */
  #local(wallMs: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(wallMs)) part[type] = Number(value);
    return Date.UTC(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'], part['hour'], part['minute'], part['second']);
  }

  #offset(wallMs: number): number {
    return this.#local(wallMs) - Math.floor(wallMs / 1_000) * 1_000;
  }

  dateOf(wallMs: number): LocalDate {
    return Math.floor(this.#local(wallMs) / dayMs) * dayMs;
  }

  /** The first instant at or after this local time: of a time that exists twice the first, of one that does not exist the end of the gap. */
  first(local: number): number {
    return this.#instants(local)[0] ?? this.#afterGap(local);
  }

  /** The last instant of this local time: of a time that exists twice the second. */
  last(local: number): number {
    return this.#instants(local).at(-1) ?? this.#afterGap(local);
  }

  #instants(local: number): number[] {
    const offsets = new Set([this.#offset(local - dayMs), this.#offset(local + dayMs)]);
    return [...offsets]
      .map((offset) => local - offset)
      .filter((instant) => this.#local(instant) === local)
      .sort((a, b) => a - b);
  }

  /** Where the gap ends: the instant at which the offset before it gives way to the one after. */
  #afterGap(local: number): number {
    let [before, after] = [local - this.#offset(local + dayMs) - dayMs, local - this.#offset(local - dayMs) + dayMs];
    const offset = this.#offset(before);
    while (after - before > 1_000) {
      const middle = Math.floor((before + after) / 2_000) * 1_000;
      if (this.#offset(middle) === offset) before = middle;
      else after = middle;
    }
    return after;
  }
}
