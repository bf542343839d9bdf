import { type SystemStatus } from '../contract/control.ts';
import { type Journal } from '../contract/journal.ts';
import { backlogOf } from './backlog.ts';
import { type Intake } from './intake.ts';
import { type Sources } from './sources.ts';
import { type System } from './system.ts';

export interface StatusSurroundings {
  readonly journal: Pick<Journal, 'tallies'>;
  readonly intake: Intake;
  readonly sources: Sources;
}

/** How a system stands at this moment, for people: read from memory, nothing is asked of the system. */
export function statusOf(system: System, { journal, intake, sources }: StatusSurroundings): SystemStatus {
  const { name, catalogued, settings, record, links } = system;
  const hours = system.hours();
  const closed = system.availability === 'open' && !hours.open;
  return {
    system: name,
    about: catalogued.about,
    availability: closed ? 'closed' : system.availability,
    reason: closed ? 'outside its opening hours' : (record?.failure?.message ?? null),
    sinceMs: record?.sinceMs ?? null,
    untilMs: closed ? hours.changesMs : null,
    heldOperations: [...system.records.values()].filter(({ operation, availability }) => operation !== '' && availability !== 'open'),
    breaker: {
      failuresInARow: system.failuresInARow,
      failures: settings.breaker.failures,
      nextTryMs: system.nextTryMs,
      trial: system.trial,
      lastAnswerMs: system.lastAnswerMs,
    },
    rate: { perSecond: settings.callsPerSecond === 0 ? null : settings.callsPerSecond, waiting: system.rate.waiting },
    running: system.running,
    concurrency: settings.concurrency,
    backlog: backlogOf(journal, system).active,
    intakeHeld: intake.held(system),
    ignored: intake.ignored(system),
    transports: [...links.keys()],
    operations: catalogued.catalogued.map((operation) => operation.name),
    sources: sources.statuses(name),
    sessions: [...links].flatMap(([transport, link]) => {
      const status = link.sessions?.();
      return status === undefined ? [] : [{ transport, ...status }];
    }),
    replies: [...links.values()].flatMap((link) => link.replies?.() ?? []),
  };
}
