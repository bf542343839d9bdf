import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type MapInput, type ScreenMap } from '../maps/screen-map.ts';
import { valueViolation } from '../maps/value.ts';
import { type Input } from '../terminal.driver.ts';
import { checkTyping, numeric, type Repertoire } from '../typing.ts';
import { type DialogParts, type Step } from './dialog.ts';
import { type Fill, isArgument, type SettingReference } from './fill.ts';

/** What can be typed at the host of a system. */
export interface Keyboard {
  readonly kind: 'vt' | '3270';
  readonly repertoire: Repertoire;
}

/** A step with the values of one call. */
export interface PlannedStep {
  /** Which of the dialog's steps it is, from 1. */
  readonly number: number;
  readonly step: Step;
  readonly values: ReadonlyMap<string, string | SettingReference>;
  readonly shows: ReadonlyMap<string, string | SettingReference>;
}

/** An input as a driver knows it. */
export function inputOf(map: ScreenMap, name: string): Input {
  const { at, width, type = 'text', hidden, case: letters, emptyBy } = (map.inputs ?? {})[name] as MapInput;
  return {
    name,
    at,
    width,
    kind: type === 'text' ? 'text' : 'numeric',
    ...(hidden === true ? { hidden } : {}),
    ...(letters === 'upper' ? { shows: 'any-case' } : {}),
    ...(emptyBy === undefined ? {} : { emptyBy }),
  };
}

/**
 * The steps that this call makes, with all that is typed: checked against inputs, code page and sizes before a session is asked for.
 * @throws GatehouseError CALL_REFUSED_ARGUMENTS, which names the argument, never its value
 */
export function planDialog(system: string, call: string, { steps }: DialogParts, args: Json, keyboard: Keyboard): PlannedStep[] {
  const refuse = (why: string): never => {
    throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${system}: ${call} ${why}; nothing was typed`);
  };
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return refuse('takes an object of arguments');
  const known = new Set<string>();
  const given = (name: string): Json | undefined => {
    known.add(name);
    return Object.hasOwn(args, name) ? (args[name] ?? undefined) : undefined;
  };
  const plan: PlannedStep[] = [];
  for (const [at, step] of steps.entries()) {
    const values = new Map<string, string | SettingReference>();
    const shows = new Map<string, string | SettingReference>();
    const left = step.given !== undefined && given(step.given) === undefined;
    for (const [name, fill] of Object.entries(step.fill ?? {})) {
      const value = resolved(fill, given, (why) => refuse(why));
      if (value === null || left) continue;
      if (typeof value === 'object') {
        values.set(name, value);
        continue;
      }
      const declared = (step.on.inputs ?? {})[name] as MapInput;
      const { type = 'text' } = declared;
      const wrong = type === 'text' ? (typeof value === 'string' ? null : 'must be a text') : valueViolation({ type }, value);
      if (wrong !== null) refuse(`cannot fill '${name}' on '${step.on.name}': its value ${wrong}`);
      const input = inputOf(step.on, name);
      const digits = input.kind === 'numeric' ? (keyboard.kind === 'vt' ? numeric.vt : numeric.tn3270) : null;
      checkTyping(system, String(value), input, declared.width, keyboard.repertoire, digits);
      values.set(name, String(value));
    }
    for (const [name, fill] of Object.entries(step.shows ?? {})) {
      const value = resolved(fill, given, (why) => refuse(why));
      if (value !== null) shows.set(name, typeof value === 'object' ? value : String(value));
    }
    if (!left) plan.push({ number: at + 1, step, values, shows });
  }
  const foreign = Object.keys(args).find((name) => !known.has(name));
  if (foreign !== undefined) refuse(`has no argument '${foreign.replaceAll(/[^\w-]/g, '?').slice(0, 32)}'`);
  return plan;
}

/** What is typed: a text or number, a setting, or null for an argument that may be left out and was. */
function resolved(fill: Fill, given: (name: string) => Json | undefined, refuse: (why: string) => never): string | number | SettingReference | null {
  if (!isArgument(fill)) return fill;
  const value = given(fill.$argument);
  if (value === undefined) return '$optional' in fill ? null : refuse(`wants the argument '${fill.$argument}'`);
  if ('$choices' in fill) {
    const choice = typeof value === 'string' && Object.hasOwn(fill.$choices, value) ? fill.$choices[value] : undefined;
    return choice ?? refuse(`takes as '${fill.$argument}' one of ${Object.keys(fill.$choices).join(', ')}`);
  }
  if (typeof value !== 'string' && typeof value !== 'number') return refuse(`takes a text or a number as '${fill.$argument}'`);
  return value;
}
