import { Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { writeStructured } from '../contract/cloud-event-format.ts';
import { Bus } from '../contract/bus.ts';
import { Door } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Spool } from '../contract/spool.ts';
import { Needs } from './access.guard.ts';
import { readAnyRequest } from './large-request.ts';
import { resumePoint, stream } from './sse.ts';

const pageEntries = 100;

/** Events in by the CloudEvents HTTP binding (rule 31), and what the embedded bus published as a stream (rule 33). */
@Controller('events')
export class EventsController {
  readonly #door: Door;
  readonly #spool: Spool;
  readonly #bus: Bus;

  constructor(door: Door, spool: Spool, bus: Bus) {
    this.#door = door;
    this.#spool = spool;
    this.#bus = bus;
  }

  @Post()
  @HttpCode(202)
  @Needs('sender')
  async post(@Req() request: FastifyRequest): Promise<object> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const events = await readAnyRequest(request.headers, body);
    for (const { data } of events)
      if (data.byteLength > this.#door.maxEventBytes)
        throw new GatehouseError('EVENT_TOO_LARGE', `the data of an event has ${data.byteLength} bytes; ${this.#door.maxEventBytes} are allowed`);
    const taken = await this.#door.post(events);
    return {
      events: taken.map(({ source, id, translations }) => ({
        source,
        id,
        link: `/api/translations?eventId=${encodeURIComponent(id)}`,
        translations: translations.map((each) => ({ ...each, link: `/api/translations/${each.id}` })),
      })),
    };
  }

  @Get()
  @Needs('sender')
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('after') after?: string): Promise<void> {
    if (this.#bus.name !== 'embedded')
      throw new GatehouseError('NOT_POSSIBLE', `events are published to ${this.#bus.name}: read them there; this stream is that of the embedded bus`);
    const from = resumePoint(request.headers['last-event-id'], after) ?? (await this.#spool.logEnd());
    try {
      await this.#spool.log(from, 1);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      void reply
        .status(410)
        .type('application/problem+json')
        .send(JSON.stringify({ code: error.code, message: error.message, remedy: 'Begin at ?after=0, or read what was missed from the journal.' }));
      return;
    }
    const page = async (position: number) =>
      (await this.#spool.log(position, pageEntries)).map((entry) => ({ id: entry.position, data: writeStructured(entry.event) }));
    await stream(reply, { page, onMore: (listener) => this.#spool.onAdded(listener) }, from);
  }
}
