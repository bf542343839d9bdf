import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type ChoicesView } from '../../../choices.view.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { Act } from '../../kit/act.tsx';
import { ask, get, token, wordsOf } from '../../kit/api.ts';
import { Copy } from '../../kit/copy.tsx';
import { commandOf, curlOfEvent, curlOfStory } from './commands.ts';

interface CopiesProps {
  readonly story: StoryAnswer;
  readonly choices: ChoicesView | null;
  readonly revealed: boolean;
}

/** The translation for other tools: for a shell, and as a case of the adapter. */
export function Copies({ story, choices, revealed }: CopiesProps): JSX.Element {
  const { id } = story.translation;
  const around = { origin: location.origin, withToken: token.value !== null };
  const failure = useSignal<string | null>(null);
  const whole = (): Promise<StoryAnswer> => get<StoryAnswer>(`/api/translations/${id}${revealed ? '?reveal=1' : ''}`);
  const lines: readonly (readonly [what: string, text: () => string | Promise<string>])[] = [
    ['gatehouse show', () => commandOf(['show', id], around)],
    ['gatehouse retry', () => commandOf(['retry', id, '--why', '…'], around)],
    ...((choices?.inDoubt.length ?? 0) === 0
      ? []
      : ([['gatehouse settle', () => commandOf(['settle', id, '--did-not', '--why', '…'], around)]] as const)),
    ['gatehouse dry-run', () => commandOf(['dry-run', id], around)],
    ['curl of this story', () => curlOfStory(story, around)],
    ['curl of the event', async () => curlOfEvent(story.event.data.cut === true ? await whole() : story, around)],
  ];
  const save = async (): Promise<void> => {
    failure.value = null;
    try {
      await download(`/api/translations/${id}/case`, `case-${id.slice(0, 8)}.tar`);
    } catch (error) {
      failure.value = wordsOf(error);
    }
  };
  return (
    <details class="copies">
      <summary>Copy for a shell, save as a case</summary>
      <ul>
        {lines.map(([what, text]) => (
          <li key={what}>
            {what} <Copy text={text} what={what} />
          </li>
        ))}
      </ul>
      {story.event.data.masked === true ? <p class="hint">Masked values are copied with their mask.</p> : null}
      <p>
        <Act needs="viewer" why={choices?.declared === false ? 'Its operation is no longer there' : null} onAct={() => void save()}>
          Save as a case
        </Act>{' '}
        <span class="hint">A folder that is a test: unpack it below adapters/{story.translation.system}/cases.</span>
      </p>
      {failure.value === null ? null : (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
    </details>
  );
}

/** Saves what the gateway answers; a link could not send the token. */
async function download(path: string, otherwise: string): Promise<void> {
  const response = await ask(path);
  const named = /filename="?([\w.-]+)"?/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = named ?? otherwise;
  link.click();
  // The browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
