import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { BulkDesk, type BulkItemRow, type BulkItemState, type BulkRow, type BulkTurn } from '../contract/bulk.ts';
import { Catalogue } from '../contract/catalogue.ts';
import { Clock } from '../contract/clock.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Journal } from '../contract/journal.ts';
import { Needs } from '../http/access.guard.ts';
import { resumePoint, stream } from '../http/sse.ts';
import { type Asked, jsonBody, mayReveal, whole } from './asked.ts';
import { maskedBulk } from './bulk.mask.ts';
import { actOf, expectedOf, rateOf, selectionOf } from './bulk.request.ts';
import { keyOf, whyOf } from './decided.ts';
import { type Asking } from './search-filter.ts';
import { failureView } from './story.view.ts';
import { type BulkItemsView, type BulkSelectionView, type BulkStoryView, type BulkView, type BulksView } from './bulk.view.ts';

const itemStates: readonly BulkItemState[] = ['open', 'done', 'failed', 'skipped'];
const troublesShown = 20;

/** What people do to many translations together. */
@Controller('api/bulks')
export class BulkController {
  readonly #journal: Journal;
  readonly #bulks: BulkDesk;
  readonly #catalogue: Catalogue;

  readonly #clock: Clock;

  constructor(journal: Journal, bulks: BulkDesk, catalogue: Catalogue, clock: Clock) {
    this.#journal = journal;
    this.#bulks = bulks;
    this.#catalogue = catalogue;
    this.#clock = clock;
  }

  #asking({ caller }: Asked): Asking {
    return { caller, catalogue: this.#catalogue, nowMs: this.#clock.wallMs() };
  }

  /** What a selection holds now: the number a person agrees to. */
  @Post('selection')
  @HttpCode(200)
  @Needs('operator')
  look(@Req() request: Asked): Promise<BulkSelectionView> {
    return this.#bulks.look(selectionOf(jsonBody(request), this.#asking(request)));
  }

  @Post()
  @HttpCode(201)
  @Needs('operator')
  async begin(@Req() request: Asked): Promise<BulkView> {
    const body = jsonBody(request);
    const seq = await this.#bulks.begin({
      key: keyOf(request, body),
      act: actOf(body['act']),
      selection: selectionOf(body, this.#asking(request)),
      who: request.caller?.name ?? '',
      why: whyOf(body),
      perSecond: rateOf(body['rate']),
      expected: expectedOf(body['expected']),
    });
    return this.#view(await this.#row(seq), request);
  }

  @Get()
  @Needs('viewer')
  async list(@Req() request: Asked, @Query('before') before?: string, @Query('limit') limit?: string): Promise<BulksView> {
    const position = whole('before', before);
    const most = Math.max(1, Math.min(whole('limit', limit) ?? 50, 500));
    const rows = await this.#journal.reader.bulks({ limit: most, ...(position === undefined ? {} : { before: position }) });
    return { rows: rows.map((row) => this.#view(row, request)), next: rows.length < most ? null : (rows.at(-1)?.seq ?? null) };
  }

  /** Bulks as they go on; `id` is the feed position. Without one, all that are kept come first. */
  @Get('changes')
  @Needs('viewer')
  async changes(@Req() request: Asked, @Res() reply: FastifyReply, @Query('after') after?: string): Promise<void> {
    const page = async (changedAfter: number): Promise<{ id: number; data: string }[]> =>
      (await this.#journal.reader.bulks({ changedAfter, limit: 100 })).map((row) => ({
        id: row.changed,
        data: JSON.stringify(this.#view(row, request)),
      }));
    const from = resumePoint(request.headers['last-event-id'], after) ?? 0;
    await stream(reply, { page, onMore: (listener) => this.#journal.onChange(listener) }, from);
  }

  @Get(':seq')
  @Needs('viewer')
  async one(@Param('seq') text: string, @Req() request: Asked): Promise<BulkStoryView> {
    const row = await this.#row(numberOf(text));
    const of = (state: BulkItemState): Promise<readonly BulkItemRow[]> =>
      this.#journal.reader.bulkItems(row.seq, { state, after: 0, limit: troublesShown });
    const troubles = [...(await of('failed')), ...(await of('skipped'))].slice(0, troublesShown);
    return { ...this.#view(row, request), troubles: troubles.map((each) => this.#itemView(each)) };
  }

  @Get(':seq/items')
  @Needs('viewer')
  async items(
    @Param('seq') text: string,
    @Query('state') state?: string,
    @Query('after') after?: string,
    @Query('limit') limit?: string,
  ): Promise<BulkItemsView> {
    const { seq } = await this.#row(numberOf(text));
    const wanted = itemStates.find((each) => each === state);
    if (state !== undefined && wanted === undefined) throw new GatehouseError('NOT_POSSIBLE', `'state' is one of ${itemStates.join(', ')}`);
    const most = Math.max(1, Math.min(whole('limit', limit) ?? 100, 500));
    const rows = await this.#journal.reader.bulkItems(seq, {
      after: whole('after', after) ?? 0,
      limit: most,
      ...(wanted === undefined ? {} : { state: wanted }),
    });
    return { rows: rows.map((row) => this.#itemView(row)), next: rows.length < most ? null : (rows.at(-1)?.place ?? null) };
  }

  @Post(':seq/:turn')
  @HttpCode(200)
  @Needs('operator')
  async turn(@Param('seq') text: string, @Param('turn') to: string, @Req() request: Asked): Promise<BulkView> {
    const body = jsonBody(request);
    const bulk = numberOf(text);
    await this.#bulks.turn({ key: keyOf(request, body), bulk, turn: turnOf(to, body), who: request.caller?.name ?? '', why: whyOf(body) });
    return this.#view(await this.#row(bulk), request);
  }

  async #row(seq: number): Promise<BulkRow> {
    const row = await this.#journal.reader.bulk(seq);
    if (row === null) throw new GatehouseError('NOT_FOUND', `there is no bulk action ${seq}`);
    return row;
  }

  #itemView(row: BulkItemRow): BulkItemRow {
    return { ...row, failure: failureView(row.failure, row, this.#catalogue) };
  }

  #view(row: BulkRow, { caller }: Asked): BulkView {
    const shown = mayReveal(caller) ? row : maskedBulk(row, this.#catalogue.operations());
    return { ...shown, ...this.#bulks.pace(row) };
  }
}

const numberOf = (text: string): number => whole('seq', text) ?? 0;

/** @throws GatehouseError NOT_FOUND, NOT_POSSIBLE */
function turnOf(to: string, body: Record<string, unknown>): BulkTurn['turn'] {
  if (to === 'stop' || to === 'resume') return { to };
  if (to === 'rate') return { to, perSecond: rateOf(body['rate'], null) };
  throw new GatehouseError('NOT_FOUND', 'a bulk action can be stopped, resumed, or have its rate changed');
}
