import { type JSX } from 'preact';
import { type BodyView } from '../../../body.view.ts';
import { type DryRunView } from '../../../dry-run.view.ts';
import { Copy } from '../../kit/copy.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { NativeDraft } from '../../views/native-draft.tsx';

/** What would come of an event: each call with what would be sent, and the replies. */
export function DryRunResult({ of: { calls, replies, end, notes } }: { readonly of: DryRunView }): JSX.Element {
  return (
    <div class="dry">
      <h4>
        Nothing was sent.{' '}
        {end.end === 'replied'
          ? 'It would be answered.'
          : end.end === 'needs answer'
            ? `It goes no further without an answer to ${end.calls.join(', ')}: give one above.`
            : end.end === 'parked'
              ? 'It would be parked.'
              : 'It would wait.'}
      </h4>
      {'failure' in end && end.failure !== null ? (
        <p class="failure">
          <code>{end.failure.code}</code> {shownText(end.failure.message)}
        </p>
      ) : null}
      {notes.map((note) => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
      {calls.map((call, place) => (
        <section key={place} aria-label={`Call ${call.name}`}>
          <h4>
            {call.name} <span class="hint">{call.effect}</span>
          </h4>
          {call.failure === null ? null : (
            <p class="failure">
              <code>{call.failure.code}</code> {shownText(call.failure.message)}
            </p>
          )}
          <NativeDraft call={call} />
          {call.answer === null ? null : <Text what={`answer (${call.answeredBy ?? ''})`} text={JSON.stringify(call.answer, null, 2)} />}
        </section>
      ))}
      {replies.map(({ type, data }, place) => (
        <section key={place} aria-label={`Reply ${type}`}>
          <h4>
            Reply <code>{type}</code>
          </h4>
          <Body what="data" body={data} />
        </section>
      ))}
    </div>
  );
}

const Body = ({ what, body }: { readonly what: string; readonly body: BodyView }): JSX.Element => (
  <Text what={what} text={body.text ?? (body.base64 === undefined ? '' : bytesOf(body.base64))} />
);

/** As hexadecimal digits, in lines of sixteen bytes. */
function bytesOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16)
    lines.push(Array.from(bytes.subarray(at, at + 16), (byte) => byte.toString(16).padStart(2, '0')).join(' '));
  return lines.join('\n');
}

const mostShown = 20_000;

function Text({ what, text }: { readonly what: string; readonly text: string }): JSX.Element {
  return (
    <div class="code">
      <span class="hint">{what}</span>
      <Copy text={text} what={what} />
      <pre tabIndex={0}>{shownText(text.slice(0, mostShown).replaceAll('\r\n', '\n'))}</pre>
      {text.length > mostShown ? (
        <p class="hint">
          The first {mostShown} of {text.length} characters; the button copies all.
        </p>
      ) : null}
    </div>
  );
}
