import { IsOptional, IsString } from 'class-validator';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page } from 'playwright-core';
import { configSchema } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { Adapter } from '../../src/contract/adapter.ts';
import { type Calls, cannotTell, happened, once } from '../../src/contract/calls.ts';
import { GatehouseError } from '../../src/contract/errors.ts';
import { EventType } from '../../src/contract/event.ts';
import { Operation, type SystemHandle } from '../../src/contract/operation.ts';
import { type BatchOutcome, type BatchPassage, type Link, type LinkSurroundings } from '../../src/contract/transport.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { type Depot, NudgeShelf, ReserveStock, SendOrder, depotCalls, depotLayout } from '../../src/practice/line/depot.adapter.ts';
import { OrderConfirmed } from '../../src/practice/line/depot.events.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineTransport } from '../../src/practice/line/line.transport.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { ParcelsAdapter } from './batches.ts';
import { CarrierPartner } from './carrier.ts';
import { Asked, Told } from './depot.ts';

@EventType('test.secured.v1')
class Secured {
  @IsString()
  ref: string;

  @IsOptional()
  @IsString()
  sku?: string;
}

class Ask {
  translate({ ref }: Asked): Told {
    return new Told(ref);
  }
}
Operation({ accepts: Asked, replies: [Told], businessKey: 'ref' })(Ask);

/** What follows from an order in the yard. */
class ShelveOrder {
  async translate({ orderId }: OrderConfirmed, yard: SystemHandle<Depot>): Promise<Told> {
    await yard.call('Nudge', { ref: orderId, sku: 'BOLT' });
    return new Told(orderId);
  }
}
Operation({ accepts: OrderConfirmed, replies: [Told], businessKey: 'orderId' })(ShelveOrder);

class SecureStock {
  async translate({ ref, sku = 'BOLT' }: Secured, yard: SystemHandle<Depot>): Promise<Told> {
    const answer = await yard.call('Reserve', { ref, sku, qty: 1 });
    return new Told('refused' in answer ? answer.refused : answer.reservation);
  }
}
Operation({ accepts: Secured, replies: [Told], businessKey: 'ref' })(SecureStock);

/** Its probe knows what it finds, and cannot tell of what it does not. */
const yardCalls: Calls<Depot> = {
  ...depotCalls,
  Reserve: once({
    probe: async (request, depot) => {
      const { found, reservation } = await depot.call('Find', { ref: request.ref });
      return found ? happened({ reservation }) : cannotTell('the yard may still write it down');
    },
  }),
};

class DepotAdapter {}
Adapter({
  system: 'depot',
  about: 'A depot under test.',
  layouts: [depotLayout],
  calls: depotCalls,
  operations: [ReserveStock, SendOrder, NudgeShelf],
})(DepotAdapter);
class YardAdapter {}
Adapter({ system: 'yard', about: 'The yard behind it.', layouts: [depotLayout], calls: yardCalls, operations: [ShelveOrder, SecureStock] })(
  YardAdapter,
);

class CounterAdapter {}
Adapter({ system: 'counter', about: 'Answers by itself.', layouts: [depotLayout], calls: depotCalls, operations: [Ask] })(CounterAdapter);

/** Three parcels go out in one file; what became of the first one nobody hears, and its receiver has taken it by then. */
class LosingTransport extends FileTransport {
  lost = 0;
  partner: CarrierPartner | null = null;

  override async open(surroundings: LinkSurroundings): Promise<Link> {
    const link = await super.open(surroundings);
    const give = link.give?.bind(link);
    return Object.assign(link, {
      give: async (passage: BatchPassage): Promise<BatchOutcome> => {
        const outcome = await give?.(passage);
        if (outcome === undefined || (this.lost += 1) > 1) return outcome ?? { end: 'happened' };
        for (const name of this.partner?.names() ?? []) this.partner?.take(name);
        return { end: 'unknown', error: new GatehouseError('NO_ANSWER', 'parcels: the connection was lost after the file was there') };
      },
    });
  }
}

const files = new LosingTransport();
const parts = {
  adapters: [DepotAdapter, YardAdapter, CounterAdapter, ParcelsAdapter],
  transports: [new LineTransport(), files],
  sourceTransports: [],
};
const people = { anna: 'operator', bert: 'operator', vera: 'viewer' } as const;
export type Person = keyof typeof people;

/** A gateway in front of a practice depot and its yard, with people who may and may not act. */
export interface AttentionGround {
  readonly gateway: RunningGateway;
  readonly depot: PracticeDepot;
  post(type: string, id: string, data: object, more?: Readonly<Record<string, string>>): Promise<string>;
  api<T>(who: Person, path: string, body?: object): Promise<{ status: number; body: T }>;
  /** Opens a page of the console as somebody who is already known. */
  open(page: Page, who: Person, path: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startAttentionGround(): Promise<AttentionGround> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-attention-'));
  const depot = await PracticeDepot.start({ orderMs: 10 });
  const partner = new CarrierPartner(join(folder, 'parcels'));
  files.partner = partner;
  files.lost = 0;
  const file = join(folder, 'tokens.yaml');
  const tokens = Object.entries(people).map(([name, role]) => `    - { name: ${name}, role: ${role}, token: { env: TOKEN_${name} } }`);
  writeFileSync(file, `http:\n  tokens:\n${tokens.join('\n')}\n`);
  const gateway = await run(
    loadConfig(configSchema(parts), {
      file,
      env: {
        GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
        GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
        GATEHOUSE_JOURNAL__RESERVEBYTES: '0',
        GATEHOUSE_HTTP__PORT: '0',
        ...Object.fromEntries(
          ['DEPOT', 'YARD', 'COUNTER'].flatMap((system) => [
            [`GATEHOUSE_SYSTEMS__${system}__LINE__PORT`, String(depot.port)],
            [`GATEHOUSE_SYSTEMS__${system}__CALLTIMEOUTMS`, '2000'],
            [`GATEHOUSE_SYSTEMS__${system}__SETTLEMS`, '100'],
          ]),
        ),
        GATEHOUSE_SYSTEMS__PARCELS__FILE__DIRECTORY: partner.folder,
        GATEHOUSE_SYSTEMS__PARCELS__CALLTIMEOUTMS: '1000',
        GATEHOUSE_SYSTEMS__PARCELS__SETTLEMS: '100',
        ...Object.fromEntries(Object.keys(people).map((name) => [`TOKEN_${name}`, `token-of-${name}`])),
      },
    }),
    parts,
  );
  const api = async <T>(who: Person, path: string, body?: object): Promise<{ status: number; body: T }> => {
    const answer = await fetch(`${gateway.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer token-of-${who}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as T };
  };
  return {
    gateway,
    depot,
    api,
    post: async (type, id, data, more = {}) => {
      const answer = await fetch(`${gateway.url}/events`, {
        method: 'POST',
        headers: { authorization: 'Bearer token-of-anna', 'content-type': 'application/cloudevents+json' },
        body: JSON.stringify({ specversion: '1.0', id, source: '/shop', type, data, ...more }),
      });
      const { events } = (await answer.json()) as { events: { translations: { id: string }[] }[] };
      return events[0]?.translations[0]?.id ?? '';
    },
    open: async (page, who, path) => {
      await page.addInitScript((token) => sessionStorage.setItem('gatehouse.token', token), `token-of-${who}`);
      await page.goto(`${gateway.url}/console/${path}`);
      await page.getByText(`${who} (${people[who]})`).waitFor();
    },
    stop: async () => {
      await gateway.stop();
      await depot.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
