import { resolve } from 'node:path';
import { StockroomAdapter } from '../../../adapters/stockroom/stockroom.adapter.ts';
import { Secret } from '../../contract/secret.ts';
import { TerminalSettings } from '../../transports/terminal/terminal.settings.ts';
import { TerminalTransport } from '../../transports/terminal/terminal.transport.ts';
import { type Bench } from '../bench.ts';
import { type TerminalFault } from '../terminal/terminal.faults.ts';
import { type StockroomScreen } from './screens.ts';
import { type Draft } from './stock.ts';
import { PracticeStockroom } from './stockroom.server.ts';

/** A reservation that is there before the event comes. */
interface ReservationThere {
  readonly reservation: Draft;
}

/** How a gateway reaches a practice stockroom, over SSH unless `more` says otherwise. */
export function stockroomSettings(practice: PracticeStockroom, more: Partial<TerminalSettings> = {}): TerminalSettings {
  return Object.assign(new TerminalSettings(), {
    host: '127.0.0.1',
    port: more.protocol === 'telnet' ? practice.telnetPort : practice.sshPort,
    user: 'gatehouse',
    password: new Secret('built-in', practice.password),
    hostKeys: [practice.fingerprint],
    screenTimeoutMs: 3_000,
    ...more,
  });
}

export const stockroomBench: Bench = {
  system: 'stockroom',
  adapter: StockroomAdapter,
  casesFolder: resolve(import.meta.dirname, '../../../adapters/stockroom/cases'),
  timing: { callTimeoutMs: 10_000, settleMs: 200 },
  transports: () => [new TerminalTransport()],
  start: async (preparation) => {
    const practice = await PracticeStockroom.start();
    for (const each of preparation as (TerminalFault<StockroomScreen> | ReservationThere)[])
      if ('reservation' in each) practice.reserve(each.reservation);
      else practice.fault(each);
    return { settings: { terminal: stockroomSettings(practice) }, stop: () => practice.close() };
  },
};
