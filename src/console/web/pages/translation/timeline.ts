import { type CallAnswer, type ReplyAnswer, type StoryAnswer } from '../../../story.answer.ts';
import { isUnrouted, reachWords } from '../../../../contract/reach.ts';
import { outcomeOf } from '../../kit/state.tsx';
import { durationOf } from '../../kit/time.tsx';

/** What an entry says of how it went: each has a sign of its own beside its colour. */
export type Tone = 'plain' | 'good' | 'bad' | 'doubt' | 'wait';

/** One line of the story. */
export interface Entry {
  /** `received`, `attempt-2`, `call-17`, `reply-3`, `action-0`, `now`: what the address names. */
  readonly id: string;
  readonly tone: Tone;
  /** Null: it has not come yet, and stands at the end. */
  readonly atMs: number | null;
  readonly tookMs: number | null;
  readonly title: string;
  readonly detail: string;
  /** Calls stand within their attempt, probes within the call they ask for. */
  readonly depth: 0 | 1 | 2;
}

/** The story in order: what came, each attempt with its calls, what people did, what was published, and what it waits for now. */
export function timelineOf(story: StoryAnswer): readonly Entry[] {
  const { translation } = story;
  const entries: Entry[] = [
    {
      id: 'received',
      tone: 'plain',
      atMs: translation.receivedMs,
      tookMs: null,
      title: 'received',
      detail: `${story.event.attributes.type}${translation.duplicates === 0 ? '' : `; came ${translation.duplicates} more time${translation.duplicates === 1 ? '' : 's'}`}`,
      depth: 0,
    },
    ...story.attempts.map((attempt): Entry => ({
      id: `attempt-${attempt.run}`,
      tone: attempt.outcome === 'answered' ? 'good' : attempt.outcome === 'parked' ? 'bad' : attempt.outcome === 'waiting' ? 'wait' : 'plain',
      atMs: attempt.startedMs,
      tookMs: attempt.endedMs === null ? null : attempt.endedMs - attempt.startedMs,
      title: `attempt ${attempt.run}`,
      detail: joined([attempt.outcome ?? 'at work', attempt.counted ? '' : 'not counted', failureWords(attempt)]),
      depth: 0,
    })),
    ...story.calls.map((call) => callEntry(call, story)),
    ...story.actions.map((action, n): Entry => ({
      id: `action-${n}`,
      tone: 'plain',
      atMs: action.atMs,
      tookMs: null,
      title: action.kind,
      detail: `by ${action.who}: ${action.why}`,
      depth: 0,
    })),
    ...story.replies.map(replyEntry),
  ];
  const ranked = entries.map((entry, n) => ({ entry, n }));
  // What begins in the same millisecond stays in the order of the story.
  ranked.sort((a, b) => (a.entry.atMs ?? Infinity) - (b.entry.atMs ?? Infinity) || a.n - b.n);
  const ordered = ranked.map(({ entry }) => entry);
  if (!['received', 'running', 'waiting', 'answered'].includes(translation.state)) return ordered;
  return [
    ...ordered,
    {
      id: 'now',
      tone: 'wait',
      atMs: null,
      tookMs: null,
      title: 'now',
      detail: `${translation.state === 'waiting' ? 'waits ' : ''}${outcomeOf(translation)}`,
      depth: 0,
    },
  ];
}

function callEntry(call: CallAnswer, story: StoryAnswer): Entry {
  // One that never left has no beginning of its own; where the attempt began it would stand before the calls that led to it.
  const refusedMs = call.state === 'not sent' ? call.endedMs : null;
  const began = call.leftMs ?? call.parts[0]?.atMs ?? refusedMs ?? story.attempts.find(({ run }) => run === call.run)?.startedMs ?? null;
  const { batch } = call;
  return {
    id: `call-${call.seq}`,
    tone: call.state === 'in doubt' ? 'doubt' : call.state === 'answered' ? 'good' : call.failure !== null ? 'bad' : 'wait',
    atMs: began,
    tookMs: began === null || call.endedMs === null ? null : Math.max(0, call.endedMs - began),
    title: call.name,
    detail: joined([
      call.probeOf === null ? call.effect : 'probe',
      call.state,
      call.answeredBy === 'system' || call.state !== 'answered' ? '' : `by ${call.answeredBy === 'person' ? 'a person' : `the ${call.answeredBy}`}`,
      batch === null ? '' : `batch ${batch.seq}${batch.place === null ? '' : `, place ${batch.place}`} (${batch.state})`,
      failureWords(call),
    ]),
    depth: call.probeOf === null ? 1 : 2,
  };
}

function replyEntry(reply: ReplyAnswer): Entry {
  return {
    id: `reply-${reply.seq}`,
    tone: reply.state === 'refused' || isUnrouted(reply) ? 'bad' : reply.state === 'published' ? 'good' : 'wait',
    atMs: reply.publishedMs,
    tookMs: null,
    title: 'reply',
    detail: joined([reply.attributes.type, reply.state, reachWords(reply)]),
    depth: 0,
  };
}

const failureWords = ({ failure }: { readonly failure: { readonly code: string; readonly message: string } | null }): string =>
  failure === null ? '' : `${failure.code}: ${failure.message}`;

const joined = (words: readonly string[]): string => words.filter((word) => word !== '').join(' · ');

/** How long after the entry before it: what a person looks for is where the time went. */
export function sinceBefore(entries: readonly Entry[], n: number): string {
  const at = entries[n]?.atMs;
  const before = entries[n - 1]?.atMs;
  return at === undefined || at === null || before === undefined || before === null ? '' : `+${durationOf(at - before)}`;
}

/** What is looked at first: the call in doubt, the one that failed, else the last that had an effect. */
export function firstCall(calls: readonly CallAnswer[]): CallAnswer | null {
  const own = calls.filter(({ probeOf }) => probeOf === null);
  return (
    own.findLast(({ state }) => state === 'in doubt') ??
    own.findLast(({ failure }) => failure !== null) ??
    own.findLast(({ effect }) => effect !== 'read') ??
    own.at(-1) ??
    null
  );
}
