import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowWindow } from './row-window.ts';

interface Row {
  readonly seq: number;
  readonly words: string;
}

/** The list of the gateway: any rows, the highest first, a page at a time. */
class Journal {
  readonly rows = new Map<number, Row>();

  set(seq: number, words: string): Row {
    const row = { seq, words };
    this.rows.set(seq, row);
    return row;
  }

  list(before: number | null, limit: number): { rows: Row[]; next: number | null } {
    const all = [...this.rows.values()].filter(({ seq }) => before === null || seq < before).sort((a, b) => b.seq - a.seq);
    return { rows: all.slice(0, limit), next: all.length > limit ? (all[limit - 1]?.seq ?? null) : null };
  }

  sorted(): Row[] {
    return this.list(null, Number.MAX_SAFE_INTEGER).rows;
  }
}

const pageRows = 4;

function fill(window: RowWindow<Row>, journal: Journal): void {
  for (let gap = window.gap(0, window.length + 1); gap !== null; gap = window.gap(0, window.length + 1)) {
    const { rows, next } = journal.list(gap.before, gap.count + 2);
    window.fill(gap.before, rows, next);
  }
}

const shown = (window: RowWindow<Row>): (Row | undefined)[] => Array.from({ length: window.length }, (_, index) => window.at(index));

const step = fc.oneof(
  fc.record({ kind: fc.constant('arrives' as const), words: fc.string() }),
  fc.record({ kind: fc.constant('changes' as const), pick: fc.nat(), words: fc.string() }),
  fc.record({ kind: fc.constant('fits now' as const), at: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant('changes unnoticed' as const), at: fc.integer({ min: 1, max: 260 }), words: fc.string() }),
  fc.record({ kind: fc.constant('goes unnoticed' as const), pick: fc.nat() }),
  fc.record({ kind: fc.constant('scrolls on' as const) }),
  fc.record({ kind: fc.constant('looks at' as const), first: fc.nat(60), rows: fc.nat(10) }),
  fc.record({ kind: fc.constant('truncates' as const), rows: fc.integer({ min: 1, max: 20 }) }),
);

describe('the window on a list', () => {
  it('shows, whatever happened, exactly what the journal has from the newest down to where it was read', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 40 }), fc.array(step, { maxLength: 60 }), (seqs, steps) => {
        const journal = new Journal();
        for (const seq of seqs) journal.set(seq, '');
        const window = new RowWindow<Row>();
        const first = journal.list(null, pageRows);
        window.reset(first.rows, first.next);
        for (const each of steps) {
          if (each.kind === 'arrives') window.put(journal.set(Math.max(200, ...journal.rows.keys()) + 3, each.words));
          if (each.kind === 'changes') {
            const seq = [...journal.rows.keys()][each.pick % Math.max(1, journal.rows.size)];
            if (seq !== undefined) window.put(journal.set(seq, each.words));
          }
          if (each.kind === 'fits now' && !journal.rows.has(each.at)) window.put(journal.set(each.at, 'now'));
          if (each.kind === 'changes unnoticed') journal.set(each.at, each.words);
          if (each.kind === 'goes unnoticed') journal.rows.delete([...journal.rows.keys()][each.pick % Math.max(1, journal.rows.size)] ?? 0);
          if (each.kind.endsWith('unnoticed')) window.doubtAll();
          if (each.kind === 'scrolls on' && window.next !== null) {
            const page = journal.list(window.next, pageRows);
            window.append(page.rows, page.next);
          }
          if (each.kind === 'looks at') window.keep(each.first, each.first + each.rows, 3);
          if (each.kind === 'truncates') window.truncate(each.rows);
        }
        fill(window, journal);
        const all = journal.sorted();
        expect(shown(window)).toEqual(window.next === null ? all : all.filter(({ seq }) => seq >= (window.next ?? 0)));
      }),
      { numRuns: 500 },
    );
  });

  it('holds no more rows than are near to what is seen, however far somebody scrolls', () => {
    const journal = new Journal();
    for (let seq = 1; seq <= 5_000; seq += 1) journal.set(seq, '');
    const window = new RowWindow<Row>();
    const first = journal.list(null, 100);
    window.reset(first.rows, first.next);
    let most = 0;
    while (window.next !== null) {
      const page = journal.list(window.next, 100);
      window.append(page.rows, page.next);
      window.keep(window.length - 40, window.length, 200);
      most = Math.max(most, window.held);
    }
    expect(window.length).toBe(5_000);
    expect(most).toBeLessThanOrEqual(500);
    expect(window.gap(0, 40)).toEqual({ before: null, count: 100 });
    expect(window.gap(250, 260)).toEqual({ before: 4_801, count: 100 });
  });

  it('places a row above and below what it has read nowhere', () => {
    const window = new RowWindow<Row>();
    window.reset([{ seq: 50, words: '' }], 50, 60);
    expect(window.isWhole).toBe(false);
    expect([70, 60, 55, 49].map((seq) => window.put({ seq, words: '' }))).toEqual(['above', 'above', 'inserted', 'below']);
    expect(shown(window).map((row) => row?.seq)).toEqual([55, 50]);
  });

  it('leaves a row that would be new where it is told to insert none', () => {
    const window = new RowWindow<Row>();
    window.reset([{ seq: 50, words: 'a' }], null);
    expect(window.put({ seq: 51, words: '' }, false)).toBe('inserted');
    expect(window.put({ seq: 50, words: 'b' }, false)).toBe('updated');
    expect(shown(window)).toEqual([{ seq: 50, words: 'b' }]);
  });
});
