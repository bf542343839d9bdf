import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type GroupNote, type GroupValues } from '../../../../contract/groups.ts';
import { Act } from '../../kit/act.tsx';
import { get, wordsOf } from '../../kit/api.ts';
import { caller } from '../../kit/caller.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';

/** Who looks after a group and what is known of it; edited in its place. */
export function Note({
  by,
  note,
  onSaved,
}: {
  readonly by: GroupValues;
  readonly note: GroupNote | null;
  readonly onSaved: () => void;
}): JSX.Element {
  const editing = useSignal(false);
  return editing.value ? (
    <NoteForm
      by={by}
      note={note}
      onEnd={(saved) => {
        editing.value = false;
        if (saved) onSaved();
      }}
    />
  ) : (
    <div class="note">
      {note === null || (note.note === '' && note.owner === '') ? null : (
        <p>
          {note.owner === '' ? null : <strong class="note-owner">{shownText(note.owner)}</strong>} {shownText(note.note)}{' '}
          <span class="hint">
            ({shownText(note.who)}, <Time ms={note.atMs} />)
          </span>
        </p>
      )}
      <Act onAct={() => (editing.value = true)}>{note === null ? 'Add a note' : 'Change the note'}</Act>
    </div>
  );
}

function NoteForm({
  by,
  note,
  onEnd,
}: {
  readonly by: GroupValues;
  readonly note: GroupNote | null;
  readonly onEnd: (saved: boolean) => void;
}): JSX.Element {
  const words = useSignal(note?.note ?? '');
  const owner = useSignal(note?.owner ?? caller.value?.name ?? '');
  const failure = useSignal<string | null>(null);
  const first = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await get('/api/groups/note', { method: 'PUT', body: { by, note: words.value, owner: owner.value } });
      onEnd(true);
    } catch (error) {
      failure.value = wordsOf(error);
    }
  };
  return (
    <form
      class="note note-form"
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onEnd(false);
      }}
    >
      <label>
        Owner <input name="owner" maxLength={200} value={owner.value} onInput={(event) => (owner.value = event.currentTarget.value)} />
      </label>
      <label class="note-words">
        Note <input name="note" maxLength={2_000} value={words.value} ref={first} onInput={(event) => (words.value = event.currentTarget.value)} />
      </label>
      <button type="submit" class="act act-main">
        Save
      </button>
      <button type="button" class="act act-plain" onClick={() => onEnd(false)}>
        Cancel
      </button>
      {failure.value === null ? null : (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
    </form>
  );
}
