import { type Catalogue } from '../contract/catalogue.ts';
import { type Journal, type Recovered } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';

export interface RecoverSurroundings {
  readonly journal: Journal;
  readonly catalogue: Catalogue;
  readonly log: Log;
}

/**
 * The fourth verb: takes the journal over after whatever end. What was at work becomes ready again, to be run alone; what ended the process
 * twice, and what no operation knows any more, is parked. The calls of a translation are judged by the table when its code asks for them (run.ts).
 */
export async function recover({ journal, catalogue, log }: RecoverSurroundings): Promise<Recovered> {
  const operations = catalogue.operations().map(({ system, name }) => ({ system, operation: name }));
  // What is parked of a source, and retried, stands under its name.
  const sources = catalogue.sources().map(({ system, declaration }) => ({ system, operation: declaration.name }));
  const recovered = await journal.recover([...operations, ...sources]);
  const { interrupted, killers, orphans } = recovered;
  if (interrupted > 0)
    log('warn', { interrupted }, `${interrupted} translation(s) were at work when the gateway ended; they run again first, one at a time`);
  for (const id of killers)
    log('warn', { translation: id, code: 'KILLS_THE_GATEWAY' }, `${id} was at work when the gateway died twice; it is parked`);
  for (const id of orphans)
    log('warn', { translation: id, code: 'OPERATION_GONE' }, `${id} belongs to an operation that no longer exists; it is parked`);
  return recovered;
}
