import { type Catalogue } from '../contract/catalogue.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type Story } from '../contract/journal-reader.ts';
import { type Json } from '../contract/json.ts';
import { mask } from '../contract/masking.ts';
import { Masker, maskingOf } from './masker.ts';
import { sightIn } from './sensitive.ts';

/**
 * Data that a person has edited as it was shown, with what was masked in it as it is: a mask must not become a value of an event.
 * @throws GatehouseError NOT_POSSIBLE when a mask stands where the event has nothing masked
 */
export function unmasked(edited: Json, story: Story, catalogue: Catalogue): Json {
  if (!JSON.stringify(edited).includes(mask)) return edited;
  const { translation, event } = story;
  const masker = new Masker(maskingOf(story, sightIn(catalogue, translation)));
  let original: Json = null;
  try {
    original = JSON.parse(Buffer.from(event.data.bytes ?? []).toString()) as Json;
  } catch {
    // No JSON: nothing of it was shown as a value.
  }
  return restored(edited, original, masker.value(original));
}

function restored(edited: Json, original: Json | undefined, masked: Json | undefined): Json {
  if (typeof edited === 'string' && edited.includes(mask)) {
    if (edited === masked && original !== undefined) return original;
    throw new GatehouseError('NOT_POSSIBLE', 'a masked value stands where the event has none: reveal it, or write another');
  }
  if (Array.isArray(edited)) return edited.map((each, n) => restored(each, listOf(original)[n], listOf(masked)[n]));
  if (typeof edited !== 'object' || edited === null) return edited;
  return Object.fromEntries(Object.entries(edited).map(([name, each]) => [name, restored(each, memberOf(original, name), memberOf(masked, name))]));
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name) ? value[name] : undefined;
