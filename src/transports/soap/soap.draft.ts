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
const boundary = /gatehouse-[0-9a-f]{32}/g;
/** On a connection that has shown its user already it is left out. */
const handshake = /^authorization: NTLM [^\r\n]*\r\n/im;

/** A drafted request with what is made anew for every sending as it was in one that was sent; everything else stays as it is drafted. */
export function asSentBefore(drafted: Uint8Array, sent: Uint8Array): Uint8Array {
  // One byte a character, both ways: attachments are no text.
  const [draft, before] = [drafted, sent].map((bytes) => Buffer.from(bytes).toString('latin1')) as [string, string];
  const [oldBoundary] = before.match(boundary) ?? [];
  let text = oldBoundary === undefined ? draft : draft.replaceAll(boundary, oldBoundary);
  const [proof] = handshake.exec(before.slice(0, before.indexOf('\r\n\r\n') + 2)) ?? [];
  if (proof !== undefined && !handshake.test(text.slice(0, text.indexOf('\r\n\r\n') + 2)))
    text = text.replace('user-agent:', () => `${proof}user-agent:`);
  const [header] = security.exec(before) ?? [];
  if (header !== undefined) {
    const values = header.match(anew) ?? [];
    text = text.replace(security, (drafting) =>
      drafting.match(anew)?.length === values.length ? drafting.replaceAll(anew, () => values.shift() ?? '') : drafting,
    );
  }
  return Buffer.from(text, 'latin1');
}
