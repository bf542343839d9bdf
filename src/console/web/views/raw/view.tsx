import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { ask, wordsOf } from '../../kit/api.ts';
import { shownText } from '../../kit/shown-text.ts';
import { VirtualLines } from '../../kit/virtual-lines.tsx';
import { PartBar, sizeOf } from '../part-bar.tsx';
import { piecesOf } from '../pieces.ts';
import { type ViewProps } from '../protocol-view.ts';
import { CodePageChoice, codePageOf } from './code-page.tsx';
import { charactersOf, offsetText, textIn, twoDigits } from './hex.ts';
import './raw.css';

const atOnce = 65_536;
const perLine = 16;

/** What went over the line, as bytes and as text of a code page that one chooses. */
export function View({ native, path, revealed }: ViewProps<null>): JSX.Element {
  if (native.parts.length === 0) return <p class="hint">Nothing went over the line yet, or it is no longer kept.</p>;
  return (
    <>
      {native.parts.map((part, index) => (
        <section key={index}>
          <PartBar native={native} part={index} path={path} revealed={revealed} />
          <p class="hint mono">{shownText(part.media)}</p>
          {part.kept === 0 ? null : part.open ? (
            <Bytes key={String(revealed)} path={`${path}/parts/${index}`} revealed={revealed} media={part.media} />
          ) : (
            <p class="hint">There may be masked values in these bytes: an operator may reveal them.</p>
          )}
        </section>
      ))}
    </>
  );
}

interface BytesProps {
  readonly path: string;
  readonly revealed: boolean;
  readonly media: string;
}

interface Slice {
  readonly bytes: Uint8Array;
  /** Of all of them. */
  readonly size: number;
}

function Bytes({ path, revealed, media }: BytesProps): JSX.Element {
  const slice = useSignal<Slice>({ bytes: new Uint8Array(), size: 0 });
  const failure = useSignal<string | null>(null);
  const page = useSignal(codePageOf('utf-8'));
  const asText = useSignal(/^(?:text\/|application\/(?:json|xml)|message\/)/.test(media));
  const load = async (): Promise<void> => {
    const { bytes: before } = slice.value;
    const from = before.length;
    try {
      const response = await ask(`${path}?from=${from}&length=${atOnce}${revealed ? '&reveal=1' : ''}`);
      const next = new Uint8Array(await response.arrayBuffer());
      const bytes = new Uint8Array(from + next.length);
      bytes.set(before);
      bytes.set(next, from);
      slice.value = { bytes, size: Number(response.headers.get('x-gatehouse-size') ?? bytes.length) };
      failure.value = null;
    } catch (error) {
      failure.value = wordsOf(error);
    }
  };
  const more = (): void => void load();
  useEffect(more, []);
  const { bytes, size } = slice.value;
  const left = size - bytes.length;
  return (
    <>
      <p class="choices">
        <button type="button" class="act act-plain" aria-pressed={!asText.value} onClick={() => (asText.value = false)}>
          Hex
        </button>
        <button type="button" class="act act-plain" aria-pressed={asText.value} onClick={() => (asText.value = true)}>
          Text
        </button>
        <CodePageChoice page={page.value} onPage={(chosen) => (page.value = chosen)} />
      </p>
      {failure.value === null ? null : <p class="failure">{failure.value}</p>}
      {bytes.length === 0 ? null : asText.value ? <Text bytes={bytes} page={page.value} /> : <Dump bytes={bytes} page={page.value} />}
      {left > 0 ? (
        <button type="button" class="act act-plain" onClick={more}>
          Show more ({sizeOf(left)} left)
        </button>
      ) : null}
    </>
  );
}

type Page = ReturnType<typeof codePageOf>;

function Text({ bytes, page }: { readonly bytes: Uint8Array; readonly page: Page }): JSX.Element {
  const pieces = useMemo(() => piecesOf(textIn(bytes, page)), [bytes, page]);
  return <VirtualLines count={pieces.length} label="Text" line={(index) => <>{shownText(pieces[index] ?? '')}</>} />;
}

function Dump({ bytes, page }: { readonly bytes: Uint8Array; readonly page: Page }): JSX.Element {
  const characters = useMemo(() => charactersOf(bytes, page), [bytes, page]);
  return (
    <VirtualLines
      count={Math.ceil(bytes.length / perLine)}
      label="Bytes"
      line={(index) => {
        const from = index * perLine;
        const hex = Array.from(bytes.subarray(from, from + perLine), twoDigits).join(' ');
        return (
          <>
            <span class="hex-offset">{offsetText(from)}</span> {hex.padEnd(3 * perLine)}{' '}
            <span class="hex-text">{characters.slice(from, from + perLine).join('')}</span>
          </>
        );
      }}
    />
  );
}
