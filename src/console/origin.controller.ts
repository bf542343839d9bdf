import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Catalogue } from '../contract/catalogue.ts';
import { Clock } from '../contract/clock.ts';
import { Desk } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type EventOrigin } from '../contract/event-origin.ts';
import { Journal } from '../contract/journal.ts';
import { type Story, storyOf } from '../contract/journal-reader.ts';
import { Masking } from '../contract/masking.ts';
import { Needs } from '../http/access.guard.ts';
import { type Asked, asksToReveal, recordReveal } from './asked.ts';
import { maskingOf } from './masker.ts';
import { type NativeView } from './native.view.ts';
import { type OriginView } from './origin.view.ts';
import { sightIn } from './sensitive.ts';

/** Where the event of a translation came from, down to the record of a file. */
@Controller('api/translations/:id/origin')
export class OriginController {
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

  @Get()
  @Needs('viewer')
  async origin(@Param('id') id: string, @Req() request: Asked, @Res() reply: FastifyReply, @Query('reveal') reveal?: string): Promise<void> {
    const revealed = asksToReveal(reveal, request.caller);
    const story = await storyOf(this.#journal.reader, id);
    const origin = await this.#desk.origin(story);
    if (origin === null) throw new GatehouseError('NOT_FOUND', 'no source has brought the event of this translation in');
    if (revealed && origin.bytes !== null)
      await recordReveal(this.#journal, this.#clock, request.caller, story.translation.id, `record ${origin.piece} of ${origin.name}`);
    const { translation } = story;
    const masking = revealed ? Masking.none : maskingOf(story, sightIn(this.#catalogue, translation));
    void reply
      .type('application/json')
      .header('cache-control', 'no-store')
      .send(JSON.stringify(this.#view(story, origin, masking)));
  }

  #view(story: Story, { consignment, bytes, ...origin }: EventOrigin, masking: Masking | null): OriginView {
    const native = bytes === null ? null : this.#nativeOf(story, { ...origin, consignment, bytes }, masking);
    if (consignment === null) return { ...origin, consignment, native };
    const { state, size, events, parked, startedMs, putAwayMs } = consignment;
    return { ...origin, consignment: { state, size, events, parked, startedMs, putAwayMs }, native };
  }

  /** The record of a parked piece: its bytes are the data of what is parked. */
  #nativeOf(story: Story, origin: EventOrigin, masking: Masking | null): NativeView | null {
    const { system, source, bytes: body, piece, offset } = origin;
    if (body === null) return null;
    const { bytes, size, clipped, sha256 } = body;
    const plain = masking?.isNone === true;
    const part = { kind: 'received', atMs: story.translation.receivedMs, media: 'application/octet-stream', size, clipped } as const;
    const about = {
      translation: story.translation.id,
      system,
      call: 0,
      name: source,
      masked: !plain,
      parts: [{ ...part, kept: bytes?.byteLength ?? 0, sha256: plain ? sha256 : null, open: false }],
    };
    const without = (why: string): NativeView => ({ ...about, transport: null, view: null, why });
    if (bytes === null) return without('the bytes of the record are no longer kept');
    if (masking === null)
      return without('what is to be masked in the record cannot be told, as it became no event: reveal shows it to an operator, on record');
    const { transport, inspection } = this.#desk.inspectPiece({ system, source }, { number: piece ?? 1, offset, size, bytes, clipped, masking });
    return inspection === null
      ? without('its source is not there to say what the record means')
      : { ...about, transport, view: inspection, why: null };
  }
}
