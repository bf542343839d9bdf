import 'reflect-metadata';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, Matches, Max, Min, ValidateNested } from 'class-validator';
import { type Class } from './json.ts';

/** What the configuration reference says of one setting. */
export interface SettingDoc {
  readonly name: string;
  readonly doc: string;
  /** Set when the value is a list of, or one, nested settings class. */
  readonly nested?: Class;
  readonly list?: boolean;
  /** The value is `{ env: NAME }` or `{ file: path }`, and becomes a `Secret`. */
  readonly secret?: boolean;
}

const settings = new Map<object, SettingDoc[]>();

/** Declares a property of a settings class with its line in the reference. The default is the property's initial value. */
export function Setting(doc: string, options: { nested?: Class; list?: boolean; secret?: boolean } = {}): PropertyDecorator {
  return (target, property) => {
    const own = settings.get(target.constructor) ?? [];
    settings.set(target.constructor, [...own, { name: String(property), doc, ...options }]);
    if (options.nested) Type(() => options.nested as never)(target, property as string);
    if (options.nested) ValidateNested({ each: options.list === true })(target, property as string);
  };
}

/** Those of the classes it extends first. */
export function settingsOf(target: Class): readonly SettingDoc[] {
  const parent = Object.getPrototypeOf(target) as Class | null;
  return [...(parent === null || parent === Function.prototype ? [] : settingsOf(parent)), ...(settings.get(target) ?? [])];
}

/** One opening interval a week. `from` after `to` crosses midnight. */
export class OpenInterval {
  @Setting('Days it applies to: mon, tue, wed, thu, fri, sat, sun.')
  @IsIn(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], { each: true })
  days: ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[] = [];

  @Setting('Opening time, local: 07:30.')
  @Matches(/^([01]\d|2[0-3]):[0-5]\d$/)
  from = '00:00';

  @Setting('Closing time, local: 19:00. 24:00 is midnight.')
  @Matches(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/)
  to = '24:00';
}

export class ExceptionDate {
  @Setting('The local date: 2026-12-25.')
  @Matches(/^\d{4}-\d{2}-\d{2}$/)
  date = '';

  @Setting('Opening time of that day; without from and to it is closed all day.')
  @IsOptional()
  @Matches(/^([01]\d|2[0-3]):[0-5]\d$/)
  from?: string;

  @Setting('Closing time of that day.')
  @IsOptional()
  @Matches(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/)
  to?: string;
}

export class OpeningHours {
  @Setting('IANA time zone of the system: Europe/Berlin.')
  @IsString()
  zone = 'UTC';

  @Setting('Weekly opening intervals.', { nested: OpenInterval, list: true })
  @IsArray()
  @ArrayMaxSize(50)
  weekly: OpenInterval[] = [];

  @Setting('Dates that differ from the week: holidays, maintenance.', { nested: ExceptionDate, list: true })
  @IsArray()
  @ArrayMaxSize(400)
  except: ExceptionDate[] = [];
}

export class RetrySettings {
  @Setting('Attempts before a translation is parked. Only failures while the system answers others count.')
  @IsInt()
  @Min(1)
  @Max(100)
  attempts = 5;

  @Setting('Wait before the second attempt, ms; doubled each time, with jitter.')
  @IsInt()
  @Min(1)
  firstMs = 1_000;

  @Setting('Longest wait between two attempts, ms.')
  @IsInt()
  @Min(1)
  maxMs = 300_000;
}

export class BreakerSettings {
  @Setting('Failures in a row, with no answer between, after which the system counts as down.')
  @IsInt()
  @Min(1)
  failures = 5;

  @Setting('Wait before a system that is down is tried again, ms; doubled up to maxProbeMs.')
  @IsInt()
  @Min(1)
  probeMs = 1_000;

  @Setting('Longest wait between two tries of a system that is down, ms.')
  @IsInt()
  @Min(1)
  maxProbeMs = 60_000;
}

/** What is the same for every system, whatever its transports. */
export class SystemSettings {
  @Setting('Translations at work side by side.')
  @IsInt()
  @Min(1)
  @Max(1_000)
  concurrency = 4;

  @Setting('Native calls a second; 0 is no limit.')
  @IsNumber()
  @Min(0)
  callsPerSecond = 0;

  @Setting('Longest time from leaving to the answer of a call, ms.')
  @IsInt()
  @Min(1)
  callTimeoutMs = 30_000;

  @Setting('How long after the deadline of a call the system may still carry it out, ms. Until then a probe that finds nothing proves nothing.')
  @IsInt()
  @Min(0)
  settleMs = 5_000;

  @Setting('Opening hours; without them the system is always open.', { nested: OpeningHours })
  @IsOptional()
  hours?: OpeningHours;

  @Setting('Retries of transient failures.', { nested: RetrySettings })
  retry: RetrySettings = new RetrySettings();

  @Setting('When the system counts as down.', { nested: BreakerSettings })
  breaker: BreakerSettings = new BreakerSettings();

  @Setting('Translations ready, at work or waiting for time or the system before intake from the bus is held.')
  @IsInt()
  @Min(1)
  backlog = 10_000;

  @Setting('Translations waiting for a key, a batch or a reply before intake from the bus is held.')
  @IsInt()
  @Min(1)
  backlogWaiting = 1_000_000;

  @Setting('Events brought in by the sources of the system that the bus has not confirmed, before its sources wait.')
  @IsInt()
  @Min(1)
  outboxBacklog = 10_000;

  @Setting('Bodies in the journal: full keeps them for the retention time, none drops them when a translation is final.')
  @IsIn(['full', 'none'])
  payload: 'full' | 'none' = 'full';

  @Setting(
    'Whether the words of what was said and answered can be searched. They stand in a file of their own beside the journal, without sensitive values, keyed hashes of them where the journal is encrypted.',
  )
  @IsBoolean()
  searchBodies = false;

  @Setting('Events that no operation of the bound types accepts: park keeps them for a person, ignore counts them.')
  @IsIn(['park', 'ignore'])
  unmatched: 'park' | 'ignore' = 'park';

  @Setting('Start with the system held.')
  @IsBoolean()
  held = false;
}

/** The gateway itself. */
export class GatewaySettings {
  @Setting('Name of this gateway, in logs and traces.')
  @Matches(/^[a-z][a-z0-9-]{0,62}$/)
  name = 'gatehouse';

  @Setting('Where events come from and go to: embedded needs nothing installed; rabbitmq is set up in its own section.')
  @IsIn(['embedded', 'rabbitmq'])
  bus: 'embedded' | 'rabbitmq' = 'embedded';

  @Setting('Largest data of one event, bytes.')
  @IsInt()
  @Min(1_024)
  @Max(256_000_000)
  maxEventBytes = 4_000_000;

  @Setting('How long a stop waits for what is at work, ms. At least the longest call timeout.')
  @IsInt()
  @Min(0)
  drainMs = 35_000;

  @Setting('What is logged: debug, info, warn, error.')
  @IsIn(['debug', 'info', 'warn', 'error'])
  logLevel: 'debug' | 'info' | 'warn' | 'error' = 'info';
}
