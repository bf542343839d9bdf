import { type Json } from '../../../../contract/json.ts';
import { type DeclaredReply, type ReplyField } from '../../../choices.view.ts';
import { jsonOf } from './json-editor.tsx';

/** What is written in a form, by field: text of every kind. */
export type Written = Readonly<Record<string, string>>;

/** What can be said beforehand: fields that the event has under the same name. */
export function prefilled({ fields }: DeclaredReply, eventText: string | undefined): Written {
  let event: unknown = null;
  try {
    event = JSON.parse(eventText ?? '');
  } catch {
    // An event that is no JSON has nothing to take over.
  }
  const known = typeof event === 'object' && event !== null ? (event as Record<string, unknown>) : {};
  return Object.fromEntries(
    fields.map(({ name }) => {
      const value = Object.hasOwn(known, name) ? known[name] : undefined;
      return [name, value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)];
    }),
  );
}

/** The reply that the form says; fields that are left empty and need not be there are left out. @throws Error in words for a person */
export function dataOf({ fields }: DeclaredReply, written: Written): Json {
  return Object.fromEntries(
    fields
      .filter(({ name, required }) => required || (written[name] ?? '') !== '')
      .map((field) => [field.name, valueOf(field, written[field.name] ?? '')]),
  );
}

function valueOf({ name, kind, oneOf }: ReplyField, text: string): Json {
  switch (kind) {
    case 'number':
      if (text.trim() === '' || !Number.isFinite(Number(text))) throw new Error(`${name} is a number.`);
      return Number(text);
    case 'yes or no':
      return text === 'true';
    case 'one of':
      return oneOf.find((each) => String(each) === text) ?? text;
    case 'json':
      try {
        return jsonOf(text);
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : ''}`, { cause: error });
      }
    case 'text':
      return text;
  }
}
