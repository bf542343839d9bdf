import { layout } from '../../adapters/servicenow/servicenow.layout.ts';
import { Secret } from '../../src/contract/secret.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { depotLayout } from '../../src/practice/line/depot.adapter.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineSettings, LineTransport } from '../../src/practice/line/line.transport.ts';
import { PracticeServiceNow } from '../../src/practice/servicenow/servicenow.server.ts';
import { SoapSettings } from '../../src/transports/soap/soap.settings.ts';
import { SoapTransport } from '../../src/transports/soap/soap.transport.ts';
import { order } from '../soap/order.ts';
import { startPhpSoap } from '../support/php-soap.ts';
import { soapLink } from '../support/soap-link.ts';
import { transportContract } from './transport.contract.ts';
import { FleetingMemory } from '../support/fleeting-memory.ts';

const secret = 'CANARY-secret&1';
const replied = async () => 'candidate' as const;

transportContract('soap', async () => {
  const practice = await PracticeServiceNow.start({ password: secret });
  const settings = Object.assign(new SoapSettings(), { url: practice.url, user: 'gatehouse', password: new Secret('env:P', secret) });
  const link = await new SoapTransport().open({
    system: 'servicenow',
    gateway: 'test',
    log: () => undefined,
    settings,
    layout,
    calls: ['insert', 'getRecords'],
    clock: new SystemClock(),
    memory: new FleetingMemory(),
    evidence: async () => false,
    replied,
  });
  return {
    link,
    secret,
    accepted: { call: 'insert', args: { correlation_id: 'A', short_description: 's', caller_id: 'c' } },
    refused: { call: 'insert', args: { correlation_id: 'A', caller_id: 'nobody' } },
    unfit: { call: 'insert', args: { correlation_id: 'A', bogus: 1 } },
    answer: { sys_id: '0', number: 'INC1' },
    practise: (fault) => {
      if (fault === 'wrong password') practice.password = 'changed';
      else practice.fault({ kind: fault, times: 1 });
    },
    stop: () => practice.stop(),
    committed: () => practice.ledger().length,
    close: async () => {
      await link.close();
      await practice.stop();
    },
  };
});

transportContract('line', async () => {
  const depot = await PracticeDepot.start({ password: secret });
  const settings = Object.assign(new LineSettings(), { port: depot.port, password: new Secret('env:P', secret), pool: 0 });
  const link = await new LineTransport().open({
    system: 'depot',
    gateway: 'test',
    log: () => undefined,
    settings,
    layout: depotLayout,
    calls: [],
    clock: new SystemClock(),
    memory: new FleetingMemory(),
    evidence: async () => false,
    replied,
  });
  return {
    link,
    secret,
    accepted: { call: 'Reserve', args: { ref: 'A', sku: 'BOLT', qty: 1 } },
    refused: { call: 'Reserve', args: { ref: 'A', sku: 'NONE', qty: 1 } },
    unfit: { call: 'Reserve', args: { ref: 'A', bogus: 1 } },
    answer: { reservation: 'R1' },
    practise: (fault) => {
      if (fault === 'wrong password') depot.password = 'changed';
      else depot.fault({ kind: fault, times: 1, matching: 'A' });
    },
    stop: () => depot.stop(),
    committed: () => depot.ledger().length,
    close: async () => {
      await link.close();
      await depot.close();
    },
  };
});

for (const [tz, port, service] of [
  ['UTC', 'Orders11', 'orders'],
  ['America/New_York', 'Orders12', 'orders12'],
] as const)
  transportContract(`soap against PHP in ${tz}, ${port}`, async () => {
    const php = await startPhpSoap({ tz, password: secret });
    const link = await soapLink(
      { url: php.url[service], user: 'gatehouse', password: new Secret('env:P', secret) },
      {
        wsdl: php.wsdl.orders,
        port,
        faults: [
          { faultstring: 'the order was refused', element: 'orderRejected', means: { refusal: 'REJECTED' } },
          { faultcode: port === 'Orders11' ? 'Busy' : 'Receiver.Busy', means: 'not executed' },
        ],
      },
    );
    const faults = { silent: 'swallow', 'commit-then-drop': 'commitThenDrop', busy: 'busy', 'wrong password': 'unauthorized' } as const;
    return {
      link,
      secret,
      accepted: { call: 'placeOrder', args: { order: order('A') } },
      refused: { call: 'placeOrder', args: { order: order('REFUSE') } },
      unfit: { call: 'placeOrder', args: { order: order('A', { bogus: 1 }) } },
      answer: { orderId: '9223372036854775807', status: 'BOOKED', bookedAt: '2026-11-21T00:00:00Z', total: '1.5' },
      practise: (fault) => php.fault(faults[fault]),
      stop: () => php.stop(),
      committed: () => php.ledger().length,
      close: async () => {
        await link.close();
        await php.stop();
      },
    };
  });
