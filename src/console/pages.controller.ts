import { Controller, Get, Param, Redirect, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Pages } from './pages.ts';

/** The pages of the console, as they were built. They hold no data: the API asks who is there. */
@Controller()
export class PagesController {
  readonly #pages = new Pages(['../../console/', '../../dist/console/'].map((path) => new URL(path, import.meta.url)));

  @Get()
  @Redirect('/console/', 302)
  root(): void {
    // The redirect is all.
  }

  @Get('console')
  page(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#send('index.html', request, reply);
  }

  /** Every path of the console is the one page, which reads the path. */
  @Get('console/*')
  below(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#send('index.html', request, reply);
  }

  @Get('console/assets/:name')
  asset(@Param('name') name: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.#send(`assets/${name}`, request, reply);
  }

  #send(name: string, request: FastifyRequest, reply: FastifyReply): void {
    const { status, headers, body } = this.#pages.answer(name, request.headers['accept-encoding'] ?? '');
    void reply.status(status).headers(headers).send(body);
  }
}
