import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type GroupNote, type GroupValues } from '../../../../contract/groups.ts';
import { Act } from '../../kit/act.tsx';
import { Refused, get, wordsOf } from '../../kit/api.ts';
import { caller } from '../../kit/caller.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';

interface NoteProps {
  readonly by: GroupValues;
  readonly note: GroupNote | null;
  /** It may have changed: it is looked at again. */
  readonly onSaved: () => void;
}

/** Who looks after a group and what is known of it; edited in its place. */
export function Note({ by, note, onSaved }: NoteProps): JSX.Element {
  const editing = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  const close = (): void => {
    editing.value = false;
    // Whoever came by keyboard goes on from where they were.
    requestAnimationFrame(() => place.current?.querySelector('button')?.focus());
  };
  return editing.value ? (
    <NoteForm by={by} note={note} onSaved={onSaved} onEnd={close} />
  ) : (
    <div class="note" ref={place}>
      {note === null ? null : (
        <p>
          <Said note={note} />
        </p>
      )}
      <Act onAct={() => (editing.value = true)}>{note === null ? 'Add a note' : 'Change the note'}</Act>
    </div>
  );
}

function Said({ note: { note, owner, who, atMs } }: { readonly note: GroupNote }): JSX.Element {
  return (
    <>
      {owner === '' ? null : <strong class="note-owner">{shownText(owner)}</strong>} {shownText(note)}{' '}
      <span class="hint">
        ({shownText(who)}, <Time ms={atMs} />)
      </span>
    </>
  );
}

function NoteForm({ by, note, onSaved, onEnd }: NoteProps & { readonly onEnd: () => void }): JSX.Element {
  const words = useSignal(note?.note ?? '');
  const owner = useSignal(note?.owner ?? caller.value?.name ?? '');
  /** What was seen when the writing began. */
  const seen = useRef(note?.version ?? null);
  const refused = useSignal(false);
  const key = useRef(crypto.randomUUID());
  const failure = useSignal<string | null>(null);
  const first = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  // Said only when it was refused: a button does not change its word under the finger.
  const overtaken = refused.value && (note?.version ?? null) !== seen.current;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const version = overtaken ? (note?.version ?? null) : seen.current;
    const said = { note: words.value, owner: owner.value };
    try {
      await get('/api/groups/note', { method: 'PUT', body: { by, ...said, version, key: key.current } });
      onSaved();
      onEnd();
    } catch (error) {
      refused.value = error instanceof Refused && error.code === 'CHANGED';
      failure.value = refused.value ? null : wordsOf(error);
      if (error instanceof Refused) key.current = crypto.randomUUID();
      if (refused.value) onSaved();
    }
  };
  return (
    <form
      class="note note-form"
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onEnd();
      }}
    >
      {overtaken ? (
        <p class="failure" role="alert">
          {note === null ? 'Somebody took the note away while you wrote.' : 'Somebody wrote another note while you wrote:'}{' '}
          {note === null ? null : <Said note={note} />}
        </p>
      ) : null}
      <label>
        Owner <input name="owner" maxLength={200} value={owner.value} onInput={(event) => (owner.value = event.currentTarget.value)} />
      </label>
      <label class="note-words">
        Note <input name="note" maxLength={2_000} value={words.value} ref={first} onInput={(event) => (words.value = event.currentTarget.value)} />
      </label>
      <button type="submit" class="act act-main">
        {overtaken ? 'Save mine instead' : 'Save'}
      </button>
      <button type="button" class="act act-plain" onClick={onEnd}>
        {overtaken ? 'Leave theirs' : 'Cancel'}
      </button>
      {failure.value === null ? null : (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
    </form>
  );
}
