import { type BodyView } from '../../../body.view.ts';
import { type CallAnswer, type StoryAnswer } from '../../../story.answer.ts';
import { indented, isJson } from './json-outline.ts';
import { bytesOf, hexLines, sizeOf } from './payload.ts';

/** Larger texts are compared as they came. */
const mostToIndent = 2_000_000;
const mostHexLines = 4_096;

/** A body in lines that can be compared: JSON one item a line, bytes sixteen a line. */
export function linesOf(body: BodyView): string {
  if (body.base64 !== undefined) return hexLines(bytesOf(body.base64), 0, mostHexLines);
  if (body.text === undefined) return `(${sizeOf(body.size)}, no longer kept)`;
  return body.text.length <= mostToIndent && body.cut !== true && isJson(body.text) ? indented(body.text) : body.text;
}

/** All that went over the line in one call. */
export function exchangeOf(call: CallAnswer): string {
  const parts = call.parts.map(({ kind, media, body }) => `── ${kind}, ${media}\n${linesOf(body)}`);
  return [`${call.name} ${call.state}`, ...parts].join('\n');
}

/** All replies, by their types. */
export const repliesOf = ({ replies }: StoryAnswer): string =>
  replies.map(({ attributes, data }) => `── ${attributes.type}\n${linesOf(data)}`).join('\n');
