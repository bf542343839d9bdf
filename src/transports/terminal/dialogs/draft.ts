import { type Secret } from '../../../contract/secret.ts';
import { type DraftPart } from '../../../contract/transport.ts';
import { type PlannedStep } from './plan.ts';

/** One thing that is typed or pressed. `optional`: on a screen that the host may leave out. */
interface Turn {
  readonly line: string;
  readonly optional: boolean;
}

/**
 * What a dialog would type and press, a line each, as the trace has it. Of a dialog that was carried out, all it did is shown when it typed and
 * pressed the same: the keys between inputs, those for messages that lay over a screen and those of the way home are the host's doing.
 */
export function draftOfDialog(
  plan: readonly PlannedStep[],
  user: string,
  like: readonly DraftPart[] = [],
  secrets: readonly Secret[] = [],
): readonly DraftPart[] {
  const hide = (text: string): string => secrets.reduce((hidden, secret) => secret.hide(hidden), text);
  const turns = plan.flatMap((planned) => turnsOf(planned, user)).map((turn) => ({ ...turn, line: hide(turn.line) }));
  const sent = like.findLast(({ kind, media }) => kind === 'sent' && media === 'text/plain');
  const before = sent === undefined ? null : Buffer.from(sent.bytes).toString();
  const drafted = `${turns.map(({ line }) => line).join('\n')}\n`;
  const text = before !== null && isCarriedOut(turns, before.split('\n').slice(0, -1)) ? before : drafted;
  return [{ kind: 'sent', media: 'text/plain', bytes: Buffer.from(text) }];
}

function turnsOf({ step, values }: PlannedStep, user: string): Turn[] {
  const optional = step.sometimes === true;
  // In the order of the map: that is how they are typed.
  const typed = Object.keys(step.on.inputs ?? {}).flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [{ line: `${name}: ${typeof value === 'string' ? value : user}`, optional }];
  });
  return step.press === undefined ? typed : [...typed, { line: step.press, optional }];
}

/** Whether these lines are the turns, with nothing but keys between them. */
function isCarriedOut(turns: readonly Turn[], lines: readonly string[]): boolean {
  let at = 0;
  for (const line of lines) {
    let next = at;
    while (turns[next]?.optional === true && turns[next]?.line !== line) next += 1;
    if (turns[next]?.line === line) at = next + 1;
    // Typed once more, where a message had swallowed it.
    else if (line.includes(': ') && !turns.slice(0, at).some((turn) => turn.line === line)) return false;
  }
  return turns.slice(at).every(({ optional }) => optional);
}
