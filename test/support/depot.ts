import { IsOptional, IsString } from 'class-validator';
import { Adapter } from '../../src/contract/adapter.ts';
import { EventType } from '../../src/contract/event.ts';
import { type Class } from '../../src/contract/json.ts';
import { Operation, type SystemHandle } from '../../src/contract/operation.ts';
import { type Depot, depotCalls, depotLayout } from '../../src/practice/line/depot.adapter.ts';
import { type PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineSettings, LineTransport } from '../../src/practice/line/line.transport.ts';
import { type Rig, type RigOptions, startRig } from './gateway.ts';

@EventType('test.asked.v1')
export class Asked {
  @IsString()
  ref: string;

  @IsOptional()
  @IsString()
  group?: string;
}

@EventType('test.told.v1')
export class Told {
  @IsString()
  text: string;

  constructor(text?: string) {
    if (text !== undefined) this.text = text;
  }
}

export type Code = (event: Asked, depot: SystemHandle<Depot>) => Promise<Told> | Told;

/** An adapter of the practice depot with one operation whose code is `code`. */
export function adapterWith(code: Code, options: { keyed?: boolean; whenParked?: 'hold' | 'pass' } = {}): Class {
  class Ask {
    translate(event: Asked, depot: SystemHandle<Depot>): Promise<Told> | Told {
      return code(event, depot);
    }
  }
  Operation({
    accepts: Asked,
    replies: [Told],
    businessKey: 'ref',
    ...(options.keyed === true ? { key: 'group' as const } : {}),
    ...(options.whenParked === undefined ? {} : { whenParked: options.whenParked }),
  })(Ask);
  class TestAdapter {}
  Adapter({ system: 'depot', about: 'A depot under test.', layouts: [depotLayout], calls: depotCalls, operations: [Ask] })(TestAdapter);
  return TestAdapter;
}

export const reserve: Code = async ({ ref }, depot) => {
  const answer = await depot.call('Reserve', { ref, sku: 'BOLT', qty: 1 });
  return new Told('refused' in answer ? answer.refused : answer.reservation);
};

export function startDepotRig(depot: PracticeDepot, adapter: Class, options: Partial<RigOptions> & { settings?: object } = {}): Promise<Rig> {
  const line = Object.assign(new LineSettings(), { port: depot.port });
  return startRig({
    adapters: [adapter],
    transports: [new LineTransport()],
    systems: { depot: { settings: options.settings ?? {}, transports: { line } } },
    ...options,
  });
}

export const ask = (rig: Rig, ref: string, more: object = {}): Promise<string> => rig.post('test.asked.v1', { ref, ...more });
