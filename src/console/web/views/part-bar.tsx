import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type NativeView } from '../../native.view.ts';
import { wordsOf } from '../kit/api.ts';
import { download } from '../kit/download.ts';
import { Time } from '../kit/time.tsx';

export const directions = { sent: '→ sent', received: '← received', note: '· note' } as const;

/** `312 bytes`, `4.2 kB`, `20 MB` */
export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

interface PartBarProps {
  readonly native: NativeView;
  readonly part: number;
  /** Null of what is only drafted. */
  readonly path: string | null;
  readonly revealed: boolean;
}

/** What a part is, how much of it is kept, and its bytes to save. */
export function PartBar({ native, part, path, revealed }: PartBarProps): JSX.Element {
  const failure = useSignal<string | null>(null);
  const about = native.parts[part];
  if (about === undefined) return <p class="part-bar" />;
  if (path === null)
    return (
      <p class="part-bar">
        <strong>{about.kind === 'sent' ? '→ would be sent' : directions[about.kind]}</strong> <span class="hint">{sizeOf(about.size)}</span>
      </p>
    );
  const save = (): void => {
    failure.value = null;
    const name = `${native.translation.slice(0, 8)}-call-${native.call}-part-${part}.bin`;
    download(`${path}/parts/${part}${revealed ? '?reveal=1' : ''}`, name).catch((error: unknown) => (failure.value = wordsOf(error)));
  };
  return (
    <p class="part-bar">
      <strong>{directions[about.kind]}</strong> <Time ms={about.atMs} /> <span class="hint">{sizeOf(about.size)}</span>
      {about.clipped ? <span class="part-clipped"> clipped: only the first and last {sizeOf(about.kept / 2)} are kept</span> : null}
      {about.kept === 0 && about.size > 0 ? <span class="part-clipped"> no longer kept</span> : null}{' '}
      {about.open ? (
        <button type="button" class="act act-plain" onClick={save}>
          Save bytes
        </button>
      ) : null}
      {failure.value === null ? null : <span class="failure"> {failure.value}</span>}
    </p>
  );
}
