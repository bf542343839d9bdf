import { type ScreenMap } from '../maps/screen-map.ts';
import { type Region } from '../screen/place.ts';
import { type Screen } from '../screen/screen.ts';

/** What a screen says no with. Every part that is given must fit. */
export interface ScreenRule {
  /** Only on this screen. */
  readonly on?: ScreenMap;
  /** Where the host says it: the message line. Its text becomes the reason. */
  readonly at: Region;
  /** What the text there begins with, blanks apart. Without `begins` and `matches` any text will do. */
  readonly begins?: string;
  readonly matches?: RegExp;
  readonly means:
    | { readonly refusal: string }
    /** The host did not carry it out: it is tried again. */
    | 'not executed'
    /** User or password were refused: the system is held. */
    | 'credentials'
    /** The host lets this user in later: already logged on, no session free. */
    | 'no session';
}

/** How a screen says no, as data: in the order of the rules the first that fits counts. */
export const rule = <const R extends ScreenRule>(rule: R): R => rule;

/** The codes with which rules refuse. */
export type CodesOf<Rules> = Rules extends readonly (infer Each)[]
  ? Each extends { readonly means: { readonly refusal: infer Code extends string } }
    ? Code
    : never
  : never;

/** The first rule that the screen fits, and what the host says. */
export function ruleFor(rules: readonly ScreenRule[], map: ScreenMap, screen: Screen): { readonly rule: ScreenRule; readonly reason: string } | null {
  for (const rule of rules) {
    if (rule.on !== undefined && rule.on !== map) continue;
    const reason = screen.text(rule.at).replaceAll(/\s+/g, ' ').trim();
    if (reason === '' || !reason.startsWith(rule.begins ?? '')) continue;
    if (rule.matches === undefined || new RegExp(rule.matches.source, rule.matches.flags.replaceAll(/[gy]/g, '')).test(reason))
      return { rule, reason };
  }
  return null;
}
