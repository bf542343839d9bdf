import { type CataloguedOperation } from '../contract/catalogue.ts';
import { type DryRun } from '../contract/dry-run.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type Story, type StoryPart } from '../contract/journal-reader.ts';

export interface CaseFiles {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly notes: readonly string[];
}

type Reply = { readonly type: string; readonly data: Json };

/**
 * What became of an event, as a case folder: the calls that were answered, the replies, or the code with which it is parked, and the files that
 * were dropped. `dry` is the same event run dry as it would be in a case, with the adapter of now. `dropped`: the traces of its drops.
 * @throws GatehouseError NOT_POSSIBLE when a case could not come to the same end from what was recorded
 */
export function caseFilesOf(operation: CataloguedOperation, story: Story, dry: DryRun, dropped: readonly (readonly StoryPart[])[]): CaseFiles {
  const { translation } = story;
  const notes: string[] = [];
  const isReplay = translation.replayOf !== null;
  const parked = translation.state === 'parked' ? (translation.failure?.code ?? null) : null;
  checkEnd(story, dry, parked);
  // The ids that code derives in a replay are others than those of the event that comes for the first time, which is what a case is.
  const calls = isReplay
    ? dry.calls.map(({ name, args, answer }) => ({ call: name, args, answer }))
    : story.calls.filter(({ state }) => state === 'answered').map(({ name, args, answer }) => ({ call: name, args, answer }));
  const replies = isReplay ? dry.replies.map(({ type, data }): Reply => ({ type, data: jsonOf(data) })) : repliesOf(story);
  if (!isReplay && (dry.end.end !== (parked === null ? 'replied' : 'parked') || dry.replies.some(({ same }) => same !== true)))
    notes.push('The adapter of now comes to another end than the one that was recorded: the case fails until it is mended.');
  const text = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  const files = new Map<string, Uint8Array>([
    ['event.json', text(eventOf(story))],
    ['exchange.json', text(calls)],
    ['reply.json', text(replies)],
    ['saved.json', text({ translation: translation.id, receivedAt: new Date(translation.receivedMs).toISOString() })],
  ]);
  if (parked !== null) files.set('parked.json', text({ code: parked }));
  for (const parts of dropped) {
    const file = droppedIn(parts);
    if (file === null) notes.push('A file that was dropped is not kept whole, or has others in it, and is left out.');
    else files.set(`dropped/${file.name}`, file.bytes);
  }
  return { name: `${operation.name}--${wordsOf(operation, replies, parked)}`, files, notes };
}

function checkEnd({ translation, calls }: Story, dry: DryRun, parked: string | null): void {
  const refuse = (why: string): never => {
    throw new GatehouseError('NOT_POSSIBLE', `${translation.id} makes no case: ${why}`);
  };
  if (parked === null && translation.state !== 'published' && translation.state !== 'answered')
    refuse(`it is ${translation.state}; a case has come to its end`);
  const open = calls.find(({ state, probeOf }) => probeOf === null && state !== 'answered' && state !== 'not sent');
  if (open !== undefined) refuse(`its call ${open.name} is ${open.state}`);
  if (parked !== null && !(dry.end.end === 'parked' && dry.end.failure.code === parked && dry.calls.every(({ failure }) => failure === null)))
    refuse(`what parked it (${parked}) does not come from its event and its answers alone`);
  if (translation.replayOf !== null && parked === null && dry.end.end !== 'replied')
    refuse('it is a replay, and the adapter of now does not come to its end');
}

function repliesOf({ replies }: Story): Reply[] {
  return replies.map(({ attributes, data }): Reply => {
    if (data.bytes === null) throw new GatehouseError('NOT_POSSIBLE', 'the body of its reply is no longer kept');
    return { type: attributes.type, data: jsonOf(data.bytes) };
  });
}

const jsonOf = (bytes: Uint8Array): Json => JSON.parse(Buffer.from(bytes).toString()) as Json;

/** In the JSON format, data as it came. */
function eventOf({ event: { attributes, data } }: Story): object {
  const bytes = Buffer.from(data.bytes ?? []);
  try {
    return { ...attributes, data: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json };
  } catch {
    return { ...attributes, data_base64: bytes.toString('base64') };
  }
}

/** What the end was called: by the refusal's code, the reply's class, or the failure. */
function wordsOf({ replies: declared }: CataloguedOperation, replies: readonly Reply[], parked: string | null): string {
  if (parked !== null) return `parked-${kebab(parked)}`;
  const [first] = replies;
  if (first === undefined) return 'no-reply';
  const { code } = typeof first.data === 'object' && first.data !== null && !Array.isArray(first.data) ? first.data : { code: null };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return kebab(code);
  return kebab((declared.get(first.type)?.name ?? 'replied').replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-'));
}

const kebab = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60);

function droppedIn(parts: readonly StoryPart[]): { name: string; bytes: Uint8Array } | null {
  const content = parts.findLast(({ kind, media }) => kind === 'sent' && media === 'application/octet-stream')?.body;
  const done = parts.findLast(({ kind, media }) => kind === 'received' && media === 'application/json')?.body.bytes;
  if (content?.bytes == null || content.clipped || done == null) return null;
  const { file } = jsonOf(done) as { file?: Json };
  const isSafe = typeof file === 'string' && /^[\p{L}\p{N}_][\p{L}\p{N} _.,+=@()#$&'!;~-]*$/u.test(file) && Buffer.byteLength(file) <= 90;
  return isSafe ? { name: file, bytes: content.bytes } : null;
}
