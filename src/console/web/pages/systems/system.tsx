import { useSignal } from '@preact/signals';
import { type ComponentChildren, type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type SystemStatus } from '../../../../contract/control.ts';
import { heldSince } from '../../../held-since.ts';
import { type SystemPulse } from '../../../systems.view.ts';
import { Act } from '../../kit/act.tsx';
import { post } from '../../kit/api.ts';
import { Decision } from '../../kit/decision.tsx';
import { useShortcuts } from '../../kit/keys.ts';
import { go, href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { useEvery } from '../../kit/use-every.ts';
import { useLoaded } from '../../kit/use-loaded.ts';
import { AvailabilityWord } from './availability.tsx';
import { Batches } from './batches.tsx';
import { CheckLines } from './check.tsx';
import { LastHour } from './last-hour.tsx';
import { rateOf } from './minutes.ts';
import { Replies, Sessions, Sources } from './places.tsx';

const lookMs = 5_000;

interface Turn {
  readonly turn: 'hold' | 'resume';
  /** '' is the whole system. */
  readonly operation: string;
}

interface SystemViewProps {
  readonly status: SystemStatus;
  readonly changed: () => void;
}

/** One system: what it does now, what it did in the last hour, and what a person may do about it. */
export function SystemView({ status, changed }: SystemViewProps): JSX.Element {
  const { system } = status;
  const again = useEvery(lookMs);
  const loaded = useLoaded<SystemPulse>(`/api/systems/${encodeURIComponent(system)}/pulse`, again);
  const deciding = useSignal<Turn | null>(null);
  const checking = useSignal(0);
  const isHeld = status.availability === 'held' || status.availability === 'down';
  useShortcuts(
    useMemo(
      () => [
        { key: 'Escape', does: 'back to all systems', run: () => go(href('systems')) },
        { key: 'c', does: 'check the connection', run: () => (checking.value += 1) },
      ],
      [],
    ),
  );
  return (
    <article class="system">
      <p class="trail">
        <a href={href('systems')}>Systems</a> ›
      </p>
      <header class="system-head">
        <h1>
          {system} <AvailabilityWord of={status.availability} />
        </h1>
        <span class="buttons">
          {isHeld ? <Act onAct={() => (deciding.value = { turn: 'resume', operation: '' })}>Resume</Act> : null}
          {status.availability === 'held' ? null : <Act onAct={() => (deciding.value = { turn: 'hold', operation: '' })}>Pause</Act>}
          <Act onAct={() => (checking.value += 1)}>Check the connection</Act>
          <a href={`${href('translations')}?system=${encodeURIComponent(system)}`}>Its translations</a>
          <a href={href('adapters', system)}>Its adapter</a>
        </span>
      </header>
      <p class="about">{status.about}</p>
      <State status={status} />
      {checking.value === 0 ? null : <CheckLines key={checking.value} system={system} />}
      <Facts status={status} loaded={loaded.value} />
      {loaded.failure === null ? null : <p class="failure">{loaded.failure}</p>}
      {loaded.value === null ? null : <LastHour of={loaded.value} />}
      <Operations status={status} onTurn={(turn) => (deciding.value = turn)} />
      <Sessions status={status} />
      <Replies status={status} />
      <Sources status={status} onTurn={(turn) => (deciding.value = turn)} />
      <Batches system={system} again={again} />
      {deciding.value === null ? null : (
        <TurnDecision status={status} turn={deciding.value} changed={changed} onClose={() => (deciding.value = null)} />
      )}
    </article>
  );
}

interface TurnDecisionProps {
  readonly status: SystemStatus;
  readonly turn: Turn;
  readonly changed: () => void;
  readonly onClose: () => void;
}

/** A decision on the system as it was when the dialog was opened. */
function TurnDecision({ status, turn: { turn, operation }, changed, onClose }: TurnDecisionProps): JSX.Element {
  const { system } = status;
  const seen = useRef(heldSince(status, operation)).current;
  const what = operation === '' ? system : `${operation} of ${system}`;
  return (
    <Decision
      title={turn === 'hold' ? `Pause ${what}` : `Resume ${what}`}
      verb={turn === 'hold' ? 'Pause' : 'Resume'}
      onClose={onClose}
      decide={async (why, key) => {
        await post(`/api/systems/${encodeURIComponent(system)}/${turn}`, { operation, why, seen }, key);
        changed();
      }}
    >
      <p>
        {turn === 'hold'
          ? 'No call leaves any more. What comes in waits, uses up no attempts, and goes on when it is resumed. What is at work now ends first.'
          : 'Calls leave again, and what has waited goes on.'}
      </p>
    </Decision>
  );
}

function State({ status }: { readonly status: SystemStatus }): JSX.Element {
  const { sinceMs, untilMs, reason, breaker, availability } = status;
  return (
    <p class={availability === 'open' ? 'state-line' : 'state-line state-line-not'}>
      {reason === null ? 'It takes calls' : shownText(reason)}
      {sinceMs === null || availability === 'closed' ? null : (
        <>
          {' · since '}
          <Time ms={sinceMs} />
        </>
      )}
      {untilMs === null ? null : (
        <>
          {' · closed until '}
          <Time ms={untilMs} />
        </>
      )}
      {breaker.nextTryMs === null ? null : (
        <>
          {' · tried again at '}
          <Time ms={breaker.nextTryMs} />
        </>
      )}
      {breaker.trial ? ' · it answers again; one call at a time until the first answer' : ''}
    </p>
  );
}

function Facts({ status, loaded }: { readonly status: SystemStatus; readonly loaded: SystemPulse | null }): JSX.Element {
  const { breaker, rate } = status;
  const calls = loaded?.pulse.calls.flatMap(({ answered, failed }) => [answered, failed]) ?? [];
  const queue = loaded?.queue ?? null;
  return (
    <dl class="facts">
      <Fact name="Backlog" hint="Translations that are ready, at work or wait for their time.">
        {status.backlog}
        {status.intakeHeld ? ' (takes nothing from its queue now)' : ''}
      </Fact>
      <Fact name="In its queue" hint="What the bus holds for it, and the gateway has not taken.">
        {queue === null ? (
          <span class="hint">{loaded?.queueFailure ?? '…'}</span>
        ) : (
          `${queue.more ? 'more than ' : ''}${queue.waiting}${queue.consumers === null ? '' : `, ${queue.consumers} taking`}`
        )}
      </Fact>
      <Fact name="At work" hint="Translations that hold a slot, of those that may.">
        {status.running} of {status.concurrency}
      </Fact>
      <Fact name="Calls" hint="In the last whole minute; the limit is callsPerSecond.">
        {loaded === null ? '…' : rateOf(calls, loaded.pulse.stepMs)}
        {rate.perSecond === null ? ', no limit' : ` of at most ${rate.perSecond}/s`}
        {rate.waiting === 0 ? '' : `, ${rate.waiting} wait for their turn`}
      </Fact>
      <Fact name="Breaker" hint="Failures in a row; the next after the last means down.">
        {breaker.failuresInARow} of {breaker.failures} failures in a row
      </Fact>
      <Fact name="Last answer">
        {breaker.lastAnswerMs === null ? <span class="hint">none since the start</span> : <Time ms={breaker.lastAnswerMs} />}
      </Fact>
      {status.ignored === 0 ? null : (
        <Fact name="Passed over" hint="Deliveries that no operation wants, as configured; since the start.">
          {status.ignored}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, hint, children }: { readonly name: string; readonly hint?: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Operations({ status, onTurn }: { readonly status: SystemStatus; readonly onTurn: (turn: Turn) => void }): JSX.Element | null {
  if (status.operations.length === 0) return null;
  return (
    <section>
      <h2>Operations</h2>
      <div class="scrolls">
        <table class="grid">
          <tbody>
            {status.operations.map((operation) => {
              const held = status.heldOperations.find((each) => each.operation === operation);
              const turn = held === undefined ? 'hold' : 'resume';
              return (
                <tr key={operation}>
                  <th scope="row">
                    <a href={`${href('adapters', status.system)}?operation=${encodeURIComponent(operation)}`}>{operation}</a>
                  </th>
                  <td>
                    <AvailabilityWord of={held === undefined ? 'open' : 'held'} />
                  </td>
                  <td>
                    {held === undefined ? null : (
                      <>
                        {shownText(held.failure?.message ?? '')} · since <Time ms={held.sinceMs} />
                      </>
                    )}
                  </td>
                  <td class="last">
                    <Act onAct={() => onTurn({ turn, operation })}>
                      {turn === 'hold' ? 'Pause' : 'Resume'}
                      <span class="unseen"> {operation}</span>
                    </Act>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
