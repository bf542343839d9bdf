import { type JSX } from 'preact';
import { type Page, type TranslationRow } from '../../../../contract/journal-reader.ts';
import { type NativeView } from '../../../native.view.ts';
import { type CallAnswer, type StoryAnswer } from '../../../story.answer.ts';
import { ask, query } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { outcomeOf, shownState } from '../../kit/state.tsx';
import { localTime } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';
import { ComparedViews } from '../../views/native-compare.tsx';
import { callPath } from '../../views/native-exchange.tsx';
import { exchangeOf, linesOf, repliesOf } from './comparable.ts';
import { DiffView } from './diff-view.tsx';
import { type FirstPair, alike, firstPair, firstPairOf } from './first-pair.ts';

const upTo = 2_000_000;
const offered = 20;

interface CompareProps {
  readonly story: StoryAnswer;
  readonly call: CallAnswer | null;
  readonly revealed: boolean;
}

/** Any two exchanges: of this translation, or of this and an earlier one of the same operation. */
export function Compare({ story, call, revealed }: CompareProps): JSX.Element {
  const { id, system, operation, seq } = story.translation;
  const words = new URLSearchParams({ system, operation, before: String(seq), limit: String(offered) });
  const earlier = useLoaded<Page>(`/api/translations?${words}`);
  const first = useFirstPair(story, call);
  const asked = query.value.get('with');
  // `this` is said in the address: what is there by itself may be another.
  const chosen = asked === 'this' ? '' : (asked ?? (first?.with === 'other' ? first.id : ''));
  const other = useLoaded<StoryAnswer>(
    chosen === '' ? null : `/api/translations/${encodeURIComponent(chosen)}?upTo=${upTo}${revealed ? '&reveal=1' : ''}`,
  );
  const before = chosen === '' ? story : other.value?.translation.id === chosen ? other.value : null;
  const b = callOf(story, query.value.get('b')) ?? call;
  const a = before === null ? null : (callOf(before, query.value.get('a')) ?? counterpart(before, b));
  return (
    <section class="compare" aria-label="Compare">
      <p class="compare-choice">
        Compare{' '}
        <select
          aria-label="Translation to compare with"
          value={chosen}
          onChange={(event) => ask({ with: event.currentTarget.value === '' ? 'this' : event.currentTarget.value, a: null }, { replace: true })}
        >
          <option value="">this translation</option>
          {chosen !== '' && earlier.value?.rows.every((row) => row.id !== chosen) === true ? (
            <option value={chosen}>{chosen.slice(0, 8)}</option>
          ) : null}
          {earlier.value?.rows.map((row) => (
            <option key={row.id} value={row.id}>
              {shownText(`${row.id.slice(0, 8)} ${localTime(row.receivedMs)} ${shownState(row)} ${row.businessKey ?? row.eventId}`.slice(0, 120))}
            </option>
          ))}
        </select>{' '}
        {before === null ? null : <CallChoice story={before} call={a} label="its call" name="a" />} with{' '}
        <CallChoice story={story} call={b} label="this call" name="b" />
      </p>
      {asked === null && first?.with === 'other' ? <p class="hint">{shownText(first.because)}</p> : null}
      {earlier.failure === null ? null : <p class="failure">{earlier.failure}</p>}
      {other.failure === null || chosen === '' ? null : <p class="failure">{other.failure}</p>}
      {before === null || (asked === null && first === null) ? (
        <p class="hint">{other.slow ? 'It is being read…' : ''}</p>
      ) : (
        <>
          <h3>Native exchange</h3>
          {a === null || b === null || a === b ? (
            <Nothing story={story} first={first} earlier={earlier.value?.rows[0] ?? null} same={a !== null && a === b} />
          ) : (
            <Exchanges key={`${a.seq} ${b.seq}`} a={{ id: before.translation.id, call: a }} b={{ id, call: b }} revealed={revealed} />
          )}
          {before.translation.id === id ? null : (
            <>
              <h3>Event</h3>
              <DiffView key={`event ${chosen}`} a={linesOf(before.event.data)} b={linesOf(story.event.data)} label="event" />
              <h3>Replies</h3>
              <DiffView key={`replies ${chosen}`} a={repliesOf(before)} b={repliesOf(story)} label="replies" />
              <h3>Outcome</h3>
              <DiffView key={`outcome ${chosen}`} a={outcomeWords(before)} b={outcomeWords(story)} label="outcome" />
            </>
          )}
        </>
      )}
    </section>
  );
}

/** What to begin with; null while it is being found. */
function useFirstPair(story: StoryAnswer, call: CallAnswer | null): FirstPair | null {
  const { system, operation, seq } = story.translation;
  const first = firstPair(story, call);
  const words =
    first.with === 'same key' ? new URLSearchParams({ system, operation, [first.field]: first.value, before: String(seq), limit: '1' }) : null;
  const found = useLoaded<Page>(words === null ? null : `/api/translations?${words}`);
  if (first.with !== 'same key') return first;
  if (found.failure !== null) return { with: 'nothing', why: found.failure };
  return found.value === null ? null : firstPairOf(story, call, found.value.rows[0] ?? null);
}

interface NothingProps {
  readonly story: StoryAnswer;
  readonly first: FirstPair | null;
  /** The one of the operation before this one. */
  readonly earlier: TranslationRow | null;
  readonly same: boolean;
}

/** Why no two calls are beside each other, and how two are chosen. */
const Nothing = ({ story, first, earlier, same }: NothingProps): JSX.Element => (
  <>
    <p class="hint">
      {first?.with === 'nothing' ? `There is nothing to compare with by itself. ${shownText(first.why)} ` : ''}
      {same ? 'Both sides are the same call: choose another one above, or an earlier translation.' : 'One of them made no call.'}
    </p>
    {earlier === null ? (
      <p class="hint">This is the first {story.translation.operation} that is kept.</p>
    ) : (
      <p>
        <button type="button" class="act" onClick={() => ask({ with: earlier.id, a: null }, { replace: true })}>
          Compare with the {story.translation.operation} before
        </button>{' '}
        <span class="hint">{shownText(`${localTime(earlier.receivedMs)} ${earlier.businessKey ?? earlier.eventId}`.slice(0, 120))}</span>
      </p>
    )}
  </>
);

interface Side {
  /** Of the translation. */
  readonly id: string;
  readonly call: CallAnswer;
}

/** Two exchanges as their protocol shows them, or as text where it has no view. */
function Exchanges({ a, b, revealed }: { readonly a: Side; readonly b: Side; readonly revealed: boolean }): JSX.Element {
  const words = revealed ? '?reveal=1' : '';
  const one = useLoaded<NativeView>(`${callPath(a.id, a.call.seq)}/native${words}`);
  const other = useLoaded<NativeView>(`${callPath(b.id, b.call.seq)}/native${words}`);
  const failure = one.failure ?? other.failure;
  if (failure !== null) return <p class="failure">{failure}</p>;
  if (one.value === null || other.value === null) return <p class="hint" />;
  if (one.value.view !== null && one.value.transport === other.value.transport && other.value.view !== null)
    return <ComparedViews a={one.value} b={other.value} />;
  return <DiffView a={exchangeOf(a.call)} b={exchangeOf(b.call)} label="native exchange" />;
}

const outcomeWords = ({ translation }: StoryAnswer): string => `${shownState(translation)}: ${outcomeOf(translation)}`;

const callOf = ({ calls }: StoryAnswer, seq: string | null): CallAnswer | null => calls.find((each) => String(each.seq) === seq) ?? null;

/** The call that one would compare with: of the same name, an earlier one when both are of one translation. */
function counterpart({ calls }: StoryAnswer, of: CallAnswer | null): CallAnswer | null {
  if (of === null) return null;
  const near = alike(calls, of);
  return near.findLast(({ seq }) => seq < of.seq && calls.includes(of)) ?? near.findLast(({ seq }) => seq !== of.seq) ?? near.at(-1) ?? null;
}

interface CallChoiceProps {
  readonly story: StoryAnswer;
  readonly call: CallAnswer | null;
  readonly label: string;
  readonly name: 'a' | 'b';
}

const CallChoice = ({ story, call, label, name }: CallChoiceProps): JSX.Element => (
  <select aria-label={label} value={call?.seq} onChange={(event) => ask({ [name]: event.currentTarget.value }, { replace: true })}>
    {story.calls.map(({ seq, run, name: callName, state, probeOf }) => (
      <option key={seq} value={seq}>
        {`${probeOf === null ? '' : 'probe '}${callName}, attempt ${run}, ${state}`}
      </option>
    ))}
  </select>
);
