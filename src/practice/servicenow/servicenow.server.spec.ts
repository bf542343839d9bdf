import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { PracticeServiceNow } from './servicenow.server.ts';

it('a client that dies in the middle of its request inserts nothing and takes nobody with it', async () => {
  const practice = await PracticeServiceNow.start();
  try {
    const { hostname, port } = new URL(practice.url);
    const client = connect(Number(port), hostname);
    await once(client, 'connect');
    client.write('POST /incident.do?SOAP HTTP/1.1\r\nhost: practice\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n');
    // The server has begun to read when it says that it wants the body.
    await once(client, 'data');
    client.destroy();
    await once(client, 'close');
    const answer = await fetch(practice.url, { headers: { authorization: `Basic ${btoa('gatehouse:practice')}` } });
    expect(answer.status).toBe(200);
    expect(practice.ledger()).toEqual([]);
  } finally {
    await practice.stop();
  }
});
