/** Compiled, never run: each line under a `@ts-expect-error` must not compile. */
import {
  type Call,
  type Calls,
  Operation,
  type Refusal,
  type SystemHandle,
  type Translation,
  didNot,
  happened,
  once,
  read,
} from '../../src/contract/index.ts';

class OrderPlaced {
  orderId: string;
  customer: { id: string; tags: string[] };
}
class OrderBooked {
  orderId: string;
  crmId: string;
}
class OrderRefused {
  orderId: string;
  reason: string;
}
class Other {
  name: string;
}

interface Crm {
  FindOrder: Call<{ externalId: string }, { order: { id: string } | null }>;
  CreateOrder: Call<{ externalId: string }, { id: string } | Refusal<'UNKNOWN_CUSTOMER'>>;
}

export const calls: Calls<Crm> = {
  FindOrder: read(),
  CreateOrder: once({
    probe: async (request, crm) => {
      const found = await crm.call('FindOrder', { externalId: request.externalId });
      return found.order ? happened({ id: found.order.id }) : didNot;
    },
  }),
};

// @ts-expect-error CreateOrder is not declared
export const missing: Calls<Crm> = { FindOrder: read() };

// @ts-expect-error the probe answers with another type
export const wrongProbe: Calls<Crm> = { FindOrder: read(), CreateOrder: once({ probe: async () => happened({ name: 'x' }) }) };

@Operation({ accepts: OrderPlaced, replies: [OrderBooked, OrderRefused], key: 'customer.id', businessKey: 'orderId' })
export class BookOrder implements Translation<OrderPlaced, Crm, OrderBooked | OrderRefused> {
  async translate(order: OrderPlaced, crm: SystemHandle<Crm>) {
    const answer = await crm.call('CreateOrder', { externalId: order.orderId });
    if ('refused' in answer) return Object.assign(new OrderRefused(), { orderId: order.orderId, reason: answer.reason });
    return Object.assign(new OrderBooked(), { orderId: order.orderId, crmId: answer.id });
  }
}

// @ts-expect-error takes another event
@Operation({ accepts: OrderPlaced, replies: [OrderBooked] })
export class TakesOther {
  async translate(_event: Other, _crm: SystemHandle<Crm>) {
    return new OrderBooked();
  }
}

// @ts-expect-error returns a reply that is not declared
@Operation({ accepts: OrderPlaced, replies: [OrderBooked] })
export class ReturnsOther {
  async translate(_event: OrderPlaced, _crm: SystemHandle<Crm>) {
    return new Other();
  }
}

// @ts-expect-error no such path in the payload
@Operation({ accepts: OrderPlaced, replies: [], key: 'customer.name' })
export class WrongPath {
  translate(_event: OrderPlaced, _crm: SystemHandle<Crm>) {}
}

@Operation({ accepts: OrderPlaced, replies: [] })
export class RepliesNothing {
  translate(_event: OrderPlaced, _crm: SystemHandle<Crm>) {}
}

export async function undeclared(crm: SystemHandle<Crm>) {
  // @ts-expect-error no such call
  await crm.call('DeleteOrder', {});
  // @ts-expect-error wrong arguments
  await crm.call('FindOrder', { id: 1 });
}
