import { join } from 'node:path';
import { type Bench } from '../bench.ts';
import { DepotAdapter } from './depot.adapter.ts';
import { type DepotFault, PracticeDepot } from './depot.server.ts';
import { LineSettings, LineTransport } from './line.transport.ts';

export const depotBench: Bench = {
  system: 'depot',
  adapter: DepotAdapter,
  casesFolder: join(import.meta.dirname, 'cases'),
  transports: () => [new LineTransport()],
  start: async (faults) => {
    const practice = await PracticeDepot.start();
    for (const fault of faults) practice.fault(fault as DepotFault);
    return { settings: { line: Object.assign(new LineSettings(), { port: practice.port }) }, stop: () => practice.close() };
  },
};
