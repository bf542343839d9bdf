import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { shownText } from '../../kit/shown-text.ts';
import { bytesOf, hexLines, sizeOf } from './payload.ts';

const firstCharacters = 20_000;
const moreCharacters = 100_000;

/** A text in bounded pieces: a browser that lays out 20 MB stands still. */
export function TextPieces({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const upTo = useSignal(firstCharacters);
  const left = text.length - upTo.value;
  return (
    <>
      {/* It scrolls: the keyboard must reach it. */}
      <pre class="payload" tabIndex={0} role="region" aria-label={label}>
        {shownText(text.slice(0, upTo.value))}
      </pre>
      {left > 0 ? (
        <button type="button" class="act act-plain" onClick={() => (upTo.value += moreCharacters)}>
          Show more ({sizeOf(left)} left)
        </button>
      ) : null}
    </>
  );
}

const firstLines = 64;
const moreLines = 1_024;

/** Bytes that are no text, sixteen a line. */
export function BytePieces({ base64, label }: { readonly base64: string; readonly label: string }): JSX.Element {
  const lines = useSignal(firstLines);
  const bytes = bytesOf(base64);
  const left = bytes.length - lines.value * 16;
  return (
    <>
      <pre class="payload payload-bytes" tabIndex={0} role="region" aria-label={label}>
        {hexLines(bytes, 0, lines.value)}
      </pre>
      {left > 0 ? (
        <button type="button" class="act act-plain" onClick={() => (lines.value += moreLines)}>
          Show more ({sizeOf(left)} left)
        </button>
      ) : null}
    </>
  );
}
