import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type BodyView } from '../../body.view.ts';
import { type DryCallView, type DryPartView } from '../../dry-run.view.ts';
import { type NativeView } from '../../native.view.ts';
import { shownText } from '../kit/shown-text.ts';
import { viewOf } from './loaded-views.ts';
import { ComparedViews } from './native-compare.tsx';
import { directions, sizeOf } from './part-bar.tsx';
import { ComparedBytes, ShownBytes } from './raw/shown-bytes.tsx';
import './native.css';

type Shown = 'difference' | 'view' | 'bytes';

/** What a call would send: as its protocol shows it, beside what it sent then, and as bytes. Nothing of it went anywhere. */
export function NativeDraft({ call }: { readonly call: DryCallView }): JSX.Element | null {
  const { native, parts } = call;
  const chosen = useSignal<Shown | null>(null);
  if (parts.length === 0) return null;
  const now = native?.now ?? null;
  const before = native?.before ?? null;
  const View = now === null || now.view === null ? undefined : viewOf(now.transport);
  const possible: readonly Shown[] = [
    ...(View !== undefined && before !== null && before.view !== null ? (['difference'] as const) : []),
    ...(View === undefined ? [] : (['view'] as const)),
    'bytes',
  ];
  const shown = possible.find((each) => each === chosen.value) ?? possible[0] ?? 'bytes';
  const titles: Readonly<Record<Shown, string>> = {
    difference: 'Then and now',
    view: `As ${now?.transport ?? ''}`,
    bytes: `Bytes (${parts.length})`,
  };
  return (
    <div class="native">
      {now === null || now.why === null ? null : <p class="hint">{shownText(now.why)}</p>}
      {now?.masked === true ? <p class="hint">Values of masked fields are hidden, in the bytes too.</p> : null}
      {possible.length === 1 ? null : (
        <p class="choices" role="group" aria-label={`How what ${call.name} would send is shown`}>
          {possible.map((each) => (
            <button key={each} type="button" class="act act-plain" aria-pressed={shown === each} onClick={() => (chosen.value = each)}>
              {titles[each]}
            </button>
          ))}
        </p>
      )}
      {shown === 'difference' && now !== null && before !== null ? (
        <ComparedViews a={before} b={now} otherwise={otherwise(call, now)} />
      ) : shown === 'view' && now !== null && View !== undefined ? (
        <View native={now} view={now.view as never} path={null} revealed={false} onFrom={() => undefined} />
      ) : (
        parts.map((part, n) => <DraftedBytes key={n} part={part} />)
      )}
    </div>
  );
}

/** What is said where no line differs. */
function otherwise({ parts }: DryCallView, { masked }: NativeView): string | undefined {
  if (!parts.some(({ same }) => same === false)) return undefined;
  const hidden = masked ? 'what is masked, or in ' : '';
  return `≠ No line differs, and the bytes do: in ${hidden}what has no line of its own. See the bytes.`;
}

function DraftedBytes({ part: { kind, media, body, recorded, same } }: { readonly part: DryPartView }): JSX.Element {
  const now = useMemo(() => bytesOf(body), [body]);
  const then = useMemo(() => (recorded === null ? null : bytesOf(recorded)), [recorded]);
  return (
    <section>
      <p class="part-bar">
        <strong>{kind === 'sent' ? '→ would be sent' : directions[kind]}</strong> <span class="hint">{sizeOf(body.size)}</span>{' '}
        <span class="hint mono">{shownText(media)}</span>
        {recorded?.clipped === true ? <span class="part-clipped"> of what was sent then only head and tail are kept</span> : null}
        {recorded?.dropped === true ? <span class="part-clipped"> what was sent then is no longer kept</span> : null}
      </p>
      {body.masked === true && body.text === '••••' ? (
        <p class="hint">There may be masked values in these bytes: an operator may reveal them.</p>
      ) : then === null || recorded?.dropped === true ? (
        <ShownBytes bytes={now} media={media} />
      ) : (
        <ComparedBytes a={then} b={now} media={media} otherwise={same === false ? '≠ They differ in what is masked.' : undefined} />
      )}
    </section>
  );
}

/** As they came: masked ones with the masks in them. */
function bytesOf({ text, base64 }: BodyView): Uint8Array {
  if (base64 !== undefined) return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new TextEncoder().encode(text ?? '');
}
