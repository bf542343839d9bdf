import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json } from '../../src/contract/json.ts';
import { type StockroomScreen } from '../../src/practice/stockroom/screens.ts';
import { type TerminalFault } from '../../src/practice/terminal/terminal.faults.ts';
import { type Rig } from '../support/gateway.ts';
import { askToReserve, booked, endOf, repliesOf, stockroomGround } from '../support/stockroom-ground.ts';

const patienceMs = 150_000;
const within = { timeout: patienceMs + 30_000 };
const eventually = { timeout: 60_000, interval: 20 };

const enquire = (rig: Rig, sku: string): Promise<string> => rig.post('com.acme.stock.enquired.v1', { sku });

type Fault = TerminalFault<StockroomScreen>;

describe.concurrent('a reservation whose answer was lost', () => {
  it('is put before a person when somebody else has taken its reference for another item meanwhile', within, async () => {
    await using ground = await stockroomGround({ settings: { callTimeoutMs: 3_000 }, terminal: { screenTimeoutMs: 1_500 } });
    const rig = await ground.gateway();
    ground.practice.fault({ kind: 'silent', screen: 'confirm', times: 1 });
    const id = await askToReserve(rig, 'R1');
    await expect.poll(() => ground.practice.faultsLeft(), eventually).toBe(0);
    ground.practice.reserve({ ref: 'R1', sku: 'SKU-1002', quantity: 2, customer: '' });
    await rig.settled(patienceMs);
    expect((await rig.story(id)).translation).toMatchObject({
      state: 'parked',
      failure: { code: 'IN_DOUBT', message: expect.stringContaining('1 reservation(s) have its reference') as string },
    });
    expect(ground.practice.ledger().map(({ user }) => user)).toEqual(['clerk']);
  });

  it('is put before a person when somebody else has made the same with the same reference meanwhile', within, async () => {
    await using ground = await stockroomGround();
    const rig = await ground.gateway();
    ground.practice.fault({ kind: 'commit-late', ms: 0, times: 1 });
    const id = await askToReserve(rig, 'R1');
    await expect.poll(() => ground.practice.ledger().length, eventually).toBe(1);
    ground.practice.reserve({ ref: 'R1', sku: 'SKU-1001', quantity: 2, customer: '' });
    await rig.settled(patienceMs);
    expect(await endOf(rig, id)).toBe('parked IN_DOUBT');
    expect(ground.practice.ledger()).toHaveLength(2);
  });

  it.each<[string, Fault, number]>([
    ['before the commit key', { kind: 'silent', screen: 'reserve' }, 0],
    ['after it, and it was saved', { kind: 'commit-late', ms: 0 }, 1],
    ['after it, and nothing was saved', { kind: 'silent', screen: 'confirm' }, 0],
  ])('as its gateway ended %s is made once by the next', within, async (_when, fault, made) => {
    await using ground = await stockroomGround({ line: 'ssh', settings: { callTimeoutMs: 5_000 }, terminal: { screenTimeoutMs: 4_000 } });
    const first = await ground.gateway(0);
    ground.practice.fault({ ...fault, times: 1 });
    await askToReserve(first, 'R1');
    await expect.poll(() => ground.practice.faultsLeft(), eventually).toBe(0);
    await expect.poll(() => ground.practice.ledger().length, eventually).toBe(made);
    await first.stop();
    const second = await ground.gateway();
    await second.settled(patienceMs);
    expect(booked(ground)).toEqual(['R1']);
    expect(await repliesOf(second)).toEqual([{ reference: 'R1', number: 'R000001' }]);
    expect(await ground.leaks(second)).toEqual([]);
  });
});

describe.concurrent('reservations', () => {
  it('with one reference are made once, whatever their events are called', within, async () => {
    await using ground = await stockroomGround();
    const rig = await ground.gateway();
    for (let n = 0; n < 3; n += 1) await askToReserve(rig, 'R1');
    await rig.settled(patienceMs);
    expect(booked(ground)).toEqual(['R1']);
    expect((await repliesOf(rig)).filter((reply) => 'code' in (reply as object))).toEqual(
      [1, 2].map(() => ({
        reference: 'R1',
        code: 'REFERENCE_IN_USE',
        reason: 'The stockroom has this reference already: R000001, 2 of SKU-1001.',
      })),
    );
  });

  it('side by side in sessions of their own are each made once, and the last of an item is given once', within, async () => {
    const users = ['GATE1', 'GATE2', 'GATE3'];
    await using ground = await stockroomGround({ line: 'ssh', host: { users } });
    const rig = await ground.gateway();
    const references = Array.from({ length: 12 }, (_, n) => `R${10 + n}`);
    for (const reference of references) await askToReserve(rig, reference, { sku: 'SKU-1017', quantity: 1 });
    await rig.settled(patienceMs);
    expect(ground.practice.ledger()).toHaveLength(3);
    const told = await repliesOf(rig);
    expect(told).toHaveLength(12);
    expect(told.filter((reply) => (reply as { code?: string }).code === 'NOT_ENOUGH_STOCK')).toHaveLength(9);
    expect(new Set(ground.practice.ledger().map(({ user }) => user)).size).toBeGreaterThan(1);
  });

  it('whose password is refused hold the system after one try, and it is told nowhere', within, async () => {
    await using ground = await stockroomGround({ line: 'telnet' });
    ground.practice.password = 'another';
    const rig = await ground.gateway();
    await askToReserve(rig, 'R1');
    await enquire(rig, 'SKU-1001');
    await expect.poll(() => rig.gateway.desk.systems()[0]?.availability, eventually).toBe('held');
    expect(ground.practice.signOns()).toHaveLength(1);
    expect(await rig.rows({ states: ['parked'] })).toEqual([]);
    expect(await ground.leaks(rig)).toEqual([]);
  });
});

describe.concurrent('a read', () => {
  it.each<Fault>([
    { kind: 'drop-before', screen: 'enquiry' },
    { kind: 'stale', screen: 'enquiry' },
    { kind: 'broadcast', screen: 'enquiry' },
  ])('of an item is asked again until it is answered: %o', within, async (fault) => {
    await using ground = await stockroomGround({ terminal: { screenTimeoutMs: 1_500 } });
    ground.practice.reserve({ ref: 'X', sku: 'SKU-1017', quantity: 1, customer: '' });
    ground.practice.fault({ ...fault, times: 1 });
    const rig = await ground.gateway();
    await enquire(rig, 'SKU-1017');
    await rig.settled(patienceMs);
    expect(await repliesOf(rig)).toEqual([{ sku: 'SKU-1017', description: 'HEX BOLT M12', onHand: 3, reserved: 1, available: 2, bin: 'E026' }]);
  });

  it.each<Fault>([
    { kind: 'drop-after', screen: 'list' },
    { kind: 'slow', screen: 'list', ms: 1 },
    { kind: 'broadcast', screen: 'list' },
  ])('of the list has every page once: %o', within, async (fault) => {
    await using ground = await stockroomGround({ line: 'ssh', settings: { callTimeoutMs: 40_000 }, terminal: { screenTimeoutMs: 20_000 } });
    ground.practice.fault({ ...fault, times: 1 });
    const rig = await ground.gateway();
    await rig.post('com.acme.locations.requested.v1', { requestId: 'L1' });
    await rig.settled(patienceMs);
    const [listed] = (await repliesOf(rig)) as { locations: { sku: string }[] }[];
    expect(listed?.locations.map(({ sku }) => sku)).toEqual(Array.from({ length: 48 }, (_, n) => `SKU-${1_001 + n}`));
  });
});

describe.concurrent('a value that is no value', () => {
  it.each<[string, object]>([
    ['reference', { reference: 'R1\r' }],
    ['reference', { reference: 'R1\u001b[17~' }],
    ['reference', { reference: 'A23456789012345678901' }],
    ['sku', { sku: 'SKU\t1001' }],
    ['sku', { sku: 'SKU-1001-23' }],
    ['quantity', { quantity: 10_000 }],
    ['quantity', { quantity: '1\n' }],
    ['customer', { customer: 'LINDEN\nCLINIC' }],
    ['customer', { customer: 'LINDEN\tCLINIC' }],
    ['customer', { customer: 'LINDEN\u009b17~' }],
    ['customer', { customer: '漢字' }],
    ['customer', { customer: 'L'.repeat(31) }],
  ])('in %s is refused by that name before a line is opened: %o', within, async (field, value) => {
    await using ground = await stockroomGround();
    const rig = await ground.gateway();
    const id = await askToReserve(rig, 'R1', value);
    await rig.settled(patienceMs);
    const { translation, calls } = await rig.story(id);
    expect([translation.state, translation.failure?.code, calls]).toEqual(['parked', 'EVENT_INVALID', []]);
    expect(translation.failure?.message).toContain(field);
    expect(ground.practice.sessions()).toEqual({ attached: 0, held: 0 });
  });

  it('is never made another: whatever a customer is called, the stockroom has it to the letter or not at all', within, async () => {
    const users = ['GATE1', 'GATE2', 'GATE3', 'GATE4'];
    const unit = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
      { weight: 3, arbitrary: fc.integer({ min: 0xa0, max: 0xff }) },
      { weight: 1, arbitrary: fc.constantFrom(0, 9, 10, 13, 0x1b, 0x7f, 0x9b, 0x300, 0x2028, 0x6f22, 0x1f600) },
    );
    const customer = fc.array(unit, { minLength: 1, maxLength: 32 }).map((codes) => String.fromCodePoint(...codes));
    await fc.assert(
      fc.asyncProperty(fc.array(customer, { minLength: 24, maxLength: 24 }), async (customers) => {
        await using ground = await stockroomGround({ host: { users } });
        const rig = await ground.gateway();
        const ids: string[] = [];
        for (const [n, name] of customers.entries()) ids.push(await askToReserve(rig, `R${n}`, { customer: name, quantity: 1 }));
        await rig.settled(patienceMs);
        const ends = await Promise.all(ids.map((id) => endOf(rig, id)));
        const there = new Map(ground.practice.ledger().map(({ ref, customer: kept }) => [ref, kept]));
        for (const [n, name] of customers.entries()) {
          expect(['published', 'parked EVENT_INVALID']).toContain(ends[n]);
          expect(there.get(`R${n}`)).toBe(ends[n] === 'published' ? name : undefined);
        }
        expect(ends).toContain('published');
      }),
      { numRuns: 1, endOnFailure: true },
    );
  });
});

it('the film of a reservation is in its trace, with a marker for every screen, the commit and the confirmation', within, async () => {
  await using ground = await stockroomGround({ line: 'ssh' });
  const rig = await ground.gateway();
  const id = await askToReserve(rig, 'R1', { customer: 'Linden' });
  await rig.settled(patienceMs);
  const { calls } = await rig.story(id);
  expect(calls.map(({ name }) => name)).toEqual(['FindReservations', 'Reserve']);
  const film = calls[1]?.parts.find(({ media }) => media === 'application/x-asciicast');
  const [head, ...events] = Buffer.from(film?.body.bytes ?? [])
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  expect(head).toMatchObject({ version: 2, width: 80, height: 24 });
  const marks = (events as [number, string, string][])
    .filter(([, kind]) => kind === 'm')
    .map(([, , mark]) => JSON.parse(mark) as Record<string, Json>);
  expect(marks.flatMap((mark) => ('step' in mark ? [mark['map']] : []))).toEqual(['menu', 'reservation', 'confirm', 'reserved']);
  expect(marks).toContainEqual({ confirmed: 'reserved' });
  expect(marks.findIndex((mark) => mark['pressed'] === 'f6')).toBe(marks.findIndex((mark) => 'commit' in mark) + 1);
  const typed = ['reference: R1', 'sku: SKU-1001', 'quantity: 2', 'customer: Linden'];
  const sent = calls[1]?.parts.find(({ kind }) => kind === 'sent');
  expect(Buffer.from(sent?.body.bytes ?? []).toString()).toBe(
    ['ctrl-u', 'choice: 2', 'enter', ...typed.flatMap((line) => ['ctrl-u', line, 'tab']).slice(0, -1), 'enter', 'f6', 'enter', ''].join('\n'),
  );
  expect(await ground.leaks(rig)).toEqual([]);
});
