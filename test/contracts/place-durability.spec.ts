import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { need } from '../support/needs.ts';

const program = resolve(import.meta.dirname, '../../dist/test/support/durable-drop.js');

/** A call of the system: where in the trace it began and where it was over. */
interface Call {
  readonly text: string;
  readonly beganAt: number;
  overAt: number;
}

/** The calls in a trace of `strace -f`, in which one may be begun in one line and over in another. */
function callsIn(trace: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Call>();
  for (const [index, line] of trace.split('\n').entries()) {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (text.startsWith('<... ')) {
      const call = open.get(thread);
      if (call !== undefined) call.overAt = index;
    } else if (text !== '') {
      const call = { text, beganAt: index, overAt: text.endsWith('<unfinished ...>') ? Number.POSITIVE_INFINITY : index };
      calls.push(call);
      open.set(thread, call);
    }
  }
  return calls;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-durable-'));
  mkdirSync(join(folder, 'place', 'out'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a local drop, as the kernel sees it', () => {
  it.each([1, 16])('of %i side by side each is synced before it has its name, and its name before it is answered', (drops) => {
    const trace = join(folder, `trace-${drops}`);
    const place = join(folder, 'place');
    rmSync(join(place, 'out'), { recursive: true });
    mkdirSync(join(place, 'out'));
    const options = ['-f', '-y', '-e', 'trace=fdatasync,fsync,link,linkat,unlink,unlinkat,write', '-s', '128', '-o', trace];
    execFileSync(need('strace', 'strace'), [...options, process.execPath, program, place, String(drops)]);
    expect(readdirSync(join(place, 'out'))).toHaveLength(drops);
    const calls = callsIn(readFileSync(trace, 'utf8'));
    const first = (what: string, fits: (call: Call) => boolean): Call => {
      const call = calls.find(fits);
      if (call === undefined) throw new Error(`the trace has no ${what}`);
      return call;
    };
    for (let index = 0; index < drops; index += 1) {
      const named = first(`name F${index}`, ({ text }) => /^link(?:at)?\(/.test(text) && text.includes(`/F${index}"`));
      const temporary = /\.gatehouse-[0-9a-f]{32}/.exec(named.text)?.[0] ?? '?';
      const synced = first('sync of the content', ({ text }) => text.startsWith('fdatasync(') && text.includes(temporary));
      const answered = first('answer', ({ text }) => text.startsWith('write(') && text.includes(`"answered F${index}\\n"`));
      expect(synced.overAt, 'the content is synced before the name is given').toBeLessThan(named.beganAt);
      const syncs = calls.filter(({ text, beganAt, overAt }) => {
        const isOfDirectory = text.startsWith('fsync(') && text.includes(`<${join(place, 'out')}>`);
        return isOfDirectory && beganAt > named.overAt && overAt < answered.beganAt;
      });
      expect(syncs.length, 'a sync of the directory begins after the name is given and is over before the answer').toBeGreaterThan(0);
    }
    const all = calls.filter(({ text }) => text.startsWith('fsync(') && text.includes(`<${join(place, 'out')}>`));
    // Whoever waits shares a sync.
    expect(all.length).toBeLessThanOrEqual(drops);
    if (drops > 1) expect(all.length).toBeLessThan(drops);
  });
});
