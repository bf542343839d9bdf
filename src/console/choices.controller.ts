import { Controller, Get, Param } from '@nestjs/common';
import { Catalogue } from '../contract/catalogue.ts';
import { Desk } from '../contract/control.ts';
import { Journal } from '../contract/journal.ts';
import { storyOf } from '../contract/journal-reader.ts';
import { Needs } from '../http/access.guard.ts';
import { type ChoicesView } from './choices.view.ts';
import { replyFields } from './reply-fields.ts';

/** What a person may choose from when they decide on a translation. */
@Controller('api/translations')
export class ChoicesController {
  readonly #journal: Journal;
  readonly #catalogue: Catalogue;
  readonly #desk: Desk;

  constructor(journal: Journal, catalogue: Catalogue, desk: Desk) {
    this.#journal = journal;
    this.#catalogue = catalogue;
    this.#desk = desk;
  }

  @Get(':id/choices')
  @Needs('viewer')
  async choices(@Param('id') id: string): Promise<ChoicesView> {
    const story = await storyOf(this.#journal.reader, id);
    const { system, operation } = story.translation;
    const declared = this.#catalogue.operation(system, operation);
    return {
      declared: declared !== undefined,
      replies: [...(declared?.replies ?? [])].map(([type, payload]) => ({ type, fields: replyFields(payload) })),
      inDoubt: this.#desk.inDoubt(story),
    };
  }
}
