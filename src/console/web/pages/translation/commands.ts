import { type StoryAnswer } from '../../../story.answer.ts';
import { isJson } from './json-outline.ts';

/** One word of a shell, whatever is in it. @see POSIX.1-2024, Shell Command Language, 2.2.2 */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** JSON in printable ASCII: a terminal that it is pasted into sees no control characters. Digits and spelling of the values stay. */
export const printable = (json: string): string =>
  json.replaceAll(/[\t\n\r]/g, ' ').replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** `withToken`: the gateway asks for one; it is taken from the environment of the shell and never written out. */
export interface Surroundings {
  readonly origin: string;
  readonly withToken: boolean;
}

const asked = ({ withToken }: Surroundings): string => (withToken ? ' -H "authorization: Bearer $GATEHOUSE_TOKEN"' : '');

/** Reads the story as this page does. */
export const curlOfStory = ({ translation }: StoryAnswer, around: Surroundings): string =>
  `curl${asked(around)} ${quoted(`${around.origin}/api/translations/${translation.id}`)}`;

/** Posts the event once more: with its source and id it is known as a duplicate, and changes nothing. */
export function curlOfEvent({ event }: StoryAnswer, around: Surroundings): string {
  const { text = '', base64 } = event.data;
  const attributes = printable(JSON.stringify(event.attributes)).slice(0, -1);
  const body =
    base64 !== undefined
      ? `${attributes},"data_base64":"${base64}"}`
      : isJson(text)
        ? `${attributes},"data":${printable(text)}}`
        : `${attributes},"data_base64":"${base64Of(text)}"}`;
  return `curl${asked(around)} -H 'content-type: application/cloudevents+json' --data-binary ${quoted(body)} ${quoted(`${around.origin}/events`)}`;
}

function base64Of(text: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}

/** The command line that does the same. */
export function commandOf(words: readonly string[], { origin }: Surroundings): string {
  return `gatehouse ${words.map((word) => (/^[\w./:=-]+$/.test(word) ? word : quoted(word))).join(' ')} --url ${origin}`;
}
