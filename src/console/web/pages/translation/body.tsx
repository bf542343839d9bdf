import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type BodyView } from '../../../body.view.ts';
import { Copy } from '../../kit/copy.tsx';
import { remarksOf, sizeOf } from './payload.ts';
import { isJson } from './json-outline.ts';
import { JsonTree } from './json-tree.tsx';
import { BytePieces, TextPieces } from './text-pieces.tsx';

interface BodyProps {
  readonly body: BodyView;
  /** What it is, for the copy button and the ear: `event`. */
  readonly what: string;
  readonly media?: string | undefined;
  /** Loads all of it, when only the beginning is here. */
  readonly onWhole?: () => void;
}

/** A payload, as a tree when it is JSON, as text or as bytes otherwise; what is missing of it is said. */
export function Body({ body, what, media, onWhole }: BodyProps): JSX.Element {
  const { text, base64 } = body;
  const plain = useSignal(false);
  const json = useMemo(() => text !== undefined && body.cut !== true && isJson(text), [text, body.cut]);
  const kept = text ?? base64;
  return (
    <section class="body">
      <p class="body-facts">
        <span>{sizeOf(body.size)}</span>
        {media === undefined ? null : <span class="hint">{media}</span>}
        {kept === undefined ? null : <Copy text={kept} what={base64 === undefined ? what : `${what} in base64`} />}
        {json ? (
          <button type="button" class="act act-plain" aria-pressed={plain.value} onClick={() => (plain.value = !plain.value)}>
            Raw
          </button>
        ) : null}
      </p>
      {remarksOf(body).map((remark) => (
        <p key={remark} class="remark">
          {remark}
        </p>
      ))}
      {body.cut === true && onWhole !== undefined ? (
        <button type="button" class="act act-plain" onClick={onWhole}>
          Load all {sizeOf(body.size)}
        </button>
      ) : null}
      {text === undefined ? null : json && !plain.value ? <JsonTree text={text} label={what} /> : <TextPieces text={text} label={what} />}
      {base64 === undefined ? null : <BytePieces base64={base64} label={`${what} in bytes`} />}
    </section>
  );
}
