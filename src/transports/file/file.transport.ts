import { type ProbeVerdict, cannotTell } from '../../contract/calls.ts';
import { GatehouseError, asGatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Link, type LinkSurroundings, type Outcome, type Passage, Transport } from '../../contract/transport.ts';
import { type Drop } from './drops/drop.ts';
import { DropExchange } from './drops/drop.exchange.ts';
import { DropPlan } from './drops/drop.plan.ts';
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

interface Plans {
  readonly drops: ReadonlyMap<string, { readonly plan: DropPlan; readonly reply: ReplyPlan | null }>;
  readonly replies: readonly ReplyPlan[];
}

class FileLink implements Link {
  readonly fault: GatehouseError | null = null;
  readonly #system: string;
  readonly #place: Place;
  readonly #exchange: DropExchange;
  readonly #watch: ReplyWatch | null = null;
  readonly #plans: Plans | null = null;
  readonly #settings: FileSettings;

  constructor({ system, gateway, settings, layout, clock, log, replied }: LinkSurroundings, open: OpenPlace) {
    this.#system = system;
    this.#settings = settings as FileSettings;
    this.#place = open(system, this.#settings);
    const directory = (name: string): FilePath => this.#directory(name);
    this.#exchange = new DropExchange(this.#place, clock, directory);
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
      const outcome = await this.#exchange.exchange(this.#planOf(call).plan, args, passage);
      if (outcome.end === 'answer' || outcome.end === 'later') this.#watch?.reached();
      return 'error' in outcome ? { ...outcome, error: this.#named(call, outcome.error) } : outcome;
    } catch (error) {
      return { end: 'not sent', error: asGatehouseError(error) };
    }
  }

  async settle(call: string, args: Json, passage: Passage): Promise<ProbeVerdict<Json>> {
    try {
      return await this.#exchange.settle(this.#planOf(call).plan, args, passage);
    } catch (thrown) {
      const error = asGatehouseError(thrown);
      // The layout has changed since the file was written: looking again would not help.
      if (error.class === 'permanent' && error.code !== 'DEFECT') return cannotTell(`the file cannot be looked for: ${error.message}`);
      throw error;
    }
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

  violations(call: string, answer: Json): readonly string[] {
    const known = this.#plans?.drops.get(call);
    if (known === undefined) return ['there is no such call'];
    return known.reply === null ? droppedViolations(answer) : known.reply.violations(answer);
  }

  async close(): Promise<void> {
    await this.#watch?.stop();
    await this.#place.close();
  }

  #planOf(call: string): { plan: DropPlan } {
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
    return [call, { plan: new DropPlan(call, drop, reply?.name ?? null), reply }] as const;
  });
  return { drops: new Map(planned), replies: [...read.values()] };
}

function droppedViolations(answer: Json): readonly string[] {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return ['an answer is an object'];
  const { file, size, sha256, sequence, ...more } = answer;
  const wrong: string[] = [];
  if (typeof file !== 'string' || file === '') wrong.push('file is the name that was given');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) wrong.push('size is a number of bytes');
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) wrong.push('sha256 is 64 hexadecimal digits');
  if (sequence !== undefined && !Number.isSafeInteger(sequence)) wrong.push('sequence is a whole number');
  return [...wrong, ...Object.keys(more).map((key) => `${key.slice(0, 40)} is no field of the answer`)];
}
