import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type NativeView } from '../../native.view.ts';
import { shownText } from '../kit/shown-text.ts';
import { useLoaded } from '../kit/use-loaded.ts';
import { RawView, viewOf } from './loaded-views.ts';
import './native.css';

interface NativeExchangeProps {
  /** Of the translation. */
  readonly id: string;
  readonly seq: number;
  /** Whether masked values are asked for: it needs operator, and is recorded. */
  readonly revealed?: boolean;
  /** Raised to load it anew. */
  readonly version?: number;
}

export const callPath = (id: string, seq: number): string => `/api/translations/${encodeURIComponent(id)}/calls/${seq}`;

/** One native exchange as its protocol shows it, and as bytes. */
export function NativeExchange({ id, seq, revealed = false, version = 0 }: NativeExchangeProps): JSX.Element {
  const from = useSignal(0);
  const bytes = useSignal(false);
  const path = callPath(id, seq);
  const words = new URLSearchParams({
    from: String(from.value),
    ...(revealed ? { reveal: '1' } : {}),
    ...(version > 0 ? { v: String(version) } : {}),
  });
  const { value: native, failure, slow } = useLoaded<NativeView>(`${path}/native?${words}`);
  if (native === null) {
    if (failure !== null) return <p class="failure">{failure}</p>;
    return <p class="hint">{slow ? 'The exchange is being read…' : ''}</p>;
  }
  const View = native.view === null ? undefined : viewOf(native.transport);
  const props = { native, path, revealed, onFrom: (wanted: number) => (from.value = wanted) };
  return (
    <div class="native">
      {failure === null ? null : <p class="failure">{failure}</p>}
      {native.why === null ? null : <p class="hint">{shownText(native.why)}</p>}
      {native.masked ? <p class="hint">Values of masked fields are hidden, in the bytes too.</p> : null}
      {View === undefined ? null : (
        <p class="choices" role="group" aria-label="How it is shown">
          <button type="button" class="act act-plain" aria-pressed={!bytes.value} onClick={() => (bytes.value = false)}>
            As {native.transport}
          </button>
          <button type="button" class="act act-plain" aria-pressed={bytes.value} onClick={() => (bytes.value = true)}>
            Bytes ({native.parts.length})
          </button>
        </p>
      )}
      {View === undefined || bytes.value ? <RawView {...props} view={null} /> : <View {...props} view={native.view as never} />}
    </div>
  );
}
