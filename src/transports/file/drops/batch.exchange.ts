import { type ProbeVerdict } from '../../../contract/calls.ts';
import { type Clock } from '../../../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type BatchOutcome, type BatchPassage, type Outcome, type Passage } from '../../../contract/transport.ts';
import { type Place, type Promises } from '../places/place.ts';
import { safeName } from '../places/safe-name.ts';
import { type BatchPlan } from './batch.plan.ts';
import { type DropExchange, type Ready, droppedOf } from './drop.exchange.ts';
import { type DropFile, type DropPlan, type FileMarks } from './drop.plan.ts';

/** Many events in one file: gathered one by one, dropped together the way every file is dropped. */
export class BatchExchange {
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #drops: DropExchange;

  constructor(place: Place, clock: Clock, drops: DropExchange) {
    this.#place = place;
    this.#clock = clock;
    this.#drops = drops;
  }

  /** Nothing goes to the place: only the record itself is judged. */
  async gather(plan: BatchPlan, args: Json, passage: Passage): Promise<Outcome> {
    try {
      const { gathering, bytes } = plan.member(args, passage.nowMs);
      passage.trace({ kind: 'note', atMs: this.#clock.wallMs(), media: 'application/octet-stream', bytes });
      await passage.gather(gathering);
      return { end: 'gathered' };
    } catch (error) {
      return { end: 'not sent', error: asGatehouseError(error) };
    }
  }

  async give(plan: DropPlan, batch: BatchPlan, passage: BatchPassage): Promise<BatchOutcome> {
    let ready: Ready<DropFile>;
    let promises: Promises;
    try {
      promises = await this.#place.ready(passage.signal);
      const sequence = plan.counter === null ? null : await passage.sequence(plan.counter);
      const made = await batch.file(passage.members(), { atMs: passage.nowMs, sequence });
      if ('refused' in made) return { end: 'refused', members: made.refused };
      const { file } = made;
      if (passage.frozen !== null && !isSame(file, marksOf(passage.frozen)))
        throw new GatehouseError(
          'CODE_CHANGED',
          `the layout makes another file of ${file.size} bytes than the one that was closed as '${marksOf(passage.frozen).file}': bring the old layout back, or settle the batch as 'did not' to have it made anew`,
        );
      const withinMs = plan.drop.reply === undefined ? null : plan.drop.reply.withinHours * 3_600_000;
      ready = {
        plan,
        file,
        passage,
        leave: (name) => passage.leave({ answer: droppedOf(file, name), withinMs }),
        ...this.#drops.paths(plan, passage.batchId),
      };
    } catch (error) {
      return { end: 'not sent', error: asGatehouseError(error) };
    }
    const put = await this.#drops.put(ready, promises);
    return put.end === 'put' ? { end: 'happened' } : put;
  }

  /** By name, size and SHA-256, as they were frozen. @throws GatehouseError, classified, when it cannot look */
  async settle(plan: DropPlan, batch: BatchPlan, passage: BatchPassage): Promise<ProbeVerdict<Json>> {
    await this.#place.ready(passage.signal);
    const { file: name, size, sha256, sequence } = marksOf(passage.frozen);
    const fields = await batch.fieldsOf(passage.members());
    const values = { atMs: passage.nowMs, fields, ...(sequence === null ? {} : { sequence }) };
    const file: FileMarks = { size, sha256, sequence, name: () => safeName(name), marker: (of) => plan.marker({ ...values, name: of }) };
    return this.#drops.found({ plan, file, passage, leave: async () => undefined, ...this.#drops.paths(plan, passage.batchId) });
  }
}

interface Frozen {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  readonly sequence: number | null;
}

function marksOf(frozen: Json): Frozen {
  const { file, size, sha256, sequence = null } = (frozen ?? {}) as unknown as Partial<Frozen>;
  if (typeof file !== 'string' || typeof size !== 'number' || typeof sha256 !== 'string')
    throw new GatehouseError('DEFECT', 'a batch that left does not say what its file is known by');
  return { file, size, sha256, sequence };
}

const isSame = (file: DropFile, frozen: Frozen): boolean => file.name(1) === frozen.file && file.sha256 === frozen.sha256;
