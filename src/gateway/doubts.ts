import { type Doubt } from '../contract/doubt.ts';
import { asGatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type JournalReader, type Story, type StoryCall } from '../contract/journal-reader.ts';
import { type System } from './system.ts';

/** Stories that are looked through for the shape of an answer: each may be large. */
const lookedThrough = 5;
const shownWants = 20;

/** Calls of which nobody knows whether they happened: what a person may settle. */
export const openCalls = ({ calls }: Story): readonly StoryCall[] =>
  calls.filter((call) => call.probeOf === null && (call.state === 'in doubt' || (call.state === 'calling' && call.effect !== 'read')));

/** Whether anybody but a person can find out what became of calls of this name. */
export function isProbed(system: System | undefined, call: string): boolean {
  const declaration = system?.declaration(call);
  return system !== undefined && declaration !== undefined && system.canProbe(declaration);
}

/** What a person is told of each open call before they decide. */
export async function doubtsOf(story: Story, system: System | undefined, reader: JournalReader): Promise<readonly Doubt[]> {
  const doubts: Doubt[] = [];
  const open = openCalls(story);
  const before = await answeredBefore(story, new Set(open.map(({ name }) => name)), reader);
  for (const { seq, name } of open) {
    const earlier = before.get(name) ?? null;
    doubts.push({
      seq,
      name,
      ...capabilities(system, story.translation.system, name),
      skeleton: earlier === null ? {} : blank(earlier.answer),
      skeletonOf: earlier?.id ?? null,
    });
  }
  return doubts;
}

function capabilities(system: System | undefined, systemName: string, call: string): Pick<Doubt, 'noProbe' | 'noAnswer' | 'wants'> {
  const declaration = system?.declaration(call);
  if (system === undefined || declaration === undefined) {
    const gone = `${systemName} no longer declares ${call}`;
    return { noProbe: gone, noAnswer: gone, wants: [] };
  }
  const noProbe = isProbed(system, call) ? null : `${call} has no probe: look in ${systemName} yourself`;
  try {
    return { noProbe, noAnswer: null, wants: system.linkOf(declaration).violations(call, {}).slice(0, shownWants) };
  } catch (error) {
    return { noProbe, noAnswer: asGatehouseError(error).message, wants: [] };
  }
}

interface Answered {
  readonly id: string;
  readonly answer: Json;
}

/** For each call the newest translation of the operation in which the system answered it, and not with a refusal. */
async function answeredBefore({ translation }: Story, calls: ReadonlySet<string>, reader: JournalReader): Promise<ReadonlyMap<string, Answered>> {
  const { system, operation } = translation;
  const found = new Map<string, Answered>();
  if (calls.size === 0) return found;
  const { rows } = await reader.list({ system, operation, states: ['published'] }, { limit: lookedThrough });
  for (const { id } of rows) {
    if (found.size === calls.size) break;
    for (const { name, state, answer } of (await reader.story(id))?.calls ?? [])
      if (calls.has(name) && !found.has(name) && state === 'answered' && isPlain(answer)) found.set(name, { id, answer });
  }
  return found;
}

const isPlain = (answer: Json): boolean => typeof answer === 'object' && answer !== null && !('refused' in answer);

/** The same shape without a value of it: what another translation was answered is neither this one's nor everybody's to see. */
export function blank(value: Json): Json {
  if (Array.isArray(value)) return value.slice(0, 1).map(blank);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, blank(each)]));
  if (typeof value === 'string') return '';
  return typeof value === 'number' ? 0 : typeof value === 'boolean' ? false : null;
}
