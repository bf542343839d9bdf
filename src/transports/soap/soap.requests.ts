import { randomBytes } from 'node:crypto';
import { GatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Secret } from '../../contract/secret.ts';
import { type SoapLayout } from './soap.ts';
import { type SoapCodec } from './soap.codec.ts';
import { proxyHeaders } from './soap.dial.ts';
import { type HttpRequest } from './soap.http.ts';
import { multipartBody } from './soap.multipart.ts';
import { Ntlm } from './soap.ntlm.ts';
import { type Session, fill } from './soap.session.ts';
import { type SoapSettings } from './soap.settings.ts';
import { WsSecurity } from './soap.wssecurity.ts';
import { escapeText } from './xml/xml.text.ts';

export interface SoapRequest {
  readonly http: HttpRequest;
  /** What must not be seen in its trace, nor in that of its answer. */
  readonly secrets: readonly Secret[];
}

/** Builds requests: the envelope by the codec, and what the system wants to be shown: user, signature, session. No I/O. */
export class Requests {
  readonly ntlm: Ntlm | null;
  readonly #settings: SoapSettings;
  readonly #layout: SoapLayout;
  readonly #security: WsSecurity | null;
  readonly #target: string;
  readonly #host: string;
  readonly #to: string;
  readonly #checkTarget: string;
  readonly #fixedHeaders: Readonly<Record<string, string>>;
  readonly #secrets: readonly Secret[];
  readonly #unfit: GatehouseError | null = null;

  private constructor(system: string, settings: SoapSettings, layout: SoapLayout, security: WsSecurity | null) {
    this.#settings = settings;
    this.#layout = layout;
    this.#security = security;
    this.ntlm = settings.authentication === 'ntlm' && settings.user !== undefined ? new Ntlm(system, settings) : null;
    const url = new URL(settings.url);
    const toProxy = settings.proxy !== undefined && url.protocol === 'http:';
    const prefix = toProxy ? url.origin : '';
    this.#target = `${prefix}${url.pathname}${url.search}`;
    this.#checkTarget = `${prefix}${url.pathname}?wsdl`;
    this.#host = url.host;
    this.#to = `${url.origin}${url.pathname}${url.search}`;
    for (const [name, secret] of Object.entries({
      password: settings.password,
      bearerToken: settings.bearerToken,
      proxyPassword: settings.proxyPassword,
    }))
      if (secret !== undefined && name !== 'password' && /[^\t\x20-\x7e\x80-\xff]/.test(secret.reveal()))
        this.#unfit = new GatehouseError(
          'CREDENTIALS_REFUSED',
          `systems.${system}.soap.${name}: ${String(secret)} has a line break or another character that no header can carry`,
        );
    this.#fixedHeaders = { ...authorization(settings), ...(toProxy ? proxyHeaders(settings) : {}), 'user-agent': 'gatehouse' };
    this.#secrets = [settings.password, settings.bearerToken, settings.proxyPassword].filter((secret) => secret !== undefined);
  }

  /** @throws GatehouseError CONFIG_INVALID when a key cannot be read */
  static async create(system: string, settings: SoapSettings, layout: SoapLayout): Promise<Requests> {
    return new Requests(system, settings, layout, await WsSecurity.create(system, settings));
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS, CALL_UNKNOWN, LAYOUT_MISSING */
  build(codec: SoapCodec, call: string, args: Json, session: Session | null, callId: string): SoapRequest {
    if (this.#unfit !== null) throw this.#unfit;
    const { version } = codec.port;
    const { declaration, input } = codec.plan(call);
    const { mtom } = this.#settings;
    const attach = mtom && this.#security?.signs !== true;
    const templates = { ...this.#layout.headers, ...(session === null ? {} : this.#layout.session?.header) };
    const declared = Object.entries(templates).filter(([name]) => input.headers.has(name));
    const headers = Object.fromEntries(declared.map(([name, template]) => [name, fill(template, this.#settings, session?.token ?? null)]));
    const raw = `${this.#layout.addressing === true ? this.#addressing(declaration.action, callId) : ''}${this.#security?.header() ?? ''}`;
    const { xml, attachments } = codec.encode(call, args, { attach, headers, headerXml: raw === '' && this.#security === null ? null : raw });
    const envelope = this.#security?.sign(xml) ?? xml;
    const { action } = declaration;
    const plain =
      version === '1.1' ? 'text/xml; charset=utf-8' : `application/soap+xml; charset=utf-8${action === '' ? '' : `; action="${quoted(action)}"`}`;
    const { body, contentType } = attach
      ? multipartBody(envelope, attachments, { version, action: quoted(action), boundary: `gatehouse-${randomBytes(16).toString('hex')}` })
      : { body: envelope, contentType: plain };
    return {
      http: {
        method: 'POST',
        target: this.#target,
        host: this.#host,
        headers: {
          'content-type': contentType,
          ...(version === '1.1' ? { soapaction: `"${quoted(action)}"` } : {}),
          ...this.#fixedHeaders,
          ...(session?.cookies == null ? {} : { cookie: session.cookies }),
        },
        body,
      },
      secrets: session === null ? this.#secrets : [...this.#secrets, ...session.secrets],
    };
  }

  check(): SoapRequest {
    return { http: { method: 'GET', target: this.#checkTarget, host: this.#host, headers: this.#fixedHeaders, body: null }, secrets: this.#secrets };
  }

  /** @see https://www.w3.org/TR/ws-addr-soap/; the message id is the same when a call is made again */
  #addressing(action: string, callId: string): string {
    const namespace = ' xmlns:wsa="http://www.w3.org/2005/08/addressing"';
    const element = (name: string, text: string): string => `<wsa:${name}${namespace}>${escapeText(text)}</wsa:${name}>`;
    return `${element('Action', action)}${element('To', this.#to)}${element('MessageID', `urn:uuid:${callId}`)}`;
  }
}

function authorization({ authentication, user, password, bearerToken }: SoapSettings): Record<string, string> {
  if (bearerToken !== undefined) return { authorization: `Bearer ${bearerToken.reveal()}` };
  if (user === undefined || authentication !== 'basic') return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password?.reveal() ?? ''}`).toString('base64')}` };
}

/** For a quoted string of HTTP: an action from a WSDL must not end it, nor the line. */
const quoted = (action: string): string => action.replaceAll(/[^\x20-\x7e]|["\\]/g, (character) => encodeURIComponent(character));
