import { type CataloguedOperation } from '../contract/catalogue.ts';
import { type DryRun, type DryRunRequest } from '../contract/dry-run.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type Journal } from '../contract/journal.ts';
import { type Story, storyOf } from '../contract/journal-reader.ts';
import { DryPass, type DryRunSurroundings } from './dry-run.ts';

const mostWaiting = 8;

export interface DryRunsSurroundings extends DryRunSurroundings {
  readonly journal: Journal;
}

/** Dry runs of this gateway, one at a time: they use no slot of a system, and must not take the thread from those who do. */
export class DryRuns {
  readonly #around: DryRunsSurroundings;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(around: DryRunsSurroundings) {
    this.#around = around;
  }

  /** @throws GatehouseError NOT_FOUND, NOT_POSSIBLE, ANSWER_INVALID, CALL_UNKNOWN; BACKLOG_FULL when too many wait for their turn */
  async run(request: DryRunRequest): Promise<DryRun> {
    if (this.#waiting >= mostWaiting)
      throw new GatehouseError('BACKLOG_FULL', `${this.#waiting} dry runs wait for their turn, and each may take ten seconds`);
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#run(request));
    this.#last = turn.catch(() => undefined);
    return turn.finally(() => (this.#waiting -= 1));
  }

  async #run(request: DryRunRequest): Promise<DryRun> {
    const story = 'translationId' in request ? await this.#story(request.translationId) : null;
    return new DryPass(this.#around, this.#operation(story?.translation ?? (request as { system: string; operation: string })), story, request).run();
  }

  async #story(id: string): Promise<Story> {
    const story = await storyOf(this.#around.journal.reader, id);
    const { translation } = story;
    // Its code would run in this process, as before.
    if (translation.failure?.code === 'KILLS_THE_GATEWAY')
      throw new GatehouseError('NOT_POSSIBLE', `${translation.id} ended the process twice: run it against a practice system, not here`);
    return story;
  }

  #operation({ system, operation }: { readonly system: string; readonly operation: string }): CataloguedOperation {
    const known = this.#around.catalogue.operation(system, operation);
    if (known !== undefined) return known;
    throw new GatehouseError('NOT_FOUND', `${system.slice(0, 64)} has no operation '${operation.slice(0, 64)}'`);
  }
}
