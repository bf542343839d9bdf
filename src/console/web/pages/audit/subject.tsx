import { type JSX } from 'preact';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';

interface Place {
  readonly to: string;
  readonly words: string;
}

/** Where the subject of an entry is found: a translation, a bulk action, a group of parked ones, a system; null when it has no page. */
export function placeOf(subject: string): Place | null {
  if (/^[0-9a-f]{32}$/.test(subject)) return { to: href('translations', subject), words: `translation ${subject.slice(0, 8)}` };
  const bulk = /^bulk (\d+)$/.exec(subject)?.[1];
  if (bulk !== undefined) return { to: href('attention', 'bulks', bulk), words: subject };
  const group = groupWords(subject);
  if (group !== null) return { to: href('attention'), words: group };
  const system = /^([a-z][a-z0-9-]*)(?: [a-z][a-z0-9-]*)?$/.exec(subject)?.[1];
  return system === undefined ? null : { to: href('systems', system), words: subject };
}

/** A group of parked translations is named by what they have in common: `[["code","DEFECT"],["system","carrier"]]`. */
function groupWords(subject: string): string | null {
  if (!subject.startsWith('[')) return null;
  try {
    const pairs = JSON.parse(subject) as readonly (readonly [string, string | null])[];
    return `parked: ${pairs.map(([name, value]) => `${name} ${value ?? 'none'}`).join(', ')}`;
  } catch {
    return null;
  }
}

export function Subject({ of }: { readonly of: string }): JSX.Element {
  const place = placeOf(of);
  return place === null ? <span>{shownText(of)}</span> : <a href={place.to}>{shownText(place.words)}</a>;
}
