import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type DecideProps, Decide } from './decide.tsx';
import { JsonEditor, jsonOf } from './json-editor.tsx';
import { indented, isJson } from './json-outline.ts';

/** More is edited in a file and sent by the command line. */
const mostToEdit = 500_000;

/** Why the event cannot be edited here, in words; null when it can. */
function whyNotEdited({ event: { data } }: DecideProps['story']): string | null {
  if (data.masked === true) return 'Reveal the masked fields first: edited as it is shown, it would be sent with the mask in it.';
  if (data.cut === true || (data.text?.length ?? 0) > mostToEdit) return 'It is too large to be edited here: send it edited with gatehouse emit.';
  if (data.clipped) return 'Only head and tail of it were kept.';
  return data.text !== undefined && isJson(data.text) ? null : 'It is no JSON: write all of it anew.';
}

/** A new translation of the event, as it was or edited; each knows the other. */
export function Replay(props: DecideProps): JSX.Element {
  const { story } = props;
  const { data } = story.event;
  const edited = useSignal(false);
  const hindrance = whyNotEdited(story);
  const text = useSignal(hindrance === null ? indented(data.text ?? '') : '');
  const blocked = data.masked === true;
  return (
    <Decide
      {...props}
      title="Replay as new"
      verb="Replay"
      act={() => (edited.value ? { kind: 'replay', data: jsonOf(text.value) } : { kind: 'replay' })}
    >
      <p>A new translation of the same event begins. This one stays as it is; each shows the other. What was sent before is sent again.</p>
      <fieldset>
        <legend>Event</legend>
        <label class="choice">
          <input type="radio" name="event" checked={!edited.value} onChange={() => (edited.value = false)} /> as it was
        </label>
        <label class="choice">
          <input type="radio" name="event" checked={edited.value} disabled={blocked} onChange={() => (edited.value = true)} /> edited
        </label>
        {hindrance === null ? null : <p class="hint">{hindrance}</p>}
      </fieldset>
      {edited.value ? <JsonEditor label="Data of the event" text={text} rows={14} /> : null}
    </Decide>
  );
}
