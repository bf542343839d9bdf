import { beforeAll } from 'vitest';
import { type MainframeScreen } from '../../src/practice/mainframe/screens.ts';
import { type StockroomScreen } from '../../src/practice/stockroom/screens.ts';
import { type TerminalFault } from '../../src/practice/terminal/terminal.faults.ts';
import { need } from '../support/needs.ts';
import { practiceMainframe, practiceStockroom } from '../support/practice-terminals.ts';
import { transportContract, type TransportRig } from './transport.contract.ts';

const secret = 'CANARY-secret&1';
const timeoutMs = 30_000;
const silenceMs = 1_500;
/** A session in which the host is silent is waited for so long before it is closed. */
const screenTimeoutMs = 3_000;

type Fault = Parameters<TransportRig['practise']>[0];

/** What each fault of the contract is at a terminal whose commit key is pressed on this screen. */
const faultOf = <Screen extends string>(fault: Exclude<Fault, 'wrong password'>, at: Partial<TerminalFault<Screen>>): TerminalFault<Screen> => {
  if (fault === 'busy') return { kind: 'busy', times: 1 };
  return { kind: fault === 'silent' ? 'silent' : 'drop-after', times: 1, ...at };
};

for (const protocol of ['ssh', 'telnet'] as const)
  transportContract(`terminal over ${protocol}`, async () => {
    const { practice, link } = await practiceStockroom({ protocol, secret, screenTimeoutMs }, { password: secret });
    return {
      link,
      secret,
      timeoutMs,
      silenceMs,
      accepted: { call: 'Reserve', args: { ref: 'A', sku: 'SKU-1001', quantity: 1 } },
      refused: { call: 'Reserve', args: { ref: 'A', sku: 'NONE', quantity: 1 } },
      unfit: { call: 'Reserve', args: { ref: 'A', sku: 'SKU-1001', quantity: 1, bogus: 1 } },
      answer: { number: 'R000001', quantity: 1 },
      practise: (fault) => {
        if (fault === 'wrong password') practice.password = 'changed';
        else practice.fault(faultOf<StockroomScreen>(fault, fault === 'silent' ? {} : { screen: 'confirm' }));
      },
      stop: () => practice.stop(),
      committed: () => practice.ledger().length,
      close: async () => {
        await link.close();
        await practice.close();
      },
    };
  });

beforeAll(() => void need('s3270', 's3270'));

transportContract('terminal over TN3270', async () => {
  const { practice, link } = await practiceMainframe({ secret, screenTimeoutMs }, { password: secret });
  return {
    link,
    secret,
    timeoutMs,
    silenceMs,
    accepted: { call: 'UpdateCustomer', args: { customer: '00010003', name: 'NEW MILL', limit: 700, ref: 'A' } },
    refused: { call: 'UpdateCustomer', args: { customer: '99999999', name: 'NEW MILL', ref: 'A' } },
    unfit: { call: 'UpdateCustomer', args: { customer: '00010003', name: 'NEW MILL', ref: 'MUCH-TOO-LONG' } },
    answer: { update: 'U000001' },
    practise: (fault) => {
      if (fault === 'wrong password') practice.password = 'changed';
      else practice.fault(faultOf<MainframeScreen>(fault, fault === 'silent' ? {} : { matching: 'CU030I' }));
    },
    stop: () => practice.stop(),
    committed: () => practice.ledger().length,
    close: async () => {
      await link.close();
      await practice.close();
    },
  };
});
