import { type Json } from '../../../contract/json.ts';
import { type Type } from '../wsdl/schema.model.ts';
import { isElement } from './any-value.ts';
import { type Output, isObject } from './output.ts';
import { simpleCodec } from './simple-values.ts';
import { type FieldShape, type GroupShape, type MemberShape, isGiven, propertiesOf } from './shape.ts';
import { countWords } from './unfit.ts';
import { type ElementWriters } from './writing.ts';

type Fields = { readonly [key: string]: Json };

/** Writes the elements of an object in the order of the schema. */
export interface WriteGroup {
  /** Every property that it can write. */
  readonly keys: readonly string[];
  write(value: Fields, out: Output): void;
}

interface WriteMember extends WriteGroup {
  /** It may be left out. */
  readonly optional: boolean;
  /** Something that it needs is not given. */
  lacks(value: Fields): boolean;
}

export function compileGroup(group: GroupShape, compiler: ElementWriters): WriteMember {
  const members = group.members.map((member) => compileMember(member, compiler));
  const properties = propertiesOf(group);
  const keys = [...new Set(properties.map(({ key }) => key))];
  const givenIn = (value: Fields): string[] => properties.flatMap(({ key, list }) => (isGiven(value[key], list) ? [key] : []));
  if (group.kind === 'choice') return choice(group, members, keys, givenIn);
  const optional = group.optional || members.every((member) => member.optional);
  const isLeftOut = (value: Fields): boolean => group.optional && givenIn(value).length === 0;
  return {
    keys,
    optional,
    lacks: (value) => !isLeftOut(value) && members.some((member) => member.lacks(value)),
    write(value, out) {
      if (isLeftOut(value)) return;
      for (const member of members) member.write(value, out);
    },
  };
}

function choice(group: GroupShape, options: readonly WriteMember[], keys: readonly string[], givenIn: (value: Fields) => string[]): WriteMember {
  const optional = group.optional || options.some((option) => option.optional);
  const names = keys.slice(0, 8).join(', ');
  return {
    keys,
    optional,
    lacks: (value) => !optional && givenIn(value).length === 0,
    write(value, out) {
      const given = givenIn(value);
      if (given.length === 0) {
        if (!optional) out.problem(`needs one of ${names}`);
        return;
      }
      const fitting = options.filter((option) => given.every((key) => option.keys.includes(key)));
      const chosen = fitting.find((option) => !option.lacks(value)) ?? fitting[0];
      if (chosen === undefined) return out.problem(`has ${given.join(' and ')}, and the schema allows one of ${names}`);
      chosen.write(value, out);
    },
  };
}

function compileMember(member: MemberShape, compiler: ElementWriters): WriteMember {
  switch (member.kind) {
    case 'group':
      return compileGroup(member.group, compiler);
    case 'field':
      return compileField(member, compiler);
    case 'repeated': {
      const { key, min, max, group } = member;
      const inner = compileGroup(group, compiler);
      const known = new Set(inner.keys);
      return listOf(key, min, max, (each, out) => {
        if (!isObject(each)) return out.problem('is no object');
        for (const name in each) if (!known.has(name)) out.problem('is not in the WSDL', name);
        inner.write(each, out);
      });
    }
    case 'any':
      return listOf(member.key, member.min, member.max, (each, out) => {
        if (typeof each !== 'string' || !isElement(each)) return out.problem('is not one well-formed element as XML text');
        out.xml += each;
      });
  }
}

function compileField({ key, element, min, max, list }: FieldShape, compiler: ElementWriters): WriteMember {
  const writer = compiler.element(element);
  if (list) return listOf(key, min, max, (each, out) => writer.write(each, out));
  let known: Json | undefined;
  const fixed = (): Json | undefined => (known ??= element.fixed === undefined ? undefined : valueOf(element.type(), element.fixed));
  return {
    keys: [key],
    optional: min === 0,
    lacks: (value) => min > 0 && value[key] === undefined && element.fixed === undefined,
    write(value, out) {
      const given = value[key] ?? (value[key] === null ? null : fixed());
      if (given === undefined || (min === 0 && value[key] === undefined)) {
        if (min > 0) out.problem('is missing', key);
        return;
      }
      out.path.push(key);
      if (element.fixed !== undefined && !isObject(given) && given !== fixed() && String(given) !== element.fixed)
        out.problem(`is not ${element.fixed}, which the schema fixes`);
      writer.write(given, out);
      out.path.pop();
    },
  };
}

/** What the schema writes as text, as a value of the type. */
function valueOf(type: Type, text: string): Json {
  const simple = type.kind === 'simple' ? type : type.simple;
  const value = simple === undefined ? text : simpleCodec(simple).read(text);
  return type.kind === 'complex' && simple !== undefined ? { $value: value } : value;
}

function listOf(key: string, min: number, max: number, write: (each: Json, out: Output) => void): WriteMember {
  return {
    keys: [key],
    optional: min === 0,
    lacks: (value) => min > 0 && !isGiven(value[key], true),
    write(value, out) {
      const given = value[key];
      if (given === undefined) {
        if (min > 0) out.problem('is missing', key);
        return;
      }
      if (!Array.isArray(given)) return out.problem('is not a list', key);
      if (given.length < min || given.length > max) out.problem(`has ${given.length} elements, and the schema wants ${countWords(min, max)}`, key);
      out.path.push(key);
      for (let index = 0; index < given.length; index += 1) {
        out.path.push(index);
        write(given[index] as Json, out);
        out.path.pop();
      }
      out.path.pop();
    },
  };
}
