import { computed, signal } from '@preact/signals';

export type Role = 'viewer' | 'operator' | 'admin';

/** Whom the gateway takes this page for; null until it has said. */
export const caller = signal<{ readonly name: string; readonly role: Role } | null>(null);

const ranks: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, admin: 3 };

/** Why the caller may not, in words for a disabled button; null when they may. */
export function forbidden(needed: Role): string | null {
  const who = caller.value;
  if (who === null) return 'The gateway has not yet said who you are';
  return ranks[who.role] >= ranks[needed] ? null : `You are ${who.role}: this needs ${needed}`;
}

export const mayAct = computed(() => forbidden('operator') === null);
