import { hash } from 'node:crypto';
import { type Desk } from '../contract/control.ts';
import { type DryCall, type DryRun } from '../contract/dry-run.ts';
import { type JournalReader, type StoryPart } from '../contract/journal-reader.ts';
import { type Masking } from '../contract/masking.ts';
import { type DryNativeView } from './dry-run.view.ts';
import { type NativeView } from './native.view.ts';
import { recordedBatch, recordedPart } from './recorded-batch.ts';

/** Characters of all views of one dry run. */
const mostShown = 6_000_000;

export interface NativesSurroundings {
  readonly desk: Desk;
  readonly reader: Pick<JournalReader, 'batch'>;
  /** Wall clock: what is drafted has no time of its own. */
  readonly atMs: number;
}

/**
 * What the calls of a dry run would send as their protocols show it, and the parts that they are compared with in the same way. Nothing is
 * asked of a system. `masking` is null where nobody can tell what may be shown: then there are only reasons.
 */
export async function nativesOf(
  { desk, reader, atMs }: NativesSurroundings,
  dry: DryRun,
  masking: Masking | null,
): Promise<readonly DryNativeView[]> {
  const natives: DryNativeView[] = [];
  let shown = 0;
  for (const call of dry.calls) {
    const drafted = call.parts.map(({ kind, media, bytes }): StoryPart => ({ kind, atMs, media, body: whole(bytes) }));
    const sent = recordedParts(call);
    const look = async (args: DryCall['args'], parts: readonly StoryPart[], batch: Looked['batch'] = {}): Promise<NativeView> => {
      const view = shown > mostShown ? tooMuch(dry, call, parts) : await viewOf(desk, dry, call, { args, parts, masking, batch });
      shown += JSON.stringify(view).length;
      return view;
    };
    const now = await look(call.args, drafted);
    const { recorded } = call;
    const before = recorded === null || sent.length === 0 ? null : await look(recorded.args, sent, await recordedBatch(reader, recorded));
    natives.push({ now, before });
  }
  return natives;
}

const whole = (bytes: Uint8Array): StoryPart['body'] => ({ size: bytes.byteLength, sha256: null, clipped: false, bytes });

/** As the drafted ones are told: what a draft can only note, the system said then. */
const recordedParts = ({ parts, recorded }: DryCall): readonly StoryPart[] =>
  parts.flatMap(({ kind, recorded: at }) => {
    const part = at === null ? undefined : recorded?.parts[at];
    return part === undefined ? [] : [{ ...part, kind }];
  });

interface Looked {
  readonly args: DryCall['args'];
  readonly parts: readonly StoryPart[];
  readonly masking: Masking | null;
  /** That it went out with. */
  readonly batch: Awaited<ReturnType<typeof recordedBatch>>;
}

async function viewOf(desk: Desk, dry: DryRun, call: DryCall, { args, parts, masking, batch }: Looked): Promise<NativeView> {
  if (masking === null) return { ...about(dry, call, parts, masking), transport: null, view: null, why: 'what is to be masked in it cannot be told' };
  const exchange = {
    call: call.name,
    args,
    answer: null,
    parts: parts.map(recordedPart),
    from: 0,
    masking,
    ...batch,
    sentOnly: true,
  } as const;
  const { transport, inspection } = await desk.inspect(dry.system, exchange);
  const why = inspection === null ? 'there is no view of it: only the bytes are there' : null;
  return { ...about(dry, call, parts, masking), transport, view: inspection, why };
}

const tooMuch = (dry: DryRun, call: DryCall, parts: readonly StoryPart[]): NativeView => ({
  ...about(dry, call, parts, null),
  transport: null,
  view: null,
  why: `the views of the calls before have ${mostShown} characters: of this one only the bytes are there`,
});

function about(dry: DryRun, call: DryCall, parts: readonly StoryPart[], masking: Masking | null): Omit<NativeView, 'transport' | 'view' | 'why'> {
  const plain = masking?.isNone === true;
  return {
    translation: dry.story?.translation.id ?? '',
    system: dry.system,
    call: call.recorded?.seq ?? 0,
    name: call.name,
    masked: !plain,
    parts: parts.map(({ kind, atMs, media, body: { size, clipped, bytes } }) => ({
      kind,
      atMs,
      media,
      size,
      kept: bytes?.byteLength ?? 0,
      clipped,
      sha256: plain && bytes !== null && !clipped ? hash('sha256', bytes, 'hex') : null,
      // They come with the dry run.
      open: false,
    })),
  };
}
