import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { Bus } from '../contract/bus.ts';
import { Desk } from '../contract/control.ts';
import { Journal } from '../contract/journal.ts';
import { LOG, type Log } from '../contract/log.ts';
import { AccessGuard } from './access.guard.ts';
import { EventsController } from './events.controller.ts';
import { HealthController } from './health.controller.ts';
import { HttpSettings } from './http.settings.ts';
import { Metrics } from './metrics.ts';
import { ProblemFilter } from './problem.filter.ts';

/** The doors of the gateway: events, health and metrics; and who may come in, here and in the console. */
@Module({
  controllers: [EventsController, HealthController],
  providers: [
    {
      provide: Metrics,
      useFactory: (desk: Desk, journal: Journal, bus: Bus) => new Metrics(desk, journal.reader, bus),
      inject: [Desk, Journal, Bus],
    },
    { provide: APP_GUARD, useFactory: (settings: HttpSettings) => new AccessGuard(settings), inject: [HttpSettings] },
    { provide: APP_FILTER, useFactory: (log: Log) => new ProblemFilter(log), inject: [LOG] },
  ],
})
export class HttpModule {}
