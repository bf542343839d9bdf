import { type Delivery } from '../contract/bus.ts';
import { type Clock } from '../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Journal } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';

/** Waits between tries while the dead letter exchange cannot be reached. */
const firstWaitMs = 100;
const maxWaitMs = 5_000;
/** Something else on its channel may have been refused; that many refusals are meant. */
const refusalsMeant = 3;

export interface DeadLetterSurroundings {
  readonly journal: Pick<Journal, 'audit'>;
  readonly clock: Clock;
  readonly log: Log;
  stopping(): boolean;
}

/**
 * Sends a delivery that is too large whole to the dead letter exchange of its queue, and notes it. Waits as long as the bus is away.
 * @returns false when there is no such exchange, or it refuses: the delivery must be parked
 * @throws GatehouseError STOPPING when the gateway stops before it is safe there: it is not acked, and delivered again after the start
 */
export async function deadLettered(around: DeadLetterSurroundings, system: string, delivery: Delivery, reason: string): Promise<boolean> {
  if (delivery.deadLetter === undefined) return false;
  const { journal, clock, log, stopping } = around;
  let refusals = 0;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(maxWaitMs, waitMs * 2)) {
    try {
      await delivery.deadLetter(reason);
      break;
    } catch (error) {
      const failure = asGatehouseError(error);
      if (stopping())
        throw new GatehouseError('STOPPING', 'the gateway is stopping; the event was not sent to the dead letter exchange', { cause: error });
      if (failure.code !== 'BUS_UNREACHABLE' && (refusals += 1) >= refusalsMeant) {
        log('warn', { system }, `an event that is too large is parked with its first bytes: ${failure.message}`);
        return false;
      }
      await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
    }
  }
  log('warn', { system, code: 'EVENT_TOO_LARGE' }, `sent to the dead letter exchange: ${reason}`);
  await journal.audit({ who: 'gateway', what: 'dead letter', subject: system, why: reason, atMs: clock.wallMs() });
  return true;
}
