import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExceptionDate, OpenInterval, OpeningHours } from '../contract/settings.ts';
import { OpeningClock } from './hours.ts';

type Days = OpenInterval['days'];
const everyDay: Days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

function hours(zone: string, weekly: { days: Days; from: string; to: string }[], except: Partial<ExceptionDate>[] = []): OpeningHours {
  return Object.assign(new OpeningHours(), {
    zone,
    weekly: weekly.map((interval) => Object.assign(new OpenInterval(), interval)),
    except: except.map((date) => Object.assign(new ExceptionDate(), date)),
  });
}

const at = (text: string): number => Date.parse(text);
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const opening = (of: OpeningHours, text: string) => {
  const state = new OpeningClock(of).at(at(text));
  return state.open ? `open until ${iso(state.closesMs)}` : `closed until ${iso(state.opensMs)}`;
};

describe('rule 36: opening hours', () => {
  const office = hours(
    'Europe/Berlin',
    [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }],
    [{ date: '2026-12-25' }, { date: '2026-12-24', from: '08:00', to: '12:00' }],
  );

  it('a working day opens and closes in the zone of the system', () => {
    expect(opening(office, '2026-11-20T06:59:59Z')).toBe('closed until 2026-11-20T07:00:00.000Z');
    expect(opening(office, '2026-11-20T07:00:00Z')).toBe('open until 2026-11-20T17:00:00.000Z');
    expect(opening(office, '2026-11-20T17:00:00Z')).toBe('closed until 2026-11-23T07:00:00.000Z');
  });

  it('an exception date replaces the week', () => {
    expect(opening(office, '2026-12-24T10:59:00Z')).toBe('open until 2026-12-24T11:00:00.000Z');
    expect(opening(office, '2026-12-24T11:00:00Z')).toBe('closed until 2026-12-28T07:00:00.000Z');
  });

  it('an interval crosses midnight, and two that touch are one', () => {
    const night = hours('UTC', [
      { days: ['mon'], from: '22:00', to: '06:00' },
      { days: ['tue'], from: '06:00', to: '07:00' },
    ]);
    expect(opening(night, '2026-11-24T03:00:00Z')).toBe('open until 2026-11-24T07:00:00.000Z');
    expect(opening(night, '2026-11-24T07:00:00Z')).toBe('closed until 2026-11-30T22:00:00.000Z');
  });

  it('always open has no closing time, never open no opening time', () => {
    expect(opening(hours('Europe/Berlin', [{ days: everyDay, from: '00:00', to: '24:00' }]), '2026-11-20T12:00:00Z')).toBe('open until null');
    expect(opening(hours('Europe/Berlin', []), '2026-11-20T12:00:00Z')).toBe('closed until null');
  });

  it('the spring night: an opening time that does not exist is the moment after the gap', () => {
    const night = hours('Europe/Berlin', [{ days: everyDay, from: '02:30', to: '05:00' }]);
    expect(opening(night, '2026-03-29T00:59:59Z')).toBe('closed until 2026-03-29T01:00:00.000Z');
    expect(opening(night, '2026-03-29T01:00:00Z')).toBe('open until 2026-03-29T03:00:00.000Z');
    const closes = hours('Europe/Berlin', [{ days: everyDay, from: '01:00', to: '02:30' }]);
    expect(opening(closes, '2026-03-29T00:30:00Z')).toBe('open until 2026-03-29T01:00:00.000Z');
    expect(opening(hours('America/New_York', [{ days: ['sun'], from: '02:15', to: '04:00' }]), '2026-03-08T06:00:00Z')).toBe(
      'closed until 2026-03-08T07:00:00.000Z',
    );
  });

  it('the autumn night: a time that exists twice opens at the first and closes at the second', () => {
    const night = hours('Europe/Berlin', [{ days: everyDay, from: '02:30', to: '02:45' }]);
    expect(opening(night, '2026-10-25T00:29:59Z')).toBe('closed until 2026-10-25T00:30:00.000Z');
    expect(opening(night, '2026-10-25T00:30:00Z')).toBe('open until 2026-10-25T01:45:00.000Z');
    expect(opening(hours('America/New_York', [{ days: everyDay, from: '01:30', to: '03:00' }]), '2026-11-01T05:30:00Z')).toBe(
      'open until 2026-11-01T08:00:00.000Z',
    );
  });

  it('a zone whose clocks move by half an hour', () => {
    const night = hours('Australia/Lord_Howe', [{ days: everyDay, from: '02:15', to: '04:00' }]);
    expect(opening(night, '2026-10-03T15:29:00Z')).toBe('closed until 2026-10-03T15:30:00.000Z');
    expect(opening(night, '2026-04-04T14:59:00Z')).toBe('closed until 2026-04-04T15:45:00.000Z');
    const twice = hours('Australia/Lord_Howe', [{ days: everyDay, from: '01:45', to: '01:50' }]);
    expect(opening(twice, '2026-04-04T14:40:00Z')).toBe('closed until 2026-04-04T14:45:00.000Z');
    expect(opening(twice, '2026-04-04T14:45:00Z')).toBe('open until 2026-04-04T15:20:00.000Z');
  });

  it('one clock asked again and again says what a fresh one says, also when time jumps back', () => {
    const clock = new OpeningClock(office);
    fc.assert(
      fc.property(fc.integer({ min: at('2026-03-01T00:00:00Z'), max: at('2026-12-31T00:00:00Z') }), (ms) => {
        const [known, fresh] = [clock.at(ms), new OpeningClock(office).at(ms)];
        expect(known).toEqual(fresh);
      }),
      { numRuns: 200 },
    );
  });

  it('every change it announces is one, and nothing changes before it', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '45'))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
    const weekly = fc.array(fc.record({ days: fc.subarray(everyDay, { minLength: 1 }), from: time, to: time }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'),
        weekly,
        fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2026-12-31T00:00:00Z') }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (zone, week, ms, share) => {
          const of = hours(zone, week);
          const state = new OpeningClock(of).at(ms);
          const changes = state.open ? state.closesMs : state.opensMs;
          if (changes === null) return;
          expect(changes).toBeGreaterThan(ms);
          expect(new OpeningClock(of).at(changes).open).toBe(!state.open);
          expect(new OpeningClock(of).at(Math.min(changes - 1, Math.floor(ms + (changes - ms) * share))).open).toBe(state.open);
        },
      ),
      { numRuns: 150 },
    );
  });
});
