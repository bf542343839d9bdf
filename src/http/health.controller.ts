import { Controller, Get, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Bus } from '../contract/bus.ts';
import { Desk, type SystemStatus } from '../contract/control.ts';
import { asGatehouseError } from '../contract/errors.ts';
import { Journal } from '../contract/journal.ts';
import { sessionStates } from '../contract/sessions.ts';
import { Needs } from './access.guard.ts';
import { Metrics } from './metrics.ts';

/** Ready is bus and journal; a system that is down makes no gateway unready, it only stands in the body. */
@Controller()
export class HealthController {
  readonly #journal: Journal;
  readonly #bus: Bus;
  readonly #desk: Desk;
  readonly #metrics: Metrics;

  constructor(journal: Journal, bus: Bus, desk: Desk, metrics: Metrics) {
    this.#journal = journal;
    this.#bus = bus;
    this.#desk = desk;
    this.#metrics = metrics;
  }

  @Get('health/live')
  live(): object {
    return { live: true };
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const [journal, bus] = await Promise.all(
      [this.#journal, this.#bus].map((part) =>
        part.check().then(
          () => 'ok',
          (error: unknown) => asGatehouseError(error).message,
        ),
      ),
    );
    const systems = this.#desk.systems().map(({ system, availability, sources, sessions, replies }) => ({
      system,
      availability,
      // How many, not whose: anybody may ask here, and user ids are for viewers.
      ...(sessions.length === 0 ? {} : { sessions: sessions.map(sessionCounts) }),
      ...(sources.length === 0 ? {} : { sources: sources.map(({ source, state, reason }) => ({ source, state, reason })) }),
      ...(replies.length === 0 ? {} : { replies: replies.map(({ kind, failingSinceMs, reason }) => ({ kind, failingSinceMs, reason })) }),
    }));
    const ready = journal === 'ok' && bus === 'ok';
    void reply
      .status(ready ? 200 : 503)
      .type('application/json')
      .send(JSON.stringify({ ready, journal, bus, systems }));
  }

  @Get('metrics')
  @Needs('viewer')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    void reply.type(this.#metrics.contentType).send(await this.#metrics.text());
  }
}

function sessionCounts({ transport, sessions, waiting }: SystemStatus['sessions'][number]): object {
  const counts = sessionStates.map((state) => [state, sessions.filter((session) => session.state === state).length] as const);
  return { transport, waiting, ...Object.fromEntries(counts.filter(([, count]) => count > 0)) };
}
