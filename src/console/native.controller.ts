import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Catalogue } from '../contract/catalogue.ts';
import { Clock } from '../contract/clock.ts';
import { Desk } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Journal } from '../contract/journal.ts';
import { type Story, type StoryCall, type StoryPart, storyOf } from '../contract/journal-reader.ts';
import { Masking } from '../contract/masking.ts';
import { Needs } from '../http/access.guard.ts';
import { type Asked, asksToReveal, recordReveal, whole } from './asked.ts';
import { isText, maskedText, maskingOf } from './masker.ts';
import { type NativePart, type NativeView } from './native.view.ts';
import { recordedBatch, recordedPart } from './recorded-batch.ts';
import { sightIn } from './sensitive.ts';

interface Query {
  readonly reveal?: string;
  readonly from?: string;
  readonly length?: string;
}

/** What may be shown of one call: null where nobody can tell what must be masked, and so nothing may be. */
interface Found {
  readonly story: Story;
  readonly call: StoryCall;
  readonly masking: Masking | null;
}

/** Bytes of strangers are for saving, never for rendering: not by a browser that guesses, not in this origin. */
const downloadHeaders = {
  'content-type': 'application/octet-stream',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** The native exchange of a call, as its protocol shows it, and the bytes of its parts. */
@Controller('api/translations/:id/calls/:seq')
export class NativeController {
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

  @Get('native')
  @Needs('viewer')
  async native(
    @Param('id') id: string,
    @Param('seq') seq: string,
    @Req() request: Asked,
    @Res() reply: FastifyReply,
    @Query() query: Query,
  ): Promise<void> {
    const { story, call, masking } = await this.#found(id, seq, request, query);
    const { system } = story.translation;
    const told = {
      call: call.name,
      args: call.args,
      answer: call.answer,
      parts: call.parts.map(recordedPart),
      from: whole('from', query.from) ?? 0,
      ...(await recordedBatch(this.#journal.reader, call)),
    };
    const { transport, inspection } =
      masking === null ? { transport: null, inspection: null } : await this.#desk.inspect(system, { ...told, masking });
    const view: NativeView = {
      translation: story.translation.id,
      system,
      call: call.seq,
      name: call.name,
      transport,
      view: inspection,
      why: inspection === null ? this.#whyNot(call, transport, masking, system) : null,
      masked: masking === null || !masking.isNone,
      parts: call.parts.map((part) => partOf(part, masking)),
    };
    void reply.type('application/json').header('cache-control', 'no-store').send(JSON.stringify(view));
  }

  /** `from` and `length` in bytes of what may be seen; without them all of it. */
  @Get('parts/:part')
  @Needs('viewer')
  async part(
    @Param('id') id: string,
    @Param('seq') seq: string,
    @Param('part') number: string,
    @Req() request: Asked,
    @Res() reply: FastifyReply,
    @Query() query: Query,
  ): Promise<void> {
    const from = whole('from', query.from) ?? 0;
    const length = whole('length', query.length);
    const { story, call, masking } = await this.#found(id, seq, request, query);
    const part = call.parts[whole('part', number) ?? 0];
    if (part === undefined) throw new GatehouseError('NOT_FOUND', `the call ${call.seq} has ${call.parts.length} parts, counted from 0`);
    if (part.body.bytes === null) throw new GatehouseError('NOT_FOUND', 'the bytes of this part are no longer kept');
    const bytes = seenOf(part, masking);
    if (bytes === null)
      throw new GatehouseError('NOT_ALLOWED', 'there may be masked values in these bytes: they are shown with reveal=1, which needs operator');
    void reply
      .headers({
        ...downloadHeaders,
        'content-disposition': `attachment; filename="${story.translation.id.slice(0, 8)}-call-${call.seq}-part-${number}${endingOf(part.media)}"`,
        'x-gatehouse-size': String(bytes.byteLength),
      })
      .send(Buffer.from(bytes.subarray(from, length === undefined ? undefined : from + length)));
  }

  async #found(id: string, seq: string, request: Asked, { reveal }: Query): Promise<Found> {
    const number = whole('call', seq);
    const revealed = asksToReveal(reveal, request.caller);
    const story = await storyOf(this.#journal.reader, id);
    const call = story.calls.find((each) => each.seq === number);
    if (call === undefined)
      throw new GatehouseError('NOT_FOUND', `the translation has no call ${seq.slice(0, 16)}; it has ${story.calls.length} calls`);
    if (revealed)
      await recordReveal(this.#journal, this.#clock, request.caller, story.translation.id, `native exchange of call ${call.seq} (${call.name})`);
    return { story, call, masking: revealed ? Masking.none : this.#maskingOf(story) };
  }

  #maskingOf(story: Story): Masking | null {
    return maskingOf(story, sightIn(this.#catalogue, story.translation));
  }

  #whyNot(call: StoryCall, transport: string | null, masking: Masking | null, system: string): string {
    if (call.parts.length === 0) return 'nothing was sent or received yet';
    if (masking === null)
      return `what is to be masked in it cannot be told: ${system} no longer has the operation, or its event cannot be read; reveal shows the bytes`;
    if (transport === null) return `${system} no longer declares the call ${call.name}: only the bytes are there`;
    return `the transport ${transport} has no view of its own: only the bytes are there`;
  }
}

function partOf({ kind, atMs, media, body }: StoryPart, masking: Masking | null): NativePart {
  const { size, clipped, sha256, bytes } = body;
  const plain = masking?.isNone === true;
  const open = bytes !== null && (plain || isText(media)) && masking !== null;
  return { kind, atMs, media, size, kept: bytes?.byteLength ?? 0, clipped, sha256: plain ? sha256 : null, open };
}

/** The bytes as they may be seen; null when that cannot be told of them. */
function seenOf({ media, body }: StoryPart, masking: Masking | null): Uint8Array | null {
  const bytes = body.bytes ?? new Uint8Array();
  if (masking === null) return null;
  if (masking.isNone) return bytes;
  const shown = isText(media) ? maskedText(body, masking) : null;
  return shown === null ? null : Buffer.from(shown.text);
}

function endingOf(media: string): string {
  if (media.startsWith('message/http')) return '.http';
  if (media.startsWith('application/x-asciicast')) return '.cast';
  if (media.startsWith('application/json')) return '.json';
  return media.startsWith('text/') ? '.txt' : '.bin';
}
