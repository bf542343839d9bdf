import { Controller, Get, Param } from '@nestjs/common';
import { Catalogue } from '../contract/catalogue.ts';
import { Desk } from '../contract/control.ts';
import { GatehouseError, codes } from '../contract/errors.ts';
import { Needs } from '../http/access.guard.ts';
import { type CodesView, type DoubtsView, type RefusalsView } from './attention.view.ts';
import { refusalDrafts } from './refusal.draft.ts';

/** What a person wants to know before they decide. */
@Controller('api')
export class AttentionController {
  readonly #desk: Desk;
  readonly #catalogue: Catalogue;

  constructor(desk: Desk, catalogue: Catalogue) {
    this.#desk = desk;
    this.#catalogue = catalogue;
  }

  @Get('codes')
  @Needs('viewer')
  codes(): CodesView {
    return codes;
  }

  @Get('translations/:id/doubts')
  @Needs('viewer')
  async doubts(@Param('id') id: string): Promise<DoubtsView> {
    return { calls: await this.#desk.doubts(id) };
  }

  @Get('operations/:system/:operation/refusals')
  @Needs('viewer')
  refusals(@Param('system') system: string, @Param('operation') name: string): RefusalsView {
    const operation = this.#catalogue.operation(system, name);
    if (operation === undefined) throw new GatehouseError('NOT_FOUND', `${system.slice(0, 64)} has no operation '${name.slice(0, 64)}'`);
    return { refusals: refusalDrafts(operation) };
  }
}
