import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Catalogue } from '../contract/catalogue.ts';
import { Clock } from '../contract/clock.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Journal } from '../contract/journal.ts';
import { type TranslationFilter } from '../contract/journal-reader.ts';
import { Needs } from '../http/access.guard.ts';
import { type Entry, resumePoint, stream } from '../http/sse.ts';
import { type Asked, whole } from './asked.ts';
import { type SearchQuery, filterOf } from './search-filter.ts';
import { type CountsView, type FlowView, type LeftView, type PageView, type SearchedView } from './search.view.ts';
import { rowView } from './story.view.ts';

const pageRows = 50;
const feedRows = 100;

/** Translations found: as pages, as counts by state, as they change, and as the cascade of one correlation id. */
@Controller('api')
export class SearchController {
  readonly #journal: Journal;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;

  constructor(journal: Journal, catalogue: Catalogue, clock: Clock) {
    this.#journal = journal;
    this.#catalogue = catalogue;
    this.#clock = clock;
  }

  @Get('translations')
  @Needs('viewer')
  async list(@Query() query: SearchQuery, @Req() request: Asked): Promise<PageView> {
    const filter = this.#filter(query, request, ['before', 'limit']);
    const [before, limit] = [whole('before', text(query, 'before')), whole('limit', text(query, 'limit'))];
    const page = await this.#journal.reader.list(filter, { limit: limit ?? pageRows, ...(before === undefined ? {} : { before }) });
    return { ...page, rows: page.rows.map((row) => rowView(row, this.#catalogue)) };
  }

  @Get('translations/counts')
  @Needs('viewer')
  counts(@Query() query: SearchQuery, @Req() request: Asked): Promise<CountsView> {
    return this.#journal.reader.counts(this.#filter(query, request, []));
  }

  /** What a text is looked for in beside ids, keys and codes. */
  @Get('translations/searched')
  @Needs('viewer')
  searched(): Promise<SearchedView> {
    return this.#journal.reader.bodySearch();
  }

  @Get('flows/:correlation')
  @Needs('viewer')
  async flow(@Param('correlation') correlation: string): Promise<FlowView> {
    const found = await this.#journal.reader.flow(correlation);
    if (found === null) throw new GatehouseError('NOT_FOUND', `no translation has the correlation id '${correlation.slice(0, 64)}'`);
    return { ...found, translations: found.translations.map((row) => rowView(row, this.#catalogue)) };
  }

  /** Changed translations as they happen, as the list would show them; `id` is the number of the change. */
  @Get('changes')
  @Needs('viewer')
  async changes(@Query() query: SearchQuery, @Req() request: Asked, @Res() reply: FastifyReply): Promise<void> {
    const { reader } = this.#journal;
    // Checked before the answer begins: afterwards nobody can be told.
    this.#filter(query, request, ['after']);
    const from = resumePoint(request.headers['last-event-id'], text(query, 'after')) ?? (await reader.changes({}, null, 0)).reached;
    const page = async (position: number): Promise<{ entries: readonly Entry[]; reached: number }> => {
      const { rows, left, reached } = await reader.changes(this.#filter(query, request, ['after']), position, feedRows);
      const entries: Entry[] = [
        ...rows.map((row) => ({ id: row.changed, data: JSON.stringify(rowView(row, this.#catalogue)) })),
        ...left.map((row) => ({ id: row.changed, data: JSON.stringify({ ...row, left: true } satisfies LeftView) })),
      ];
      return { entries: entries.sort((a, b) => a.id - b.id), reached };
    };
    await stream(reply, { page, onMore: (listener) => this.#journal.onChange(listener) }, from);
  }

  #filter(query: SearchQuery, { caller }: Asked, also: readonly string[]): TranslationFilter {
    return filterOf(query, { caller, catalogue: this.#catalogue, nowMs: this.#clock.wallMs(), also });
  }
}

const text = (query: SearchQuery, name: string): string | undefined => (typeof query[name] === 'string' ? query[name] : undefined);
