import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access } from './access.guard.ts';
import { type HttpSettings } from './http.settings.ts';
import { problemOf } from './problem.filter.ts';

const requestTimeoutMs = 30_000;
/** An attribute of an event, as the correlation id in an address is one, has 1,024 characters at most, each of up to nine in an escape. */
const maxParamLength = 9_216;

/** Of every answer that says nothing else. */
const headersByDefault = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

/**
 * The HTTP server: bodies as bytes whatever they claim to be, of nobody who may not come in, and never more than `maxBodyBytes` of one,
 * counted while it arrives.
 */
export function httpAdapter(settings: HttpSettings, maxBodyBytes: number): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    return503OnClosing: true,
    routerOptions: { maxParamLength },
    // Addresses that no route is asked for.
    frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) => {
      const { status, problem } = problemOf(error);
      for (const [name, value] of Object.entries(headersByDefault)) void reply.header(name, value);
      void reply.status(status).type('application/problem+json').send(JSON.stringify(problem));
    },
  });
  const server = adapter.getInstance();
  const access = new Access(settings);
  server.addHook('onRequest', async (request) => access.checkBody(request));
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(headersByDefault)) if (!reply.hasHeader(name)) void reply.header(name, value);
  });
  return adapter;
}
