import { describe, expect, it } from 'vitest';
import { type ScreenMap } from '../maps/screen-map.ts';
import { terminal } from '../terminal.ts';
import { type DialogParts, type Step } from './dialog.ts';
import { type LogIn } from './log-in.ts';

const map = (name: string, more: Partial<ScreenMap> = {}): ScreenMap => ({
  name,
  anchors: [{ text: name.toUpperCase(), at: { row: 1, column: 1 } }],
  back: 'f3',
  ...more,
});
const inputs = { choice: { at: { row: 5, column: 5 }, width: 2 }, secret: { at: { row: 6, column: 5 }, width: 8, hidden: true } } as const;
const { back: _none, ...noBack } = map('home');
const home: ScreenMap = { ...noBack, kind: 'home', inputs };
const form = map('form', { inputs });
const done = map('done', { outputs: { number: { at: { row: 3, column: 1, width: 8 } } } });
const news = map('news', { kind: 'interstitial' });
const login = map('login', { kind: 'login', inputs });
const maps = [home, form, done, news];
const steps: [Step, ...Step[]] = [
  { on: home, press: 'enter' },
  { on: form, press: 'f6', commit: true },
  { on: done, read: ['number'] },
];
const made =
  (dialog: DialogParts, others: ScreenMap[] = maps) =>
  () =>
    terminal({ maps: others, dialogs: { Save: dialog } });
const after = (at: number, change: Partial<Step>): DialogParts => ({
  steps: steps.map((step, n) => (n === at ? { ...step, ...change } : step)) as never,
});

describe('a dialog', () => {
  it('rule 10: that begins at home, commits once and sees a confirmation is taken', () => expect(made({ steps })).not.toThrow());

  it.each<[string, DialogParts, string]>([
    ['does not begin at home', { steps: steps.slice(1) as never }, "it begins on 'form', and every dialog begins at home"],
    ['commits twice', after(0, { commit: true }), 'it has 2 commit steps: two saves are two calls'],
    ['ends with its commit', { steps: steps.slice(0, 2) as never }, 'no screen follows its commit step'],
    ['takes home for a confirmation', { steps: [...steps.slice(0, 2), { on: home }] as never }, 'home is no confirmation'],
    [
      'takes the same screen for a confirmation',
      { steps: [...steps.slice(0, 2), { on: form }] as never },
      "the screen 'form' cannot confirm what was committed on it",
    ],
    ['may do without its commit', after(1, { sometimes: true }), 'its commit step may be left out'],
    ['may do without its confirmation', after(2, { sometimes: true }), 'the confirmation after its commit step may be left out'],
    ['commits without a key', { steps: [steps[0], { on: form, commit: true }, { on: done }] }, 'its commit step presses no key'],
    ['goes on without a key', { steps: [{ on: home }, { on: done }] }, 'step 1 (home) presses no key, and more screens follow'],
    ['reads what is not there', after(2, { read: ['bogus'] }), "step 3 (done) reads 'bogus', which the map does not have"],
    ['fills what is not there', after(1, { fill: { constructor: 'x' } }), "step 2 (form) fills 'constructor', which the map does not have"],
    ['types a constant that is too long', after(0, { fill: { choice: '123' } }), "fills 'choice' with a constant that does not fit into 2 cells"],
    ['types a constant that presses a key', after(0, { fill: { choice: '1\n' } }), "fills 'choice' with a constant that does not fit into 2 cells"],
    ['types the password', after(1, { fill: { secret: { $setting: 'password' } } }), "the password is typed on 'form': only the log-in does that"],
    ['shows the password', after(1, { fill: { choice: { $setting: 'password' } } }), "types the password into 'choice', which is not hidden"],
    ['hides what is no secret', after(1, { fill: { secret: { $argument: 'x' } } }), "fills the hidden 'secret' with what is no secret"],
    ['waits for an interstitial', { steps: [...steps, { on: news }] as never }, 'step 4 (news) is on an interstitial'],
    [
      'reads one name on two screens',
      { steps: [...steps.slice(0, 2), { on: done, read: ['number'], press: 'enter' }, { on: done, read: ['number'] }] as never },
      "'number' is read on two screens",
    ],
    [
      'refuses on a foreign screen',
      { steps, refusals: [{ on: map('other'), at: { row: 1, column: 1 }, means: { refusal: 'X' } }] },
      "a refusal is on 'other', which is not among the maps",
    ],
  ])('that %s is a mistake', (_what, dialog, mistake) => {
    expect(made(dialog)).toThrow(mistake);
  });

  it('on a screen without a way back is a mistake', () => {
    const { back: _gone, ...stuck } = done;
    const others = [home, form, stuck];
    expect(made({ steps: [steps[0], { ...(steps[1] as Step) }, { on: stuck }] }, others)).toThrow(
      "no way leads home from 'done': its map has no 'back'",
    );
  });

  it('every mistake is told at once', () => {
    expect(made(after(0, { fill: { bogus: 1 }, commit: true }))).toThrow(/fills 'bogus'[^]*2 commit steps/);
  });
});

describe('a log-in', () => {
  it.each<[string, LogIn | undefined, string]>([
    ['is missing where there is its screen', undefined, 'there is a log-in screen, and logIn has no step on it'],
    [
      'wants an argument',
      { steps: [{ on: login, fill: { choice: { $argument: 'x' } }, press: 'enter' }] },
      "wants the argument 'x', and a log-in has none",
    ],
    ['commits', { steps: [{ on: login, press: 'enter', commit: true }] }, "log-in on 'login' commits"],
    ['presses nothing', { steps: [{ on: login }] }, "log-in on 'login' presses no key"],
  ])('that %s is a mistake', (_what, logIn, mistake) => {
    expect(() => terminal({ maps: [...maps, login], ...(logIn === undefined ? {} : { logIn }) })).toThrow(mistake);
  });
});
