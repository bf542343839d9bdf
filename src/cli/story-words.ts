import pc from 'picocolors';
import { type StoredBody, type Story, type StoryCall, type StoryPart, type StoryReply } from '../contract/journal-reader.ts';
import { isUnrouted, reachWords } from '../contract/reach.ts';
import { safeText } from './safe-text.ts';
import { clockTime, failurePhrase, outcomePhrase, stateWord } from './words.ts';

/** A body as the API shows it. */
export type ShownBody = Omit<StoredBody, 'bytes'> & { readonly text?: string; readonly base64?: string; readonly masked?: true };
export type ShownStory = Omit<Story, 'event' | 'calls' | 'replies'> & {
  readonly event: Omit<Story['event'], 'data'> & { readonly data: ShownBody };
  readonly calls: readonly (Omit<StoryCall, 'parts'> & { readonly parts: readonly (Omit<StoryPart, 'body'> & { readonly body: ShownBody })[] })[];
  readonly replies: readonly (Omit<StoryReply, 'data'> & { readonly data: ShownBody })[];
};

const indent = (text: string, by = '      '): string => text.replaceAll(/^/gm, by);

function bodyText(body: ShownBody): string {
  const clipped = body.clipped ? pc.yellow(`\n(clipped: head and tail of ${body.size} bytes, SHA-256 ${body.sha256 ?? ''})`) : '';
  if (body.text !== undefined) return indent(safeText(body.text, true) + clipped);
  if (body.base64 !== undefined) return indent(hexDump(Buffer.from(body.base64, 'base64')) + clipped);
  return indent(pc.dim(`(${body.size} bytes, no longer kept)`));
}

/** Sixteen bytes a line, of the first `most`. */
export function hexDump(bytes: Uint8Array, most = 4_096): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const row = bytes.subarray(at, at + 16);
    const text = [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${Buffer.from(row).toString('hex').replaceAll(/(..)/g, '$1 ').padEnd(48)} ${text}`);
  }
  return lines.join('\n');
}

/** The whole story of a translation in plain words, in order, down to the native bytes. */
export function storyWords(story: ShownStory): string {
  const { translation: row, event } = story;
  const lines = [
    `${pc.bold(row.id)}  ${stateWord(row.state)}  ${outcomePhrase(row)}`,
    `${row.system} ${row.operation}, ${row.attempts} attempt(s) counted, version ${row.version}`,
    '',
    `${pc.bold('event')}  ${safeText(event.attributes.type)}  id ${safeText(event.attributes.id)}  from ${safeText(event.attributes.source)}`,
    `  received ${new Date(row.receivedMs).toISOString()}, correlation ${safeText(row.correlation)}${row.key === null ? '' : `, key ${safeText(row.key)}`}${row.duplicates === 0 ? '' : `, came ${row.duplicates} more time(s)`}`,
    ...lineage(story),
    bodyText(event.data),
  ];
  for (const attempt of story.attempts) {
    lines.push(
      '',
      `${pc.bold(`run ${attempt.run}`)}  ${clockTime(attempt.startedMs)}  ${attempt.outcome ?? 'at work'}${attempt.endedMs === null ? '' : ` after ${attempt.endedMs - attempt.startedMs} ms`}${attempt.counted ? '' : ', not counted'}  ${failurePhrase(attempt.failure)}`,
    );
    for (const call of story.calls.filter(({ run }) => run === attempt.run)) lines.push(...callLines(call));
  }
  for (const reply of story.replies) {
    const reach = reachWords(reply);
    lines.push(
      '',
      `${pc.bold('reply')}  ${safeText(reply.attributes.type)}  id ${reply.attributes.id}  ${reply.state}${reply.publishedMs === null ? '' : ` ${clockTime(reply.publishedMs)}`}${reach === '' ? '' : `, ${isUnrouted(reply) ? pc.yellow(reach) : reach}`}`,
      bodyText(reply.data),
    );
  }
  for (const action of story.actions)
    lines.push('', `${pc.bold(action.kind)}  by ${safeText(action.who)} ${new Date(action.atMs).toISOString()}: ${safeText(action.why)}`);
  return lines.join('\n');
}

/** What it replays, and what replays it. */
function lineage({ translation, edited, replays, editedReplays }: ShownStory): string[] {
  const how = (isEdited: boolean): string => (isEdited ? 'with an edited event' : 'with the same event');
  return [
    ...(translation.replayOf === null ? [] : [`  a replay of ${translation.replayOf} ${how(edited)}`]),
    ...replays.map((id) => `  replayed as ${id} ${how(editedReplays.includes(id))}`),
  ];
}

function callLines(call: ShownStory['calls'][number]): string[] {
  const by = call.answeredBy === 'system' ? '' : `, answer from ${call.answeredBy === 'person' ? 'a person' : `the ${call.answeredBy}`}`;
  const { batch } = call;
  const among = batch === null ? '' : `, batch ${batch.seq}${batch.place === null ? '' : ` place ${batch.place}`} (${batch.state})`;
  const head = `  ${pc.bold(call.name)} (${call.effect}${call.probeOf === null ? '' : ', probe'})  ${call.state}${by}${among}  ${failurePhrase(call.failure)}`;
  return [
    head,
    ...call.parts.flatMap((part) => [
      `    ${clockTime(part.atMs)} ${part.kind}  ${safeText(part.media)}, ${part.body.size} bytes`,
      bodyText(part.body),
    ]),
  ];
}
