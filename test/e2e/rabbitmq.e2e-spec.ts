import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RabbitmqBus } from '../../src/bus/rabbitmq/rabbitmq.bus.ts';
import { BindingSettings, RabbitmqSettings, RabbitmqTlsSettings } from '../../src/bus/rabbitmq/rabbitmq.settings.ts';
import { type Bus, type Consumer, type Delivery } from '../../src/contract/bus.ts';
import { type Story } from '../../src/contract/journal-reader.ts';
import { Secret } from '../../src/contract/secret.ts';
import { BusDoor } from '../../src/gateway/bus-door.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { Told, adapterWith, reserve, startDepotRig } from '../support/depot.ts';
import { startComposed } from '../support/composed.ts';
import { type Cable, cableTo } from '../support/cable.ts';
import { type Rig, type RigOptions, eventOf } from '../support/gateway.ts';
import { accountOf } from '../crash/verify.ts';
import { need } from '../support/needs.ts';
import { Rabbitmq } from '../support/rabbitmq.ts';
import { Witness } from '../support/witness.ts';

let rabbitmq: Rabbitmq;
let depot: PracticeDepot;
let witness: Witness;
let cable: Cable;
let exchange: string;
let made = 0;

beforeAll(async () => {
  rabbitmq = await Rabbitmq.start();
}, 120_000);
afterAll(() => rabbitmq.stop(), 30_000);
beforeEach(async () => {
  exchange = `e2e-${(made += 1)}`;
  depot = await PracticeDepot.start();
  cable = await cableTo(rabbitmq.port);
  witness = await Witness.open(rabbitmq.port, exchange);
});
afterEach(async () => {
  await witness.close();
  await cable.close();
  await depot.close();
});

const queue = (): string => `${exchange}.depot`;

interface Options {
  readonly rabbitmq?: Partial<RabbitmqSettings>;
  readonly settings?: object;
  readonly maxEventBytes?: number;
  readonly wrap?: RigOptions['wrap'];
  readonly keyed?: boolean;
  readonly refusedRetryMs?: number;
}

/** A gateway on this RabbitMQ, over the cable. */
function start({ rabbitmq: changes, settings, keyed, refusedRetryMs, ...options }: Options = {}): Promise<Rig> {
  const own = Object.assign(
    new RabbitmqSettings(),
    { host: '127.0.0.1', port: cable.port, password: new Secret('p', 'guest'), exchange, queuePrefix: `${exchange}.`, heartbeatSeconds: 1 },
    changes,
  );
  const bus = ({ clock, log }: Parameters<NonNullable<RigOptions['bus']>>[0]): Bus =>
    new RabbitmqBus({
      settings: own,
      clock,
      log,
      maxEventBytes: options.maxEventBytes ?? 4_000_000,
      gateway: 'e2e',
      ...(refusedRetryMs === undefined ? {} : { refusedRetryMs }),
    });
  return startDepotRig(depot, adapterWith(reserve, { keyed: keyed === true }), { bus, settings: settings ?? {}, ...options });
}

const asked = (ref: string, more: object = {}) => eventOf('test.asked.v1', { ref, ...more });
const named = (count: number, prefix: string, more: object = {}) => Array.from({ length: count }, (_, n) => asked(`${prefix}${n}`, more));
const told = (): string[] => witness.replies('test.told.v1').map(({ id }) => id);
const reserved = (): string[] => depot.ledger().map(({ ref }) => ref);

async function repliesOf(rig: Rig): Promise<Story['replies']> {
  const [row] = await rig.rows();
  return row === undefined ? [] : (await rig.story(row.id)).replies;
}

/** A certificate authority of its own, and a certificate for localhost. */
function certificates(): { folder: string; ca: string; certificate: string; key: string } {
  const openssl = need('openssl', 'openssl');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'));
  const run = (...args: string[]): void => void execFileSync(openssl, args, { cwd: folder, stdio: 'ignore' });
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost');
  run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=practice CA');
  run('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  run(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.pem',
    '-days',
    '2',
    '-extfile',
    'names',
  );
  return { folder, ca: join(folder, 'ca.pem'), certificate: join(folder, 'server.pem'), key: join(folder, 'server.key') };
}

/** Every event has exactly one effect and one reply id. */
async function allDone(count: number): Promise<void> {
  await expect.poll(() => new Set(told()).size).toBe(count);
  expect(reserved().length).toBe(count);
  expect(new Set(reserved()).size).toBe(count);
}

/** What RabbitMQ holds in the queue: [ready, unacked]. */
async function queued(): Promise<string> {
  const lines = await rabbitmq.ctl('list_queues', 'name', 'messages_ready', 'messages_unacknowledged', '--no-table-headers');
  return lines.split('\n').find((line) => line.startsWith(`${queue()}\t`)) ?? 'no queue';
}

describe('RabbitMQ as the bus', () => {
  it('an event from a client becomes a call and a reply with the event’s lineage; the queue is a quorum queue with a single active consumer', async () => {
    await using rig = await start();
    const event = asked('A');
    await witness.send(event);
    await allDone(1);
    expect(witness.replies('test.told.v1')[0]).toMatchObject({ causation: event.attributes.id });
    expect((await repliesOf(rig))[0]).toMatchObject({ state: 'published', routed: true });
    const queues = await rabbitmq.ctl('list_queues', 'name', 'type', 'arguments', '--no-table-headers');
    const mine = queues.split('\n').find((line) => line.startsWith(`${queue()}\t`)) ?? '';
    expect(mine).toContain('quorum');
    expect(mine).toContain('{"x-single-active-consumer",true}');
  });

  it('rule 19: a reply that no queue takes is published and marked unroutable', async () => {
    await witness.close();
    witness = await Witness.open(rabbitmq.port, exchange, { types: ['nothing'] });
    await using rig = await start();
    await witness.send(asked('A'));
    await expect.poll(async () => (await repliesOf(rig))[0]).toMatchObject({ state: 'published', routed: false });
  });

  it('rule 31: a post goes to the exchange and comes back as a delivery; one that nobody takes is refused', async () => {
    await using rig = await start();
    const door = new BusDoor(rig.bus, rig.gateway.intake);
    const event = asked('posted');
    expect(await door.post([event])).toEqual([{ source: '/test', id: event.attributes.id, translations: [] }]);
    expect(await door.post([event])).toHaveLength(1);
    await allDone(1);
    await rabbitmq.ctl('delete_queue', queue());
    await expect(door.post([eventOf('test.unknown.v1', {})])).rejects.toMatchObject({ code: 'EVENT_UNMATCHED' });
  });

  it('rule 32: what is too large goes whole to the dead letter exchange and is noted, or is parked with its first bytes', async () => {
    const deadLetterExchange = `${exchange}-dead`;
    const large = asked('large', { group: 'x'.repeat(20_000) });
    {
      await using rig = await start({ rabbitmq: { oversized: 'dead-letter', deadLetterExchange }, maxEventBytes: 10_000 });
      await witness.send(large, asked('small'));
      await allDone(1);
      await expect.poll(async () => (await rig.journal.reader.audit({ limit: 10 })).map(({ what }) => what)).toContain('dead letter');
      const message = await witness.channel.get(deadLetterExchange, { noAck: true });
      if (message === false) throw new Error('no dead letter');
      expect(message.content).toEqual(large.data);
      expect(message.properties.headers).toMatchObject({ 'gatehouse-system': 'depot', 'cloudEvents:id': large.attributes.id });
    }
    await using rig = await start({ maxEventBytes: 10_000 });
    await witness.send(large);
    await expect.poll(async () => (await rig.rows({ states: ['parked'] })).map(({ failure }) => failure?.code)).toEqual(['EVENT_TOO_LARGE']);
  });

  it('plain messages from an exchange of somebody else are read as the binding says; what cannot be read is parked and acked, never looped', async () => {
    const legacy = `${exchange}-legacy`;
    await witness.channel.assertExchange(legacy, 'topic', { durable: true });
    const binding = Object.assign(new BindingSettings(), {
      system: 'depot',
      exchange: legacy,
      routingKeys: ['order.#'],
      type: 'test.asked.v1',
      id: ['field:ref'],
    });
    await using rig = await start({ rabbitmq: { bindings: [binding] } });
    await witness.raw(legacy, 'order.placed', Buffer.from('{"ref":"plain"}'));
    await witness.raw(legacy, 'order.placed', Buffer.from('{"ref":"plain"}'));
    await witness.raw(legacy, 'order.placed', Buffer.from('default'));
    await witness.raw(legacy, 'order.placed', Buffer.from('{"no":"id"}'));
    await witness.raw(exchange, 'test.asked.v1', Buffer.from([0xff, 0xfe, 0x00]));
    await allDone(1);
    await expect
      .poll(async () => (await rig.rows({ states: ['parked'] })).map(({ failure }) => failure?.code))
      .toEqual(['NOT_AN_EVENT', 'NOT_AN_EVENT', 'NOT_AN_EVENT']);
    expect(await queued()).toBe(`${queue()}\t0\t0`);
  });
});

describe('the whole gateway on RabbitMQ', () => {
  it('from its configuration: a post comes back as a translation, the check and the metrics speak of the bus, there is no stream of replies', async () => {
    const running = await startComposed(depot, {
      env: {
        GATEHOUSE_GATEWAY__BUS: 'rabbitmq',
        GATEHOUSE_RABBITMQ__HOST: '127.0.0.1',
        GATEHOUSE_RABBITMQ__PORT: String(cable.port),
        GATEHOUSE_RABBITMQ__PASSWORD__ENV: 'RABBITMQ_SECRET',
        GATEHOUSE_RABBITMQ__EXCHANGE: exchange,
        GATEHOUSE_RABBITMQ__QUEUEPREFIX: `${exchange}.`,
        RABBITMQ_SECRET: 'guest',
      },
    });
    try {
      const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(`${running.url}${path}`, init);
      const body =
        '{"specversion":"1.0","id":"door-1","source":"/t","type":"com.acme.stock.wanted.v1","data":{"requestId":"D1","customerId":"C","sku":"BOLT","quantity":1}}';
      const posted = await ask('/events', { method: 'POST', headers: { 'content-type': 'application/cloudevents+json' }, body });
      expect(posted.status).toBe(202);
      const { events } = (await posted.json()) as { events: { id: string; link: string }[] };
      expect(events).toMatchObject([{ id: 'door-1', link: '/api/translations?eventId=door-1' }]);
      const states = async (): Promise<string[]> =>
        ((await (await ask(events[0]?.link ?? '')).json()) as { rows: { state: string }[] }).rows.map(({ state }) => state);
      await expect.poll(states).toEqual(['published']);
      const checked = await ask('/api/systems/check', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
      expect(await checked.json()).toContainEqual({ system: 'bus', transport: 'rabbitmq', ok: true, message: 'answers' });
      expect(await (await ask('/metrics')).text()).toContain('gatehouse_bus_up 1');
      expect((await ask('/events')).status).toBe(409);
      await rabbitmq.ctl('delete_queue', queue());
      cable.freeze();
      cable.cut();
      await expect.poll(async () => (await ask('/health/ready')).status).toBe(503);
      expect((await ask('/events', { method: 'POST', headers: { 'content-type': 'application/cloudevents+json' }, body })).status).toBe(503);
    } finally {
      await running.stop();
      rmSync(running.folder, { recursive: true, force: true });
    }
  });

  it('over TLS: only with a certificate that is trusted for the host', async () => {
    const own = certificates();
    const secure = await Rabbitmq.start(own);
    try {
      const open = async (tls: Partial<RabbitmqTlsSettings>): Promise<string> => {
        const settings = Object.assign(new RabbitmqSettings(), {
          host: 'localhost',
          port: secure.tlsPort,
          password: new Secret('p', 'guest'),
          tls: Object.assign(new RabbitmqTlsSettings(), tls),
        });
        const bus = new RabbitmqBus({ settings, clock: new SystemClock(), log: () => undefined, maxEventBytes: 1_000, gateway: 'tls' });
        const said = await bus.check().then(() => 'fine', String);
        await bus.close();
        return said;
      };
      expect(await open({ caFile: own.ca })).toBe('fine');
      expect(await open({})).toMatch(/TLS: .*(?:self-signed|unable to verify)/i);
      expect(await open({ caFile: own.ca, serverName: 'rabbit.acme.example' })).toMatch(/TLS: .*rabbit\.acme\.example/);
    } finally {
      await secure.stop();
      rmSync(own.folder, { recursive: true, force: true });
    }
  });
});

describe('RabbitMQ fails', () => {
  it('stopped and started: nothing lost, nothing twice, and the gateway says so', async () => {
    await using rig = await start({ settings: { concurrency: 8 } });
    const before = named(200, 'before-');
    await rabbitmq.settled();
    await witness.send(...before);
    await rabbitmq.kill();
    await expect.poll(() => rig.logs.some((line) => line.includes('connecting to 127.0.0.1') && line.includes('BUS_UNREACHABLE'))).toBe(true);
    await expect(rig.bus.check()).rejects.toMatchObject({ code: 'BUS_UNREACHABLE' });
    await witness.close();
    await rabbitmq.up();
    witness = await Witness.open(rabbitmq.port, exchange);
    await witness.send(...named(20, 'after-'));
    await rig.settled();
    await expect.poll(() => reserved().length).toBe(220);
    expect(new Set(reserved()).size).toBe(220);
    await expect.poll(async () => (await rig.rows({ states: ['published'] })).length).toBe(220);
    await expect.poll(() => rig.bus.check()).toEqual([]);
  });

  it('cut again and again under load: every event once, and in order within its key', async () => {
    await using rig = await start({ settings: { concurrency: 8 }, keyed: true });
    const events = Array.from({ length: 300 }, (_, n) => asked(`${n % 5}-${String(n).padStart(4, '0')}`, { group: `G${n % 5}` }));
    let cuts = 0;
    const sending = (async () => {
      for (let n = 0; n < events.length; n += 10) await witness.send(...events.slice(n, n + 10));
    })();
    while (cuts < 8) {
      const done = reserved().length;
      cable.cut();
      cuts += 1;
      await expect.poll(() => reserved().length > done || reserved().length === events.length).toBe(true);
    }
    await sending;
    await allDone(events.length);
    for (let key = 0; key < 5; key += 1) {
      const order = reserved().filter((ref) => ref.startsWith(`${key}-`));
      expect(order).toEqual([...order].sort());
    }
    await expect.poll(async () => await queued()).toBe(`${queue()}\t0\t0`);
    expect(rig.logs.filter((line) => line.includes('connected to RabbitMQ')).length).toBeGreaterThan(4);
  });

  it('a half-open connection is given up after two heartbeats', async () => {
    await using rig = await start();
    await witness.send(asked('A'));
    await allDone(1);
    cable.freeze();
    await witness.send(asked('B'));
    cable.thaw();
    await allDone(2);
    // Whichever side misses its heartbeats first.
    expect(rig.logs.some((line) => /Heartbeat timeout|Unexpected close/.test(line))).toBe(true);
  });

  it('a confirm that is lost: the reply leaves again under the same id', async () => {
    await using rig = await start();
    // basic.ack of RabbitMQ to the publisher: class 60, method 80.
    let swallowed = 0;
    cable.onAnswer((bytes) => {
      if (!bytes.includes(Buffer.from([0, 60, 0, 80]))) return true;
      swallowed += 1;
      return false;
    });
    await witness.send(asked('A'));
    await expect.poll(() => told().length).toBe(1);
    await expect.poll(() => swallowed).toBeGreaterThan(0);
    cable.onAnswer(null);
    cable.cut();
    await expect.poll(() => told().length).toBe(2);
    expect(new Set(told()).size).toBe(1);
    await expect.poll(async () => (await rig.rows())[0]?.state).toBe('published');
  });

  it('a channel closed by an error is opened again when its cause is gone', async () => {
    await using rig = await start();
    await rabbitmq.ctl('set_permissions', 'guest', '.*', '.*', '^nothing$');
    try {
      // Rights are remembered by a channel: the next one is refused.
      cable.cut();
      await expect.poll(() => rig.bus.check().then(() => 'fine', String)).toMatch(new RegExp(`queue '${queue()}'.*was refused`));
      expect(rig.logs.some((line) => line.startsWith('error: ') && line.includes('BUS_REFUSED'))).toBe(true);
    } finally {
      await rabbitmq.ctl('set_permissions', 'guest', '.*', '.*', '.*');
    }
    await witness.send(asked('A'));
    await allDone(1);
  });

  it('a deleted queue is noticed, said, and declared again with its bindings', async () => {
    await using rig = await start();
    await rabbitmq.ctl('delete_queue', queue());
    await expect.poll(() => rig.logs.some((line) => line.includes(`took the queue '${queue()}'`))).toBe(true);
    await expect.poll(async () => await queued()).toBe(`${queue()}\t0\t0`);
    await witness.send(asked('A'));
    await allDone(1);
  });

  it('a deleted exchange is declared again when a reply meets it, with what was bound to it', async () => {
    await using rig = await start();
    const door = new BusDoor(rig.bus, rig.gateway.intake);
    await door.post([asked('A')]);
    await allDone(1);
    await witness.channel.deleteExchange(exchange);
    await door.post([asked('lost with the exchange')]).catch(() => undefined);
    await expect
      .poll(
        async () =>
          door.post([asked('B')]).then(
            () => 'taken',
            () => 'not yet',
          ),
        { timeout: 60_000 },
      )
      .toBe('taken');
    await expect.poll(() => reserved()).toContain('B');
    expect(rig.logs.join('\n')).not.toContain('fatal');
  });

  it('declare: false: a missing exchange or queue is said with what to do, and taken when it is there', async () => {
    const own = `${exchange}-own`;
    await using rig = await start({ rabbitmq: { declare: false, exchange: own } });
    await expect(rig.bus.check()).rejects.toMatchObject({
      code: 'BUS_INCOMPLETE',
      message: expect.stringMatching(/queue '.*depot'.*create it, or set declare: true/) as string,
    });
    await witness.channel.assertQueue(queue(), { arguments: { 'x-queue-type': 'quorum' } });
    await witness.raw('', queue(), asked('A').data, {
      contentType: 'application/json',
      headers: { 'ce-specversion': '1.0', 'ce-id': 'd1', 'ce-source': '/d', 'ce-type': 'test.asked.v1' },
    });
    await expect.poll(() => reserved().length).toBe(1);
    await expect(rig.bus.check()).rejects.toMatchObject({ code: 'BUS_INCOMPLETE', message: expect.stringContaining(`exchange '${own}'`) as string });
    await witness.channel.assertExchange(own, 'topic', { durable: true });
    await expect.poll(async () => (await rig.rows())[0]?.state).toBe('published');
    expect(await rig.bus.check()).toEqual([expect.stringMatching(/was found with other arguments.*x-single-active-consumer/)]);
  });

  it('an exchange of somebody else that is missing stops nothing else, is said, and is bound once it is there', async () => {
    const legacy = `${exchange}-late`;
    const binding = Object.assign(new BindingSettings(), { system: 'depot', exchange: legacy, type: 'test.asked.v1', id: ['field:ref'] });
    await using rig = await start({ rabbitmq: { bindings: [binding] } });
    expect(await rig.bus.check()).toEqual([expect.stringMatching(new RegExp(`exchange '${legacy}'.*create the exchange`))]);
    await witness.send(asked('A'));
    await allDone(1);
    await witness.channel.assertExchange(legacy, 'topic', { durable: true });
    cable.cut();
    await expect.poll(() => rig.bus.check().catch(String)).toEqual([]);
    await witness.raw(legacy, 'any', Buffer.from('{"ref":"B"}'));
    await allDone(2);
  });

  it('a queue that was found with other arguments is used and warned of', async () => {
    await witness.channel.assertQueue(queue(), { durable: true });
    await using rig = await start();
    expect(await rig.bus.check()).toEqual([expect.stringContaining(`the queue '${queue()}' was found with other arguments`)]);
    await witness.send(asked('A'));
    await allDone(1);
  });

  it('a disk alarm stops replies and no acks; replies leave when it is over', async () => {
    await using rig = await start();
    await rig.gateway.desk.hold('depot', '', 'tester', 'until the alarm');
    await expect.poll(() => rig.gateway.desk.systems()[0]?.intakeHeld).toBe(true);
    await witness.send(...named(50, 'alarm-'));
    await rabbitmq.ctl('set_disk_free_limit', '100000GB');
    try {
      await rig.gateway.desk.resume('depot', '', 'tester', 'now');
      await expect.poll(() => reserved().length).toBe(50);
      await expect.poll(async () => await queued()).toBe(`${queue()}\t0\t0`);
      expect(told()).toEqual([]);
      await expect.poll(() => rig.bus.check().then(() => 'fine', String)).toContain('takes no events for now: low on disk');
    } finally {
      await rabbitmq.ctl('set_disk_free_limit', '1MB');
    }
    await allDone(50);
  });

  it('refused credentials: the gateway starts, says whom and where without the password, and goes on once they are right', async () => {
    await using rig = await start({ rabbitmq: { user: 'legacy', password: new Secret('p', 'not-the-password') }, refusedRetryMs: 300 });
    await expect(rig.bus.check()).rejects.toMatchObject({ code: 'BUS_REFUSED', message: expect.stringMatching(/as 'legacy' was refused/) as string });
    expect(rig.logs.join('\n')).not.toContain('not-the-password');
    await rabbitmq.ctl('add_user', 'legacy', 'not-the-password');
    await rabbitmq.ctl('set_permissions', 'legacy', '.*', '.*', '.*');
    await witness.send(asked('too early'));
    await expect.poll(() => rig.bus.check().catch(String)).toEqual([]);
    await witness.send(asked('A'));
    await expect.poll(() => reserved()).toContain('A');
  });

  it('rule 19: a reply that RabbitMQ does not take parks its own translation; those beside it are published, in order within their key', async () => {
    await rabbitmq.ctl('eval', 'persistent_term:put(max_message_size, 20000), application:set_env(rabbit, max_message_size, 20000).');
    try {
      const adapter = adapterWith(({ ref }) => new Told(ref.startsWith('B') ? 'x'.repeat(40_000) : ref), { keyed: true });
      const bus = ({ clock, log }: Parameters<NonNullable<RigOptions['bus']>>[0]): Bus =>
        new RabbitmqBus({
          settings: Object.assign(new RabbitmqSettings(), {
            host: '127.0.0.1',
            port: cable.port,
            password: new Secret('p', 'guest'),
            exchange,
            queuePrefix: `${exchange}.`,
          }),
          clock,
          log,
          maxEventBytes: 4_000_000,
          gateway: 'e2e',
        });
      await using rig = await startDepotRig(depot, adapter, { bus });
      const refs = Array.from({ length: 60 }, (_, n) => (n === 7 || n === 31 ? `B${n}` : `A${String(n).padStart(2, '0')}`));
      const taken = await witness.send(...refs.map((ref) => asked(ref, { group: 'one key' })));
      const ends = async (): Promise<string[]> =>
        (await rig.rows({ states: ['parked'] })).map(({ businessKey, failure }) => `${businessKey} ${failure?.code ?? ''}`).sort();
      await expect.poll(ends).toEqual(['B31 UNPUBLISHABLE', 'B7 UNPUBLISHABLE']);
      await expect.poll(async () => (await rig.rows({ states: ['published'] })).length).toBe(58);
      // Each reply came once or more; first of each, they are in the order of the key.
      const first = [...new Set(witness.replies('test.told.v1').map(({ data }) => (JSON.parse(data.toString()) as { text: string }).text))];
      expect(first).toEqual(
        taken.map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as { ref: string }).ref).filter((ref) => ref.startsWith('A')),
      );
    } finally {
      await rabbitmq.ctl('eval', 'persistent_term:put(max_message_size, 134217728), application:set_env(rabbit, max_message_size, 134217728).');
    }
  });
});

describe('rule 30 on RabbitMQ', () => {
  it('hold and resume under load: every event is taken, hardly a delivery comes twice, and nothing stays unacked', async () => {
    let delivered = 0;
    const counted = (bus: Bus): Bus =>
      new Proxy(bus, {
        get: (target, property) => {
          const value: unknown = Reflect.get(target, property, target);
          if (property !== 'consume') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          return (system: string, patterns: readonly string[], deliver: (delivery: Delivery) => void): Promise<Consumer> =>
            target.consume(system, patterns, (delivery) => {
              delivered += 1;
              deliver(delivery);
            });
        },
      });
    await using rig = await start({ settings: { concurrency: 8 }, wrap: { bus: counted } });
    const sending = (async () => {
      for (let n = 0; n < 60; n += 1) await witness.send(...named(20, `${n}-`));
    })();
    for (let times = 0; times < 6; times += 1) {
      await rig.gateway.desk.hold('depot', '', 'tester', 'under load');
      await expect.poll(() => rig.gateway.desk.systems()[0]?.intakeHeld).toBe(true);
      const before = delivered;
      await rig.gateway.desk.resume('depot', '', 'tester', 'under load');
      await expect.poll(() => delivered > before || delivered >= 1_200).toBe(true);
    }
    await sending;
    await allDone(1_200);
    // RabbitMQ may forget the last acks of a channel that is closed: of the window of 100, six times.
    expect(delivered - 1_200).toBeLessThan(600);
    await rig.stop();
    // With nobody consuming, what was unacked would be ready.
    expect((await witness.channel.checkQueue(queue())).messageCount).toBe(0);
  });

  it('rule 18: events keep the order of the queue when the window changes, and over hold and resume, with deliveries on their way', async () => {
    const open = (): RabbitmqBus =>
      new RabbitmqBus({
        settings: Object.assign(new RabbitmqSettings(), {
          host: '127.0.0.1',
          port: rabbitmq.port,
          password: new Secret('p', 'guest'),
          exchange,
          queuePrefix: `${exchange}.`,
        }),
        clock: new SystemClock(),
        log: () => undefined,
        // A first window of 16, which the first small event makes wider.
        maxEventBytes: 4_000_000,
        gateway: 'order',
        drainMs: 0,
      });
    const sent: string[] = [];
    // In the order in which each came first: some come twice.
    const seen = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      const bus = open();
      const consumer = await bus.consume('depot', ['test.asked.v1'], ({ content, ack }) => {
        seen.add('event' in content ? content.event.attributes.id : 'raw');
        setImmediate(ack);
        if (seen.size % 75 === 70) void consumer.hold().then(() => consumer.resume());
      });
      const taken = await witness.send(...named(75, `order-${round}-`));
      sent.push(...taken.map(({ attributes }) => attributes.id));
      await expect.poll(() => seen.size).toBe(sent.length);
      await bus.close();
    }
    expect([...seen]).toEqual(sent);
  });

  it('rule 32: large bodies narrow the window: at most 64 MB are unacked', async () => {
    const settings = Object.assign(new RabbitmqSettings(), {
      host: '127.0.0.1',
      port: rabbitmq.port,
      password: new Secret('p', 'guest'),
      exchange,
      queuePrefix: `${exchange}.`,
    });
    const bus = new RabbitmqBus({ settings, clock: new SystemClock(), log: () => undefined, maxEventBytes: 4_000_000, gateway: 'large', drainMs: 0 });
    const unacked: Delivery[] = [];
    let seen = 0;
    await bus.consume('depot', ['test.asked.v1'], (delivery) => {
      seen += 1;
      // Until it has learned how large they are.
      if (seen <= 40) delivery.ack();
      else unacked.push(delivery);
    });
    for (let n = 0; n < 120; n += 1) await witness.send(asked(`large-${n}`, { group: 'x'.repeat(1_000_000) }));
    await expect.poll(() => unacked.length).toBe(63);
    // Behind this answer of RabbitMQ nothing more is on its way.
    await bus.check();
    expect(unacked.length).toBe(63);
    for (const delivery of unacked.splice(0)) delivery.ack();
    await expect.poll(() => unacked.length).toBe(17);
    await bus.close();
  });

  it('a graceful stop under load loses no ack: what is in the journal is not in the queue', async () => {
    let taken = 0;
    let sending: Promise<void>;
    {
      await using rig = await start({ settings: { concurrency: 8 } });
      sending = (async () => {
        for (let n = 0; n < 40; n += 1) await witness.send(...named(50, `stop-${n}-`));
      })();
      await expect.poll(() => reserved().length).toBeGreaterThan(20);
      await rig.stop();
      taken = (await accountOf(rig.folder)).rows.length;
    }
    await sending;
    // RabbitMQ counts a quorum queue every few seconds.
    await expect.poll(queued).toBe(`${queue()}\t${2_000 - taken}\t0`);
    expect(taken).toBeLessThan(2_000);
  });

  it('a consumer that dies with a full window: everything comes again, in order', async () => {
    const open = (port: number): RabbitmqBus =>
      new RabbitmqBus({
        settings: Object.assign(new RabbitmqSettings(), {
          host: '127.0.0.1',
          port,
          password: new Secret('p', 'guest'),
          exchange,
          queuePrefix: `${exchange}.`,
        }),
        clock: new SystemClock(),
        log: () => undefined,
        maxEventBytes: 100_000,
        gateway: 'dies',
        drainMs: 0,
      });
    const ids = (into: string[]) => (delivery: Delivery) =>
      void into.push('event' in delivery.content ? delivery.content.event.attributes.id : 'raw');
    const [first, second]: [string[], string[]] = [[], []];
    const dying = open(cable.port);
    await dying.consume('depot', ['test.asked.v1'], ids(first));
    const events = named(150, 'window-');
    for (const event of events) await witness.send(event);
    await expect.poll(() => first.length).toBe(100);
    cable.freeze();
    cable.cut();
    const next = open(rabbitmq.port);
    await next.consume('depot', ['test.asked.v1'], (delivery) => {
      ids(second)(delivery);
      delivery.ack();
    });
    await expect.poll(() => second.length).toBe(150);
    expect(second).toEqual(events.map(({ attributes }) => attributes.id));
    await Promise.all([dying.close(), next.close()]);
  });
});
