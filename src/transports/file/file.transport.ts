import { type ProbeVerdict, cannotTell } from '../../contract/calls.ts';
import { GatehouseError, asGatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import {
  type BatchOutcome,
  type BatchPassage,
  type Drafting,
  type DraftPart,
  type Link,
  type LinkSurroundings,
  type Outcome,
  type Passage,
  type RecordedExchange,
  type ReplyStatus,
  Transport,
} from '../../contract/transport.ts';
import { BatchExchange } from './drops/batch.exchange.ts';
import { BatchPlan } from './drops/batch.plan.ts';
import { type Drop } from './drops/drop.ts';
import { draftOfDrop, draftOfMember } from './drops/drop.draft.ts';
import { DropExchange } from './drops/drop.exchange.ts';
import { DropPlan } from './drops/drop.plan.ts';
import { inspectFiles } from './file.inspect.ts';
import { type FileLayout } from './file.ts';
import { FileSettings } from './file.settings.ts';
import { FilePath } from './places/file-path.ts';
import { type OpenPlace, openPlace } from './places/open-place.ts';
import { type Place } from './places/place.ts';
import { ReplyPlan } from './replies/reply.plan.ts';
import { ReplyWatch } from './replies/reply.watch.ts';

/** Files dropped at a system and reply files picked up from it: on a local disk, behind SFTP, behind FTP. */
export class FileTransport extends Transport {
  readonly name = 'file';
  readonly settings = FileSettings;
  readonly #openPlace: OpenPlace;

  constructor(open: OpenPlace = openPlace) {
    super();
    this.#openPlace = open;
  }

  async open(surroundings: LinkSurroundings): Promise<Link> {
    return new FileLink(surroundings, this.#openPlace);
  }
}

interface PlannedDrop {
  readonly plan: DropPlan;
  readonly batch: BatchPlan | null;
  readonly reply: ReplyPlan | null;
}

interface Plans {
  readonly drops: ReadonlyMap<string, PlannedDrop>;
  readonly replies: readonly ReplyPlan[];
}

class FileLink implements Link {
  readonly fault: GatehouseError | null = null;
  readonly #system: string;
  readonly #place: Place;
  readonly #exchange: DropExchange;
  readonly #batches: BatchExchange;
  readonly #watch: ReplyWatch | null = null;
  readonly #plans: Plans | null = null;
  readonly #settings: FileSettings;

  constructor({ system, gateway, settings, layout, clock, log, replied }: LinkSurroundings, open: OpenPlace) {
    this.#system = system;
    this.#settings = settings as FileSettings;
    this.#place = open(system, this.#settings);
    const directory = (name: string): FilePath => this.#directory(name);
    this.#exchange = new DropExchange(this.#place, clock, directory);
    this.#batches = new BatchExchange(this.#place, clock, this.#exchange);
    const { pollMs, maxReplyBytes, claims, archive, error } = this.#settings;
    const paths = { claims: FilePath.parse(claims), archive: FilePath.parse(archive), error: FilePath.parse(error) };
    try {
      this.#plans = plansOf(layout as FileLayout);
      this.#watch = new ReplyWatch(
        { system, gateway, place: this.#place, clock, log, pollMs, maxReplyBytes, directory, replied, ...paths },
        this.#plans.replies,
      );
      this.#watch.start();
    } catch (thrown) {
      this.fault = asGatehouseError(thrown);
    }
  }

  async exchange(call: string, args: Json, passage: Passage): Promise<Outcome> {
    try {
      const { plan, batch } = this.#planOf(call);
      const outcome = await (batch === null ? this.#exchange.exchange(plan, args, passage) : this.#batches.gather(batch, args, passage));
      if (outcome.end === 'answer' || outcome.end === 'later') this.#watch?.reached();
      return 'error' in outcome ? { ...outcome, error: this.#named(call, outcome.error) } : outcome;
    } catch (error) {
      return { end: 'not sent', error: asGatehouseError(error) };
    }
  }

  async draft(call: string, args: Json, drafting: Drafting): Promise<readonly DraftPart[]> {
    const { plan, batch } = this.#planOf(call);
    try {
      const directory = String(this.#directory(plan.drop.to));
      return batch === null ? draftOfDrop(plan, directory, args, drafting) : draftOfMember(plan, batch, directory, args, drafting);
    } catch (error) {
      throw this.#named(call, asGatehouseError(error));
    }
  }

  gathers(call: string): boolean {
    return (this.#plans?.drops.get(call)?.batch ?? null) !== null;
  }

  async give(passage: BatchPassage): Promise<BatchOutcome> {
    try {
      const { plan, batch } = this.#batchOf(passage.call);
      const outcome = await this.#batches.give(plan, batch, passage);
      if (outcome.end === 'happened') this.#watch?.reached();
      return 'error' in outcome ? { ...outcome, error: this.#named(passage.call, outcome.error) } : outcome;
    } catch (error) {
      return { end: 'not sent', error: asGatehouseError(error) };
    }
  }

  async settleBatch(passage: BatchPassage): Promise<ProbeVerdict<Json>> {
    return looked(async () => {
      const { plan, batch } = this.#batchOf(passage.call);
      return this.#batches.settle(plan, batch, passage);
    });
  }

  async settle(call: string, args: Json, passage: Passage): Promise<ProbeVerdict<Json>> {
    return looked(() => this.#exchange.settle(this.#planOf(call).plan, args, passage));
  }

  async check(signal: AbortSignal): Promise<void> {
    if (this.fault !== null) throw this.fault;
    await this.#place.check(signal);
    const used = [...(this.#plans?.drops.values() ?? [])].map(({ plan }) => plan.drop.to);
    for (const name of new Set([...used, ...(this.#plans?.replies ?? []).map(({ reply }) => reply.from)])) {
      const path = this.#directory(name);
      const found = path.segments.length === 0 ? 'directory' : (await this.#place.look(path, signal))?.kind;
      if (found !== 'directory')
        throw new GatehouseError(
          'PLACE_UNFIT',
          `${this.#place.name}: '${String(path)}' is ${found === undefined ? 'not there' : 'no directory'}; the adapter calls it '${name}': create it, or name another under directories`,
        );
    }
    this.#watch?.reached();
  }

  replies(): readonly ReplyStatus[] {
    return this.#watch?.statuses() ?? [];
  }

  async lookForReplies(signal: AbortSignal): Promise<void> {
    await this.#watch?.again(signal);
  }

  violations(call: string, answer: Json): readonly string[] {
    const known = this.#plans?.drops.get(call);
    if (known === undefined) return ['there is no such call'];
    return known.reply === null ? droppedViolations(answer, known.batch !== null) : known.reply.violations(answer);
  }

  /** Also while the layout is at fault: then only the steps can be told. */
  async inspect(exchange: RecordedExchange): Promise<Json> {
    const known = this.#plans?.drops.get(exchange.call);
    const codecs = { drop: known?.plan.drop.codec ?? null, reply: known?.reply?.reply.codec ?? null };
    return (await inspectFiles(exchange, codecs)) as unknown as Json;
  }

  async close(): Promise<void> {
    await this.#watch?.stop();
    await this.#place.close();
  }

  #batchOf(call: string): { plan: DropPlan; batch: BatchPlan } {
    const { plan, batch } = this.#planOf(call);
    if (batch === null)
      throw new GatehouseError('CODE_CHANGED', `${this.#system}: ${call} no longer goes out in batches; bring 'batch' back in its drop`);
    return { plan, batch };
  }

  #planOf(call: string): PlannedDrop {
    if (this.fault !== null) throw this.fault;
    const known = this.#plans?.drops.get(call);
    if (known === undefined) throw new GatehouseError('CALL_UNKNOWN', `${this.#system}: the layout has no drop '${call}'`);
    return known;
  }

  #directory(name: string): FilePath {
    return FilePath.parse(this.#settings.directories.find((each) => each.name === name)?.path ?? name);
  }

  /** What codecs and names refuse knows nothing of the system. */
  #named(call: string, error: GatehouseError): GatehouseError {
    if (error.code !== 'CALL_REFUSED_ARGUMENTS') return error;
    return new GatehouseError(error.code, `${this.#system}: ${call}: ${error.message}`, { cause: error, native: error.native });
  }
}

/** @throws GatehouseError LAYOUT_MISSING */
function plansOf({ drops, replies }: FileLayout): Plans {
  const read = new Map(Object.entries(replies).map(([name, reply]) => [reply, new ReplyPlan(name, reply)]));
  const planned = Object.entries(drops as Readonly<Record<string, Drop<unknown, unknown>>>).map(([call, drop]) => {
    const reply = drop.reply === undefined ? null : read.get(drop.reply.from);
    if (reply === undefined) throw new GatehouseError('LAYOUT_MISSING', `the drop ${call} awaits a reply file that is not among replies`);
    if (drop.reply !== undefined && !(drop.reply.withinHours > 0))
      throw new GatehouseError('LAYOUT_MISSING', `the drop ${call} awaits its reply for no time`);
    const plan = new DropPlan(call, drop, reply?.name ?? null);
    const batch = drop.batch === undefined ? null : new BatchPlan(call, plan, drop.batch, reply?.reply.by ?? null);
    return [call, { plan, batch, reply }] as const;
  });
  return { drops: new Map(planned), replies: [...read.values()] };
}

/** The layout may have changed since the file was written: then looking again would not help. */
async function looked(look: () => Promise<ProbeVerdict<Json>>): Promise<ProbeVerdict<Json>> {
  try {
    return await look();
  } catch (thrown) {
    const error = asGatehouseError(thrown);
    if (error.class === 'permanent' && error.code !== 'DEFECT') return cannotTell(`the file cannot be looked for: ${error.message}`);
    throw error;
  }
}

function droppedViolations(answer: Json, batched: boolean): readonly string[] {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return ['an answer is an object'];
  const { file, size, sha256, sequence, place, ...more } = answer;
  const wrong: string[] = [];
  if (typeof file !== 'string' || file === '') wrong.push('file is the name that was given');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) wrong.push('size is a number of bytes');
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) wrong.push('sha256 is 64 hexadecimal digits');
  if (sequence !== undefined && !Number.isSafeInteger(sequence)) wrong.push('sequence is a whole number');
  if (batched ? !(Number.isSafeInteger(place) && (place as number) > 0) : place !== undefined)
    wrong.push(batched ? 'place is a whole number above 0' : 'place is no field of the answer');
  return [...wrong, ...Object.keys(more).map((key) => `${key.slice(0, 40)} is no field of the answer`)];
}
