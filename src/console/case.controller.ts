import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Catalogue } from '../contract/catalogue.ts';
import { Clock } from '../contract/clock.ts';
import { Desk } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Journal } from '../contract/journal.ts';
import { storyOf } from '../contract/journal-reader.ts';
import { Needs } from '../http/access.guard.ts';
import { type Asked, mayReveal, recordReveal } from './asked.ts';
import { type SavedCase } from './case.view.ts';
import { saveCase } from './save-case.ts';
import { holdsSensitive } from './story.view.ts';
import { tarOf } from './tar.ts';

/** A translation as a case: a folder that is a test. It holds what it holds: where fields are sensitive, it takes the right to reveal them. */
@Controller('api')
export class CaseController {
  readonly #desk: Desk;
  readonly #journal: Journal;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;

  constructor(desk: Desk, journal: Journal, catalogue: Catalogue, clock: Clock) {
    this.#desk = desk;
    this.#journal = journal;
    this.#catalogue = catalogue;
    this.#clock = clock;
  }

  /** A tar archive of the folder; `as=json`: its files in JSON. */
  @Get('translations/:id/case')
  @Needs('viewer')
  async save(@Param('id') id: string, @Req() request: Asked, @Res() reply: FastifyReply, @Query('as') as?: string): Promise<void> {
    const story = await storyOf(this.#journal.reader, id);
    const { system, operation: name, id: translationId } = story.translation;
    const operation = this.#catalogue.operation(system, name);
    if (operation === undefined) throw new GatehouseError('NOT_POSSIBLE', `${system} has no operation '${name}' any more`);
    const sensitive = holdsSensitive(operation);
    if (sensitive && !mayReveal(request.caller))
      throw new GatehouseError('NOT_ALLOWED', `a case of ${name} holds sensitive fields: saving it needs operator`);
    const saved = await saveCase(this.#journal.reader, this.#desk, operation, story);
    if (sensitive) await recordReveal(this.#journal, this.#clock, request.caller, translationId, 'saved as a case');
    if (as === 'json') {
      const files = Object.fromEntries([...saved.files].map(([path, bytes]) => [path, { base64: Buffer.from(bytes).toString('base64') }]));
      void reply.type('application/json').send(JSON.stringify({ name: saved.name, system, files, notes: saved.notes } satisfies SavedCase));
      return;
    }
    const folder = new Map([...saved.files].map(([path, bytes]) => [`${saved.name}/${path}`, bytes]));
    void reply
      .type('application/x-tar')
      .header('content-disposition', `attachment; filename="${saved.name}.tar"`)
      .send(Buffer.from(tarOf(folder, this.#clock.wallMs())));
  }
}
