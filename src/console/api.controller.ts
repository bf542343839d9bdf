import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { randomUUID } from 'node:crypto';
import { type BatchAct, type BatchState } from '../contract/batch.ts';
import { Catalogue } from '../contract/catalogue.ts';
import { Clock } from '../contract/clock.ts';
import { type DeskAct, Desk } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Journal, type TranslationState } from '../contract/journal.ts';
import { type TranslationFilter } from '../contract/journal-reader.ts';
import { Needs } from '../http/access.guard.ts';
import { resumePoint, stream } from '../http/sse.ts';
import { type Asked, jsonBody, mayReveal, whole } from './asked.ts';
import { isSensitive, rowView, storyView } from './story.view.ts';
import { unmasked } from './unmasked.ts';

const texts = ['system', 'operation', 'type', 'eventId', 'correlation', 'businessKey', 'key', 'code'] as const;
const acts = new Set<string>(['retry', 'discard', 'pass', 'republish', 'replay', 'happened', 'did not', 'probe'] satisfies DeskAct['kind'][]);

const batchActs: readonly BatchAct[] = ['close', 'happened', 'did not', 'probe'];
const batchStates: readonly BatchState[] = ['open', 'calling', 'in doubt', 'answered', 'discarded'];

/** The journal's API: what the CLI and the console see and do. */
@Controller('api')
export class ApiController {
  readonly #journal: Journal;
  readonly #desk: Desk;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;

  constructor(journal: Journal, desk: Desk, catalogue: Catalogue, clock: Clock) {
    this.#journal = journal;
    this.#desk = desk;
    this.#catalogue = catalogue;
    this.#clock = clock;
  }

  @Get('translations')
  @Needs('viewer')
  async list(@Query() query: Record<string, string>, @Req() request: Asked): Promise<object> {
    const before = whole('before', query['before']);
    const reveals = mayReveal(request.caller);
    if (
      (query['key'] !== undefined || query['businessKey'] !== undefined) &&
      !reveals &&
      this.#catalogue.operations().some((each) => isSensitive(each, each.key) || isSensitive(each, each.businessKey))
    )
      throw new GatehouseError('NOT_ALLOWED', 'a key is a masked field: searching by it needs operator');
    const page = await this.#journal.reader.list(filterOf(query), {
      limit: whole('limit', query['limit']) ?? 50,
      ...(before === undefined ? {} : { before }),
    });
    return { ...page, rows: page.rows.map((row) => rowView(row, this.#catalogue)) };
  }

  @Get('translations/:id')
  @Needs('viewer')
  async story(@Param('id') id: string, @Req() request: Asked, @Res() reply: FastifyReply, @Query('reveal') reveal?: string): Promise<void> {
    const story = await this.#journal.reader.story(id);
    if (story === null) throw new GatehouseError('NOT_FOUND', `there is no translation '${id.slice(0, 64)}', or more than one begins like that`);
    const revealed = reveal === '1';
    if (revealed && !mayReveal(request.caller))
      throw new GatehouseError('NOT_ALLOWED', `${request.caller?.name ?? ''} may not reveal masked fields; this needs operator`);
    if (revealed)
      await this.#journal.audit({
        who: request.caller?.name ?? '',
        what: 'reveal',
        subject: story.translation.id,
        why: '',
        atMs: this.#clock.wallMs(),
      });
    void reply.type('application/json').send(JSON.stringify(storyView(story, this.#catalogue, revealed)));
  }

  @Post('translations/:id/actions')
  @HttpCode(200)
  @Needs('operator')
  async act(@Param('id') id: string, @Req() request: Asked): Promise<object> {
    const { act, why, version, key } = jsonBody(request);
    if (typeof act !== 'object' || act === null || !acts.has(String((act as { kind?: unknown }).kind)))
      throw new GatehouseError('NOT_POSSIBLE', `'act' has a kind: ${[...acts].join(', ')}`);
    const idempotency = key ?? request.headers['idempotency-key'] ?? randomUUID();
    return this.#desk.act(
      {
        key: String(idempotency).slice(0, 128),
        translationId: id,
        version: typeof version === 'number' ? version : null,
        who: request.caller?.name ?? '',
        why: String(why ?? '').slice(0, 2_000),
      },
      await this.#asMeant(id, act as DeskAct),
    );
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
  check(@Req() request: Asked): Promise<object> {
    const { system } = jsonBody(request);
    return this.#desk.check(typeof system === 'string' ? system : undefined);
  }

  @Post('systems/:system/:turn')
  @HttpCode(200)
  @Needs('operator')
  async turn(@Param('system') system: string, @Param('turn') turn: string, @Req() request: Asked): Promise<object> {
    const { operation, why } = jsonBody(request);
    if (turn !== 'hold' && turn !== 'resume') throw new GatehouseError('NOT_FOUND', 'a system can be held or resumed');
    if (typeof why !== 'string' || why.trim() === '') throw new GatehouseError('NOT_POSSIBLE', 'say why: every decision is recorded with its reason');
    await this.#desk[turn](system, typeof operation === 'string' ? operation : '', request.caller?.name ?? '', why.slice(0, 2_000));
    return this.#desk.systems().find((status) => status.system === system) ?? {};
  }

  @Get('tallies')
  @Needs('viewer')
  tallies(): object {
    return this.#desk.tallies();
  }

  @Get('groups')
  @Needs('viewer')
  groups(): Promise<object> {
    return this.#journal.reader.groups();
  }

  @Get('audit')
  @Needs('admin')
  audit(@Query('before') before?: string, @Query('limit') limit?: string): Promise<object> {
    const position = whole('before', before);
    return this.#journal.reader.audit({ limit: whole('limit', limit) ?? 50, ...(position === undefined ? {} : { before: position }) });
  }

  @Get('candidates/:system')
  @Needs('viewer')
  async candidates(@Param('system') system: string): Promise<object> {
    return this.#of(system, await this.#journal.reader.candidates(system, 100));
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
    const { act, why, key } = jsonBody(request);
    const seq = whole('batch', batch) ?? 0;
    const wanted = batchActs.find((each) => each === act);
    if (wanted === undefined) throw new GatehouseError('NOT_POSSIBLE', `'act' is one of ${batchActs.join(', ')}`);
    const idempotency = key ?? request.headers['idempotency-key'] ?? randomUUID();
    await this.#desk.actOnBatch({
      key: String(idempotency).slice(0, 128),
      batch: seq,
      act: wanted,
      who: request.caller?.name ?? '',
      why: String(why ?? '').slice(0, 2_000),
    });
    return (await this.#journal.reader.batch(seq))?.batch ?? {};
  }

  /** Changed translations as they happen; `id` is the feed position. */
  @Get('changes')
  @Needs('viewer')
  async changes(@Req() request: Asked, @Res() reply: FastifyReply, @Query('after') after?: string): Promise<void> {
    const newest = async (): Promise<number> =>
      Math.max(0, ...(await this.#journal.reader.list({}, { limit: 500 })).rows.map(({ changed }) => changed));
    const from = resumePoint(request.headers['last-event-id'], after) ?? (await newest());
    const page = async (position: number) =>
      (await this.#journal.reader.list({ changedAfter: position }, { limit: 100 })).rows.map((row) => ({
        id: row.changed,
        data: JSON.stringify(row),
      }));
    await stream(reply, { page, onMore: (listener) => this.#journal.onChange(listener) }, from);
  }
}

function filterOf(query: Record<string, string>): TranslationFilter {
  const filter: Record<string, unknown> = {};
  for (const name of texts) if (query[name] !== undefined) filter[name] = String(query[name]);
  if (query['state'] !== undefined) filter['states'] = String(query['state']).split(',') as TranslationState[];
  for (const [name, field] of [
    ['from', 'fromMs'],
    ['to', 'toMs'],
  ] as const) {
    if (query[name] === undefined) continue;
    const ms = Date.parse(String(query[name]));
    if (Number.isNaN(ms)) throw new GatehouseError('NOT_POSSIBLE', `'${name}' is no ISO 8601 time`);
    filter[field] = ms;
  }
  return filter;
}
