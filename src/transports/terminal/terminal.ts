/** Terminals: what an adapter says of the screens of its host, of the dialogs over them, and of commands without a screen. */
import { type Layout } from '../../contract/adapter.ts';
import { type Call } from '../../contract/calls.ts';
import { type Command } from './commands/command.ts';
import { commandMistakes } from './commands/check-commands.ts';
import { dialogMistakes, logInMistakes } from './dialogs/check-dialogs.ts';
import { type Dialog, type Step } from './dialogs/dialog.ts';
import { type LogIn } from './dialogs/log-in.ts';
import { type Key } from './keys.ts';
import { mapMistakes } from './maps/check-maps.ts';
import { type ScreenMap } from './maps/screen-map.ts';

export { type Command, command } from './commands/command.ts';
export { type Dialog, dialog, on, type Step } from './dialogs/dialog.ts';
export { from, oneOf, optional, setting } from './dialogs/fill.ts';
export { type LogIn } from './dialogs/log-in.ts';
export { rule, type ScreenRule } from './dialogs/rule.ts';
export { type Key } from './keys.ts';
export { type ScreenMap, screenMap } from './maps/screen-map.ts';
export { type Place, type Region } from './screen/place.ts';
export { type Input } from './terminal.driver.ts';
export { type Anchor, type Condition } from './wait.ts';

export interface TerminalOptions<D, C> {
  /** Every screen of the host that a session may come to. */
  readonly maps?: readonly ScreenMap[];
  /** From the log-in screen to home. Not needed where the host shows home at once. */
  readonly logIn?: LogIn;
  /** What ends a session in order, from home. */
  readonly logOff?: Step;
  /** Keys that do no harm on any screen of this host, tried in order on one that no map knows, when the session is not in a call. */
  readonly escape?: readonly Key[];
  /** By call. */
  readonly dialogs?: D;
  /** By call: programs run over ssh without a terminal. */
  readonly commands?: C;
}

export interface TerminalLayout<D = Readonly<Record<string, Dialog>>, C = Readonly<Record<string, Command>>> extends Layout {
  readonly transport: 'terminal';
  readonly maps: readonly ScreenMap[];
  readonly logIn: LogIn | undefined;
  readonly logOff: Step | undefined;
  readonly escape: readonly Key[];
  readonly dialogs: D;
  readonly commands: C;
}

type CallOf<T> = T extends Dialog<infer A, infer R> ? Call<A, R> : T extends Command<infer A, infer R> ? Call<A, R> : never;

/** The native contract of a layout: `type Stock = CallsOf<typeof layout>`. */
export type CallsOf<L> =
  L extends TerminalLayout<infer D, infer C> ? { readonly [K in keyof D]: CallOf<D[K]> } & { readonly [K in keyof C]: CallOf<C[K]> } : never;

/**
 * The layout of a system that is a terminal.
 * @throws TypeError that lists every mistake: maps that fit one screen, dialogs that do not begin at home or have no way back to it, a
 * commit step that nothing confirms
 * @example
 * const layout = terminal({
 *   maps: [signOn, menu, form, confirm, reserved, broadcast],
 *   logIn: { steps: [on(signOn, { fill: { user: setting('user'), password: setting('password') }, press: 'enter' })] },
 *   logOff: on(menu, { press: 'f3' }),
 *   dialogs: { Reserve: reserve, FindReservation: find },
 * });
 */
export function terminal<
  const D extends Readonly<Record<string, Dialog>> = Record<never, never>,
  const C extends Readonly<Record<string, Command>> = Record<never, never>,
>(options: TerminalOptions<D, C>): TerminalLayout<D, C> {
  const { maps = [], logIn, logOff, escape = [], dialogs = {} as D, commands = {} as C } = options;
  const names = [...Object.keys(dialogs), ...Object.keys(commands)];
  const mistakes = [
    ...(maps.length === 0 && Object.keys(dialogs).length === 0 ? [] : mapMistakes(maps)),
    ...logInMistakes(logIn, logOff, maps),
    ...dialogMistakes(dialogs, maps),
    ...commandMistakes(commands),
    ...names.flatMap((name, at) => (names.indexOf(name) === at ? [] : [`'${name}' is a dialog and a command`])),
  ];
  if (mistakes.length > 0) throw new TypeError(`the layout of the terminal has mistakes:\n- ${mistakes.join('\n- ')}`);
  return Object.freeze({ transport: 'terminal', maps, logIn, logOff, escape, dialogs, commands });
}
