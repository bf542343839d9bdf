import { Controller, Get, Param } from '@nestjs/common';
import { Desk } from '../contract/control.ts';
import { asGatehouseError } from '../contract/errors.ts';
import { type Pulse } from '../contract/pulse.ts';
import { Needs } from '../http/access.guard.ts';
import { type PulseSummary, type SystemPulse } from './systems.view.ts';

const minuteMs = 60_000;

/** What systems do and did in the last hour. */
@Controller('api')
export class SystemsController {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  @Get('pulses')
  @Needs('viewer')
  pulses(): readonly PulseSummary[] {
    return this.#desk.pulses().map(summaryOf);
  }

  @Get('systems/:system/pulse')
  @Needs('viewer')
  async pulse(@Param('system') system: string): Promise<SystemPulse> {
    const [pulse] = this.#desk.pulses(system) as [Pulse];
    try {
      return { pulse, queue: await this.#desk.queue(system), queueFailure: null };
    } catch (error) {
      return { pulse, queue: null, queueFailure: asGatehouseError(error).message };
    }
  }
}

function summaryOf({ system, stepMs, calls }: Pulse): PulseSummary {
  const perMinute = (series: readonly (readonly number[])[]): number[] => {
    const minutes: number[] = [];
    for (const counts of series)
      for (const [step, count] of counts.entries()) {
        const minute = Math.floor((step * stepMs) / minuteMs);
        minutes[minute] = (minutes[minute] ?? 0) + count;
      }
    return minutes;
  };
  const slowest = calls.filter(({ latency }) => latency !== null).toSorted((a, b) => (b.latency?.p95Ms ?? 0) - (a.latency?.p95Ms ?? 0))[0];
  return {
    system,
    answered: perMinute(calls.map(({ answered }) => answered)),
    failed: perMinute(calls.map(({ failed }) => failed)),
    slowest: slowest === undefined || slowest.latency === null ? null : { call: slowest.name, ...slowest.latency },
  };
}
