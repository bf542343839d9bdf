import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type HttpSettings } from './http.settings.ts';

const requestTimeoutMs = 30_000;

/** Of every answer that says nothing else. */
const headersByDefault = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

/** The HTTP server: bodies as bytes whatever they claim to be, never more than `maxBodyBytes` of one, counted while it arrives. */
export function httpAdapter(_settings: HttpSettings, maxBodyBytes: number): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    return503OnClosing: true,
  });
  const server = adapter.getInstance();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(headersByDefault)) if (!reply.hasHeader(name)) void reply.header(name, value);
  });
  return adapter;
}
