import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Json } from '../../../../contract/json.ts';
import { type DryCallView, type DryRunView } from '../../../dry-run.view.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { Act } from '../../kit/act.tsx';
import { Refused, post, wordsOf } from '../../kit/api.ts';
import { mayAct } from '../../kit/caller.ts';
import { shownText } from '../../kit/shown-text.ts';
import { NativeDraft } from '../../views/native-draft.tsx';
import { Body } from './body.tsx';
import { linesOf } from './comparable.ts';
import { DiffView } from './diff-view.tsx';
import { JsonEditor, jsonOf } from './json-editor.tsx';
import { indented, isJson } from './json-outline.ts';
import { JsonTree } from './json-tree.tsx';

interface DryRunProps {
  readonly story: StoryAnswer;
  readonly revealed: boolean;
}

/** What the adapter of now would do with this event, beside what was done. Nothing is sent. */
export function DryRun({ story, revealed }: DryRunProps): JSX.Element {
  const result = useSignal<DryRunView | null>(null);
  const failure = useSignal<string | null>(null);
  const busy = useSignal(false);
  const edited = useSignal(false);
  const { data } = story.event;
  const text = useSignal(data.text !== undefined && data.cut !== true && isJson(data.text) ? indented(data.text) : '');
  const answers = useRef<Record<string, Json>>({});
  const run = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      const given = Object.keys(answers.current).length === 0 ? {} : { answers: answers.current };
      const body = { ...(edited.value ? { data: jsonOf(text.value) } : {}), ...given };
      result.value = await post<DryRunView>(`/api/translations/${story.translation.id}/dry-run?native=1${revealed ? '&reveal=1' : ''}`, body);
    } catch (error) {
      failure.value =
        error instanceof Refused && error.code === 'NOT_FOUND' && error.status === 404 ? 'This gateway has no dry runs yet.' : wordsOf(error);
    } finally {
      busy.value = false;
    }
  };
  useEffect(() => void run(), []);
  const editable = data.masked !== true && text.peek() !== '';
  return (
    <section class="dry-run" aria-label="Dry run">
      <p class="choices">
        <Act
          needs="operator"
          why={editable ? null : data.masked === true ? 'Reveal the masked fields first' : 'It is no JSON, or not all of it is here'}
          onAct={() => (edited.value = !edited.value)}
        >
          {edited.value ? 'Take the event as it was' : 'Edit the event'}
        </Act>
        <Act needs="viewer" kind="main" why={busy.value ? 'It runs' : null} onAct={() => void run()}>
          Run again
        </Act>
        <span class="hint">Nothing is sent. Calls are answered as they were answered then.</span>
      </p>
      {edited.value ? <JsonEditor label="Data of the event" text={text} rows={12} /> : null}
      {failure.value === null ? null : (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
      {result.value === null ? null : (
        <Result
          of={result.value}
          onAnswer={(call, answer) => {
            answers.current = { ...answers.current, [call]: answer };
            void run();
          }}
        />
      )}
    </section>
  );
}

function Result({ of, onAnswer }: { readonly of: DryRunView; readonly onAnswer: (call: string, answer: Json) => void }): JSX.Element {
  return (
    <div class="dry-result">
      <p role="status">
        <strong>{endWords(of)}</strong>
      </p>
      {of.notes.map((note) => (
        <p key={note} class="remark">
          {shownText(note)}
        </p>
      ))}
      {of.calls.map((call, n) => (
        <Call key={n} call={call} />
      ))}
      {of.end.end === 'needs answer'
        ? of.end.calls.map((name) => <Answer key={name} call={name} onAnswer={(answer) => onAnswer(name, answer)} />)
        : null}
      {of.replies.map((reply, n) => (
        <section key={n}>
          <h3>
            Reply <span>{shownText(reply.type)}</span> <Sameness same={reply.same} />
          </h3>
          {reply.recorded === null ? (
            <Body body={reply.data} what={`reply ${n + 1} of the dry run`} />
          ) : (
            <DiffView
              a={`${reply.recorded.type}\n${linesOf(reply.recorded.data)}`}
              b={`${reply.type}\n${linesOf(reply.data)}`}
              label={`reply ${n + 1}, then and now`}
            />
          )}
        </section>
      ))}
    </div>
  );
}

function endWords({ end, replies }: DryRunView): string {
  switch (end.end) {
    case 'replied':
      return replies.length === 0
        ? '✓ It would end without a reply.'
        : `✓ It would publish ${replies.length === 1 ? 'a reply' : `${replies.length} replies`}.`;
    case 'needs answer':
      return `? It cannot be said how it goes on: ${end.calls.join(', ')} was never answered. Give an answer below.`;
    case 'parked':
      return `! It would be parked: ${end.failure.code}: ${shownText(end.failure.message)}`;
    case 'waits':
      return `◷ It would wait${end.failure === null ? '' : `: ${shownText(end.failure.message)}`}.`;
  }
}

const Sameness = ({ same }: { readonly same: boolean | null }): JSX.Element | null =>
  same === null ? null : <span class={same ? 'same' : 'differs'}>{same ? '✓ as then' : '≠ differs'}</span>;

const sources = { recorded: 'as recorded', given: 'as you gave it', assumed: 'as recorded for other arguments' } as const;

function Call({ call }: { readonly call: DryCallView }): JSX.Element {
  // Of what cannot be known before it happens there is a note, which stands beside nothing.
  const held = call.parts.filter(({ kind, same }) => kind === 'sent' || same !== null);
  const same = held.length === 0 || held.some((part) => part.same === null) ? null : held.every((part) => part.same === true);
  return (
    <section class="dry-call">
      <h3>
        {call.name} <span class="hint">{call.effect}</span> <Sameness same={same} />
      </h3>
      {call.failure === null ? null : (
        <p class="failure">
          It would not be sent. {call.failure.code}: {shownText(call.failure.message)}
        </p>
      )}
      {call.recorded === null ? (
        <JsonTree text={JSON.stringify(call.args)} label={`arguments of ${call.name}`} />
      ) : (
        <DiffView
          a={indented(JSON.stringify(call.recorded.args))}
          b={indented(JSON.stringify(call.args))}
          label={`arguments of ${call.name}, then and now`}
        />
      )}
      <NativeDraft call={call} />
      {call.answeredBy === null ? null : (
        <details>
          <summary>Answered {sources[call.answeredBy]}</summary>
          <JsonTree text={JSON.stringify(call.answer)} label={`answer of ${call.name}`} />
        </details>
      )}
    </section>
  );
}

function Answer({ call, onAnswer }: { readonly call: string; readonly onAnswer: (answer: Json) => void }): JSX.Element {
  const text = useSignal('');
  return (
    <form
      class="dry-answer"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.value.trim() === '' || !isJson(text.value)) return;
        onAnswer(jsonOf(text.value));
      }}
    >
      <JsonEditor label={`The answer of ${call} to go on with`} text={text} rows={4} />
      <button
        type="submit"
        class="act act-main"
        aria-disabled={!mayAct.value}
        title={mayAct.value ? undefined : 'This needs operator'}
        disabled={!mayAct.value}
      >
        Go on with this answer
      </button>
    </form>
  );
}
