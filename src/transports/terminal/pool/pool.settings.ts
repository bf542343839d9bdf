import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { type Secret } from '../../../contract/secret.ts';
import { Setting } from '../../../contract/settings.ts';
import { type Key, namedKeys } from '../keys.ts';

const dayMs = 86_400_000;

/** One user id of the gateway at the host: in one session at a time, and used by nobody else. */
export class TerminalUser {
  @Setting('User id.')
  // oxlint-disable-next-line no-control-regex
  @Matches(/^[^\x00-\x1f\x7f]{1,128}$/)
  user: string;

  @Setting('Password of the user id.', { secret: true })
  @IsOptional()
  password?: Secret;
}

/** How sessions are kept. */
export class PoolSettings {
  @Setting('Sessions at most; 0 is one for each user id.')
  @IsInt()
  @Min(0)
  @Max(1_000)
  sessions = 0;

  @Setting('A session that nobody has needed for so long is logged off, ms; 0 never.')
  @IsInt()
  @Min(0)
  idleMs = 600_000;

  @Setting('Calls that a session serves before it is logged off and opened anew; 0 is no limit.')
  @IsInt()
  @Min(0)
  maxUses = 1_000;

  @Setting('Age at which a session is logged off and opened anew when no call is on it, ms; 0 is no limit.')
  @IsInt()
  @Min(0)
  maxAgeMs = dayMs / 2;

  @Setting('How often keepaliveKey is pressed in a session that nobody needs, ms; 0 never.')
  @IsInt()
  @Min(0)
  keepaliveMs = 0;

  @Setting(
    'A key that is harmless on the home screen, and that the host answers with that screen: enter, f5. Without it an idle session is only looked at.',
  )
  @IsOptional()
  @IsIn(namedKeys)
  keepaliveKey?: Key;

  @Setting('Longest time to connect, log in and be at home, ms.')
  @IsInt()
  @Min(1)
  logInTimeoutMs = 60_000;

  @Setting('Longest time for a session that a call has left elsewhere to be brought home, ms; after it the session is closed.')
  @IsInt()
  @Min(1)
  recoverTimeoutMs = 30_000;

  @Setting('Longest time to log off, ms; at a stop also for a call that is still on a session.')
  @IsInt()
  @Min(1)
  logOffTimeoutMs = 5_000;

  @Setting('Wait of a user id after a log-in that led to no session, ms; doubled each time. A refused password is never tried again by itself.')
  @IsInt()
  @Min(1)
  logInWaitMs = 5_000;

  @Setting('Longest wait of a user id between two log-ins, ms.')
  @IsInt()
  @Min(1)
  maxLogInWaitMs = 900_000;

  @Setting(
    'Log-ins of a user id within 24 hours whose end is not known, with none between that succeeded, before it is left alone. Keep it below what locks a user id at the host.',
  )
  @IsInt()
  @Min(1)
  @Max(100)
  unclearLogInsADay = 2;

  @Setting('When a user id is still logged on, as after a crash: take over that session, or wait until the host has ended it.')
  @IsIn(['take over', 'wait'])
  whenLoggedOn: 'take over' | 'wait' = 'take over';
}
