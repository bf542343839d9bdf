import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type NativeView } from '../../native.view.ts';
import { ComparedLines } from './compared-lines.tsx';
import { protocolOf } from './protocols.ts';

interface ComparedViewsProps {
  readonly a: NativeView;
  readonly b: NativeView;
  /** What is said where no line differs. */
  readonly otherwise?: string | undefined;
}

/** Two native exchanges of the same transport beside each other, what differs marked. */
export function ComparedViews({ a, b, otherwise }: ComparedViewsProps): JSX.Element {
  const lines = useSignal<{ a: readonly string[]; b: readonly string[] } | null>(null);
  const alike = a.transport === b.transport && a.view !== null && b.view !== null;
  useEffect(() => {
    lines.value = null;
    const protocol = alike ? protocolOf(a.transport) : null;
    if (protocol === null) return;
    void protocol.lines().then((linesOf) => {
      lines.value = { a: linesOf(a.view as never), b: linesOf(b.view as never) };
    });
  }, [a, b]);
  if (!alike)
    return (
      <p class="hint">
        They cannot be compared: {a.transport === b.transport ? 'of one of them only the bytes are there' : 'they went over different transports'}.
      </p>
    );
  return lines.value === null ? <p class="hint" /> : <ComparedLines a={lines.value.a} b={lines.value.b} otherwise={otherwise} />;
}
