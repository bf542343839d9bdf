import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Adapter } from '../../src/contract/adapter.ts';
import { Operation } from '../../src/contract/operation.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineSettings, LineTransport } from '../../src/practice/line/line.transport.ts';
import { Asked, Told, adapterWith, ask, reserve } from '../support/depot.ts';
import { startRig } from '../support/gateway.ts';

let depot: PracticeDepot;
beforeEach(async () => {
  depot = await PracticeDepot.start();
});
afterEach(() => depot.close());

/** An adapter without transports: what the depot told becomes another question. */
class AskAgain {
  translate(told: Told): Asked {
    return Object.assign(new Asked(), { ref: `${told.text}-again` });
  }
}
Operation({ accepts: Told, replies: [Asked] })(AskAgain);
class Router {}
Adapter({ system: 'router', about: 'Sends answers on as questions.', layouts: [], calls: {}, operations: [AskAgain] })(Router);

describe('adapters without a transport', () => {
  it('rules 33 and 34: a reply that another operation accepts goes on by itself, with its correlation, until the hop count says it is a loop', async () => {
    const line = Object.assign(new LineSettings(), { port: depot.port });
    await using rig = await startRig({
      adapters: [adapterWith(reserve), Router],
      transports: [new LineTransport()],
      systems: { depot: { transports: { line } }, router: {} },
    });
    await ask(rig, 'A');
    await expect.poll(async () => (await rig.rows({ states: ['parked'] })).length).toBe(1);
    const rows = await rig.rows();
    const parked = rows.find(({ state }) => state === 'parked');
    expect(parked?.failure?.code).toBe('LOOP');
    expect(rows).toHaveLength(52);
    expect(new Set(rows.map(({ correlation }) => correlation)).size).toBe(1);
    expect(new Set(depot.ledger().map(({ ref }) => ref)).size).toBe(depot.ledger().length);
  });
});
