import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { translationId } from '../../contract/translation-id.ts';
import { SystemClock } from '../../gateway/clock.ts';
import { JournalSettings } from '../../journal/journal.settings.ts';
import { openSqliteJournal } from '../../journal/sqlite/sqlite.journal.ts';
import { main } from '../gatehouse.ts';
import { film, hostile } from '../../../test/support/films.ts';

let folder: string;
let settings: JournalSettings;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-screens-'));
  settings = Object.assign(new JournalSettings(), { path: join(folder, 'journal.db'), reserveBytes: 0 });
  vi.stubEnv('X', 'secret-word');
  writeFileSync(
    join(folder, 'gatehouse.yaml'),
    `journal: { path: ${settings.path}, reserveBytes: 0 }\nsystems: { servicenow: { soap: { url: "http://127.0.0.1:1", user: x, password: { env: X } } } }\n`,
  );
});
afterEach(() => {
  process.exitCode = 0;
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.stdout.removeAllListeners('error');
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (lines: string[]) => (text: unknown) => lines.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(into(out) as never);
  vi.spyOn(process.stderr, 'write').mockImplementation(into(err) as never);
  const status = await main(['--url', 'http://127.0.0.1:1', '--config', join(folder, 'gatehouse.yaml'), ...args]);
  vi.restoreAllMocks();
  // oxlint-disable-next-line no-control-regex -- colours
  const plain = (lines: string[]): string => lines.join('').replaceAll(/\u001b\[\d+m/g, '');
  return { status, stdout: plain(out), stderr: plain(err) };
}

describe('gatehouse screens without a terminal', () => {
  it('the films of a translation are listed as text, one call of it alone, what was clipped is said, and one is written to a file', async () => {
    const id = await translationWith(settings, [
      ['FindOrder', film([0, 'o', 'FOUND \x1b]0;x\x07'], [0.5, 'm', '{"map":"found"}'])],
      ['CreateOrder', hostile],
    ]);
    const listed = await run('screens', id.slice(0, 8), '--list');
    expect(listed.status).toBe(0);
    // oxlint-disable-next-line no-control-regex
    expect(listed.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(listed.stdout).toContain(`${id.slice(0, 8)} FindOrder, run 1  80 × 24`);
    expect(listed.stdout).toContain('0.500 s  map found\n  | FOUND\n');
    expect(listed.stdout).toContain(String.raw`0.100 s  map menu\x1b]0;PWNED\x07, step 1`);
    expect(listed.stdout).toContain("waited 100 ms, met: 'second' is met\n  | SECOND SCREEN\n");
    const one = await run('screens', id, '--call', 'FindOrder', '--json');
    expect(
      one.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      { rows: 24, columns: 80 },
      { at: 0.5, markers: ['{"map":"found"}'], screen: expect.arrayContaining([expect.stringContaining('FOUND')]) },
    ]);
    expect(await run('screens', id, '--call', 'Nothing', '--list')).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('FindOrder, CreateOrder'),
    });
    expect(await run('screens', id, '--out', join(folder, 'x.cast'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there are 2 recordings: say which by --call'),
    });
    expect((await run('screens', id, '--call', 'CreateOrder', '--out', join(folder, 'x.cast'))).status).toBe(0);
    expect(readFileSync(join(folder, 'x.cast'), 'utf8')).toBe(hostile);
    expect((await run('screens', id)).stderr).toContain('there is no terminal to play in');
    const big = await translationWith(
      settings,
      [['CreateOrder', film(...Array.from({ length: 20_000 }, (_, at) => [at / 100, 'o', `line ${at}\r\n`.padEnd(200)] as const))]],
      'big',
    );
    const clipped = await run('screens', big, '--list');
    expect(clipped.stderr).toMatch(/only the first and the last of its \d+ bytes are kept/);
    expect((await run('screens', big, '--out', join(folder, 'big.cast'))).status).toBe(0);
    for (const line of readFileSync(join(folder, 'big.cast'), 'utf8').trimEnd().split('\n')) JSON.parse(line);
  });
});

/** A translation in a journal, with films in the traces of its calls. */
async function translationWith(settings: JournalSettings, calls: readonly (readonly [name: string, cast: string])[], eventId = '1'): Promise<string> {
  const { journal } = await openSqliteJournal(settings, new SystemClock());
  try {
    const id = translationId('servicenow', 'open-incident', '/test', eventId);
    const payload = { requestId: 'R1', callerId: 'ann', summary: 'x' };
    const common = { id, system: 'servicenow', operation: 'open-incident', key: null, businessKey: null, passWhenParked: false };
    const [received] = await journal.receive(
      [
        {
          event: {
            attributes: { specversion: '1.0', id: eventId, source: '/test', type: 'com.acme.service.requested.v1' },
            data: Buffer.from(JSON.stringify(payload)),
          },
          size: 100,
          digest: 'd',
          correlation: 'c',
          hops: 0,
          translations: [{ ...common, keepBodies: true, begin: true, park: null }],
        },
      ],
      { nowMs: 1, build: 'test' },
    );
    const started = received?.started;
    if (started === undefined) throw new Error('not begun');
    for (const [name, cast] of calls)
      await journal.called(
        started,
        null,
        { seq: null, name, effect: 'read', digest: name, args: {}, run: 1, leftMs: 1, deadlineMs: 2, probeOf: null, later: null },
        { state: 'answered', answer: {} },
        [{ kind: 'note', atMs: 1, media: 'application/x-asciicast', bytes: Buffer.from(cast) }],
        2,
      );
    return id;
  } finally {
    await journal.close();
  }
}
