import { type Signal, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type ActionResult } from '../../../../contract/journal.ts';
import { type ChoicesView } from '../../../choices.view.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { Act } from '../../kit/act.tsx';
import { forbidden } from '../../kit/caller.ts';
import { useShortcuts } from '../../kit/keys.ts';
import { go, href } from '../../kit/route.ts';
import { Decide } from './decide.tsx';
import { Discard } from './discard.tsx';
import { type ActName, whyNot } from './possible.ts';
import { Replay } from './replay.tsx';
import { Settle } from './settle.tsx';

/** In the order of the buttons. `d` and the like are the keys. */
const acts: readonly { readonly name: Exclude<ActName, 'dry run'>; readonly label: string; readonly key: string }[] = [
  { name: 'happened', label: 'It happened…', key: 'y' },
  { name: 'did not', label: 'It did not…', key: 'n' },
  { name: 'probe', label: 'Run the probe…', key: 'p' },
  { name: 'retry', label: 'Retry…', key: 'r' },
  { name: 'replay', label: 'Replay as new…', key: 'a' },
  { name: 'discard', label: 'Discard…', key: 'x' },
  { name: 'pass', label: 'Let others by…', key: 'o' },
  { name: 'republish', label: 'Publish again…', key: 'b' },
];

interface ActionsProps {
  readonly story: StoryAnswer;
  readonly choices: ChoicesView | null;
  readonly onDone: () => void;
}

/** What a person may do to it; what is not possible is shown with the reason. */
export function Actions({ story, choices, onDone }: ActionsProps): JSX.Element {
  const open = useSignal<(typeof acts)[number]['name'] | null>(null);
  const settling = story.translation.state === 'parked' && (choices?.inDoubt.length ?? 0) > 0;
  const main = settling ? 'happened' : story.translation.state === 'parked' ? 'retry' : null;
  const shown = acts.filter(({ name }) => settling || !['happened', 'did not', 'probe'].includes(name));
  const reasons = new Map(acts.map(({ name }) => [name, whyNot(name, story, choices)]));
  const known = JSON.stringify([...reasons, forbidden('operator')]);
  useShortcuts(
    useMemo(
      () =>
        acts
          .filter(({ name }) => reasons.get(name) === null && forbidden('operator') === null)
          .map(({ name, label, key }) => ({ key, does: label.replace('…', '').toLowerCase(), run: () => (open.value = name) })),
      [known],
    ),
  );
  return (
    <div class="acts" role="group" aria-label="Actions">
      {shown.map(({ name, label }) => (
        <Act
          key={name}
          why={reasons.get(name)}
          kind={name === 'discard' ? 'grave' : name === main ? 'main' : 'plain'}
          onAct={() => (open.value = name)}
        >
          {label}
        </Act>
      ))}
      <Opened open={open} story={story} choices={choices} onDone={onDone} />
    </div>
  );
}

interface OpenedProps extends ActionsProps {
  readonly open: Signal<(typeof acts)[number]['name'] | null>;
}

function Opened({ open, story, choices, onDone }: OpenedProps): JSX.Element | null {
  const props = {
    story,
    onClose: () => void (open.value = null),
    onDone: ({ translationId }: ActionResult) => {
      if (translationId === story.translation.id) onDone();
      else go(href('translations', translationId));
    },
  };
  switch (open.value) {
    case null:
      return null;
    case 'happened':
    case 'did not':
    case 'probe':
      return choices === null ? null : <Settle {...props} choices={choices} how={open.value} />;
    case 'replay':
      return <Replay {...props} />;
    case 'discard':
      return <Discard {...props} choices={choices} />;
    case 'retry':
      return (
        <Decide {...props} title="Retry" verb="Retry" act={() => ({ kind: 'retry' })}>
          <p>It runs again with all its attempts. Calls that were answered once are not made again.</p>
        </Decide>
      );
    case 'pass':
      return (
        <Decide {...props} title="Let others by" verb="Let others by" act={() => ({ kind: 'pass' })}>
          <p>What waits behind it with the same key goes on. This one stays as it is, and comes after them if it is retried.</p>
        </Decide>
      );
    case 'republish':
      return (
        <Decide {...props} title="Publish again" verb="Publish again" act={() => ({ kind: 'republish' })}>
          <p>Its replies that were refused or reached no queue are published again. No call is made.</p>
        </Decide>
      );
  }
}
