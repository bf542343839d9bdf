import { type Effect } from '../../../contract/calls.ts';
import { type ScreenMap } from '../maps/screen-map.ts';
import { commitStepOf, type DialogParts, type Step } from './dialog.ts';
import { isArgument } from './fill.ts';
import { type LogIn } from './log-in.ts';

/** A dialog is a way through screens that a person drew up: longer than this it is two. */
const mostSteps = 100;

/** What is wrong with the dialogs of one host, in words, all of it. */
export function dialogMistakes(dialogs: Readonly<Record<string, DialogParts>>, maps: readonly ScreenMap[]): string[] {
  return Object.entries(dialogs).flatMap(([name, dialog]) => mistakesIn(dialog, maps).map((mistake) => `dialog '${name}': ${mistake}`));
}

function mistakesIn(dialog: DialogParts, maps: readonly ScreenMap[]): string[] {
  const { steps, refusals = [] } = dialog;
  const mistakes = [...steps.entries()].flatMap(([at, step]) =>
    stepMistakes(step, maps).map((mistake) => `step ${at + 1} (${step.on.name}) ${mistake}`),
  );
  if (steps[0].on.kind !== 'home') mistakes.push(`it begins on '${steps[0].on.name}', and every dialog begins at home`);
  if (steps.length > mostSteps) mistakes.push(`it has ${steps.length} steps, at most ${mostSteps} are allowed`);
  for (const step of steps)
    if (Object.entries(step.fill ?? {}).some(([, fill]) => typeof fill === 'object' && '$setting' in fill && fill.$setting === 'password'))
      mistakes.push(`the password is typed on '${step.on.name}': only the log-in does that`);
  const reads = steps.flatMap(({ read = [] }) => read);
  for (const name of new Set(reads.filter((each, at) => reads.indexOf(each) !== at))) mistakes.push(`'${name}' is read on two screens`);
  for (const [at, step] of steps.entries()) {
    const next = steps[at + 1];
    if (step.press === undefined && next !== undefined && next.on !== step.on)
      mistakes.push(`step ${at + 1} (${step.on.name}) presses no key, and more screens follow`);
    if (step.on.kind !== 'home' && step.on.back === undefined && !(step.press !== undefined && step.commit !== true && next === undefined))
      mistakes.push(`no way leads home from '${step.on.name}': its map has no 'back'`);
  }
  mistakes.push(...commitMistakes(steps));
  for (const { on } of refusals)
    if (on !== undefined && !maps.includes(on)) mistakes.push(`a refusal is on '${on.name}', which is not among the maps`);
  return [...new Set(mistakes)];
}

function commitMistakes(steps: DialogParts['steps']): string[] {
  const commits = [...steps.entries()].filter(([, { commit }]) => commit === true);
  const [first] = commits;
  if (first === undefined) return [];
  if (commits.length > 1) return [`it has ${commits.length} commit steps: two saves are two calls`];
  const [at, step] = first;
  const next = steps[at + 1];
  if (step.press === undefined) return ['its commit step presses no key'];
  if (step.sometimes === true || step.given !== undefined) return ['its commit step may be left out, so nobody can tell whether it was made'];
  if (next === undefined) return ['no screen follows its commit step: done means that the confirmation was seen'];
  if (next.on === step.on) return [`the screen '${next.on.name}' cannot confirm what was committed on it: give the confirmation a map of its own`];
  if (next.on.kind === 'home') return ['home is no confirmation: a host also shows it when nothing was done'];
  if (next.sometimes === true || next.given !== undefined) return ['the confirmation after its commit step may be left out'];
  return [];
}

function stepMistakes({ on: map, read = [], shows = {}, fill = {}, press }: Step, maps: readonly ScreenMap[]): string[] {
  const mistakes: string[] = [];
  if (!maps.includes(map)) mistakes.push('is on a map that is not in the list');
  if (map.kind === 'interstitial') mistakes.push('is on an interstitial, which is answered wherever it comes');
  for (const name of read)
    if (!Object.hasOwn(map.outputs ?? {}, name) && !Object.hasOwn(map.tables ?? {}, name))
      mistakes.push(`reads '${name}', which the map does not have`);
  for (const name of Object.keys(shows))
    if (!Object.hasOwn(map.outputs ?? {}, name)) mistakes.push(`looks for '${name}', which the map does not have`);
  for (const [name, value] of Object.entries(fill)) {
    const input = Object.hasOwn(map.inputs ?? {}, name) ? map.inputs?.[name] : undefined;
    if (input === undefined) {
      mistakes.push(`fills '${name}', which the map does not have`);
      continue;
    }
    const secret = typeof value === 'object' && '$setting' in value && value.$setting === 'password';
    if (secret !== (input.hidden === true))
      mistakes.push(secret ? `types the password into '${name}', which is not hidden` : `fills the hidden '${name}' with what is no secret`);
    const constants = isArgument(value as never)
      ? '$choices' in (value as object)
        ? Object.values((value as { $choices: object }).$choices)
        : []
      : [value];
    for (const constant of constants)
      if (typeof constant !== 'object' && (String(constant).length > input.width || /\p{Cc}/u.test(String(constant))))
        mistakes.push(`fills '${name}' with a constant that does not fit into ${input.width} cells`);
  }
  if (press === undefined && Object.keys(fill).length > 0) mistakes.push('fills inputs and presses no key');
  return mistakes;
}

/** What is wrong with the log-in and the log-off. */
export function logInMistakes(logIn: LogIn | undefined, logOff: Step | undefined, maps: readonly ScreenMap[]): string[] {
  const steps = [...(logIn?.steps ?? []), ...(logIn?.takeOver === undefined ? [] : [logIn.takeOver])];
  const mistakes = steps.flatMap((step) =>
    [
      ...stepMistakes(step, maps),
      ...(step.press === undefined ? ['presses no key'] : []),
      ...(step.commit === true ? ['commits'] : []),
      ...Object.values(step.fill ?? {}).flatMap((fill) =>
        isArgument(fill) ? [`wants the argument '${fill.$argument}', and a log-in has none`] : [],
      ),
    ].map((mistake) => `log-in on '${step.on.name}' ${mistake}`),
  );
  if (maps.some(({ kind }) => kind === 'login') && !steps.some(({ on }) => on.kind === 'login'))
    mistakes.push('there is a log-in screen, and logIn has no step on it');
  if (logOff !== undefined && logOff.on.kind !== 'home') mistakes.push('logOff does not begin at home');
  return [...mistakes, ...(logOff === undefined ? [] : stepMistakes(logOff, maps).map((mistake) => `logOff ${mistake}`))];
}

/** What is wrong between a dialog and what the adapter says that the call does. */
export function effectMistake(name: string, dialog: DialogParts, effect: Effect): string | null {
  const commits = commitStepOf(dialog) !== undefined;
  if (effect === 'read' && commits) return `the call '${name}' is declared read(), and its dialog has a commit step`;
  if (effect === 'once' && !commits) return `the call '${name}' is declared once(), and its dialog has no commit step`;
  return null;
}
