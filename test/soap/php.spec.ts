import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json } from '../../src/contract/json.ts';
import { type Link } from '../../src/contract/transport.ts';
import { ended, exchangeOver, traced } from '../support/exchange.ts';
import { type PhpSoap, everyFault, startPhpSoap } from '../support/php-soap.ts';
import { canary, password, soapLink } from '../support/soap-link.ts';
import { schemaJudge } from '../support/xmllint.ts';
import { order } from './order.ts';

describe.each([
  ['UTC', 'Orders11', 'orders'],
  ['America/New_York', 'Orders12', 'orders12'],
] as const)('PHP in %s, port %s', (tz, port, service) => {
  let php: PhpSoap;
  let link: Link;
  beforeAll(async () => {
    php = await startPhpSoap({ tz });
    link = await soapLink({ url: php.url[service] }, { wsdl: php.wsdl.orders, port }, ['placeOrder', 'echo']);
  });
  afterAll(async () => {
    await link.close();
    await php.stop();
  });

  it('an echo of every type is exactly what was sent, in any order of the properties, and xmllint finds the request valid', async () => {
    const sent = order('E1');
    const reversed = Object.fromEntries(Object.entries(sent).toReversed());
    for (const value of [sent, reversed]) {
      const { outcome } = await exchangeOver(link, 'echo', { order: value });
      expect(outcome).toEqual({ end: 'answer', answer: { order: sent } });
    }
    const judge = schemaJudge(php.wsdl.orders);
    expect(await judge.validate(php.received().map(({ body }) => body.toString()))).toEqual([[], []]);
    judge.close();
  });

  it.each<[string, { [field: string]: Json }]>([
    ['no lines', { lines: { line: [] } }],
    ['one line', { lines: { line: [{ '@no': 1, sku: 'S', quantity: 1, price: '0.000001' }] } }],
    ['another choice', { card: undefined as never, iban: 'DE89' }],
    ['dates without a zone', { placedOn: '2026-03-29', placedAt: '2026-03-29T02:30:00.123456789' }],
    ['a note that is empty, and one of blanks', { note: '', remark: [' ', '\n\ttab'] }],
    ['the smallest long', { serial: '-9223372036854775808', total: '-0.000001' }],
    ['text that looks like markup', { note: ']]> <!-- & &amp; <b>"quoted"</b> \r\n 😀 \u202e' }],
    ['another payer', { payer: { $type: 'Bank', '@id': 'B', name: 'n', vatId: 'v', bic: 'b' } }],
    ['what has attributes and is not null', { approvedBy: { number: '1', expires: '2030-01+02:00' } }],
  ])('an echo is exact: %s', async (_what, changed) => {
    const sent = JSON.parse(JSON.stringify(order('E2', changed))) as Json;
    expect((await exchangeOver(link, 'echo', { order: sent })).outcome).toEqual({ end: 'answer', answer: { order: sent } });
  });

  it('lists are lists for none, one and many', async () => {
    for (const rows of [0, 1, 3]) {
      const { outcome } = await exchangeOver(link, 'listOrders', { rows });
      expect(outcome).toMatchObject({
        end: 'answer',
        answer: { order: Array.from({ length: rows }, (_, row) => ({ externalId: `A-${row + 1}`, note: null })) },
      });
    }
  });

  it('a moment comes back as the system spells it, and what is not there is left out', async () => {
    const { outcome } = await exchangeOver(link, 'placeOrder', { order: order('P1') });
    const bookedAt = tz === 'UTC' ? '2026-07-01T12:00:00Z' : '2026-07-01T08:00:00-04:00';
    expect(outcome).toMatchObject({
      end: 'answer',
      answer: { orderId: expect.stringMatching(/^9\d{18}$/), status: 'BOOKED', bookedAt, total: '123456789012345678.123456' },
    });
    expect((await exchangeOver(link, 'getOrder', { externalId: 'nobody' })).outcome).toEqual({ end: 'answer', answer: {} });
  });

  it('what does not fit is refused with its path before anything leaves', async () => {
    const before = php.received().length;
    const refusals: [Json, string][] = [
      [{ order: order('X', { bogus: 1 }) }, 'placeOrder.order.bogus is not in the WSDL'],
      [{ order: order('X', { total: 1e21 }) }, 'placeOrder.order.total is not a decimal number'],
      [{ order: order('X', { total: '1.0000001' }) }, 'placeOrder.order.total has 7 digits after the point, and the schema allows 6'],
      [{ order: order('X', { serial: '9223372036854775808' }) }, 'placeOrder.order.serial is more than 9223372036854775807'],
      [{ order: order('X', { serial: 2 ** 53 }) }, 'placeOrder.order.serial is not a whole number'],
      [
        { order: order('X', { placedOn: JSON.parse(JSON.stringify(new Date(0))) as Json }) },
        'placeOrder.order.placedOn is not a date, like 2026-11-21',
      ],
      [{ order: order('X', { placedOn: '2026-02-30' }) }, 'placeOrder.order.placedOn is not a date'],
      [{ order: order('X', { currency: 'GBP' }) }, 'placeOrder.order.currency is none of EUR, USD, JPY'],
      [{ order: order('X', { iban: 'DE89' }) }, 'placeOrder.order has card and iban, and the schema allows one of card, iban, invoice'],
      [{ order: order('X', { remark: 'text' }) }, 'placeOrder.order.remark is not a list'],
      [{ order: order('X', { remark: ['1', '2', '3', '4', '5', '6'] }) }, 'placeOrder.order.remark has 6 elements, and the schema wants at most 5'],
      [
        { order: order('X', { lines: { line: [{ sku: 'S', quantity: 1.5, price: '1' }] } }) },
        'placeOrder.order.lines.line[0].@no is missing; placeOrder.order.lines.line[0].quantity is not a whole number (int)',
      ],
      [{ order: order('X', { note: 'bell \u0007' }) }, 'placeOrder.order.note has a character that XML cannot carry'],
      [{ order: order('X', { payer: { $type: 'Nobody', '@id': '1', name: 'n' } }) }, 'placeOrder.order.payer.$type is none of Company, Bank, Party'],
      [{}, 'placeOrder.order is missing'],
      [{ order: null }, 'placeOrder.order is null, and its element is not nillable: leave it out'],
    ];
    for (const [args, message] of refusals) {
      const exchanged = await exchangeOver(link, 'placeOrder', args);
      expect([ended(exchanged), exchanged.left], message).toEqual(['not sent CALL_REFUSED_ARGUMENTS', 0]);
      expect('error' in exchanged.outcome && exchanged.outcome.error.message).toContain(message);
    }
    expect(php.received().length).toBe(before);
  });
});

describe('faults and broken answers', () => {
  let php: PhpSoap;
  beforeAll(async () => {
    php = await startPhpSoap({ workers: 2, password: canary });
  });
  afterAll(() => php.stop());
  const open = (more: object = {}): Promise<Link> =>
    soapLink(
      { url: php.url.orders, user: 'gatehouse', password, maxAnswerBytes: 1_000_000, ...more },
      {
        wsdl: php.wsdl.orders,
        faults: [
          { faultcode: 'Server', element: 'orderRejected', faultstring: 'the order was refused', means: { refusal: 'REJECTED' } },
          { faultcode: 'Client', faultstring: 'the order number is', means: { refusal: 'UNKNOWN' } },
          { faultcode: 'Busy', means: 'not executed' },
        ],
      },
    );

  it('a business fault is a refusal with the words and the typed detail of the system', async () => {
    const link = await open();
    const { outcome } = await exchangeOver(link, 'placeOrder', { order: order('REFUSE1') });
    expect(outcome).toEqual({
      end: 'answer',
      answer: {
        refused: 'REJECTED',
        reason: 'the order was refused',
        detail: { code: 17, reason: 'credit limit exceeded', field: ['total', 'customer'] },
      },
    });
    expect((await exchangeOver(link, 'placeOrder', { order: order('SENDER1') })).outcome).toMatchObject({
      end: 'answer',
      answer: { refused: 'UNKNOWN' },
    });
    await link.close();
  });

  const expected: Readonly<Record<string, string>> = {
    busy: 'not sent NOT_EXECUTED',
    unauthorized: 'not sent CREDENTIALS_REFUSED',
    gzip: 'answer',
    deflate: 'answer',
    chunked: 'answer',
    utf16: 'answer',
    latin1: 'answer',
    slowHeaders: 'unknown NO_ANSWER',
    slowBody: 'unknown NO_ANSWER',
    fault200: 'answer',
  };

  it.each(everyFault)('%s is classified, its evidence kept, and the next call served', async (kind) => {
    const link = await open();
    php.fault(kind);
    const exchanged = await exchangeOver(link, 'placeOrder', { order: order(`F-${kind}`) }, { timeoutMs: 600 });
    expect(ended(exchanged)).toBe(expected[kind] ?? 'unknown NO_ANSWER');
    expect(exchanged.left).toBe(1);
    expect(traced(exchanged)).not.toContain(canary);
    if ('error' in exchanged.outcome) expect(exchanged.outcome.error.message).toMatch(/^acme: placeOrder was /);
    php.heal();
    expect(ended(await exchangeOver(link, 'placeOrder', { order: order(`N-${kind}`) }, { timeoutMs: 5_000 }))).toBe('answer');
    await link.close();
  });

  it('an unknown fault and a crash of the system are ambiguous, and say what came', async () => {
    const link = await open();
    const boom = await exchangeOver(link, 'placeOrder', { order: order('BOOM1') });
    expect(boom.outcome).toMatchObject({ end: 'unknown', error: { code: 'FAULT_UNKNOWN', native: 'Server' } });
    const crash = await exchangeOver(link, 'placeOrder', { order: order('CRASH1') });
    expect(crash.outcome).toMatchObject({ end: 'unknown', error: { code: 'NO_ANSWER', message: expect.stringContaining('HTML (HTTP 500)') } });
    await link.close();
  });

  it('deadlines of head and body end a call before its own', async () => {
    for (const [kind, setting] of [
      ['slowHeaders', { headersTimeoutMs: 300 }],
      ['commitThenSilence', { headersTimeoutMs: 300 }],
    ] as const) {
      const link = await open(setting);
      php.fault(kind);
      const from = performance.now();
      const exchanged = await exchangeOver(link, 'placeOrder', { order: order(`D-${kind}`) }, { timeoutMs: 20_000 });
      expect([ended(exchanged), performance.now() - from < 10_000]).toEqual(['unknown NO_ANSWER', true]);
      await link.close();
    }
  });

  it('an answer that does not fit the WSDL is none, and says where', async () => {
    const link = await open();
    const { outcome } = await exchangeOver(link, 'echo', { order: order('RAW1') });
    // In this answer the address stands in no namespace: read all the same, by its name.
    expect(outcome).toMatchObject({ end: 'answer', answer: { order: { address: { city: 'Genève' } } } });
    await link.close();
  });
});

describe('rpc', () => {
  let php: PhpSoap;
  beforeAll(async () => {
    php = await startPhpSoap();
  });
  afterAll(() => php.stop());

  it('rpc/literal with headers in and out, its amounts exact, valid to xmllint', async () => {
    const link = await soapLink({ url: php.url.accounts }, { wsdl: php.wsdl.accounts }, ['transfer', 'balance']);
    const { outcome } = await exchangeOver(link, 'transfer', {
      $headers: { session: { token: 'open' } },
      ref: 'T1',
      transfer: { from: 'A', to: 'B', amount: '12345678901234567890.10', memo: ['x', ''] },
      dueOn: '2026-11-21',
    });
    expect(outcome).toMatchObject({
      end: 'answer',
      answer: {
        receipt: { number: expect.stringMatching(/^\d+$/), bookedAt: '2025-12-31T23:59:59Z' },
        status: 'DONE',
        $headers: { quota: { remaining: 41 } },
      },
    });
    expect(php.ledger()[0]).toMatchObject({
      operation: 'transfer',
      reference: 'T1',
      amount: '12345678901234567890.10',
      memo: ['x', ''],
      dueOn: '2026-11-21',
    });
    expect((await exchangeOver(link, 'balance', { account: 'A' })).outcome).toEqual({
      end: 'answer',
      answer: { balance: '123456789012345678901234.123456' },
    });
    expect((await exchangeOver(link, 'balance', { account: 'A', $headers: { session: { token: 'x' } } })).outcome).toMatchObject({
      end: 'not sent',
      error: { message: expect.stringContaining('$headers.session is no header of this operation') },
    });
    const judge = schemaJudge(php.wsdl.accounts);
    expect((await judge.validate(php.received().map(({ body }) => body.toString()))).flat()).toEqual([]);
    judge.close();
    await link.close();
  });

  it('rpc/encoded: arrays, nil, and values that are sent once and referred to', async () => {
    const link = await soapLink({ url: php.url.legacy }, { wsdl: php.wsdl.legacy, headers: { session: { token: 'constant' } } }, [
      'lookup',
      'total',
      'twins',
    ]);
    const item = { sku: 'A', price: '10.50', stock: 3 };
    expect((await exchangeOver(link, 'lookup', { skus: ['A', 'GONE'] })).outcome).toEqual({
      end: 'answer',
      answer: { items: [item, { ...item, sku: 'GONE', stock: null }], $headers: { quota: { remaining: 41 } } },
    });
    expect((await exchangeOver(link, 'lookup', { skus: [] })).outcome).toMatchObject({ end: 'answer', answer: { items: [] } });
    expect((await exchangeOver(link, 'total', { items: [item, { ...item, stock: null }] })).outcome).toEqual({
      end: 'answer',
      answer: { total: '21' },
    });
    expect((await exchangeOver(link, 'twins', { sku: 'A' })).outcome).toEqual({ end: 'answer', answer: { pair: { first: item, second: item } } });
    await link.close();
  });
});
