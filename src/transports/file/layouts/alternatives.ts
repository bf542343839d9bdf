import { type Member } from './members.ts';
import { Misfit, shown } from './misfit.ts';
import { type Draft, own } from './passage.ts';
import { type FieldLayout } from './record-layout.ts';

/** Which of several descriptions of the same bytes holds: told by a field before them. */
export interface RedefinesRule {
  /** Name or dotted path of the field that decides. */
  readonly by: string;
  /** Its value, as text → name or key of the description. */
  readonly when: Readonly<Record<string, string>>;
  /** For every other value; without it such a record is bad. */
  readonly otherwise?: string;
}

export interface Choice {
  readonly slot: number;
  readonly by: string;
  readonly when: ReadonlyMap<string, Member>;
  readonly otherwise: Member | null;
}

/**
 * REDEFINES. With a rule, one description holds, on reading and on writing. Without, the value has every description that can be read; writing
 * takes one of them, or several that come to the same bytes: what was read can be written, and what was changed in one only is refused.
 */
export function alternativesMember(first: FieldLayout, members: readonly Member[], offset: number, space: number, choice: Choice | null): Member {
  const length = Math.max(...members.map((member) => member.length));
  const keys = members.flatMap((member) => member.keys);
  const restKey = `${first.key}~rest`;
  const chosen = (value: unknown, { when, otherwise, by }: Choice): Member => {
    const member = when.get(String(value)) ?? otherwise;
    if (member === null) throw new Misfit(first, `${by} is ${shown(value)}, and no rule says how the bytes are to be read then`);
    return member;
  };
  const rest = (draft: Draft, at: number, covered: number): void => {
    if (covered < length) draft.fill(space, restKey, at + covered, length - covered);
  };

  return {
    offset,
    length,
    variable: false,
    keys,
    read: (passage, at, into) => {
      let covered = 0;
      if (choice !== null) {
        const member = chosen(passage.slots[choice.slot], choice);
        member.read(passage, at, into);
        covered = member.length;
      } else {
        let why: Misfit | null = null;
        for (const member of members) {
          const misfit = passage.attempt(() => member.read(passage, at, into));
          if (misfit === null) covered = Math.max(covered, member.length);
          else {
            why ??= misfit;
            for (const key of member.keys) delete into[key];
          }
        }
        if (covered === 0 && why !== null) throw why;
      }
      if (covered < length) passage.keepUnless(space, restKey, at + covered, length - covered);
    },
    write: (draft, at, from) => {
      const given = members.filter((member) => member.keys.some((key) => own(from, key) !== undefined));
      if (choice !== null) {
        const member = chosen(draft.slots[choice.slot], choice);
        const other = given.find((each) => each !== member);
        if (other !== undefined)
          throw new Misfit(first, `${choice.by} is ${shown(draft.slots[choice.slot])}: that asks for '${member.keys[0]}', not '${other.keys[0]}'`);
        const seen = member.write(draft, at, from);
        rest(draft, at, member.length);
        return seen;
      }
      const [longest, ...others] = given.sort((a, b) => b.length - a.length);
      if (longest === undefined) {
        // None is given: the first may have an initial value.
        if (members[0]?.keys.length === 0 || first.initial !== null) members[0]?.write(draft, at, from);
        else throw new Misfit(first, `one of ${keys.join(', ')} must be given`);
        rest(draft, at, members[0]?.length ?? 0);
        return 0;
      }
      let seen = longest.write(draft, at, from);
      for (const other of others) {
        const before = Buffer.from(draft.target.subarray(at, at + other.length));
        seen += other.write(draft, at, from);
        if (!before.equals(draft.target.subarray(at, at + other.length)))
          throw new Misfit(first, `'${longest.keys[0]}' and '${other.keys[0]}' describe the same bytes and differ: give one of them`);
      }
      rest(draft, at, longest.length);
      return seen;
    },
  };
}
