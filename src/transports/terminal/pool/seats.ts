import { type Clock } from '../../../contract/clock.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { type Log } from '../../../contract/log.ts';
import { type Memory } from '../../../contract/memory.ts';
import { type Secret } from '../../../contract/secret.ts';
import { type Part } from '../../../contract/transport.ts';
import { driverFor } from '../drivers.ts';
import { type TerminalSettings } from '../terminal.settings.ts';
import { type Landmarks } from './landmarks.ts';
import { LastCall } from './last-call.ts';
import { LogInGuard } from './log-in.guard.ts';
import { Seat } from './seat.ts';

export interface PoolSurroundings {
  readonly system: string;
  readonly settings: TerminalSettings;
  readonly landmarks: Landmarks;
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: Memory;
  /** As `LinkSurroundings.evidence`. */
  evidence(callId: string, parts: readonly Part[]): Promise<boolean>;
}

/** A seat for each user id, with what is remembered of it. @throws GatehouseError CONFIG_INVALID when a user id is there twice */
export async function seatsOf(around: PoolSurroundings): Promise<readonly Seat[]> {
  const { system, settings } = around;
  const users = usersOf(settings);
  const twice = users.find(({ user }, at) => users.some((other, n) => n < at && other.user.toLowerCase() === user.toLowerCase()));
  if (twice !== undefined)
    throw new GatehouseError('CONFIG_INVALID', `${system}: the user id ${twice.user} is configured twice, and each is in one session at a time`);
  const atDoor = [settings.password, settings.keyPassphrase].flatMap((secret) => secret ?? []);
  return Promise.all(
    users.map(async ({ user, password }) => {
      const secrets = [...(password === null ? [] : [password]), ...atDoor];
      const guard = await LogInGuard.load({ ...around, settings: settings.pool }, user, secrets);
      const lastCall = await LastCall.load(around, user, secrets);
      return new Seat({ ...around, driver: driverFor(settings) }, user, password, guard, lastCall);
    }),
  );
}

/** Without a list the one user is it. Sessions for which no user is known are numbered: nobody is asked for a password there, or it is SSH's. */
function usersOf({ users, user, password, pool, protocol }: TerminalSettings): { user: string; password: Secret | null }[] {
  if (users.length > 0) return users.map((each) => ({ user: each.user, password: each.password ?? null }));
  if (user !== undefined && (protocol !== 'ssh' || pool.sessions <= 1)) return [{ user, password: password ?? null }];
  return Array.from({ length: Math.max(1, pool.sessions) }, (_, at) => ({ user: `${user ?? 'session'} ${at + 1}`, password: null }));
}
