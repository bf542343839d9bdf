import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type Json } from '../../../../contract/json.ts';
import { type DryRunView } from '../../../dry-run.view.ts';
import { type OperationView } from '../../../adapters.view.ts';
import { Act } from '../../kit/act.tsx';
import { get, post, wordsOf } from '../../kit/api.ts';
import { Decision } from '../../kit/decision.tsx';
import { href } from '../../kit/route.ts';
import { DryRunResult } from './dry-run.tsx';
import { Properties } from './form.tsx';

interface TryItProps {
  readonly system: string;
  readonly operation: OperationView;
  /** What stands in the form first. */
  readonly data: Json;
}

interface Sent {
  readonly events: readonly {
    readonly id: string;
    readonly translations: readonly { readonly id: string; readonly system: string; readonly operation: string; readonly outcome: string }[];
  }[];
}

/** Composes an event, and shows what would come of it, or sends it. */
export function TryIt({ system, operation, data: first }: TryItProps): JSX.Element {
  const data = useSignal<Json>(first);
  const raw = useSignal<string | null>(null);
  const answers = useSignal<Readonly<Record<string, string>>>({});
  const busy = useSignal(false);
  const failure = useSignal<string | null>(null);
  const dry = useSignal<DryRunView | null>(null);
  const sent = useSignal<Sent | null>(null);
  const sending = useSignal(false);
  const { schema, type } = operation.accepts;

  const composed = (): Json => (raw.value === null ? data.value : (JSON.parse(raw.value) as Json));
  const dryRun = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      const given = Object.entries(answers.value).filter(([, text]) => text.trim() !== '');
      const body = {
        data: composed(),
        ...(given.length === 0 ? {} : { answers: Object.fromEntries(given.map(([call, text]) => [call, JSON.parse(text) as Json])) }),
      };
      dry.value = await post<DryRunView>(
        `/api/operations/${encodeURIComponent(system)}/${encodeURIComponent(operation.name)}/dry-run?native=1`,
        body,
      );
      sent.value = null;
    } catch (error) {
      failure.value = error instanceof SyntaxError ? `This is no JSON: ${error.message}` : wordsOf(error);
    } finally {
      busy.value = false;
    }
  };
  /** The event has the id of the decision: pressed twice, it is the same event. */
  const send = async (why: string, id: string): Promise<void> => {
    const event = { specversion: '1.0', id, source: '/gatehouse/console', type, datacontenttype: 'application/json', data: composed() };
    const headers = { 'content-type': 'application/cloudevents+json', 'gatehouse-why': encodeURIComponent(why) };
    sent.value = await get<Sent>('/events', { method: 'POST', body: event, headers });
    dry.value = null;
  };
  const askToSend = (): void => {
    try {
      composed();
      failure.value = null;
      sending.value = true;
    } catch (error) {
      failure.value = `This is no JSON: ${(error as Error).message}`;
    }
  };
  const toggle = (): void => {
    if (raw.value === null) {
      raw.value = JSON.stringify(data.value, null, 2);
      return;
    }
    try {
      data.value = JSON.parse(raw.value) as Json;
      raw.value = null;
      failure.value = null;
    } catch (error) {
      failure.value = `This is no JSON: ${(error as Error).message}`;
    }
  };
  return (
    <section class="try" aria-label="Try it">
      <h3>
        Try it{' '}
        <button type="button" class="act" aria-pressed={raw.value !== null} onClick={toggle}>
          {raw.value === null ? 'As JSON' : 'As a form'}
        </button>
      </h3>
      {raw.value === null ? (
        <Properties schema={schema} root={schema} value={data.value} onValue={(next) => (data.value = next ?? {})} />
      ) : (
        <label class="field">
          <span>Data of the event, as JSON</span>
          <textarea class="mono" rows={14} spellcheck={false} value={raw.value} onInput={({ currentTarget }) => (raw.value = currentTarget.value)} />
        </label>
      )}
      {dry.value?.end.end === 'needs answer' || Object.keys(answers.value).length > 0 ? (
        <Answers
          calls={dry.value?.end.end === 'needs answer' ? dry.value.end.calls : []}
          of={answers.value}
          onAnswers={(next) => (answers.value = next)}
        />
      ) : null}
      <p class="buttons">
        <Act kind="main" why={busy.value ? 'It is at work' : null} onAct={() => void dryRun()}>
          Run it dry
        </Act>
        <Act why={busy.value ? 'It is at work' : null} onAct={askToSend}>
          Send it…
        </Act>
      </p>
      {sending.value ? (
        <Decision title={`Send ${type}`} verb="Send" decide={send} onClose={() => (sending.value = false)}>
          <p>It goes in by the door like every event: {system} is really asked, and others who take this type are, too.</p>
        </Decision>
      ) : null}
      <div role="status">
        {failure.value === null ? null : <p class="failure">{failure.value}</p>}
        {sent.value === null ? null : <SentEvent of={sent.value} />}
        {dry.value === null ? null : <DryRunResult of={dry.value} />}
      </div>
    </section>
  );
}

function SentEvent({ of: { events } }: { readonly of: Sent }): JSX.Element {
  return (
    <ul class="plain">
      {events.flatMap(({ translations }) =>
        translations.map(({ id, system, operation, outcome }) => (
          <li key={id}>
            It is taken ({outcome}): <a href={href('translations', id)}>{`${system} ${operation} ${id.slice(0, 8)}`}</a>
          </li>
        )),
      )}
    </ul>
  );
}

interface AnswersProps {
  readonly calls: readonly string[];
  readonly of: Readonly<Record<string, string>>;
  readonly onAnswers: (answers: Readonly<Record<string, string>>) => void;
}

/** Nobody is asked in a dry run: whoever runs it says what the system would answer. */
function Answers({ calls, of, onAnswers }: AnswersProps): JSX.Element {
  return (
    <fieldset>
      <legend>What the system would answer, as JSON</legend>
      {[...new Set([...Object.keys(of), ...calls])].map((call) => (
        <label key={call} class="field">
          <span>{call}</span>
          <textarea
            class="mono"
            name={`answer-${call}`}
            rows={3}
            spellcheck={false}
            value={of[call] ?? ''}
            onInput={({ currentTarget }) => onAnswers({ ...of, [call]: currentTarget.value })}
          />
        </label>
      ))}
    </fieldset>
  );
}
