import { describe, expect, it } from 'vitest';
import { type DeskSession, SignOnDesk } from './sign-on-desk.ts';

const options = { user: 'clerk', users: ['second'], password: 'Right1', sessionsPerUser: 2, held: 'ask', holdMs: 60_000, lockAfter: 2 } as const;

function desk(): { desk: SignOnDesk<DeskSession>; session: (attached: boolean, user?: string) => DeskSession } {
  const desk = new SignOnDesk<DeskSession>(options);
  const session = (attached: boolean, user = 'clerk'): DeskSession => {
    const made: DeskSession = { attached, peer: 'here', end: () => desk.leave(made) };
    desk.enter(made, user);
    return made;
  };
  return { desk, session };
}

describe('the sign-on desk', () => {
  it('knows the user in any case and the password in its own', () => {
    const { desk: at } = desk();
    expect(at.judge('CLERK', 'Right1').is).toBe('welcome');
    expect(at.judge('clerk', 'right1').is).toBe('wrong-password');
    expect(at.judge('other', 'Right1').is).toBe('wrong-password');
  });

  it('locks after wrong passwords in a row, and a right one in between begins anew', () => {
    const { desk: at } = desk();
    expect(['x', 'Right1', 'x', 'x', 'Right1'].map((password) => at.judge('clerk', password).is)).toEqual([
      'wrong-password',
      'welcome',
      'wrong-password',
      'locked',
      'locked',
    ]);
    at.unlock();
    expect(at.judge('clerk', 'Right1').is).toBe('welcome');
  });

  it('a held session comes before the limit, and the limit counts those in use', () => {
    const { desk: at, session } = desk();
    session(true);
    session(true);
    expect(at.judge('clerk', 'Right1').is).toBe('session-limit');
    at.endAll();
    const held = session(false);
    at.hold(held);
    session(true);
    expect(at.judge('clerk', 'Right1')).toEqual({ is: 'held', session: held, policy: 'ask' });
    held.end();
    expect(at.judge('clerk', 'Right1').is).toBe('welcome');
  });

  it('locks, limits and holds each user apart, and remembers every try', () => {
    const { desk: at, session } = desk();
    for (const password of ['x', 'x']) at.judge('clerk', password);
    expect(at.judge('second', 'Right1').is).toBe('welcome');
    const held = session(false, 'second');
    expect(at.heldOf('clerk')).toBeUndefined();
    expect(at.heldOf('SECOND')).toBe(held);
    expect(at.judged).toEqual([
      { user: 'clerk', is: 'wrong-password' },
      { user: 'clerk', is: 'locked' },
      { user: 'second', is: 'welcome' },
    ]);
  });
});
