import { GatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { Secret } from '../../contract/secret.ts';
import { type Outcome } from '../../contract/transport.ts';
import { type SoapSession } from './soap.ts';
import { type SoapSettings } from './soap.settings.ts';

/** What a log-in gave: shown with every call until the system says that it is over. */
export interface Session {
  readonly token: Secret | null;
  /** As the header has them. */
  readonly cookies: string | null;
  /** What of it must not be seen. */
  readonly secrets: readonly Secret[];
}

/** How a log-in call ended, with the cookies of its HTTP answer. */
export interface LoginEnd {
  readonly outcome: Outcome;
  readonly cookies: readonly string[];
}

/**
 * One session for all calls of a link: logged in when first needed, by one caller while the others wait, and again when it is over.
 * A refused log-in is told to all who wait, and tried again only by the next call: the policy for credentials holds the system.
 */
export class Sessions {
  readonly #system: string;
  readonly #session: SoapSession;
  #current: Session | null = null;
  #renewing: Promise<Session> | null = null;

  constructor(system: string, session: SoapSession) {
    this.#system = system;
    this.#session = session;
  }

  get current(): Session | null {
    return this.#current;
  }

  /** @throws GatehouseError with which nothing has left */
  take(login: () => Promise<LoginEnd>, signal: AbortSignal): Promise<Session> {
    if (this.#current !== null) return Promise.resolve(this.#current);
    this.#renewing ??= this.#login(login).finally(() => (this.#renewing = null));
    return orAborted(this.#renewing, signal, () => new GatehouseError('NO_SESSION', `${this.#system}: no session within the time of the call`));
  }

  /** The system says that this session is over; a newer one stays. */
  over(session: Session): void {
    if (this.#current === session) this.#current = null;
  }

  async #login(login: () => Promise<LoginEnd>): Promise<Session> {
    const { call } = this.#session.login;
    const { outcome, cookies } = await login();
    if (outcome.end === 'not sent') throw outcome.error;
    // Trying again what may be a wrong password locks the user: a person looks first.
    if (outcome.end === 'unknown' && outcome.error.code === 'FAULT_UNKNOWN')
      throw new GatehouseError(
        'CREDENTIALS_REFUSED',
        `${this.#system}: the log-in ${call} was answered with a fault that the adapter's table does not know (${outcome.error.native ?? ''})`,
        {
          cause: outcome.error,
        },
      );
    if (outcome.end !== 'answer')
      throw new GatehouseError(
        'UNREACHABLE',
        `${this.#system}: the log-in ${call} had no answer${'error' in outcome ? `: ${outcome.error.message}` : ''}`,
        {
          cause: 'error' in outcome ? outcome.error : undefined,
        },
      );
    const { answer } = outcome;
    if (typeof answer === 'object' && answer !== null && 'refused' in answer)
      throw new GatehouseError('CREDENTIALS_REFUSED', `${this.#system}: the log-in ${call} was refused (${String(answer['refused']).slice(0, 60)})`);
    this.#current = this.#sessionOf(answer, cookies);
    return this.#current;
  }

  #sessionOf(answer: Json, cookies: readonly string[]): Session {
    const { token, login } = this.#session;
    if (token === 'cookie') {
      const pairs = pairsOf(cookies);
      if (pairs.length === 0) throw new GatehouseError('CREDENTIALS_REFUSED', `${this.#system}: the log-in ${login.call} gave no cookie`);
      const values = pairs.map((pair) => pair.slice(pair.indexOf('=') + 1)).filter((value) => value.length >= 8);
      return { token: null, cookies: pairs.join('; '), secrets: values.map((value) => new Secret('session', value)) };
    }
    const value = token
      .split('.')
      .reduce<Json | undefined>((at, name) => (typeof at === 'object' && at !== null && !Array.isArray(at) ? at[name] : undefined), answer);
    if (typeof value !== 'string' || value === '')
      throw new GatehouseError('CREDENTIALS_REFUSED', `${this.#system}: the answer of the log-in ${login.call} has no session at '${token}'`);
    const secret = new Secret('session', value);
    return { token: secret, cookies: null, secrets: [secret] };
  }
}

/** `name=value` of each cookie; of one name the last counts, and none that is taken away. @see RFC 6265, section 5.3 */
function pairsOf(cookies: readonly string[]): string[] {
  const pairs = new Map<string, string>();
  for (const cookie of cookies) {
    const pair = cookie.split(';')[0]?.trim() ?? '';
    const name = pair.slice(0, pair.indexOf('='));
    if (name === '') continue;
    if (/;\s*max-age\s*=\s*(?:0|-\d+)\s*(?:;|$)/i.test(cookie)) pairs.delete(name);
    else pairs.set(name, pair);
  }
  return [...pairs.values()];
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal, error: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(error());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A template with its references replaced by what they stand for. */
export function fill(template: unknown, settings: SoapSettings, token: Secret | null): Json {
  if (typeof template !== 'object' || template === null) return template as Json;
  if (Array.isArray(template)) return template.map((each) => fill(each, settings, token));
  if ('$setting' in template) return template.$setting === 'user' ? (settings.user ?? '') : (settings.password?.reveal() ?? '');
  if ('$token' in template) return token?.reveal() ?? '';
  return Object.fromEntries(Object.entries(template).map(([name, inner]) => [name, fill(inner, settings, token)]));
}
