import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type NativeView } from '../../../native.view.ts';
import { type OriginView } from '../../../origin.view.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { Copy } from '../../kit/copy.tsx';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';
import { viewOf } from '../../views/loaded-views.ts';
import { sizeOf } from './payload.ts';

interface OriginProps {
  readonly story: StoryAnswer;
  readonly revealed: boolean;
}

/** The file that an event was picked up from, opened on demand; nothing for an event that came by itself. */
export function Origin({ story, revealed }: OriginProps): JSX.Element | null {
  const open = useSignal(false);
  const { attributes } = story.event;
  const name = attributes['consignment'];
  if (name === undefined || !attributes.source.startsWith('/gatehouse/')) return null;
  const piece = attributes['piece'];
  return (
    <details class="origin" open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>
        From the file <strong class="mono">{shownText(name.slice(0, 200))}</strong>
        {piece === undefined ? '' : `, record ${shownText(piece)}`}
      </summary>
      {open.value ? <Told key={String(revealed)} id={story.translation.id} revealed={revealed} /> : null}
    </details>
  );
}

function Told({ id, revealed }: { readonly id: string; readonly revealed: boolean }): JSX.Element {
  const { value, failure } = useLoaded<OriginView>(`/api/translations/${encodeURIComponent(id)}/origin${revealed ? '?reveal=1' : ''}`);
  if (value === null) return <p class={failure === null ? 'hint' : 'failure'}>{failure ?? ''}</p>;
  return (
    <>
      <Facts of={value} />
      {value.native === null ? (
        <p class="hint">
          {value.piece === null ? 'Its bytes' : 'The bytes of the record'} are in the file alone: the gateway keeps those of bad records.
        </p>
      ) : (
        <PickedRecord native={value.native} />
      )}
    </>
  );
}

const states = {
  claimed: 'is being read for the first time',
  open: 'is becoming events',
  held: 'is held until a person decides',
  done: 'is done',
  duplicate: 'was here before: a duplicate',
  refused: 'was refused',
} as const;

function Facts({ of: { system, source, name, piece, offset, size, consignment, sha256, where } }: { readonly of: OriginView }): JSX.Element {
  return (
    <dl class="origin-facts">
      <dt>File</dt>
      <dd>
        <span class="mono">{shownText(name)}</span> <Copy text={name} what="name of the file" /> brought in by{' '}
        <a href={href('systems', system)}>{`${system} ${source}`}</a>
      </dd>
      {piece === null ? null : (
        <>
          <dt>Record</dt>
          <dd>
            {piece}
            {offset === null ? ', its offset was not noted' : `, from byte ${offset}`}
            {size === null ? '' : `, ${sizeOf(size)}`}
          </dd>
        </>
      )}
      <dt>SHA-256</dt>
      <dd>
        {sha256 === null ? (
          'not kept: the file is known by something else, or no longer'
        ) : (
          <>
            <span class="mono origin-hash">{sha256}</span> <Copy text={sha256} what="hash of the file" />
          </>
        )}
      </dd>
      <dt>State</dt>
      <dd>
        {consignment === null ? (
          'is not known to this journal: another gateway read it, or it is past keeping'
        ) : (
          <>
            {states[consignment.state]}: {consignment.events} events, {consignment.parked} parked
            {consignment.size === null ? '' : `, of ${sizeOf(consignment.size)}`}; claimed <Time ms={consignment.startedMs} />
            {consignment.putAwayMs === null ? '' : ', put away '}
            {consignment.putAwayMs === null ? null : <Time ms={consignment.putAwayMs} />}
          </>
        )}
      </dd>
      <dt>Stands at</dt>
      <dd>
        {where === null ? (
          'its source is not there to say it'
        ) : (
          <>
            <span class="mono">{shownText(where)}</span> <Copy text={where} what="place of the file" />
          </>
        )}
      </dd>
    </dl>
  );
}

function PickedRecord({ native }: { readonly native: NativeView }): JSX.Element {
  const View = native.view === null ? undefined : viewOf(native.transport);
  if (View === undefined) return <p class="hint">{shownText(native.why ?? 'there is no view of it')}</p>;
  return <View native={native} view={native.view as never} path={null} revealed={false} onFrom={() => undefined} />;
}
