import { Controller, Get, Put, Query, Req } from '@nestjs/common';
import { Clock } from '../contract/clock.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type Grouping, defaultGrouping, groupKey, groupings } from '../contract/groups.ts';
import { Journal } from '../contract/journal.ts';
import { Needs } from '../http/access.guard.ts';
import { versionIn } from './act.request.ts';
import { type Asked, jsonBody } from './asked.ts';
import { keyOf, textIn } from './decided.ts';
import { groupValuesOf } from './group-values.ts';
import { type GroupNoteView, type GroupsView } from './search.view.ts';

const keptEmptyMs = 30 * 86_400_000;

/** What needs a person, by what it has in common, and what people noted of it. */
@Controller('api/groups')
export class GroupsController {
  readonly #journal: Journal;
  readonly #clock: Clock;

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  @Get()
  @Needs('viewer')
  groups(@Query('by') by: unknown): Promise<GroupsView> {
    return this.#journal.reader.groups(groupingOf(by), this.#clock.wallMs());
  }

  /** A note outlives its group by 30 days: an outage that comes back finds what was known of it. */
  @Put('note')
  @Needs('operator')
  async note(@Req() request: Asked): Promise<GroupNoteView> {
    const body = jsonBody(request);
    const [note, owner, key] = [textIn(body, 'note'), textIn(body, 'owner'), keyOf(request, body)];
    if (body['version'] === undefined)
      throw new GatehouseError('NOT_POSSIBLE', "'version' is that of the note that you have seen, null when there was none: another's is not lost");
    const group = groupKey(groupValuesOf('by', body['by']));
    const [who, atMs] = [request.caller?.name ?? '', this.#clock.wallMs()];
    const forget = await this.#journal.reader.emptyNotes(atMs - keptEmptyMs);
    const version = versionIn(body);
    return { note: await this.#journal.noteGroup({ group, note, owner, who, key, version, forget }, atMs) };
  }
}

/** @throws GatehouseError NOT_POSSIBLE */
export function groupingOf(by: unknown): readonly Grouping[] {
  if (by === undefined || by === '') return defaultGrouping;
  const asked = new Set(typeof by === 'string' ? by.split(',') : ['']);
  const known = groupings.filter((name) => asked.has(name));
  if (known.length !== asked.size)
    throw new GatehouseError('NOT_POSSIBLE', `'by' is one or more of ${groupings.join(', ')}, with commas between them`);
  return known;
}
