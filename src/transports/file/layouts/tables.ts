import { type Json } from '../../../contract/json.ts';
import { type Element, type Member, missing } from './members.ts';
import { Misfit, shown } from './misfit.ts';
import { own } from './passage.ts';
import { type FieldLayout, type Occurs } from './record-layout.ts';

/** OCCURS: a list. `slot`: where the count of a table DEPENDING ON a field is noted. */
export function tableMember(field: FieldLayout, occurs: Occurs, offset: number, element: Element, slot: number | null): Member {
  const { key } = field;
  const { min, max, moves } = occurs;
  const longest = max * element.length;
  const variable = element.variable || (slot !== null && moves);
  const range = min === max ? `${max}` : `${min} to ${max}`;

  const counted = (noted: Json | undefined): number => {
    const count = Number(noted);
    if (noted === null || noted === undefined || !Number.isInteger(count) || count < min || count > max)
      throw new Misfit(field, `${occurs.dependingOn} says ${shown(noted ?? 'nothing')} elements, the layout has ${range}`);
    return count;
  };

  return {
    offset,
    length: longest,
    variable,
    keys: [key],
    read: (passage, at, into) => {
      const count = slot === null ? max : counted(passage.slots[slot]);
      if (!element.variable && at + count * element.length > passage.bytes.length)
        throw new Misfit(field, `${count} elements need ${at + count * element.length} bytes, the record has ${passage.bytes.length}`);
      const list: Json[] = [];
      let start = at;
      passage.path.push(key, 0);
      for (let i = 0; i < count; i += 1) {
        passage.path[passage.path.length - 1] = i;
        list.push(element.read(passage, start));
        start = element.variable ? passage.end : start + element.length;
      }
      passage.path.length -= 2;
      if (!variable && start < at + longest) passage.keepUnless(0x00, `${key}~rest`, start, at + longest - start);
      passage.end = start;
      into[key] = list;
    },
    write: (draft, at, from) => {
      const list = own(from, key);
      if (list === undefined) throw missing(field);
      if (!Array.isArray(list)) throw new Misfit(field, `${shown(list)} is no list`);
      if (list.length < min || list.length > max) throw new Misfit(field, `has ${list.length} elements, the layout has ${range}`);
      if (slot !== null && counted(draft.slots[slot]) !== list.length)
        throw new Misfit(field, `has ${list.length} elements, and ${occurs.dependingOn} says ${shown(draft.slots[slot])}`);
      let start = at;
      draft.path.push(key, 0);
      for (let i = 0; i < list.length; i += 1) {
        draft.path[draft.path.length - 1] = i;
        element.write(draft, start, list[i] as Json);
        start = element.variable ? draft.end : start + element.length;
      }
      draft.path.length -= 2;
      if (!variable && start < at + longest) draft.fill(0x00, `${key}~rest`, start, at + longest - start);
      draft.end = start;
      return 1;
    },
  };
}
