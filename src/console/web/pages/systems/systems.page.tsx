import { type JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { type SystemStatus } from '../../../../contract/control.ts';
import { type PulseSummary } from '../../../systems.view.ts';
import { Empty } from '../../kit/empty.tsx';
import { useShortcuts } from '../../kit/keys.ts';
import { go, href, path } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { durationOf } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';
import { AvailabilityWord } from './availability.tsx';
import { Bars } from './chart.tsx';
import { useEvery } from '../../kit/use-every.ts';
import { SystemView } from './system.tsx';
import './systems.css';

const lookMs = 2_000;

export function SystemsPage(): JSX.Element {
  const again = useEvery(lookMs);
  const systems = useLoaded<readonly SystemStatus[]>('/api/systems', again);
  const pulses = useLoaded<readonly PulseSummary[]>('/api/pulses', again);
  const chosen = path.value[1];
  if (systems.value === null) return systems.failure === null ? <div class="loading" aria-busy={systems.slow} /> : <Empty title={systems.failure} />;
  if (systems.value.length === 0)
    return (
      <Empty title="No system is configured">
        <p>Write the systems of your adapters into the configuration, below `systems`, and start the gateway again.</p>
      </Empty>
    );
  const found = systems.value.find(({ system }) => system === chosen);
  return (
    <>
      {systems.failure === null ? null : (
        <p class="failure" role="status">
          {systems.failure} What is shown is from before.
        </p>
      )}
      {chosen === undefined ? (
        <Overview systems={systems.value} pulses={pulses.value ?? []} />
      ) : found === undefined ? (
        <Empty title={`There is no system ${chosen}`}>
          <p>
            <a href={href('systems')}>All systems</a>
          </p>
        </Empty>
      ) : (
        <SystemView key={found.system} status={found} changed={() => (again.value += 1)} />
      )}
    </>
  );
}

interface OverviewProps {
  readonly systems: readonly SystemStatus[];
  readonly pulses: readonly PulseSummary[];
}

function Overview({ systems, pulses }: OverviewProps): JSX.Element {
  const at = useSignal(-1);
  useEffect(() => document.querySelectorAll<HTMLAnchorElement>('.systems-list th a')[at.value]?.focus(), [at.value]);
  const step = (by: number) => (): void => {
    at.value = Math.min(systems.length - 1, Math.max(0, at.value + by));
  };
  useShortcuts(
    useMemo(
      () => [
        { key: 'j', does: 'next system', run: step(1) },
        { key: 'k', does: 'system before', run: step(-1) },
        { key: 'Enter', does: 'open the system', run: () => go(href('systems', systems[Math.max(0, at.value)]?.system ?? '')) },
      ],
      [systems.length],
    ),
  );
  const troubled = systems.filter(({ availability }) => availability === 'down' || availability === 'held').length;
  return (
    <>
      <h1>
        Systems{' '}
        <span class="hint">
          {systems.length}, {troubled === 0 ? 'all of them take calls' : `${troubled} ${troubled === 1 ? 'takes' : 'take'} no calls`}
        </span>
      </h1>
      <div class="scrolls">
        <table class="grid systems-list">
          <thead>
            <tr>
              <th scope="col">System</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Backlog
              </th>
              <th scope="col" class="number">
                At work
              </th>
              <th scope="col">Calls a minute, last hour</th>
              <th scope="col" class="number">
                Slowest call, p95
              </th>
              <th scope="col">Not as it should be</th>
            </tr>
          </thead>
          <tbody>
            {systems.map((status) => (
              <Row key={status.system} status={status} pulse={pulses.find(({ system }) => system === status.system)} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({ status, pulse }: { readonly status: SystemStatus; readonly pulse: PulseSummary | undefined }): JSX.Element {
  return (
    <tr>
      <th scope="row">
        <a href={href('systems', status.system)}>{status.system}</a>
        <div class="hint about">{status.about}</div>
      </th>
      <td>
        <AvailabilityWord of={status.availability} />
      </td>
      <td class="number">{status.backlog}</td>
      <td class="number">
        {status.running} of {status.concurrency}
      </td>
      <td>
        {pulse === undefined ? null : (
          <Bars
            small
            what={`Calls of ${status.system}`}
            good={pulse.answered}
            bad={pulse.failed}
            goodWord="answered"
            badWord="failed"
            atMs={Date.now()}
          />
        )}
      </td>
      <td class="number">
        {pulse?.slowest == null ? <span class="hint">no call</span> : <span title={pulse.slowest.call}>{durationOf(pulse.slowest.p95Ms)}</span>}
      </td>
      <td>
        <ul class="plain">
          {troublesOf(status).map((trouble) => (
            <li key={trouble}>{shownText(trouble)}</li>
          ))}
        </ul>
      </td>
    </tr>
  );
}

/** What a person should know of a system without opening it. */
function troublesOf(status: SystemStatus): readonly string[] {
  const { heldOperations, sessions, replies, sources } = status;
  return [
    ...(status.reason === null ? [] : [status.reason]),
    ...heldOperations.map(({ operation }) => `${operation} is held`),
    ...sessions.filter(({ waiting }) => waiting > 0).map(({ waiting }) => `${waiting} calls wait for a session`),
    ...sessions.flatMap((each) => each.sessions.filter(({ state }) => state === 'refused').map(({ user }) => `${user} is refused`)),
    ...replies.filter(({ reason }) => reason !== null).map(({ kind, reason }) => `replies ${kind}: ${reason}`),
    ...sources.filter(({ state }) => state === 'held').map(({ source, reason }) => `source ${source} is held: ${reason ?? ''}`),
    ...(status.intakeHeld && status.availability === 'open' ? ['its queue is left alone: the backlog is full'] : []),
  ];
}
