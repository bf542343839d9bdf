import { type Signal, useComputed, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type FileField, type FileRecord } from '../../../../transports/file/inspection.ts';
import { type CodePageName } from '../../../../transports/file/code-pages/tables.ts';
import { Copy } from '../../kit/copy.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { VirtualLines } from '../../kit/virtual-lines.tsx';
import { sizeOf } from '../part-bar.tsx';
import { bytesOf, charactersOf, offsetText, twoDigits } from '../raw/hex.ts';
import { fieldAt } from './lines.ts';

interface RecordProps {
  readonly record: FileRecord;
  readonly page: CodePageName;
}

/** One record: its bytes, and the layout laid over them. Pointing at a field, or coming to it by keyboard, lights its bytes. */
export function RecordView({ record, page }: RecordProps): JSX.Element {
  const { fields, error, left, value, hex } = record;
  const lit = useSignal(-1);
  return (
    <div class="file-record">
      {error === null ? null : <p class="failure">{shownText(error)}</p>}
      <div class="file-panes">
        <Bytes record={record} page={page} lit={lit} />
        {fields.length === 0 ? null : <Fields fields={fields} hex={hex} lit={lit} />}
      </div>
      {left === 0 ? null : <p class="hint">{sizeOf(left)} more in this record: save the bytes to see all of it.</p>}
      {value === null ? null : <pre class="file-value">{shownText(typeof value === 'string' ? value : JSON.stringify(value, null, 2))}</pre>}
    </div>
  );
}

/** A phone has room for half of it. */
const perLine = (): number => (innerWidth < 600 ? 8 : 16);

function Bytes({ record, page, lit }: RecordProps & { readonly lit: Signal<number> }): JSX.Element {
  const { hex, fields, offset } = record;
  const bytes = useMemo(() => bytesOf(hex), [hex]);
  const characters = useMemo(
    () =>
      charactersOf(
        Uint8Array.from(bytes, (byte) => byte ?? 0),
        page,
      ),
    [bytes, page],
  );
  const width = perLine();
  const at = useComputed(() => {
    const field = fields[lit.value];
    return field === undefined ? null : Math.floor(field.offset / width);
  });
  const field = fields[lit.value];
  const classOf = (byte: number): string => {
    const within = field !== undefined && byte >= field.offset && byte < field.offset + field.length;
    return `${within ? 'byte byte-lit' : 'byte'}${bytes[byte] === null ? ' byte-masked' : ''}`;
  };
  const point = (byte: number): void => {
    const found = fieldAt(fields, byte);
    if (found >= 0) lit.value = found;
  };
  return (
    <VirtualLines
      count={Math.ceil(bytes.length / width)}
      label="Bytes of the record"
      at={at.value}
      line={(row) => {
        const from = row * width;
        const here = Array.from({ length: Math.min(width, bytes.length - from) }, (_, index) => from + index);
        return (
          <>
            <span class="hex-offset">{offsetText(offset + from)}</span>{' '}
            {here.map((byte) => {
              const value = bytes[byte];
              return (
                <span key={byte} class={classOf(byte)} onMouseEnter={() => point(byte)}>
                  {value === null || value === undefined ? '••' : twoDigits(value)}{' '}
                </span>
              );
            })}
            {'   '.repeat(width - here.length)}{' '}
            <span class="hex-text">
              {here.map((byte) => (
                <span key={byte} class={classOf(byte)} onMouseEnter={() => point(byte)}>
                  {bytes[byte] === null ? '•' : (characters[byte] ?? '')}
                </span>
              ))}
            </span>
          </>
        );
      }}
    />
  );
}

const deepest = 12;
const mostShown = 200;

interface FieldsProps {
  readonly fields: readonly FileField[];
  readonly hex: string;
  readonly lit: Signal<number>;
}

function Fields({ fields, hex, lit }: FieldsProps): JSX.Element {
  const upTo = useSignal(mostShown);
  const move = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const row = event.target instanceof HTMLElement ? event.target.closest('tr') : null;
    const next = by === 1 ? row?.nextElementSibling : by === -1 ? row?.previousElementSibling : null;
    if (!(next instanceof HTMLElement)) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div class="file-fields">
      <table onKeyDown={move}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">At</th>
            <th scope="col">Bytes</th>
            <th scope="col">Picture</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {fields.slice(0, upTo.value).map(({ name, level, offset, length, picture, value, masked }, index) => {
            const raw = hex.slice(2 * offset, 2 * (offset + Math.min(length, 64)));
            return (
              <tr
                key={index}
                tabIndex={index === Math.max(0, lit.value) ? 0 : -1}
                class={index === lit.value ? 'field-lit' : ''}
                aria-selected={index === lit.value}
                title={raw.replaceAll('xx', '••')}
                onMouseEnter={() => (lit.value = index)}
                onFocus={() => (lit.value = index)}
              >
                <th scope="row" class={`field-name level-${Math.min(level, deepest)}`}>
                  {shownText(name)}
                </th>
                <td class="number">{offset}</td>
                <td class="number">{length}</td>
                <td class="mono">{shownText(picture)}</td>
                <td class="mono">
                  {value === null ? '' : shownText(typeof value === 'string' ? value : JSON.stringify(value))}
                  {value === null || value === '' || masked === true ? null : (
                    <Copy text={typeof value === 'string' ? value : JSON.stringify(value)} what={`value of ${name}`} />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {fields.length > upTo.value ? (
        <button type="button" class="act act-plain" onClick={() => (upTo.value += 5 * mostShown)}>
          Show more ({fields.length - upTo.value} fields left)
        </button>
      ) : null}
      <p class="file-lit mono" role="status">
        {litWords(fields[lit.value], hex)}
      </p>
    </div>
  );
}

/** What is under the pointer, in one line. */
function litWords(field: FileField | undefined, hex: string): string {
  if (field === undefined) return '';
  const { name, offset, length, picture, value } = field;
  const raw = hex.slice(2 * offset, 2 * (offset + Math.min(length, 32))).replaceAll('xx', '••');
  const meant = value === null ? '' : `  ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  return shownText(`${name}  ${picture}  ${raw}${length > 32 ? '…' : ''}${meant.slice(0, 200)}`);
}
