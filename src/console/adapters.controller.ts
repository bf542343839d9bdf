import { Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { CaseBook, type CaseResult } from '../contract/case-book.ts';
import { Catalogue, type CataloguedSystem } from '../contract/catalogue.ts';
import { GatehouseError } from '../contract/errors.ts';
import { asyncApi } from '../documents/asyncapi.ts';
import { Needs } from '../http/access.guard.ts';
import { summaryOf, viewOf } from './adapters.catalogue.ts';
import { type AdapterSummary, type AdapterView } from './adapters.view.ts';
import { build } from '../contract/build.ts';

/** What the code of the adapters says: events, calls, sources, cases. */
@Controller('api')
export class AdaptersController {
  readonly #catalogue: Catalogue;
  readonly #cases: CaseBook;

  constructor(catalogue: Catalogue, cases: CaseBook) {
    this.#catalogue = catalogue;
    this.#cases = cases;
  }

  @Get('adapters')
  @Needs('viewer')
  list(): readonly AdapterSummary[] {
    return [...this.#catalogue.systems.values()].map(summaryOf);
  }

  @Get('adapters/:system')
  @Needs('viewer')
  async adapter(@Param('system') system: string): Promise<AdapterView> {
    return viewOf(this.#of(system), await this.#cases.of(system));
  }

  /** From its recording: no system is asked. It takes the gateway's time all the same. */
  @Post('adapters/:system/cases/:name/run')
  @HttpCode(200)
  @Needs('operator')
  run(@Param('system') system: string, @Param('name') name: string): Promise<CaseResult> {
    return this.#cases.run(this.#of(system).system, name);
  }

  @Get('asyncapi.json')
  @Needs('viewer')
  asyncApi(@Res() reply: FastifyReply): void {
    void reply
      .type('application/json')
      .header('content-disposition', 'attachment; filename="asyncapi.json"')
      .send(JSON.stringify(asyncApi(this.#catalogue, build), null, 2));
  }

  #of(system: string): CataloguedSystem {
    const found = this.#catalogue.systems.get(system);
    if (found !== undefined) return found;
    const names = [...this.#catalogue.systems.keys()].join(', ');
    throw new GatehouseError('NOT_FOUND', `there is no adapter '${system.slice(0, 64)}'; there are ${names}`);
  }
}
