import { join } from 'node:path';
import { CarrierAdapter } from '../../adapters/carrier/carrier.adapter.ts';
import { LedgerAdapter } from '../../adapters/ledger/ledger.adapter.ts';
import { ServiceNowAdapter } from '../../adapters/servicenow/servicenow.adapter.ts';
import { StockroomAdapter } from '../../adapters/stockroom/stockroom.adapter.ts';
import { type Parts } from '../app.module.ts';
import { FileTransport } from '../transports/file/file.transport.ts';
import { PickupTransport } from '../transports/file/pickup/pickup.transport.ts';
import { SoapTransport } from '../transports/soap/soap.transport.ts';
import { TerminalTransport } from '../transports/terminal/terminal.transport.ts';
import { PracticeCarrier } from './carrier/carrier.server.ts';
import { type Books, type Night } from './demo-figures.ts';
import { DepotAdapter } from './line/depot.adapter.ts';
import { PracticeDepot } from './line/depot.server.ts';
import { LineTransport } from './line/line.transport.ts';
import { customersOfTheHouse } from './nightly/customers.ts';
import { PracticeNightly } from './nightly/nightly.batch.ts';
import { PracticeServiceNow } from './servicenow/servicenow.server.ts';
import { PracticeStockroom } from './stockroom/stockroom.server.ts';

/** What stands behind the gateway of the demo. */
export interface DemoSystems {
  readonly servicenow: PracticeServiceNow;
  readonly depot: PracticeDepot;
  readonly carrier: PracticeCarrier;
  readonly ledger: PracticeNightly;
  readonly stockroom: PracticeStockroom;
}

export const demoParts: Parts = {
  adapters: [ServiceNowAdapter, DepotAdapter, CarrierAdapter, LedgerAdapter, StockroomAdapter],
  transports: [new SoapTransport(), new LineTransport(), new FileTransport(), new TerminalTransport()],
  sourceTransports: [new PickupTransport()],
};

export async function startSystems(folder: string): Promise<DemoSystems> {
  const [servicenow, depot, carrier, stockroom] = await Promise.all([
    PracticeServiceNow.start(),
    PracticeDepot.start({ orderMs: 600 }),
    PracticeCarrier.start(),
    PracticeStockroom.start(),
  ]);
  return { servicenow, depot, carrier, stockroom, ledger: new PracticeNightly({ folder: join(folder, 'ledger') }) };
}

export async function stopSystems({ servicenow, depot, carrier, ledger, stockroom }: DemoSystems): Promise<void> {
  ledger.stop();
  await Promise.all([servicenow.stop(), depot.close(), carrier.close(), stockroom.close()]);
}

/** Where each is, for people. */
export const systemWords = ({ servicenow, depot, carrier, ledger, stockroom }: DemoSystems): string =>
  [
    `  servicenow  SOAP on ${servicenow.url}`,
    `  depot       a line protocol on 127.0.0.1:${depot.port}`,
    `  carrier     files by SFTP on 127.0.0.1:${carrier.port}`,
    `  ledger      a mainframe's files in EBCDIC in ${ledger.folder}`,
    `  stockroom   a green screen (VT220) by SSH on 127.0.0.1:${stockroom.sshPort}`,
  ].join('\n');

/** The environment of a gateway in front of them. */
export const systemsEnv = ({ servicenow, depot, carrier, ledger, stockroom }: DemoSystems): Record<string, string> => ({
  GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL: servicenow.url,
  GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__USER: 'gatehouse',
  GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__PASSWORD__ENV: 'PRACTICE',
  GATEHOUSE_SYSTEMS__SERVICENOW__CALLTIMEOUTMS: '2000',
  GATEHOUSE_SYSTEMS__SERVICENOW__SETTLEMS: '300',
  GATEHOUSE_SYSTEMS__DEPOT__LINE__PORT: String(depot.port),
  GATEHOUSE_SYSTEMS__DEPOT__CALLTIMEOUTMS: '2000',
  GATEHOUSE_SYSTEMS__DEPOT__SETTLEMS: '300',
  GATEHOUSE_SYSTEMS__DEPOT__RETRY__FIRSTMS: '200',
  GATEHOUSE_SYSTEMS__DEPOT__BREAKER__PROBEMS: '200',
  GATEHOUSE_SYSTEMS__CARRIER__FILE__KIND: 'sftp',
  GATEHOUSE_SYSTEMS__CARRIER__FILE__HOST: '127.0.0.1',
  GATEHOUSE_SYSTEMS__CARRIER__FILE__PORT: String(carrier.port),
  GATEHOUSE_SYSTEMS__CARRIER__FILE__USER: 'gatehouse',
  GATEHOUSE_SYSTEMS__CARRIER__FILE__PASSWORD__ENV: 'PRACTICE',
  GATEHOUSE_SYSTEMS__CARRIER__FILE__HOSTKEYS__0: carrier.fingerprint,
  GATEHOUSE_SYSTEMS__CARRIER__FILE__DIRECTORY: '/',
  GATEHOUSE_SYSTEMS__CARRIER__FILE__POLLMS: '200',
  GATEHOUSE_SYSTEMS__CARRIER__CALLTIMEOUTMS: '2000',
  GATEHOUSE_SYSTEMS__CARRIER__SETTLEMS: '300',
  GATEHOUSE_SYSTEMS__CARRIER__RETRY__FIRSTMS: '200',
  GATEHOUSE_SYSTEMS__LEDGER__FILE__DIRECTORY: ledger.folder,
  GATEHOUSE_SYSTEMS__LEDGER__FILE__POLLMS: '200',
  GATEHOUSE_SYSTEMS__STOCKROOM__TERMINAL__HOST: '127.0.0.1',
  GATEHOUSE_SYSTEMS__STOCKROOM__TERMINAL__PORT: String(stockroom.sshPort),
  GATEHOUSE_SYSTEMS__STOCKROOM__TERMINAL__USER: 'gatehouse',
  GATEHOUSE_SYSTEMS__STOCKROOM__TERMINAL__PASSWORD__ENV: 'PRACTICE',
  GATEHOUSE_SYSTEMS__STOCKROOM__TERMINAL__HOSTKEYS__0: stockroom.fingerprint,
  GATEHOUSE_SYSTEMS__STOCKROOM__CALLTIMEOUTMS: '10000',
  GATEHOUSE_SYSTEMS__STOCKROOM__SETTLEMS: '300',
  ...sourceEnv(0, 'statements', ledger.folder),
  ...sourceEnv(1, 'customers', ledger.folder),
  PRACTICE: 'practice',
});

function sourceEnv(index: number, name: string, folder: string): Record<string, string> {
  const prefix = `GATEHOUSE_SYSTEMS__LEDGER__PICKUP__SOURCES__${index}__`;
  return {
    [`${prefix}NAME`]: name,
    [`${prefix}PLACE__DIRECTORY`]: join(folder, name),
    [`${prefix}PATTERN`]: '*.DAT',
    [`${prefix}COMPLETE`]: 'marker',
    [`${prefix}POLLMS`]: '200',
  };
}

export const booksOf = ({ servicenow, depot, carrier, ledger, stockroom }: DemoSystems): Books => ({
  servicenow: (ref) => servicenow.ledger().filter(({ correlationId }) => correlationId === ref).length,
  depot: (ref) => depot.ledger().filter((entry) => entry.ref === ref).length,
  carrier: (ref) => carrier.ledger().filter(({ shipmentId }) => shipmentId === ref).length,
  ledger: (ref) => ledger.book().filter(({ postingId }) => postingId === ref).length,
  stockroom: (ref) => stockroom.ledger().filter((entry) => entry.ref === ref).length,
});

/** What a night brings in: every account that was booked on, every customer. */
export const expectedOfNight = ({ ledger }: DemoSystems): Night => ({
  accounts: new Set(ledger.book().flatMap(({ debit, credit }) => [debit, credit])).size,
  customers: customersOfTheHouse.length,
});
