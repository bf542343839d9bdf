import { Secret } from '../../contract/secret.ts';
import { type Session } from './soap.session.ts';

/** Stands for a session that a draft does not log in for; nothing of it is seen in the draft. */
export const draftSession: Session = (() => {
  const token = new Secret('session', 'a session that is not opened for a draft');
  return { token, cookies: `draft=${token.reveal()}`, secrets: [token] };
})();

/** In the security header: what a signature, or a proof of the password, is made of anew each time. @see OASIS WS-Security 1.1 */
const security = /<(?:[\w-]+:)?Security\b[^]*?<\/(?:[\w-]+:)?Security>/;
const anew = /(?<=<(?:[\w-]+:)?(?:Nonce|Created|Expires|DigestValue|SignatureValue)\b[^<>]*>)[^<]*|(?<=\b(?:Id="|URI="#))[^"]*/g;
const boundary = /(?<=boundary=")gatehouse-[0-9a-f]{32}/;
/** On a connection that has shown its user already it is left out. */
const handshake = /^authorization: NTLM [^\r\n]*\r\n/im;

/** A drafted request with what is made anew for every sending as it was in one that was sent; everything else stays as it is drafted. */
export function asSentBefore(drafted: Uint8Array, sent: Uint8Array): Uint8Array {
  const [draft, before] = [apart(drafted), apart(sent)];
  const proof = handshake.exec(before.head)?.[0] ?? '';
  let text = `${draft.head}${proof}\r\n${withValuesOf(draft.header, before.header)}${draft.rest}`;
  const [made, then] = [boundary.exec(draft.head)?.[0], boundary.exec(before.head)?.[0]];
  if (made !== undefined && then !== undefined) text = text.replaceAll(made, then);
  return Buffer.from(text, 'latin1');
}

function withValuesOf(drafted: string, sent: string): string {
  const values = security.exec(sent)?.[0].match(anew) ?? [];
  return drafted.replace(security, (header) =>
    header.match(anew)?.length === values.length ? header.replaceAll(anew, () => values.shift() ?? '') : header,
  );
}

/** The lines of HTTP, what stands before the body of the envelope, and the rest; one byte a character, since attachments are no text. */
function apart(bytes: Uint8Array): { head: string; header: string; rest: string } {
  const text = Buffer.from(bytes).toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n') + 2;
  const body = text.indexOf('<soap:Body', headEnd);
  const headerEnd = body < 0 ? headEnd + 2 : body;
  return { head: text.slice(0, headEnd), header: text.slice(headEnd + 2, headerEnd), rest: text.slice(headerEnd) };
}
