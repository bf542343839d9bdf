import { beforeAll, describe, expect, it } from 'vitest';
import { type MainframeScreen } from '../../src/practice/mainframe/screens.ts';
import { type StockroomScreen } from '../../src/practice/stockroom/screens.ts';
import { type TerminalFault } from '../../src/practice/terminal/terminal.faults.ts';
import { ended, type Exchanged } from '../support/exchange.ts';
import { need } from '../support/needs.ts';
import { practiceMainframe, practiceStockroom } from '../support/practice-terminals.ts';

/** Longer than a loaded machine needs for a screen; faults that end in silence take as long. */
const settings = { screenTimeoutMs: 3_000 };

const reservation = { ref: 'A-1', sku: 'SKU-1001', quantity: 2 };
const change = { customer: '00010003', name: 'NEW MILL', ref: 'R-1' };

const told = ({ outcome }: Exchanged): string => ('error' in outcome ? outcome.error.message : '');

describe.concurrent('a dialog with a VT host that fails', () => {
  it.each<[TerminalFault<StockroomScreen>, string, number]>([
    [{ kind: 'silent', screen: 'reserve' }, 'not sent UNREACHABLE', 0],
    [{ kind: 'silent', screen: 'confirm' }, 'unknown NO_ANSWER', 0],
    [{ kind: 'silent', screen: 'confirm', ms: 300 }, 'answer', 1],
    [{ kind: 'stale', screen: 'reserve' }, 'not sent UNREACHABLE', 0],
    [{ kind: 'stale', screen: 'confirm' }, 'unknown NO_ANSWER', 1],
    [{ kind: 'drop-before', screen: 'reserve' }, 'not sent UNREACHABLE', 0],
    [{ kind: 'drop-after', screen: 'reserve' }, 'not sent UNREACHABLE', 0],
    [{ kind: 'drop-before', screen: 'confirm' }, 'unknown NO_ANSWER', 0],
    [{ kind: 'drop-after', screen: 'confirm' }, 'unknown NO_ANSWER', 1],
    [{ kind: 'half-open', screen: 'confirm' }, 'unknown NO_ANSWER', 0],
    [{ kind: 'half-open-after', screen: 'confirm' }, 'unknown NO_ANSWER', 1],
    [{ kind: 'redisplay' }, 'unknown NO_ANSWER', 0],
    [{ kind: 'unconfirmed' }, 'unknown SCREEN_UNEXPECTED', 1],
    [{ kind: 'commit-late' }, 'unknown NO_ANSWER', 1],
    [{ kind: 'busy' }, 'not sent NOT_EXECUTED', 0],
    [{ kind: 'slow', screen: 'reserve' }, 'answer', 1],
    [{ kind: 'slow', screen: 'reserved' }, 'answer', 1],
    [{ kind: 'flash', screen: 'confirm', ms: 200 }, 'answer', 1],
    [{ kind: 'flash', screen: 'reserved' }, 'answer', 1],
    [{ kind: 'chatty', screen: 'reserved', ms: 20 }, 'answer', 1],
    [{ kind: 'broadcast', screen: 'reserve' }, 'answer', 1],
    [{ kind: 'broadcast', screen: 'confirm' }, 'answer', 1],
    [{ kind: 'broadcast', screen: 'reserved' }, 'answer', 1],
    [{ kind: 'deny' }, 'not sent CREDENTIALS_REFUSED', 0],
    [{ kind: 'session-limit' }, 'not sent NO_SESSION', 0],
  ])('%o ends as %s', async (fault, end, committed) => {
    await using host = await practiceStockroom(settings);
    const { practice, call } = host;
    practice.fault({ times: 1, ...fault });
    const exchanged = await call('Reserve', reservation);
    await practice.caughtUp();
    expect([ended(exchanged), practice.ledger().length], told(exchanged)).toEqual([end, committed]);
    expect(exchanged.left, 'leave was asked').toBe(end.startsWith('not sent') && end !== 'not sent NOT_EXECUTED' ? 0 : 1);
    practice.clear();
    // A log-in that failed has its own wait.
    if (!/CREDENTIALS|SESSION/.test(end)) expect(ended(await call('Item', { by: 'enquiry', sku: 'SKU-1001' }))).toBe('answer');
  });

  it('the screen of the commit key going on to repaint is no answer to it', async () => {
    await using host = await practiceStockroom({ screenTimeoutMs: 20_000 });
    const { practice, call } = host;
    practice.fault({ kind: 'chatty', screen: 'confirm', ms: 150, times: 1 });
    practice.fault({ kind: 'silent', screen: 'confirm', ms: 800, times: 1 });
    expect([ended(await call('Reserve', reservation)), practice.ledger().length]).toEqual(['answer', 1]);
  });
});

describe.concurrent('a dialog with a 3270 host that fails', () => {
  beforeAll(() => void need('s3270', 's3270'));

  it.each<[TerminalFault<MainframeScreen>, string, number]>([
    [{ kind: 'silent', screen: 'choose' }, 'not sent UNREACHABLE', 0],
    [{ kind: 'stale', screen: 'choose' }, 'not sent UNREACHABLE', 0],
    [{ kind: 'drop-after', screen: 'choose' }, 'not sent UNREACHABLE', 0],
    [{ kind: 'drop-before', matching: 'CHECKED' }, 'unknown NO_ANSWER', 0],
    [{ kind: 'drop-after', matching: 'CHECKED' }, 'unknown NO_ANSWER', 1],
    [{ kind: 'silent', matching: 'CHECKED' }, 'unknown NO_ANSWER', 0],
    [{ kind: 'stale', matching: 'CHECKED' }, 'unknown NO_ANSWER', 1],
    [{ kind: 'half-open-after', matching: 'CHECKED' }, 'unknown NO_ANSWER', 1],
    [{ kind: 'redisplay' }, 'unknown SCREEN_UNEXPECTED', 0],
    [{ kind: 'unconfirmed' }, 'unknown SCREEN_UNEXPECTED', 1],
    [{ kind: 'commit-late' }, 'unknown NO_ANSWER', 1],
    [{ kind: 'busy' }, 'not sent NOT_EXECUTED', 0],
    [{ kind: 'slow', screen: 'update' }, 'answer', 1],
    [{ kind: 'flash', screen: 'update', ms: 200 }, 'answer', 1],
    [{ kind: 'chatty', screen: 'update', ms: 20 }, 'answer', 1],
    [{ kind: 'broadcast', screen: 'choose' }, 'answer', 1],
    [{ kind: 'broadcast', matching: 'SAVED' }, 'answer', 1],
    [{ kind: 'keyboard-kept', matching: 'SAVED' }, 'answer', 1],
    [{ kind: 'keyboard-kept', screen: 'choose' }, 'not sent UNREACHABLE', 0],
    [{ kind: 'deny' }, 'not sent CREDENTIALS_REFUSED', 0],
    [{ kind: 'session-limit' }, 'not sent NO_SESSION', 0],
  ])('%o ends as %s', async (fault, end, committed) => {
    await using host = await practiceMainframe(settings);
    const { practice, call } = host;
    practice.fault({ times: 1, ...fault });
    const exchanged = await call('UpdateCustomer', change);
    await practice.caughtUp();
    expect([ended(exchanged), practice.ledger().length], told(exchanged)).toEqual([end, committed]);
    practice.clear();
    // A log-in that failed has its own wait.
    if (!/CREDENTIALS|SESSION/.test(end)) expect(ended(await call('Customers', {}))).toBe('answer');
  });
});
