import { once } from 'node:events';
import { connect } from 'node:net';
import soap from 'soap';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PhpSoap, everyFault, startPhpSoap } from '../support/php-soap.ts';
import { envelope, order, soap12 } from '../support/soap-envelope.ts';
import { type SchemaJudge, schemaJudge } from '../support/xmllint.ts';

let php: PhpSoap;
let newYork: PhpSoap;
let orders: SchemaJudge;

beforeAll(async () => {
  php = await startPhpSoap({ workers: 4 });
  newYork = await startPhpSoap({ tz: 'America/New_York', password: 'geheim' });
  orders = schemaJudge(php.wsdl.orders);
});
afterEach(() => php.heal());
afterAll(async () => {
  orders?.close();
  await php?.stop();
  await newYork?.stop();
});

async function post(
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const type = body.includes(soap12) ? 'application/soap+xml; charset=utf-8' : 'text/xml; charset=utf-8';
  const answer = await request(url, { method: 'POST', body, headers: { 'content-type': type, ...headers } });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

const place = (id: string, changed: Readonly<Record<string, string>> = {}): string => envelope(`<o:placeOrder>${order(id, changed)}</o:placeOrder>`);
const references = (peer: PhpSoap): string[] => peer.ledger().map(({ reference }) => reference);

describe("PHP's SoapServer, document/literal", () => {
  it('gives back every type of an order as it came, valid by the schema', async () => {
    const asked = envelope(`<o:echo>${order('E-1')}</o:echo>`);
    const { status, text } = await post(php.url.orders, asked);
    expect(status).toBe(200);
    expect(await orders.validate([asked, text])).toEqual([[], []]);
    const told = text.replaceAll('ns1:', 'o:').replaceAll('ns2:', 'c:');
    expect(/<o:order.*<\/o:order>/s.exec(told)?.[0]).toBe(order('E-1'));
  });

  it('commits an order before it answers, and finds it again', async () => {
    expect((await post(php.url.orders, place('A-1'))).text).toContain(
      '<ns1:status>BOOKED</ns1:status><ns1:bookedAt>2026-07-01T12:00:00Z</ns1:bookedAt>',
    );
    expect(php.ledger()).toContainEqual(expect.objectContaining({ operation: 'placeOrder', reference: 'A-1', total: '123456789012345678.123456' }));
    const found = await post(php.url.orders, envelope('<o:getOrder><o:externalId>A-1</o:externalId></o:getOrder>'));
    const missed = await post(php.url.orders, envelope('<o:getOrder><o:externalId>A-0</o:externalId></o:getOrder>'));
    expect(found.text).toMatch(/<ns1:orderId>9\d{18}<\/ns1:orderId>/);
    expect(missed.text).toContain('<ns1:getOrderResponse/>');
    expect(await orders.validate([found.text, missed.text])).toEqual([[], []]);
  });

  it.each([0, 1, 3])('lists %i rows', async (rows) => {
    const { text } = await post(php.url.orders, envelope(`<o:listOrders><o:rows>${rows}</o:rows></o:listOrders>`));
    expect(text.split('<ns1:order>').length - 1).toBe(rows);
    expect(await orders.validate([text])).toEqual([[]]);
  });

  it('tells a moment in the zone of its machine', async () => {
    const headers = { authorization: `Basic ${Buffer.from('gatehouse:geheim').toString('base64')}` };
    const zoned = await post(newYork.url.orders, place('Z-1'), headers);
    const bare = await post(newYork.url.orders, place('Z-2', { placedAt: '<o:placedAt>2026-01-01T12:00:00</o:placedAt>' }), headers);
    expect(zoned.text).toContain('<ns1:bookedAt>2026-07-01T08:00:00-04:00</ns1:bookedAt>');
    expect(bare.text).toContain('<ns1:bookedAt>2026-01-01T12:00:00-05:00</ns1:bookedAt>');
  });

  it('refuses who brings no password or a wrong one, and commits nothing', async () => {
    for (const secret of [undefined, 'gatehouse:wrong']) {
      const { status, headers } = await post(
        newYork.url.orders,
        place('P-1'),
        secret === undefined ? {} : { authorization: `Basic ${Buffer.from(secret).toString('base64')}` },
      );
      expect({ status, scheme: headers['www-authenticate'] }).toEqual({ status: 401, scheme: 'Basic realm="peer"' });
    }
    expect(references(newYork)).not.toContain('P-1');
  });

  it('faults by the WSDL, without detail, as the sender, and not at all', async () => {
    const refused = await post(php.url.orders, place('REFUSE-1'));
    expect(refused).toMatchObject({ status: 500, text: expect.stringContaining('<ns1:orderRejected><ns1:code>17</ns1:code>') });
    expect(await orders.validate([refused.text])).toEqual([[]]);
    expect((await post(php.url.orders, place('SENDER-1'))).text).toContain('<faultcode>SOAP-ENV:Client</faultcode>');
    // PHP attaches the only declared fault's element, empty, to every fault of the operation.
    expect((await post(php.url.orders, place('BOOM-1'))).text).toContain(
      'ORA-00600: internal error code</faultstring><detail><ns1:orderRejected/></detail>',
    );
    expect(await post(php.url.orders, place('CRASH-1'))).toMatchObject({ status: 500, text: '' });
    expect(references(php).filter((id) => /^(?:REFUSE|SENDER|BOOM|CRASH)/.test(id))).toEqual([]);
  });

  it('speaks SOAP 1.2 to who speaks 1.2, with its own fault codes', async () => {
    const asked = envelope(`<o:placeOrder>${order('SENDER-12')}</o:placeOrder>`, { version: soap12 });
    const { status, headers, text } = await post(php.url.orders12, asked);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 500, type: 'application/soap+xml; charset=utf-8' });
    expect(text).toContain('<env:Code><env:Value>env:Sender</env:Value></env:Code>');
    expect((await post(php.url.orders12, place('A-12'))).headers['content-type']).toBe('text/xml; charset=utf-8');
  });

  it('keeps each request as it came', async () => {
    await post(php.url.orders, place('K-1'), { soapaction: '"urn:x"' });
    expect(php.received().at(-1)).toMatchObject({
      method: 'POST',
      path: '/orders',
      headers: { soapaction: '"urn:x"' },
      body: Buffer.from(place('K-1')),
    });
  });

  it('serves calls side by side', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, n) => post(php.url.orders, place(`S-${n}`))));
    expect(references(php).filter((id) => id.startsWith('S-'))).toHaveLength(12);
  });

  it('answers node-soap from the WSDL that it serves', async () => {
    const client = await soap.createClientAsync(`${php.origin}/wsdl/orders.wsdl`);
    const [answer] = (await client['listOrdersAsync']({ rows: 2 })) as [{ order: { externalId: string }[] }];
    expect(answer.order.map(({ externalId }) => externalId)).toEqual(['A-1', 'A-2']);
  });
});

describe("PHP's SoapServer, RPC", () => {
  const transfer =
    '<a:transfer><ref>T-1</ref><transfer><t:from>a</t:from><t:to>b</t:to><t:amount>1.10</t:amount><t:memo>m</t:memo></transfer><dueOn>2026-01-01</dueOn></a:transfer>';

  it('takes a header and gives one (literal)', async () => {
    const header = '<t:session s:mustUnderstand="1"><t:token>open</t:token></t:session>';
    const asked = envelope(transfer, { header });
    const { text } = await post(php.url.accounts, asked);
    const accounts = schemaJudge(php.wsdl.accounts);
    expect(await accounts.validate([asked, text])).toEqual([[], []]);
    accounts.close();
    expect(text).toContain('<SOAP-ENV:Header><ns1:quota><ns1:remaining>41</ns1:remaining></ns1:quota></SOAP-ENV:Header>');
    expect(text).toMatch(/<ns2:transferResponse><receipt><ns1:number>\d+<\/ns1:number>.*<\/receipt><status>DONE<\/status><\/ns2:transferResponse>/s);
    expect(php.ledger()).toContainEqual({ operation: 'transfer', reference: 'T-1', amount: '1.10', memo: ['m'], dueOn: '2026-01-01' });
  });

  it('faults for a header that it must understand and does not', async () => {
    const { status, text } = await post(php.url.accounts, envelope(transfer, { header: '<t:other s:mustUnderstand="1"/>' }));
    expect(status).toBe(500);
    expect(text).toContain('<faultcode>SOAP-ENV:MustUnderstand</faultcode>');
  });

  it('gives encoded arrays with their types, and nil in them', async () => {
    const skus = '<skus enc:arrayType="xs:string[2]" xsi:type="enc:Array"><i xsi:type="xs:string">K</i><i xsi:type="xs:string">GONE</i></skus>';
    const header = '<l:session><token>x</token></l:session>';
    const { text } = await post(php.url.legacy, envelope(`<l:lookup>${skus}</l:lookup>`, { header }));
    expect(text).toContain('<items SOAP-ENC:arrayType="ns1:Item[2]" xsi:type="ns1:ArrayOfItem"><item xsi:type="ns1:Item">');
    expect(text).toContain('<stock xsi:nil="true"/>');
    expect(text).toContain('<ns1:quota xsi:type="ns1:Quota"><remaining xsi:type="xsd:int">41</remaining></ns1:quota>');
  });

  it('refers to an object that occurs twice, and follows such references', async () => {
    const twins = await post(php.url.legacy, envelope('<l:twins><sku>Q</sku></l:twins>'));
    expect(twins.text).toMatch(/<first xsi:type="ns1:Item" id="ref1">.*<second href="#ref1"\/>/s);
    const item = '<m id="2" xsi:type="l:Item"><sku>a</sku><price>1.5</price><stock>1</stock></m>';
    const array = '<m id="1" enc:arrayType="l:Item[2]" xsi:type="enc:Array"><i href="#2"/><i href="#2"/></m>';
    const total = await post(php.url.legacy, envelope(`<l:total><items href="#1"/></l:total>${array}${item}`));
    expect(total.text).toContain('<total xsi:type="xsd:decimal">3</total>');
  });
});

describe('faults on request', () => {
  const answers: Record<string, (answer: Awaited<ReturnType<typeof post>>) => boolean> = {
    busy: ({ status, text }) => status === 500 && text.includes('f:Busy') && text.includes('not executed'),
    unauthorized: ({ status }) => status === 401,
    html502: ({ status, text }) => status === 502 && text.startsWith('<html>'),
    empty200: ({ status, text }) => status === 200 && text === '',
    unavailable: ({ status, headers }) => status === 503 && headers['retry-after'] === '2',
    redirect: ({ status, headers }) => status === 302 && String(headers['location']).endsWith('/elsewhere'),
    dtd: ({ status, text }) => status === 200 && text.includes('SYSTEM "file:///etc/passwd"'),
    bomb: ({ status, text }) => status === 200 && text.includes('&a30;'),
    deep: ({ status, text }) => status === 200 && text.includes('<d><d><d>') && text.length > 1_000_000,
    gzip: ({ headers }) => headers['content-encoding'] === 'gzip',
    deflate: ({ headers }) => headers['content-encoding'] === 'deflate',
    chunked: ({ headers, text }) => headers['transfer-encoding'] === 'chunked' && text.includes('BOOKED'),
    utf16: ({ headers }) => headers['content-type'] === 'text/xml; charset=utf-16',
    latin1: ({ headers }) => headers['content-type'] === 'text/xml; charset=iso-8859-1',
    gzipBomb: ({ headers, text }) => headers['content-encoding'] === 'gzip' && text.length < 400_000,
  };
  const executed = new Set(['gzip', 'deflate', 'chunked', 'utf16', 'latin1']);

  it.each(Object.keys(answers))('%s is answered once, then the truth', async (kind) => {
    php.fault(kind as (typeof everyFault)[number]);
    const answer = await post(php.url.orders, place(`F-${kind}`));
    expect(answers[kind]?.(answer)).toBe(true);
    expect(references(php).includes(`F-${kind}`)).toBe(executed.has(kind));
    expect((await post(php.url.orders, place(`G-${kind}`))).text).toContain('BOOKED');
  });

  it('a fault can come with status 200', async () => {
    php.fault('fault200');
    expect(await post(php.url.orders, place('REFUSE-200'))).toMatchObject({ status: 200, text: expect.stringContaining('orderRejected') });
  });

  it('a huge answer is more than 100 MB and in no memory as a whole', async () => {
    php.fault('huge');
    const { body } = await request(php.url.orders, { method: 'POST', body: place('H-1') });
    let bytes = 0;
    for await (const chunk of body) bytes += (chunk as Buffer).length;
    expect(bytes).toBeGreaterThan(100 * 1024 * 1024);
  });

  it('a connection is reset before the request arrives, or after it was executed', async () => {
    php.fault('refuse');
    php.fault('commitThenDrop');
    await expect(post(php.url.orders, place('R-1'))).rejects.toThrow(/ECONNRESET|other side closed/);
    await expect(post(php.url.orders, place('R-2'))).rejects.toThrow(/ECONNRESET|other side closed/);
    expect(references(php).filter((id) => id.startsWith('R-'))).toEqual(['R-2']);
  });

  it('an answer stops halfway', async () => {
    php.fault('truncated');
    const { statusCode, body } = await request(php.url.orders, { method: 'POST', body: place('T-1') });
    expect(statusCode).toBe(200);
    await expect(body.text()).rejects.toThrow();
    expect(references(php)).toContain('T-1');
  });

  it.each([
    ['swallow', false],
    ['commitThenSilence', true],
  ] as const)('%s: nobody answers, executed: %s', async (kind, done) => {
    php.fault(kind);
    await expect(request(php.url.orders, { method: 'POST', body: place(kind), headersTimeout: 1_500 })).rejects.toThrow(/Headers Timeout/);
    expect(references(php).includes(kind)).toBe(done);
  });

  it.each([
    ['slowHeaders', 'H'],
    ['slowBody', 'HTTP/1.1 200 OK'],
  ] as const)('%s comes a byte at a time', async (kind, start) => {
    php.fault(kind);
    const socket = connect(Number(new URL(php.origin).port), '127.0.0.1');
    const body = place(kind);
    socket.write(`POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    const sizes: number[] = [];
    let text = '';
    for await (const bytes of socket as AsyncIterable<Buffer>) {
      sizes.push(bytes.length);
      text += bytes.toString();
      if (sizes.length === 6) break;
    }
    expect(text.startsWith(start)).toBe(true);
    expect(sizes.slice(1)).toEqual([1, 1, 1, 1, 1]);
  });
});

it('nothing listens and nothing is left after the stop', async () => {
  const peer = await startPhpSoap({ workers: 3 });
  const { port } = new URL(peer.origin);
  await peer.stop();
  const socket = connect(Number(port), '127.0.0.1');
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
});
