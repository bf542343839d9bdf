import { describe, expect, it } from 'vitest';
import { type Bus, type Delivery } from '../../src/contract/bus.ts';
import { type CloudEvent } from '../../src/contract/event.ts';

export interface OpenBus {
  readonly bus: Bus;
  /** Gives an event a row in the outbox, as the gateway has before it publishes. */
  outgoing(event: CloudEvent): Promise<{ seq: number; event: CloudEvent }>;
  /** The process ends and starts again. */
  restart(): Promise<OpenBus>;
  close(): Promise<void>;
}

export const eventNamed = (id: string, type: string): CloudEvent => ({
  attributes: { specversion: '1.0', id, source: '/s', type, datacontenttype: 'application/json' },
  data: Buffer.from(`{"id":"${id}"}`),
});

/** Collects what a consumer is handed; acks it unless told otherwise. */
function inbox(): { ids: string[]; deliver: (delivery: Delivery) => void; ackAll: boolean; unacked: Delivery[] } {
  const box = {
    ids: [] as string[],
    unacked: [] as Delivery[],
    ackAll: true,
    deliver: (delivery: Delivery): void => {
      box.ids.push('event' in delivery.content ? delivery.content.event.attributes.id : 'raw');
      if (box.ackAll) delivery.ack();
      else box.unacked.push(delivery);
    },
  };
  return box;
}

/** What every bus must do. */
export function busContract(name: string, open: () => Promise<OpenBus>): void {
  const withBus = async (work: (opened: OpenBus) => Promise<void>): Promise<void> => {
    const opened = await open();
    try {
      await work(opened);
    } finally {
      await opened.close();
    }
  };
  const publish = async ({ bus, outgoing }: OpenBus, id: string, type = 'com.acme.a.v1') => bus.publish(await outgoing(eventNamed(id, type)));
  const many = Array.from({ length: 250 }, (_, n) => `m${n}`);

  describe(`${name}: the bus's contract`, () => {
    it('an event reaches every queue whose pattern matches, and says whether there was one', () =>
      withBus(async (opened) => {
        const [one, two] = [inbox(), inbox()];
        await opened.bus.consume('one', ['com.acme.*.v1'], one.deliver);
        await opened.bus.consume('two', ['com.#'], two.deliver);
        expect(await publish(opened, 'a')).toMatchObject({ end: 'confirmed', routed: true });
        expect(await publish(opened, 'b', 'com.acme.x.y.v1')).toMatchObject({ end: 'confirmed', routed: true });
        expect(await publish(opened, 'c', 'org.other')).toMatchObject({ end: 'confirmed', routed: false });
        await expect.poll(() => two.ids).toEqual(['a', 'b']);
        expect(one.ids).toEqual(['a']);
      }));

    it('more than a prefetch window comes in order', () =>
      withBus(async (opened) => {
        const box = inbox();
        await opened.bus.consume('one', ['#'], box.deliver);
        for (const id of many) await publish(opened, id);
        await expect.poll(() => box.ids).toEqual(many);
      }));

    it('what is published while nobody consumes is kept, also over a restart', () =>
      withBus(async (opened) => {
        await (await opened.bus.consume('one', ['#'], inbox().deliver)).hold();
        await publish(opened, 'kept');
        const again = await opened.restart();
        const box = inbox();
        await again.bus.consume('one', ['#'], box.deliver);
        await expect.poll(() => box.ids).toEqual(['kept']);
        await again.close();
      }));

    it('it says how much waits for a system that takes nothing', () =>
      withBus(async (opened) => {
        const consumer = await opened.bus.consume('one', ['#'], inbox().deliver);
        await consumer.hold();
        for (const id of ['a', 'b', 'c']) await publish(opened, id);
        await expect.poll(async () => (await opened.bus.depth?.('one'))?.waiting).toBe(3);
        await consumer.resume();
        await expect.poll(async () => (await opened.bus.depth?.('one'))?.waiting).toBe(0);
      }));

    it('what was not acked comes again after a restart; what was acked does not', () =>
      withBus(async (opened) => {
        const box = inbox();
        box.ackAll = false;
        await opened.bus.consume('one', ['#'], box.deliver);
        for (const id of ['a', 'b', 'c']) await publish(opened, id);
        await expect.poll(() => box.ids).toEqual(['a', 'b', 'c']);
        box.unacked[0]?.ack();
        const again = await opened.restart();
        const next = inbox();
        await again.bus.consume('one', ['#'], next.deliver);
        await expect.poll(() => next.ids).toEqual(['b', 'c']);
        await again.close();
      }));

    it('at most a window is unacked at a time', () =>
      withBus(async (opened) => {
        const box = inbox();
        box.ackAll = false;
        await opened.bus.consume('one', ['#'], box.deliver);
        for (const id of many) await publish(opened, id);
        await expect.poll(() => box.unacked.length).toBe(100);
        for (const delivery of box.unacked.splice(0)) delivery.ack();
        await expect.poll(() => box.ids.length).toBe(200);
      }));

    it('rule 30: hold takes no more, resume goes on where it was, and nothing comes twice', () =>
      withBus(async (opened) => {
        const box = inbox();
        const consumer = await opened.bus.consume('one', ['#'], box.deliver);
        await publish(opened, 'a');
        await expect.poll(() => box.ids).toEqual(['a']);
        await consumer.hold();
        for (const id of ['b', 'c']) await publish(opened, id);
        expect(box.ids).toEqual(['a']);
        await consumer.resume();
        await expect.poll(() => box.ids).toEqual(['a', 'b', 'c']);
      }));
  });
}
