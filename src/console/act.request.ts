import { type DeskAct } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';

const kinds = ['retry', 'discard', 'pass', 'republish', 'replay', 'happened', 'did not', 'probe'] as const satisfies readonly DeskAct['kind'][];

const refuse = (message: string): never => {
  throw new GatehouseError('NOT_POSSIBLE', message);
};

/** What is asked of one translation. @throws GatehouseError NOT_POSSIBLE */
export function deskActOf(asked: unknown): DeskAct {
  const act = (typeof asked === 'object' && asked !== null ? asked : {}) as Readonly<Record<string, unknown>>;
  const kind = kinds.find((each) => each === act['kind']);
  switch (kind) {
    case undefined:
      return refuse(`'act' has a kind: ${kinds.join(', ')}`);
    case 'happened':
      if (act['answer'] === undefined) return refuse("'answer' is what the system answered, as the call's answer is");
      return { kind, answer: act['answer'] as Json, ...callIn(act) };
    case 'did not':
    case 'probe':
      return { kind, ...callIn(act) };
    case 'discard':
      return { kind, ...replyIn(act['reply']) };
    case 'replay':
      return { kind, ...(act['data'] === undefined ? {} : { data: act['data'] as Json }) };
    default:
      return { kind };
  }
}

/** A reply that goes out when something is given up. @throws GatehouseError NOT_POSSIBLE */
export function replyIn(asked: unknown): { readonly reply?: { readonly type: string; readonly data: Json } } {
  if (asked === undefined) return {};
  const { type, data } = (typeof asked === 'object' && asked !== null ? asked : {}) as { type?: unknown; data?: Json };
  if (typeof type !== 'string' || data === undefined) return refuse("'reply' has a type and data");
  return { reply: { type, data } };
}

function callIn({ callSeq }: Readonly<Record<string, unknown>>): { readonly callSeq?: number } {
  if (callSeq === undefined) return {};
  if (typeof callSeq !== 'number' || !Number.isSafeInteger(callSeq)) return refuse("'callSeq' is the number of a call");
  return { callSeq };
}

/** The version that a person saw; null: whichever. @throws GatehouseError NOT_POSSIBLE */
export function versionIn({ version }: Readonly<Record<string, unknown>>): number | null {
  if (version === undefined || version === null) return null;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 0) return refuse("'version' is a whole number");
  return version;
}
