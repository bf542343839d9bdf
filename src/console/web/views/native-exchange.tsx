import { useSignal } from '@preact/signals';
import { type ComponentChildren, type ComponentType, type JSX } from 'preact';
import { type NativeView } from '../../native.view.ts';
import { lazy } from '../kit/lazy.tsx';
import { shownText } from '../kit/shown-text.ts';
import { useLoaded } from '../kit/use-loaded.ts';
import { type ViewProps } from './protocol-view.ts';
import { protocols } from './protocols.ts';
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

/** Each loaded once, when it is first shown. */
const views: Readonly<Record<string, ComponentType<ViewProps<never>>>> = Object.fromEntries(
  Object.entries(protocols).map(([name, { view }]) => [name, lazy<ViewProps<never>>(view)]),
);
const Raw = lazy<ViewProps<null>>(async () => (await import('./raw/view.tsx')).View);

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
  const View = native.transport === null || native.view === null ? undefined : views[native.transport];
  const props = { native, path, revealed, onFrom: (wanted: number) => (from.value = wanted) };
  return (
    <div class="native">
      {failure === null ? null : <p class="failure">{failure}</p>}
      {native.why === null ? null : <p class="hint">{shownText(native.why)}</p>}
      {native.masked ? <p class="hint">Values of masked fields are hidden, in the bytes too.</p> : null}
      {View === undefined ? null : (
        <Choices label="How it is shown">
          <button type="button" class="act act-plain" aria-pressed={!bytes.value} onClick={() => (bytes.value = false)}>
            As {native.transport}
          </button>
          <button type="button" class="act act-plain" aria-pressed={bytes.value} onClick={() => (bytes.value = true)}>
            Bytes ({native.parts.length})
          </button>
        </Choices>
      )}
      {View === undefined || bytes.value ? <Raw {...props} view={null} /> : <View {...props} view={native.view as never} />}
    </div>
  );
}

const Choices = ({ label, children }: { readonly label: string; readonly children: ComponentChildren }): JSX.Element => (
  <p class="choices" role="group" aria-label={label}>
    {children}
  </p>
);
