import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { ask, wordsOf } from '../../kit/api.ts';
import { shownText } from '../../kit/shown-text.ts';
import { PartBar, sizeOf } from '../part-bar.tsx';
import { type ViewProps } from '../protocol-view.ts';
import { ShownBytes } from './shown-bytes.tsx';

const atOnce = 65_536;

/** What went over the line, as bytes and as text of a code page that one chooses. */
export function View({ native, path, revealed }: ViewProps<null>): JSX.Element {
  if (native.parts.length === 0) return <p class="hint">Nothing went over the line yet, or it is no longer kept.</p>;
  return (
    <>
      {native.parts.map((part, index) => (
        <section key={index}>
          <PartBar native={native} part={index} path={path} revealed={revealed} />
          <p class="hint mono">{shownText(part.media)}</p>
          {part.kept === 0 ? null : part.open && path !== null ? (
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
      {failure.value === null ? null : <p class="failure">{failure.value}</p>}
      <ShownBytes bytes={bytes} media={media} />
      {left > 0 ? (
        <button type="button" class="act act-plain" onClick={more}>
          Show more ({sizeOf(left)} left)
        </button>
      ) : null}
    </>
  );
}
