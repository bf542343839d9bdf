import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { type Composed, startComposed } from '../support/composed.ts';
import { adapterWith, reserve } from '../support/depot.ts';

let depot: PracticeDepot;
let gateway: Composed;
beforeEach(async () => {
  depot = await PracticeDepot.start({ password: 'CANARY-password' });
  gateway = await startComposed(depot, {
    adapter: adapterWith((event, system) => {
      if (event.ref.includes('throws')) throw new Error(`no shelf for ${event.ref}`);
      return reserve(event, system);
    }),
    env: {
      GATEHOUSE_GATEWAY__NAME: 'east',
      GATEHOUSE_GATEWAY__LOGLEVEL: 'debug',
      GATEHOUSE_SYSTEMS__DEPOT__LINE__PASSWORD__ENV: 'DEPOT_PASSWORD',
      DEPOT_PASSWORD: 'CANARY-password',
    },
  });
});
afterEach(async () => {
  await gateway.stop();
  rmSync(gateway.folder, { recursive: true, force: true });
  await depot.close();
});

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const ask = (ref: string, attributes: Record<string, string> = {}) =>
  gateway.post('test.asked.v1', { ref: `CANARY-${ref}` }, { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, ...attributes });

interface Line {
  readonly level: number;
  readonly time: number;
  readonly name: string;
  readonly msg: string;
  readonly code?: string;
  readonly [id: string]: unknown;
}

const lines = (): Line[] => gateway.logs.map((line) => JSON.parse(line) as Line);

/** A translation that is done, one whose code throws, an id used twice, a request that is none, a system that goes and comes back. */
async function everythingHappens(): Promise<{ thrown: string; reused: string }> {
  await gateway.becomes(await ask('good', { id: 'good' }), 'published');
  const thrown = await ask('throws', { id: 'bad' });
  await gateway.becomes(thrown, 'parked');
  const reused = await ask('other', { id: 'good' });
  await fetch(`${gateway.url}/events`, { method: 'POST', headers: { 'content-type': 'application/cloudevents+json' }, body: '{"CANARY' });
  await depot.stop();
  const held = await ask('down', { id: 'down' });
  await expect.poll(() => lines().some(({ msg }) => msg.includes('is down'))).toBe(true);
  await depot.reopen();
  await gateway.becomes(held, 'published');
  await gateway.stop();
  return { thrown, reused };
}

describe('the log', () => {
  it('every line is JSON with level, time, the name of the gateway, a message in words and the ids of what it is about', async () => {
    const { thrown, reused } = await everythingHappens();
    for (const line of lines()) {
      expect(line).toMatchObject({
        level: expect.any(Number),
        time: expect.any(Number),
        name: 'east',
        msg: expect.stringMatching(/^[^{}[\]]+$/),
        system: 'depot',
      });
      if (line.level > 30) expect(line.code).toMatch(/^[A-Z_]+$/);
    }
    const ids = { system: 'depot', operation: 'ask', trace: traceId };
    expect(lines()).toMatchObject([
      { ...ids, translation: thrown, event: 'bad', run: 1, code: 'DEFECT', msg: expect.stringContaining('parked') },
      { ...ids, translation: reused, event: 'good', code: 'EVENT_ID_REUSED', msg: expect.stringContaining('parked on arrival') },
      { code: 'UNREACHABLE', msg: expect.stringContaining('depot is down') },
      { level: 30, msg: 'depot answers again' },
    ]);
  });

  it('holds no payload and no secret, whatever went wrong', async () => {
    await everythingHappens();
    expect(lines().length).toBeGreaterThan(3);
    expect(gateway.logs.join('')).not.toContain('CANARY');
    expect(gateway.logs.join('')).not.toContain(depot.password);
  });
});
