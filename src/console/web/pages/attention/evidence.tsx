import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { Copy } from '../../kit/copy.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { Time, durationOf } from '../../kit/time.tsx';
import { type ToldBody, type ToldCall, type ToldPart } from './told-story.ts';

const firstChars = 3_000;
const moreChars = 100_000;
const shownHexBytes = 512;
const lastParts = 4;

/** What is known of a call that may or may not have happened: when it left, what it asked, the last of what went and came, and what probes said. */
export function Evidence({
  call,
  probes,
  nowMs,
}: {
  readonly call: ToldCall;
  readonly probes: readonly ToldCall[];
  readonly nowMs: number;
}): JSX.Element {
  const { leftMs, deadlineMs, endedMs, failure, batch, args, parts } = call;
  const earlier = parts.length - lastParts;
  const all = useSignal(false);
  return (
    <div class="evidence">
      <dl class="facts">
        <dt>Left</dt>
        <dd>{leftMs === null ? 'it is not known when' : <Time ms={leftMs} />}</dd>
        <dt>Deadline</dt>
        <dd>
          {deadlineMs === null ? (
            'none'
          ) : (
            <>
              <Time ms={deadlineMs} />{' '}
              {deadlineMs > nowMs ? (
                <strong class="state-waiting">in {durationOf(deadlineMs - nowMs)}: until then it may still happen</strong>
              ) : (
                <span class="hint">passed {durationOf(nowMs - deadlineMs)} ago</span>
              )}
            </>
          )}
        </dd>
        {endedMs === null || leftMs === null ? null : (
          <>
            <dt>Waited</dt>
            <dd>{durationOf(Math.max(0, endedMs - leftMs))} for an answer</dd>
          </>
        )}
        {failure === null ? null : (
          <>
            <dt>Then</dt>
            <dd>
              <span class="mono">{failure.code}</span> {shownText(failure.message.slice(0, 2_000))}
            </dd>
          </>
        )}
        {call.correlation === null ? null : (
          <>
            <dt>Awaits</dt>
            <dd>
              the reply to <span class="mono">{shownText(call.correlation.slice(0, 200))}</span>
              <Copy text={call.correlation} what="correlation of the reply" />
            </dd>
          </>
        )}
        {batch === null ? null : (
          <>
            <dt>Batch</dt>
            <dd>
              {batch.seq}
              {batch.place === null ? '' : `, place ${batch.place}`}: what is decided here holds for all its members
            </dd>
          </>
        )}
        {probes.map((probe) => (
          <Probe key={probe.seq} probe={probe} />
        ))}
      </dl>
      <h4>What was asked</h4>
      <Words text={JSON.stringify(args, null, 2)} what="arguments" />
      <h4>{earlier > 0 && !all.value ? `The last ${lastParts} of ${parts.length} parts` : 'What went and came'}</h4>
      {parts.length === 0 ? <p class="hint">Nothing of it is kept: look in the system.</p> : null}
      {parts.slice(all.value ? 0 : Math.max(0, earlier)).map((part, index) => (
        <Part key={index} part={part} />
      ))}
      {earlier > 0 && !all.value ? (
        <button type="button" class="act act-plain" onClick={() => (all.value = true)}>
          Show the {earlier} before
        </button>
      ) : null}
    </div>
  );
}

function Probe({ probe: { name, state, answer, failure, endedMs } }: { readonly probe: ToldCall }): JSX.Element {
  return (
    <>
      <dt>The probe asked</dt>
      <dd>
        <span class="mono">{name}</span>: {state}
        {endedMs === null ? null : (
          <>
            {' '}
            <Time ms={endedMs} />
          </>
        )}{' '}
        <span class="mono">{shownText((failure === null ? JSON.stringify(answer) : `${failure.code}: ${failure.message}`).slice(0, 1_000))}</span>
      </dd>
    </>
  );
}

function Part({ part: { kind, atMs, media, body } }: { readonly part: ToldPart }): JSX.Element {
  return (
    <figure class="part">
      <figcaption>
        <strong>{kind}</strong> <Time ms={atMs} />{' '}
        <span class="hint">
          {shownText(media)}, {body.size.toLocaleString('en')} bytes{body.clipped ? ', of which head and tail are kept' : ''}
        </span>
        {body.sha256 === null ? null : (
          <span class="hint">
            {' '}
            SHA-256{' '}
            <span class="mono" title={body.sha256}>
              {body.sha256.slice(0, 12)}…
            </span>
            <Copy text={body.sha256} what="hash" />
          </span>
        )}
      </figcaption>
      <Body body={body} />
    </figure>
  );
}

function Body({ body }: { readonly body: ToldBody }): JSX.Element {
  if (body.dropped === true) return <p class="hint">The bytes are no longer kept.</p>;
  if (body.masked === true && body.text?.length === 4) return <p class="hint">Masked. An operator may reveal it on the page of the translation.</p>;
  if (body.text !== undefined) return <Words text={body.text} what="part" />;
  return <Words text={hexOf(body.base64 ?? '')} what="part, in hexadecimal" />;
}

/** Text in bounded pieces. */
function Words({ text, what }: { readonly text: string; readonly what: string }): JSX.Element {
  const shown = useSignal(firstChars);
  return (
    <div class="words">
      <Copy text={text} what={what} />
      <pre tabIndex={0} aria-label={what}>
        {shownText(text.slice(0, shown.value))}
      </pre>
      {text.length > shown.value ? (
        <button type="button" class="act act-plain" onClick={() => (shown.value += moreChars)}>
          Show more ({(text.length - shown.value).toLocaleString('en')} characters are left)
        </button>
      ) : null}
    </div>
  );
}

function hexOf(base64: string): string {
  const bytes = atob(base64.slice(0, Math.ceil(shownHexBytes / 3) * 4));
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, shownHexBytes); at += 16) {
    const row = [...bytes.slice(at, at + 16)].map((each) => each.charCodeAt(0));
    const hex = row.map((each) => each.toString(16).padStart(2, '0')).join(' ');
    lines.push(
      `${at.toString(16).padStart(6, '0')}  ${hex.padEnd(48)} ${row.map((each) => (each >= 32 && each < 127 ? String.fromCharCode(each) : '.')).join('')}`,
    );
  }
  return lines.join('\n');
}
