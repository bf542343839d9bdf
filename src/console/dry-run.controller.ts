import { Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { Catalogue } from '../contract/catalogue.ts';
import { Clock } from '../contract/clock.ts';
import { Desk, Door } from '../contract/control.ts';
import { type DryRun, type DryRunRequest } from '../contract/dry-run.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Journal } from '../contract/journal.ts';
import { type Json } from '../contract/json.ts';
import { Needs } from '../http/access.guard.ts';
import { type Asked, jsonBody, mayReveal, recordReveal } from './asked.ts';
import { dryRunView, maskingOfDryRun } from './dry-run.masked.ts';
import { nativesOf } from './dry-run.native.ts';
import { type DryRunView } from './dry-run.view.ts';
import { unmasked } from './unmasked.ts';

/**
 * What the adapter of now would do: nothing is sent. A viewer may run a translation as it came; whoever chooses the data could guess at masked
 * values, and makes code run on what never came in by a door, so that needs an operator.
 */
@Controller('api')
export class DryRunController {
  readonly #desk: Desk;
  readonly #journal: Journal;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;
  readonly #door: Door;

  constructor(desk: Desk, journal: Journal, catalogue: Catalogue, clock: Clock, door: Door) {
    this.#door = door;
    this.#desk = desk;
    this.#journal = journal;
    this.#catalogue = catalogue;
    this.#clock = clock;
  }

  @Post('translations/:id/dry-run')
  @HttpCode(200)
  @Needs('viewer')
  async translation(
    @Param('id') id: string,
    @Req() request: Asked,
    @Query('reveal') reveal?: string,
    @Query('native') native?: string,
  ): Promise<DryRunView> {
    const { data, answers } = jsonBody(request, 2 * this.#door.maxEventBytes);
    const name = request.caller?.name ?? '';
    const revealed = reveal === '1';
    if (!mayReveal(request.caller) && (data !== undefined || answers !== undefined || revealed))
      throw new GatehouseError('NOT_ALLOWED', `${name} may not choose data or answers, nor reveal masked fields; this needs operator`);
    const dry = await this.#desk.dryRun({ translationId: id, ...(await this.#edited(id, data)), ...answersIn(answers) });
    if (revealed) await recordReveal(this.#journal, this.#clock, request.caller, dry.story?.translation.id ?? id, 'dry run');
    return this.#view(dry, revealed, native);
  }

  async #view(dry: DryRun, revealed: boolean, native: string | undefined): Promise<DryRunView> {
    const masking = maskingOfDryRun(dry, this.#catalogue, revealed);
    const around = { desk: this.#desk, reader: this.#journal.reader, atMs: this.#clock.wallMs() };
    return dryRunView(dry, masking, native === '1' ? await nativesOf(around, dry, masking) : []);
  }

  async #edited(id: string, data: unknown): Promise<Pick<DryRunRequest, 'data'>> {
    if (data === undefined) return {};
    const story = await this.#journal.reader.story(id);
    return { data: story === null ? (data as Json) : unmasked(data as Json, story, this.#catalogue) };
  }

  @Post('operations/:system/:operation/dry-run')
  @HttpCode(200)
  @Needs('operator')
  async operation(
    @Param('system') system: string,
    @Param('operation') operation: string,
    @Req() request: Asked,
    @Query('native') native?: string,
  ): Promise<DryRunView> {
    const { data, answers } = jsonBody(request, 2 * this.#door.maxEventBytes);
    if (data === undefined) throw new GatehouseError('NOT_POSSIBLE', "'data' is the payload of the event that is tried");
    return this.#view(await this.#desk.dryRun({ system, operation, data: data as Json, ...answersIn(answers) }), true, native);
  }
}

/** @throws GatehouseError NOT_POSSIBLE when they are not answers by the names of calls */
function answersIn(answers: unknown): Pick<DryRunRequest, 'answers'> {
  if (answers === undefined) return {};
  if (typeof answers !== 'object' || answers === null || Array.isArray(answers))
    throw new GatehouseError('NOT_POSSIBLE', "'answers' is an object: answers by the names of calls");
  return { answers: answers as Readonly<Record<string, Json>> };
}
