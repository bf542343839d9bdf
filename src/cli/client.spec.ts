import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Client } from './client.ts';
import { NoGateway } from './exit.ts';

describe('the stream of changes', () => {
  it('goes on where it was when the gateway breaks off, is away for a while, and comes back', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      if (asked.length === 2) return void request.socket.destroy();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`: open\n\nid: ${asked.length}\ndata: {"n":${asked.length}}\n\n`);
      return undefined;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const aborter = new AbortController();
    const seen: string[] = [];
    const client = new Client({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    for await (const { data } of client.stream('/api/changes', null, aborter.signal)) {
      seen.push(data);
      if (seen.length === 2) aborter.abort();
    }
    server.close();
    expect(seen).toEqual(['{"n":1}', '{"n":3}']);
    expect(asked).toEqual(['/api/changes', '/api/changes?after=1', '/api/changes?after=1']);
  });

  it('says so when there is no gateway to begin with', async () => {
    const stream = new Client({ url: 'http://127.0.0.1:1' }).stream('/api/changes', null, new AbortController().signal);
    await expect(stream.next()).rejects.toThrow(NoGateway);
  });
});

it.each([
  ['there is no translation A', 'Check the id.', 'there is no translation A. Check the id.'],
  ['is it there?', 'Look.', 'is it there? Look.'],
  ['no more', undefined, 'no more'],
])('a refusal of the gateway is read as sentences: %s', async (message, remedy, said) => {
  const server = createServer((_request, response) => {
    response.writeHead(404, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ code: 'NOT_FOUND', message, remedy }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new Client({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  await expect(client.get('/api/translations/A')).rejects.toMatchObject({ code: 'NOT_FOUND', message: said });
  server.close();
});
