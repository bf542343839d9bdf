import ssh2, { type AuthHandlerMiddleware, type AuthenticationType, type ConnectConfig } from 'ssh2';
import { type Secret } from '../../contract/secret.ts';

export interface Proofs {
  readonly user: string;
  /** A private key, PEM, and what opens it. */
  readonly key?: string | undefined;
  readonly passphrase?: Secret | undefined;
  /** The socket of an agent. */
  readonly agent?: string | undefined;
  readonly password?: Secret | undefined;
}

/**
 * Keys first, then an agent, then the password in the one way that the host takes: a password that is offered twice is two failed log-ins
 * of a user that may be locked after three. What was offered stands in `tried`.
 * @throws Error when the key cannot be read with this passphrase
 */
export function authentication(
  { user: username, key, passphrase, agent, password }: Proofs,
  tried: string[],
): ConnectConfig['authHandler'] & AuthHandlerMiddleware {
  type Next = (method: object | false) => void;
  const keys = key === undefined ? [] : [ssh2.utils.parseKey(key, passphrase?.reveal())].flat();
  const unreadable = keys.find((each) => each instanceof Error);
  if (unreadable !== undefined) throw unreadable;
  let asked = false;
  const done = new Set<string>();
  const offer = (left: AuthenticationType[] | null, _partly: boolean | null, next: Next): void => {
    const take = (name: string, offered: AuthenticationType): boolean => {
      if (done.has(name) || (left !== null && !left.includes(offered))) return false;
      done.add(name);
      tried.push(name);
      return true;
    };
    // Which methods there are is the answer to none, which counts as no attempt. @see RFC 4252, section 5.2
    if (!asked) {
      asked = true;
      return next({ type: 'none', username });
    }
    const [own] = keys;
    if (own !== undefined && take('key', 'publickey')) return next({ type: 'publickey', username, key: own });
    if (agent !== undefined && take('agent', 'publickey')) return next({ type: 'agent', username, agent });
    if (password !== undefined && !done.has('password asked for')) {
      if (take('password', 'password')) return next({ type: 'password', username, password: password.reveal() });
      if (!done.has('password') && take('password asked for', 'keyboard-interactive')) {
        let given = false;
        return next({
          type: 'keyboard-interactive',
          username,
          prompt: (_name: string, _words: string, _language: string, prompts: readonly { echo?: boolean }[], finish: (answers: string[]) => void) => {
            // A prompt without echo is the password's; it is given once, also to a server that asks again.
            const answers = prompts.map(({ echo }) => (echo === true || given ? '' : password.reveal()));
            if (prompts.length > 0) given = true;
            finish(answers);
          },
        });
      }
    }
    return next(false);
  };
  return offer as ConnectConfig['authHandler'] & AuthHandlerMiddleware;
}

/** @see RFC 4253, section 11.1 */
const noMoreMethods = 14;

/**
 * Whether the host has said no to who wants to come in. One that allows a single try says so by disconnecting, which is no failure of the
 * line: tried again, it locks the user.
 */
export function isRefusedAtTheDoor(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { level, code, message } = error as { readonly level?: unknown; readonly code?: unknown; readonly message?: unknown };
  if (level === 'client-authentication' || level === 'agent' || code === noMoreMethods) return true;
  return typeof code === 'number' && /authentication failures/i.test(String(message));
}
