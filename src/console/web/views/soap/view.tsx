import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type SoapEnvelope, type SoapInspection, type SoapMessage, type XmlLine } from '../../../../transports/soap/inspection.ts';
import { Copy } from '../../kit/copy.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { VirtualLines } from '../../kit/virtual-lines.tsx';
import { Marked } from '../marked.tsx';
import { PartBar, sizeOf } from '../part-bar.tsx';
import { piecesOf } from '../pieces.ts';
import { type ViewProps } from '../protocol-view.ts';
import { endsOf, unfolded, writtenLine } from './lines.ts';
import './soap.css';

const deepest = 60;
const longestShown = 500;

/** Requests and answers as envelopes: pretty or raw, with headers, status and fault. */
export function View({ native, view, path, revealed }: ViewProps<SoapInspection>): JSX.Element {
  if (view.messages.length === 0) return <p class="hint">Nothing was sent or received yet, or it is no longer kept.</p>;
  return (
    <>
      {view.messages.map((message) => (
        <section key={message.part} class="soap-message">
          <PartBar native={native} part={message.part} path={path} revealed={revealed} />
          <Message message={message} />
        </section>
      ))}
    </>
  );
}

function Message({ message }: { readonly message: SoapMessage }): JSX.Element {
  const { startLine, status, headers, envelope, fault, attachments, raw, rawLeft, remarks } = message;
  const pretty = useSignal(envelope !== null);
  const search = useSignal('');
  return (
    <>
      {startLine === '' ? null : (
        <p class="mono">
          {shownText(startLine)}{' '}
          {status === null ? null : (
            <span class={status >= 400 ? 'failure' : 'state-answered'} role="img" aria-label={status >= 400 ? 'an error' : 'no error'}>
              {status >= 400 ? '✗' : '✓'}
            </span>
          )}
        </p>
      )}
      {fault === null ? null : (
        <dl class="soap-fault" aria-label="Fault">
          <dt>Fault</dt>
          <dd class="mono">{shownText(fault.code)}</dd>
          <dt>Reason</dt>
          <dd>{shownText(fault.reason)}</dd>
          {fault.detail === '' ? null : <dt>Detail</dt>}
          {fault.detail === '' ? null : <dd class="mono soap-detail">{shownText(fault.detail)}</dd>}
        </dl>
      )}
      {remarks.map((remark) => (
        <p key={remark} class="part-clipped">
          {shownText(remark)}
        </p>
      ))}
      {headers.length === 0 ? null : (
        <details>
          <summary>{headers.length} headers</summary>
          <dl class="soap-headers mono">
            {headers.map(([name, value], index) => (
              <div key={index}>
                <dt>{shownText(name)}</dt>
                <dd>{shownText(value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {attachments.length === 0 ? null : (
        <ul>
          {attachments.map(({ name, media, size }, index) => (
            <li key={index}>
              Attachment <span class="mono">{shownText(name)}</span>, {shownText(media)}, {sizeOf(size)}
            </li>
          ))}
        </ul>
      )}
      {raw === '' && envelope === null ? null : (
        <p class="choices">
          {envelope === null ? null : (
            <button type="button" class="act act-plain" aria-pressed={pretty.value} onClick={() => (pretty.value = true)}>
              Pretty
            </button>
          )}
          <button type="button" class="act act-plain" aria-pressed={!pretty.value} onClick={() => (pretty.value = false)}>
            Raw
          </button>
          <label>
            <span class="unseen">Search in the envelope</span>
            <input type="search" placeholder="Search" value={search.value} onInput={(event) => (search.value = event.currentTarget.value)} />
          </label>
          <Copy text={raw} what="body" />
        </p>
      )}
      {pretty.value && envelope !== null ? (
        <Envelope envelope={envelope} search={search.value} />
      ) : raw === '' ? null : (
        <RawText raw={raw} search={search.value} />
      )}
      {rawLeft === 0 || pretty.value ? null : <p class="hint">{sizeOf(rawLeft)} more: save the bytes to see all of it.</p>}
      {pretty.value && envelope?.left === null ? <p class="hint">There is more: save the bytes to see all of it.</p> : null}
    </>
  );
}

function Envelope({ envelope, search }: { readonly envelope: SoapEnvelope; readonly search: string }): JSX.Element {
  const { lines, namespaces } = envelope;
  const folds = useSignal<ReadonlySet<number>>(new Set());
  const ends = useMemo(() => endsOf(lines), [lines]);
  const shown = useMemo(() => unfolded(lines, folds.value, ends), [lines, folds.value, ends]);
  const found = useMemo(() => (search === '' ? null : shown.findIndex((index) => holds(lines[index], search))), [shown, search]);
  const fold = (index: number): void => {
    const next = new Set(folds.value);
    if (!next.delete(index)) next.add(index);
    folds.value = next;
  };
  return (
    <>
      {found === -1 ? <p class="hint">Nothing found.</p> : null}
      <VirtualLines
        count={shown.length}
        label="Envelope"
        at={found}
        line={(row) => {
          const index = shown[row] ?? 0;
          const line = lines[index] as XmlLine;
          return (
            <Line
              line={line}
              namespace={line.namespace === null ? '' : (namespaces[line.namespace] ?? '')}
              search={search}
              folded={folds.value.has(index)}
              onFold={line.is === 'begin' ? () => fold(index) : null}
            />
          );
        }}
      />
    </>
  );
}

const holds = (line: XmlLine | undefined, search: string): boolean =>
  line !== undefined && writtenLine(line).toLowerCase().includes(search.toLowerCase());

interface LineProps {
  readonly line: XmlLine;
  readonly namespace: string;
  readonly search: string;
  readonly folded: boolean;
  readonly onFold: (() => void) | null;
}

function Line({ line, namespace, search, folded, onFold }: LineProps): JSX.Element {
  const { depth, is, name, attributes, text, fault } = line;
  const blank = '  '.repeat(Math.min(depth, deepest));
  return (
    <span class={fault === true ? 'xml xml-fault' : 'xml'}>
      {onFold === null ? (
        <span class="xml-fold" />
      ) : (
        <button
          type="button"
          class="xml-fold"
          aria-expanded={!folded}
          aria-label={`${folded ? 'Unfold' : 'Fold'} ${shownText(name)}`}
          onClick={onFold}
        >
          {folded ? '▸' : '▾'}
        </button>
      )}
      {blank}
      {is === 'text' ? null : (
        <>
          <span class="xml-mark">{is === 'end' ? '</' : '<'}</span>
          <span class="xml-name" title={namespace === '' ? undefined : shownText(namespace)}>
            <Marked text={shownText(name)} search={search} />
          </span>
          {attributes.map(([attribute, value], index) => (
            <span key={index}>
              {' '}
              <span class="xml-attribute">{shownText(attribute)}</span>
              <span class="xml-mark">="</span>
              <Marked text={clipped(value)} search={search} />
              <span class="xml-mark">"</span>
            </span>
          ))}
          <span class="xml-mark">{is === 'element' && text === '' ? '/>' : '>'}</span>
        </>
      )}
      {is === 'begin' || is === 'end' ? null : <Marked text={clipped(is === 'text' ? text.trim() : text)} search={search} />}
      {is === 'element' && text !== '' ? (
        <>
          <span class="xml-mark">{'</'}</span>
          <span class="xml-name">{shownText(name)}</span>
          <span class="xml-mark">{'>'}</span>
        </>
      ) : null}
      {folded ? <span class="hint"> …</span> : null}
    </span>
  );
}

/** A line has one height: line feeds are shown as what they are. */
function clipped(text: string): string {
  const shown = shownText(text.slice(0, longestShown)).replaceAll('\n', '␤');
  return text.length > longestShown ? `${shown}… (${text.length} characters, see Raw)` : shown;
}

function RawText({ raw, search }: { readonly raw: string; readonly search: string }): JSX.Element {
  const pieces = useMemo(() => piecesOf(raw), [raw]);
  const found = search === '' ? null : pieces.findIndex((piece) => piece.toLowerCase().includes(search.toLowerCase()));
  return (
    <VirtualLines
      count={pieces.length}
      label="Body as it went"
      at={found}
      line={(index) => <Marked text={shownText(pieces[index] ?? '')} search={search} />}
    />
  );
}
