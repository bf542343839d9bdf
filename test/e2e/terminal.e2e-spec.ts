import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Adapter, type Calls, didNot, happened, once, Operation, read, type SystemHandle, type Translation } from '../../src/contract/index.ts';
import { Secret } from '../../src/contract/secret.ts';
import { StockRefused, StockReserved, StockWanted } from '../../src/practice/line/depot.events.ts';
import { type StockroomScreen } from '../../src/practice/stockroom/screens.ts';
import { PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { type TerminalFault } from '../../src/practice/terminal/terminal.faults.ts';
import { type CallsOf } from '../../src/transports/terminal/terminal.ts';
import { TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { TerminalTransport } from '../../src/transports/terminal/terminal.transport.ts';
import { type Rig, startRig } from '../support/gateway.ts';
import { stockroomLayout } from '../support/stockroom.layout.ts';

const canary = 'CANARY-secret&1';

type Stock = CallsOf<typeof stockroomLayout>;
const others = { FindReservations: read(), Item: read(), Items: read() } as const;
const probed: Calls<Stock> = {
  ...others,
  Reserve: once({
    probe: async ({ ref }, stock) => {
      const [found] = (await stock.call('FindReservations', { ref })).reservations;
      return found === undefined ? didNot : happened({ number: found.number, quantity: found.quantity });
    },
  }),
};
const unprobed: Calls<Stock> = { ...others, Reserve: once() };

@Operation({ accepts: StockWanted, replies: [StockReserved, StockRefused], key: 'customerId', businessKey: 'requestId' })
class ReserveAtTerminal implements Translation<StockWanted, Stock, StockReserved | StockRefused> {
  async translate({ requestId, sku, quantity }: StockWanted, stock: SystemHandle<Stock>) {
    const answer = await stock.call('Reserve', { ref: requestId, sku, quantity });
    if ('refused' in answer) return new StockRefused({ requestId, code: answer.refused, reason: answer.reason });
    return new StockReserved({ requestId, reservation: answer.number });
  }
}

const parts = { system: 'stock', about: 'The stockroom.', layouts: [stockroomLayout], operations: [ReserveAtTerminal] };
@Adapter({ ...parts, calls: probed })
class ProbedStock {}
@Adapter({ ...parts, calls: unprobed })
class UnprobedStock {}

interface Ground extends AsyncDisposable {
  readonly rig: Rig;
  readonly practice: PracticeStockroom;
}

async function start(adapter: typeof ProbedStock): Promise<Ground> {
  const practice = await PracticeStockroom.start({ password: canary });
  const terminal = Object.assign(new TerminalSettings(), {
    protocol: 'telnet',
    host: '127.0.0.1',
    port: practice.telnetPort,
    user: 'gatehouse',
    password: new Secret('env:STOCK_PASSWORD', canary),
    screenTimeoutMs: 2_000,
  });
  const rig = await startRig({
    adapters: [adapter],
    transports: [new TerminalTransport()],
    systems: { stock: { settings: { callTimeoutMs: 6_000, settleMs: 200 }, transports: { terminal } } },
  });
  return {
    rig,
    practice,
    [Symbol.asyncDispose]: async () => {
      await rig[Symbol.asyncDispose]();
      await practice.close();
    },
  };
}

const wanted = (requestId: string, more: object = {}) => ({ requestId, customerId: 'C', sku: 'SKU-1001', quantity: 2, ...more });
const type = 'com.acme.stock.wanted.v1';
const repliesOf = async (rig: Rig): Promise<string[]> => (await rig.replies()).map(({ data }) => Buffer.from(data ?? []).toString());

describe.concurrent('a reservation on a green screen', () => {
  it('is made once and answered, with its film in the journal and the password nowhere', async () => {
    await using ground = await start(ProbedStock);
    const { rig } = ground;
    const id = await rig.post(type, wanted('R1'));
    await rig.settled();
    const story = await rig.story(id);
    expect(story.translation.state).toBe('published');
    expect((await repliesOf(rig)).map((text) => JSON.parse(text) as object)).toEqual([{ requestId: 'R1', reservation: 'R000001' }]);
    const films = story.calls.flatMap((call) => call.parts).filter(({ media }) => media === 'application/x-asciicast');
    expect(films.map(({ body }) => Buffer.from(body.bytes ?? []).toString())).toEqual([expect.stringContaining('RESERVATION CONFIRMED')]);
    for (const file of readdirSync(rig.folder)) expect([file, readFileSync(join(rig.folder, file)).includes('CANARY')]).toEqual([file, false]);
    expect(JSON.stringify(rig.logs)).not.toContain('CANARY');
  });

  it('that the host refuses is answered with the refusal', async () => {
    await using ground = await start(ProbedStock);
    const { rig, practice } = ground;
    await rig.post(type, wanted('R1', { sku: 'SKU-1013' }));
    await rig.settled();
    expect(await repliesOf(rig)).toEqual([expect.stringContaining('"code":"TOO_FEW"')]);
    expect(practice.ledger()).toEqual([]);
  });

  it.each<TerminalFault<StockroomScreen>>([
    { kind: 'drop-before', screen: 'reserve' },
    { kind: 'drop-before', screen: 'confirm' },
    { kind: 'drop-after', screen: 'confirm' },
    { kind: 'silent', screen: 'confirm' },
    { kind: 'unconfirmed' },
    { kind: 'redisplay' },
    { kind: 'commit-late' },
    { kind: 'busy' },
  ])('is made once although the host fails: %o', async (fault) => {
    await using ground = await start(ProbedStock);
    const { rig, practice } = ground;
    practice.fault({ times: 1, ...fault });
    const id = await rig.post(type, wanted('R1'));
    await rig.settled(60_000);
    const { translation } = await rig.story(id);
    expect([translation.state, practice.ledger().map(({ ref }) => ref)], translation.failure?.message).toEqual(['published', ['R1']]);
    expect(await repliesOf(rig)).toEqual([JSON.stringify({ requestId: 'R1', reservation: 'R000001' })]);
  });

  it.each<[TerminalFault<StockroomScreen>, number]>([
    [{ kind: 'drop-after', screen: 'confirm' }, 1],
    [{ kind: 'unconfirmed' }, 1],
    [{ kind: 'redisplay' }, 0],
  ])('without a probe waits for a person when nobody can tell: %o', async (fault, made) => {
    await using ground = await start(UnprobedStock);
    const { rig, practice } = ground;
    practice.fault({ times: 1, ...fault });
    const id = await rig.post(type, wanted('R1'));
    await rig.settled(60_000);
    const story = await rig.story(id);
    expect([story.translation.state, story.translation.failure?.code, practice.ledger().length]).toEqual(['parked', 'IN_DOUBT', made]);
    expect(story.calls.flatMap((call) => call.parts).map(({ kind }) => kind)).toContain('note');
  });

  it('with a value that presses a key is parked before a key is pressed', async () => {
    await using ground = await start(ProbedStock);
    const { rig, practice } = ground;
    const id = await rig.post(type, wanted('R1\u001b[17~'));
    await rig.settled();
    const { translation } = await rig.story(id);
    expect([translation.state, translation.failure?.code]).toEqual(['parked', 'CALL_REFUSED_ARGUMENTS']);
    expect(practice.sessions()).toEqual({ attached: 0, held: 0 });
  });
});
