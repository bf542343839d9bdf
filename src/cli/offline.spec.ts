import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { translationId } from '../contract/translation-id.ts';
import { SystemClock } from '../gateway/clock.ts';
import { JournalSettings } from '../journal/journal.settings.ts';
import { openSqliteJournal } from '../journal/sqlite/sqlite.journal.ts';
import { NoGateway } from './exit.ts';
import { listOffline, storyOffline } from './offline.ts';

let folder: string;
let settings: JournalSettings;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-offline-'));
  settings = Object.assign(new JournalSettings(), { path: join(folder, 'data', 'journal.db'), reserveBytes: 0 });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the journal opened by the command line', () => {
  it('rule 39: none is made where there is none, and that is said', async () => {
    await expect(listOffline(settings, {}, { limit: 5 })).rejects.toThrow(NoGateway);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('rule 42: sensitive fields are masked as the gateway masks them', async () => {
    const { journal } = await openSqliteJournal(settings, new SystemClock());
    const type = 'com.acme.service.requested.v1';
    const id = translationId('servicenow', 'open-incident', '/test', '1');
    const payload = { requestId: 'R1', callerId: 'ann', summary: 'x', callerPhone: '+49 555 0199' };
    await journal.receive(
      [
        {
          event: { attributes: { specversion: '1.0', id: '1', source: '/test', type }, data: Buffer.from(JSON.stringify(payload)) },
          size: 100,
          digest: 'd',
          correlation: 'c',
          hops: 0,
          translations: [
            {
              id,
              system: 'servicenow',
              operation: 'open-incident',
              key: null,
              businessKey: 'R1',
              passWhenParked: false,
              keepBodies: true,
              begin: false,
              park: null,
            },
          ],
        },
      ],
      { nowMs: 1, build: 'test' },
    );
    await journal.close();
    const story = await storyOffline(settings, id);
    expect(story.event.data.text).toContain('"requestId":"R1"');
    expect(JSON.stringify(story)).not.toContain('555 0199');
    expect((await listOffline(settings, {}, { limit: 5 })).rows).toMatchObject([{ id, businessKey: 'R1' }]);
  });
});
