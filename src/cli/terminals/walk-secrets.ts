import { GatehouseError } from '../../contract/errors.ts';
import { Secret } from '../../contract/secret.ts';
import { type TerminalSettings } from '../../transports/terminal/terminal.settings.ts';

/**
 * A secret by what the configuration calls it, or by where it is. The name is not said again: it may be the secret itself.
 * @throws GatehouseError NOT_POSSIBLE
 */
export function secretNamed(name: string, settings: TerminalSettings, env: Readonly<Record<string, string | undefined>>): Secret {
  if (name === 'password' && settings.password !== undefined) return settings.password;
  const variable = /^env:([A-Za-z_]\w*)$/.exec(name)?.[1];
  const value = variable === undefined ? undefined : env[variable];
  if (value !== undefined && value !== '') return new Secret(name, value);
  const none = settings.password === undefined ? ', which has none' : '';
  throw new GatehouseError(
    'NOT_POSSIBLE',
    `there is no secret of this name: 'password' is the one of the configuration${none}; env:NAME is a variable of the environment`,
  );
}
