import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type FileBatch, type FileInspection, type FilePiece, type FileStep } from '../../../../transports/file/inspection.ts';
import { Copy } from '../../kit/copy.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { PartBar, directions, sizeOf } from '../part-bar.tsx';
import { type ViewProps } from '../protocol-view.ts';
import { CodePageChoice, codePageOf } from '../raw/code-page.tsx';
import { batchWords } from './lines.ts';
import { RecordView } from './record.tsx';
import './file.css';

const roles = { dropped: 'File that was dropped', gathered: 'Record in a batch', reply: 'Reply', picked: 'Record that was picked up' } as const;
const perPage = 200;

/** Files as records with their layout over the bytes, and where they went. */
export function View({ native, view, path, revealed, onFrom }: ViewProps<FileInspection>): JSX.Element {
  if (view.pieces.length === 0 && view.steps.length === 0) return <p class="hint">No file was written or read yet, or it is no longer kept.</p>;
  return (
    <>
      {view.pieces.map((piece) => (
        <section key={piece.part}>
          <PartBar native={native} part={piece.part} path={path} revealed={revealed} />
          <Piece piece={piece} onFrom={path === null ? null : onFrom} />
        </section>
      ))}
      {view.batch === null ? null : <Batch batch={view.batch} />}
      {view.steps.length === 0 ? null : <h3>{path === null ? 'What would become of it' : 'What became of it'}</h3>}
      <ol class="file-steps">
        {view.steps.map((step, index) => (
          <Step key={index} step={step} drafted={path === null} />
        ))}
      </ol>
    </>
  );
}

const Batch = ({ batch }: { readonly batch: FileBatch }): JSX.Element => (
  <ul class="plain file-batch" aria-label="Its place in the batch">
    {batchWords(batch).map((words) => (
      <li key={words}>{shownText(words)}</li>
    ))}
    {batch.state !== 'open' || batch.dueMs === null ? null : (
      <li>
        it closes at the latest <Time ms={batch.dueMs} />
      </li>
    )}
  </ul>
);

interface PieceProps {
  readonly piece: FilePiece;
  /** Null where no others can be had. */
  readonly onFrom: ((from: number) => void) | null;
}

function Piece({ piece, onFrom }: PieceProps): JSX.Element {
  const { role, codec, codePage, records, next, stopped, size, kept } = piece;
  const page = useSignal(codePageOf(codePage));
  const chosen = useSignal(0);
  const record = records[Math.min(chosen.value, records.length - 1)];
  const first = (records[0]?.number ?? 1) - 1;
  const turn = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    chosen.value = Math.max(0, Math.min(records.length - 1, chosen.value + by));
  };
  return (
    <>
      <p class="choices">
        <span>
          {roles[role]}: <strong>{shownText(codec)}</strong>
        </span>
        <CodePageChoice page={page.value} onPage={(name) => (page.value = name)} />
      </p>
      {stopped === null ? null : <p class="failure">{shownText(stopped)}</p>}
      {kept < size ? (
        <p class="part-clipped">
          Only {sizeOf(kept)} of {sizeOf(size)} are shown as records.
        </p>
      ) : null}
      {records.length < 2 && first === 0 && next === null ? null : (
        <div class="file-records">
          <ol
            class="file-list"
            tabIndex={0}
            role="listbox"
            aria-label="Records"
            aria-activedescendant={`record-${piece.part}-${chosen.value}`}
            onKeyDown={turn}
          >
            {records.map(({ number, type, offset, length, error }, index) => (
              <li
                key={number}
                id={`record-${piece.part}-${index}`}
                role="option"
                aria-selected={index === chosen.value}
                class={error === null ? '' : 'failure'}
                onClick={() => (chosen.value = index)}
              >
                {error === null ? '' : '✗ '}
                {number} {shownText(type ?? '?')}{' '}
                <span class="hint">
                  at {offset}, {length} bytes
                </span>
              </li>
            ))}
          </ol>
          <p class="choices">
            {onFrom === null && next !== null ? (
              <span class="hint">Only the first {records.length} records are shown; the bytes are all there.</span>
            ) : null}
            {onFrom === null || first === 0 ? null : (
              <button type="button" class="act act-plain" onClick={() => onFrom(Math.max(0, first - perPage))}>
                Earlier records
              </button>
            )}
            {onFrom === null || next === null ? null : (
              <button type="button" class="act act-plain" onClick={() => onFrom(next)}>
                Later records
              </button>
            )}
          </p>
        </div>
      )}
      {record === undefined ? <p class="hint">There is no record in it.</p> : <RecordView key={record.number} record={record} page={page.value} />}
    </>
  );
}

function Step({ step: { atMs, kind, said }, drafted }: { readonly step: FileStep; readonly drafted: boolean }): JSX.Element {
  const facts = typeof said === 'object' && said !== null && !Array.isArray(said) ? Object.entries(said) : [['', said] as const];
  return (
    <li>
      <span class="hint">{directions[kind]}</span> {drafted ? null : <Time ms={atMs} />}
      <dl class="file-facts">
        {facts
          .filter(([, value]) => value !== null)
          .map(([name, value]) => {
            const text = typeof value === 'string' ? value : JSON.stringify(value);
            return (
              <div key={name}>
                <dt>{shownText(name)}</dt>
                <dd class="mono">
                  {shownText(text.slice(0, 500))} <Copy text={text} what={name === '' ? 'note' : name} />
                </dd>
              </div>
            );
          })}
      </dl>
    </li>
  );
}
