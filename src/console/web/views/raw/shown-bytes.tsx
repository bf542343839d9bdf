import { type Signal, useSignal } from '@preact/signals';
import { type ComponentChildren, type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type CodePageName } from '../../../../transports/file/code-pages/tables.ts';
import { shownText } from '../../kit/shown-text.ts';
import { VirtualLines } from '../../kit/virtual-lines.tsx';
import { piecesOf } from '../pieces.ts';
import { ComparedLines } from '../compared-lines.tsx';
import { CodePageChoice, codePageOf } from './code-page.tsx';
import { charactersOf, hexLine, perLine, textIn } from './hex.ts';
import './raw.css';

/** How bytes are read. */
interface Reading {
  readonly asText: Signal<boolean>;
  readonly page: Signal<CodePageName>;
}

function useReading(media: string): Reading {
  const page = useSignal(codePageOf('utf-8'));
  const asText = useSignal(/^(?:text\/|application\/(?:json|xml)|message\/)/.test(media));
  return { asText, page };
}

const ReadingChoice = ({ of: { asText, page }, children }: { readonly of: Reading; readonly children?: ComponentChildren }): JSX.Element => (
  <p class="choices">
    <button type="button" class="act act-plain" aria-pressed={!asText.value} onClick={() => (asText.value = false)}>
      Hex
    </button>
    <button type="button" class="act act-plain" aria-pressed={asText.value} onClick={() => (asText.value = true)}>
      Text
    </button>
    <CodePageChoice page={page.value} onPage={(chosen) => (page.value = chosen)} />
    {children}
  </p>
);

/** Bytes as they are, and as text of a code page that one chooses. */
export function ShownBytes({ bytes, media }: { readonly bytes: Uint8Array; readonly media: string }): JSX.Element {
  const reading = useReading(media);
  const page = reading.page.value;
  return (
    <>
      <ReadingChoice of={reading} />
      {bytes.length === 0 ? null : reading.asText.value ? <Text bytes={bytes} page={page} /> : <Dump bytes={bytes} page={page} />}
    </>
  );
}

interface ComparedBytesProps {
  /** Then, and now. */
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly media: string;
  /** What is said where no line differs. */
  readonly otherwise?: string | undefined;
}

/** Two pieces of bytes beside each other, in the same reading. */
export function ComparedBytes({ a, b, media, otherwise }: ComparedBytesProps): JSX.Element {
  const reading = useReading(media);
  const [page, asText] = [reading.page.value, reading.asText.value];
  const lines = useMemo(() => {
    const linesIn = (bytes: Uint8Array): readonly string[] => (asText ? piecesOf(textIn(bytes, page)) : hexLinesOf(bytes, page));
    return { a: linesIn(a), b: linesIn(b) };
  }, [a, b, page, asText]);
  return (
    <>
      <ReadingChoice of={reading} />
      <ComparedLines a={lines.a} b={lines.b} label={asText ? 'Both as text' : 'Both as bytes'} otherwise={otherwise} />
    </>
  );
}

const hexLinesOf = (bytes: Uint8Array, page: CodePageName): readonly string[] => {
  const characters = charactersOf(bytes, page);
  return Array.from({ length: Math.ceil(bytes.length / perLine) }, (_, index) => hexLine(bytes, characters, index).join(' '));
};

interface ReadProps {
  readonly bytes: Uint8Array;
  readonly page: CodePageName;
}

function Text({ bytes, page }: ReadProps): JSX.Element {
  const pieces = useMemo(() => piecesOf(textIn(bytes, page)), [bytes, page]);
  return <VirtualLines count={pieces.length} label="Text" line={(index) => <>{shownText(pieces[index] ?? '')}</>} />;
}

function Dump({ bytes, page }: ReadProps): JSX.Element {
  const characters = useMemo(() => charactersOf(bytes, page), [bytes, page]);
  return (
    <VirtualLines
      count={Math.ceil(bytes.length / perLine)}
      label="Bytes"
      line={(index) => {
        const [offset, hex, text] = hexLine(bytes, characters, index);
        return (
          <>
            <span class="hex-offset">{offset}</span> {hex} <span class="hex-text">{text}</span>
          </>
        );
      }}
    />
  );
}
