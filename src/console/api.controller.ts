import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { extname } from 'node:path';
import { type BatchAct, type BatchState } from '../contract/batch.ts';
import { Catalogue } from '../contract/catalogue.ts';
import { Clock } from '../contract/clock.ts';
import { type DeskAct, Desk, Door } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Journal } from '../contract/journal.ts';
import { found } from '../contract/journal-reader.ts';
import { Needs } from '../http/access.guard.ts';
import { deskActOf, versionIn } from './act.request.ts';
import { type Asked, asksToReveal, jsonBody, recordReveal, whole } from './asked.ts';
import { type CandidateView } from './candidate.view.ts';
import { keyOrNew, textIn, whyOf } from './decided.ts';
import { heldSince } from './held-since.ts';
import { sightsOf } from './sensitive.ts';
import { type Sights } from './sight.ts';
import { type Telling } from './story.teller.ts';
import { mask, mayHoldSensitive } from './story.view.ts';
import { unmasked } from './unmasked.ts';

/** Stories may be very large: they are masked and cut where they are read. */
const teller = new URL(`./story.teller${extname(import.meta.url)}`, import.meta.url).href;

const batchActs: readonly BatchAct[] = ['close', 'happened', 'did not', 'probe'];
const batchStates: readonly BatchState[] = ['open', 'calling', 'in doubt', 'answered', 'discarded'];

/** The journal's API: what the CLI and the console see and do. */
@Controller('api')
export class ApiController {
  readonly #journal: Journal;
  readonly #desk: Desk;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;
  readonly #sights: Sights;
  readonly #door: Door;

  constructor(journal: Journal, desk: Desk, catalogue: Catalogue, clock: Clock, door: Door) {
    this.#door = door;
    this.#journal = journal;
    this.#desk = desk;
    this.#catalogue = catalogue;
    this.#clock = clock;
    this.#sights = sightsOf(catalogue);
  }

  @Get('translations/:id')
  @Needs('viewer')
  async story(
    @Param('id') id: string,
    @Req() request: Asked,
    @Res() reply: FastifyReply,
    @Query('reveal') reveal?: string,
    @Query('upTo') upTo?: string,
  ): Promise<void> {
    const most = whole('upTo', upTo);
    const revealed = asksToReveal(reveal, request.caller);
    const given: Telling = { sights: revealed ? null : this.#sights, upTo: most ?? null };
    const told = found(id, await this.#journal.reader.told(id, { module: teller, given }));
    if (revealed) await recordReveal(this.#journal, this.#clock, request.caller, told.id);
    void reply.type('application/json').send(Buffer.from(told.text.buffer, told.text.byteOffset, told.text.byteLength));
  }

  @Post('translations/:id/actions')
  @HttpCode(200)
  @Needs('operator')
  async act(@Param('id') id: string, @Req() request: Asked): Promise<object> {
    const body = jsonBody(request, this.#door.maxEventBytes);
    const act = deskActOf(body['act']);
    const decided = { key: keyOrNew(request, body), version: versionIn(body), who: request.caller?.name ?? '', why: whyOf(body) };
    return this.#desk.act({ translationId: id, ...decided }, await this.#asMeant(id, act));
  }

  /** An event that was edited as it was shown has masks in it. */
  async #asMeant(id: string, act: DeskAct): Promise<DeskAct> {
    if (act.kind !== 'replay' || act.data === undefined) return act;
    const story = await this.#journal.reader.story(id);
    return story === null ? act : { ...act, data: unmasked(act.data, story, this.#catalogue) };
  }

  @Get('systems')
  @Needs('viewer')
  systems(): object {
    return this.#desk.systems();
  }

  @Post('systems/check')
  @HttpCode(200)
  @Needs('operator')
  async check(@Req() request: Asked): Promise<object> {
    const body = jsonBody(request);
    const only = nameIn(body, 'system');
    const found = await this.#desk.check(only);
    // It logs in at systems: their owners may ask who did.
    await this.#journal.audit({
      who: request.caller?.name ?? '',
      what: 'check',
      subject: only ?? 'all systems',
      why: textIn(body, 'why'),
      atMs: this.#clock.wallMs(),
    });
    return found;
  }

  @Post('systems/:system/:turn')
  @HttpCode(200)
  @Needs('operator')
  async turn(@Param('system') system: string, @Param('turn') turn: string, @Req() request: Asked): Promise<object> {
    const body = jsonBody(request);
    const operation = nameIn(body, 'operation') ?? '';
    if (turn !== 'hold' && turn !== 'resume') throw new GatehouseError('NOT_FOUND', 'a system can be held or resumed');
    const why = whyOf(body);
    if (body['seen'] !== undefined) this.#checkSeen(system, operation, body['seen']);
    await this.#desk[turn](system, operation, request.caller?.name ?? '', why);
    return this.#desk.systems().find((status) => status.system === system) ?? {};
  }

  /** One who decides on what they saw is told when somebody was quicker. */
  #checkSeen(system: string, operation: string, seen: unknown): void {
    const status = this.#desk.systems().find((each) => each.system === system);
    if (status === undefined || heldSince(status, operation) === seen) return;
    const held = operation === '' ? status.reason : (status.heldOperations.find((each) => each.operation === operation)?.failure?.message ?? null);
    const now = heldSince(status, operation) === null ? 'it is not held any more' : `now it is ${held ?? 'held'}`;
    throw new GatehouseError('CHANGED', `${system}${operation === '' ? '' : ` ${operation}`}: somebody was quicker, ${now}`);
  }

  @Get('tallies')
  @Needs('viewer')
  tallies(): object {
    return this.#desk.tallies();
  }

  @Get('audit')
  @Needs('admin')
  audit(@Query('before') before?: string, @Query('limit') limit?: string): Promise<object> {
    const position = whole('before', before);
    return this.#journal.reader.audit({ limit: whole('limit', limit) ?? 50, ...(position === undefined ? {} : { before: position }) });
  }

  @Get('candidates/:system')
  @Needs('viewer')
  async candidates(@Param('system') system: string, @Req() request: Asked, @Query('reveal') reveal?: string): Promise<readonly CandidateView[]> {
    const revealed = asksToReveal(reveal, request.caller);
    const rows = this.#of(system, await this.#journal.reader.candidates(system, 100));
    // No event says which of its values are sensitive.
    const masked = mayHoldSensitive(this.#catalogue, system);
    if (masked && revealed) await recordReveal(this.#journal, this.#clock, request.caller, system, 'replies that nobody awaited');
    return rows.map((row) => (masked && !revealed ? { ...row, answer: mask, masked } : { ...row, masked: false }));
  }

  @Get('numbers/:system')
  @Needs('viewer')
  async numbers(@Param('system') system: string): Promise<object> {
    return this.#of(system, await this.#journal.reader.unusedNumbers(system, 500));
  }

  /** Those that something is still to become of; `state` names others. */
  @Get('batches/:system')
  @Needs('viewer')
  async batches(@Param('system') system: string, @Query('state') state = 'open,calling,in doubt'): Promise<object> {
    const asked = state.split(',');
    const states = batchStates.filter((each) => asked.includes(each));
    return this.#of(system, await this.#journal.reader.batches(system, states, 500));
  }

  /** The journal knows systems that are no longer configured, too: only where it has nothing may the name be a mistake. */
  #of<T>(system: string, rows: readonly T[]): readonly T[] {
    const names = [...this.#catalogue.systems.keys()];
    if (rows.length === 0 && !names.includes(system))
      throw new GatehouseError('NOT_FOUND', `there is no system '${system.slice(0, 64)}'; there are ${names.join(', ')}`);
    return rows;
  }

  @Post('batches/:batch/actions')
  @HttpCode(200)
  @Needs('operator')
  async actOnBatch(@Param('batch') batch: string, @Req() request: Asked): Promise<object> {
    const body = jsonBody(request);
    const seq = whole('batch', batch) ?? 0;
    const wanted = batchActs.find((each) => each === body['act']);
    if (wanted === undefined) throw new GatehouseError('NOT_POSSIBLE', `'act' is one of ${batchActs.join(', ')}`);
    const decided = { key: keyOrNew(request, body), who: request.caller?.name ?? '', why: whyOf(body) };
    await this.#desk.actOnBatch({ batch: seq, act: wanted, ...decided });
    return (await this.#journal.reader.batch(seq))?.batch ?? {};
  }
}

/** What is named must be a name: taken for none it would mean everything. @throws GatehouseError NOT_POSSIBLE */
function nameIn(body: Readonly<Record<string, unknown>>, name: 'system' | 'operation'): string | undefined {
  const value = body[name];
  if (value !== undefined && typeof value !== 'string') throw new GatehouseError('NOT_POSSIBLE', `'${name}' is the name of one`);
  return value;
}
