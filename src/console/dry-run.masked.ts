import { type Catalogue } from '../contract/catalogue.ts';
import { type DryCall, type DryReply, type DryRun } from '../contract/dry-run.ts';
import { type Failure } from '../contract/journal.ts';
import { type StoredBody } from '../contract/journal-reader.ts';
import { Masking } from '../contract/masking.ts';
import { type DryCallView, type DryNativeView, type DryReplyView, type DryRunView } from './dry-run.view.ts';
import { Masker, maskingOf } from './masker.ts';
import { sightIn } from './sensitive.ts';

const whole = (bytes: Uint8Array): StoredBody => ({ size: bytes.byteLength, sha256: null, clipped: false, bytes });

/**
 * Sensitive values of the event and the replies, recorded and new, are masked wherever they stand, unless `reveal`; an event that the caller
 * has made up holds nothing that the caller does not know. Null where nobody can tell what they are.
 */
export function maskingOfDryRun({ system, operation, event, replies, story }: DryRun, catalogue: Catalogue, reveal: boolean): Masking | null {
  if (reveal || story === null) return Masking.none;
  const made = [{ type: event.attributes.type, bytes: event.data }, ...replies.map(({ type, data }) => ({ type, bytes: data }))];
  return maskingOf(story, sightIn(catalogue, { system, operation }), made);
}

/** A dry run as JSON can carry it. `natives`: of its calls, in their order; none when nobody asked for them. */
export function dryRunView(dry: DryRun, masking: Masking | null, natives: readonly DryNativeView[]): DryRunView {
  const { system, operation, event, edited, story, notes } = dry;
  const masker = new Masker(masking);
  return {
    system,
    operation,
    translationId: story?.translation.id ?? null,
    edited,
    event: { attributes: masker.attributes(event.attributes), data: masker.body(whole(event.data)) },
    calls: dry.calls.map((call, n) => ({ ...callView(call, masker), native: natives[n] ?? null })),
    replies: dry.replies.map((reply) => replyView(reply, dry, masker)),
    end: 'failure' in dry.end ? { ...dry.end, failure: masker.failure(dry.end.failure) as Failure } : dry.end,
    notes,
  };
}

function callView({ name, effect, args, failure, answer, answeredBy, recorded, parts }: DryCall, masker: Masker): Omit<DryCallView, 'native'> {
  return {
    name,
    effect,
    args: masker.value(args),
    failure: masker.failure(failure),
    answer: masker.value(answer),
    answeredBy,
    recorded:
      recorded === null
        ? null
        : {
            seq: recorded.seq,
            run: recorded.run,
            state: recorded.state,
            args: masker.value(recorded.args),
            answer: masker.value(recorded.answer),
          },
    parts: parts.map(({ kind, media, bytes, recorded: at, same }) => {
      const before = at === null ? undefined : recorded?.parts[at];
      return { kind, media, body: masker.part(media, whole(bytes)), recorded: before === undefined ? null : masker.part(media, before.body), same };
    }),
  };
}

function replyView({ type, data, recorded: at, same }: DryReply, { story }: DryRun, masker: Masker): DryReplyView {
  const before = at === null ? undefined : story?.replies[at];
  return {
    type,
    data: masker.body(whole(data)),
    recorded: before === undefined ? null : { type: before.attributes.type, data: masker.body(before.data) },
    same,
  };
}
