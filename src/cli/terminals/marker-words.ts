import { safeText } from '../safe-text.ts';

/** The longest marker that is shown whole. */
const most = 240;

/** A marker of a recording in a phrase. What tools may add to markers is shown as it stands. */
export function markerWords(data: string): string {
  let marker: unknown;
  try {
    marker = JSON.parse(data);
  } catch {
    return clip(data);
  }
  if (typeof marker !== 'object' || marker === null || Array.isArray(marker)) return clip(data);
  const {
    typed,
    pressed,
    waited,
    condition,
    why,
    afterMs,
    screen: _screen,
    cursor: _cursor,
    lock: _lock,
    ended,
    clipped,
    ...others
  } = marker as Record<string, unknown>;
  const phrases = [
    typed === undefined ? '' : `typed ${text(typed)}`,
    pressed === undefined ? '' : `pressed ${text(pressed)}`,
    waited === undefined ? '' : `waited ${text(afterMs ?? '?')} ms, ${text(waited)}: ${text(why ?? condition ?? '')}`,
    waited === undefined && why !== undefined ? text(why) : '',
    ended === undefined ? '' : `ended: ${text(ended)}`,
    clipped === undefined ? '' : `${text(clipped)} bytes are left out of the recording from here on`,
    ...Object.entries(others).map(([name, value]) => `${name} ${text(value)}`),
  ];
  return clip(phrases.filter((phrase) => phrase !== '').join(', '));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function clip(words: string): string {
  const safe = safeText(words);
  return safe.length > most ? `${safe.slice(0, most)}…` : safe;
}
