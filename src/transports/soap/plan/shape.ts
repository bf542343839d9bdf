import { type Json } from '../../../contract/json.ts';
import { clark } from '../xml/xml.document.ts';
import { type AttributeUse, type ComplexType, type ElementDeclaration, type Particle } from '../wsdl/schema.model.ts';

/**
 * How a complex type looks as JSON. Both directions and the generated TypeScript types go by it.
 * - an element is a property of its name; one that may stand more than once is a list
 * - an attribute is a property `@name`; the text of a type with attributes is `$value`
 * - elements of a choice are properties of which one is given; a choice or sequence that repeats is a list `$choice`, `$sequence` of objects
 * - elements of other schemas are `$any`, a list of XML texts
 * A name that would stand twice gets its namespace, or a number: `{http://acme.example/}id`, `id$2`; so does one that every object of
 * JavaScript has: `constructor$2`.
 */
export interface Shape {
  readonly attributes: readonly AttributeShape[];
  readonly group: GroupShape | null;
}

export interface AttributeShape {
  readonly key: string;
  readonly use: AttributeUse;
}

export interface GroupShape {
  readonly kind: 'sequence' | 'choice' | 'all';
  /** None of it need be there. */
  readonly optional: boolean;
  readonly members: readonly MemberShape[];
}

export type MemberShape =
  | ({ readonly kind: 'group' } & { readonly group: GroupShape })
  | FieldShape
  | { readonly kind: 'repeated'; readonly key: string; readonly min: number; readonly max: number; readonly group: GroupShape }
  | { readonly kind: 'any'; readonly key: string; readonly min: number; readonly max: number };

export interface FieldShape {
  readonly kind: 'field';
  readonly key: string;
  readonly element: ElementDeclaration;
  readonly min: number;
  readonly max: number;
  readonly list: boolean;
}

/** The properties of a group, those of its inner groups included; `list` when an empty list is as good as none. */
export function propertiesOf(group: GroupShape): { readonly key: string; readonly list: boolean }[] {
  return group.members.flatMap((member) =>
    member.kind === 'group' ? propertiesOf(member.group) : [{ key: member.key, list: member.kind !== 'field' || member.list }],
  );
}

/** Whether a property is given. */
export const isGiven = (value: Json | undefined, list: boolean): boolean =>
  value !== undefined && !(list && Array.isArray(value) && value.length === 0);

const shapes = new WeakMap<ComplexType, Shape>();

/** The shape of a type; made once. */
export function shapeOf(type: ComplexType): Shape {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const keys = new Keys();
  const shape: Shape = { attributes: attributesOf(type), group: type.content === null ? null : groupOf(type.content, keys) };
  shapes.set(type, shape);
  return shape;
}

function attributesOf({ attributes }: ComplexType): AttributeShape[] {
  const seen = new Set<string>();
  return attributes.map((use) => {
    const key = seen.has(use.name) ? `@${clark({ namespace: use.namespace, local: use.name })}` : `@${use.name}`;
    seen.add(use.name);
    return { key, use };
  });
}

function groupOf(particle: Particle, keys: Keys): GroupShape {
  if (particle.kind === 'element' || particle.kind === 'any') return { kind: 'sequence', optional: false, members: [memberOf(particle, keys)] };
  if (particle.max > 1) return { kind: 'sequence', optional: false, members: [memberOf(particle, keys)] };
  return inlineGroup(particle, keys);
}

function inlineGroup(particle: Extract<Particle, { particles: readonly Particle[] }>, keys: Keys): GroupShape {
  const { kind, particles, min } = particle;
  if (kind !== 'choice') return { kind, optional: min === 0, members: particles.map((each) => memberOf(each, keys)) };
  // The options of a choice exclude each other: each may use the names again.
  const before = keys.copy();
  const members = particles.map((each) => {
    const option = before.besides(keys);
    const member = memberOf(each, option);
    keys.add(option);
    return member;
  });
  return { kind, optional: min === 0, members };
}

function memberOf(particle: Particle, keys: Keys): MemberShape {
  const { min, max } = particle;
  if (particle.kind === 'any') return { kind: 'any', key: keys.take('$any', ''), min, max };
  if (particle.kind !== 'element') {
    const [only] = particle.particles;
    // A repeated group of one element is that element, repeated.
    if (max > 1 && particle.particles.length === 1 && only?.kind === 'element' && only.max === 1 && only.min === 1)
      return memberOf({ ...only, min, max }, keys);
    if (max > 1) {
      const inner = inlineGroup({ ...particle, min: 1, max: 1 }, new Keys());
      return { kind: 'repeated', key: keys.takeOnce(particle.kind === 'choice' ? '$choice' : '$sequence'), min, max, group: inner };
    }
    return { kind: 'group', group: inlineGroup(particle, keys) };
  }
  const { element } = particle;
  const options = [element, ...element.substitutes()].filter(({ abstract }) => !abstract);
  const [first = element] = options;
  if (options.length <= 1) return { kind: 'field', key: keys.take(first.name, first.namespace), element: first, min, max, list: max > 1 };
  const particles: Particle[] = options.map((each) => ({ kind: 'element', element: each, min: 1, max: 1 }));
  return memberOf({ kind: 'choice', particles, min, max }, keys);
}

/** Which property names are taken, and by which namespaces. */
class Keys {
  readonly #taken = new Map<string, string>();
  /** Taken by other options of the choice: free for the same namespace. */
  #beside: ReadonlyMap<string, string> = new Map();

  copy(): Keys {
    const copy = new Keys();
    for (const [key, namespace] of this.#taken) copy.#taken.set(key, namespace);
    return copy;
  }

  besides(other: Keys): Keys {
    const copy = this.copy();
    copy.#beside = other.#taken;
    return copy;
  }

  add(other: Keys): void {
    for (const [key, namespace] of other.#taken) this.#taken.set(key, namespace);
  }

  /** A property that no other option of a choice may have either: what is in it would not tell which option it is. */
  takeOnce(name: string): string {
    let key = name;
    for (let count = 2; this.#taken.has(key) || this.#beside.has(key); count += 1) key = `${name}$${count}`;
    this.#taken.set(key, '');
    return key;
  }

  take(name: string, namespace: string): string {
    const isFree = (key: string): boolean => !this.#taken.has(key) && (this.#beside.get(key) ?? namespace) === namespace;
    // Every object has a property `constructor` already: what was left out would seem to be there.
    const names = name in Object.prototype ? [] : [name, ...(this.#taken.get(name) === namespace ? [] : [`{${namespace}}${name}`])];
    let key = names.find(isFree);
    for (let count = 2; key === undefined; count += 1) key = [`${name}$${count}`].find(isFree);
    this.#taken.set(key, namespace);
    return key;
  }
}
