import { Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { writeStructured } from '../contract/cloud-event-format.ts';
import { Bus } from '../contract/bus.ts';
import { Clock } from '../contract/clock.ts';
import { Door } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Journal } from '../contract/journal.ts';
import { Spool } from '../contract/spool.ts';
import { type Caller, Needs } from './access.guard.ts';
import { HttpSettings } from './http.settings.ts';
import { readAnyRequest } from './large-request.ts';
import { resumePoint, stream } from './sse.ts';

const pageEntries = 100;

type Asked = FastifyRequest & { readonly caller?: Caller };

/** Events in by the CloudEvents HTTP binding (rule 31), and what the embedded bus published as a stream (rule 33). */
@Controller('events')
export class EventsController {
  readonly #door: Door;
  readonly #spool: Spool;
  readonly #bus: Bus;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #guarded: boolean;

  constructor(door: Door, spool: Spool, bus: Bus, journal: Journal, clock: Clock, settings: HttpSettings) {
    this.#door = door;
    this.#spool = spool;
    this.#bus = bus;
    this.#journal = journal;
    this.#clock = clock;
    this.#guarded = settings.tokens.length > 0;
  }

  @Post()
  @HttpCode(202)
  @Needs('sender')
  async post(@Req() request: Asked): Promise<object> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const events = await readAnyRequest(request.headers, body);
    for (const { data } of events)
      if (data.byteLength > this.#door.maxEventBytes)
        throw new GatehouseError('EVENT_TOO_LARGE', `the data of an event has ${data.byteLength} bytes; ${this.#door.maxEventBytes} are allowed`);
    const taken = await this.#door.post(events);
    for (const { source, id } of taken) await this.#record(request, 'send', `${source} ${id}`);
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
  async read(@Req() request: Asked, @Res() reply: FastifyReply, @Query('after') after?: string): Promise<void> {
    if (this.#bus.name !== 'embedded')
      throw new GatehouseError('NOT_POSSIBLE', `events are published to ${this.#bus.name}: read them there; this stream is that of the embedded bus`);
    await this.#record(request, 'reveal', 'published events');
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

  /** What a person does here, and not the system whose work it is: sends an event by hand, or reads events with all that is masked elsewhere. */
  async #record({ caller, headers }: Asked, what: string, subject: string): Promise<void> {
    if (!this.#guarded || caller === undefined || caller.role === 'sender') return;
    await this.#journal.audit({
      who: caller.name,
      what,
      subject: subject.slice(0, 600),
      why: whyOf(headers['gatehouse-why']),
      atMs: this.#clock.wallMs(),
    });
  }
}

/** A reason in a header, percent-encoded: headers carry no other letters. */
function whyOf(header: string | string[] | undefined): string {
  try {
    return typeof header === 'string' ? decodeURIComponent(header).slice(0, 2_000) : '';
  } catch {
    return '';
  }
}
