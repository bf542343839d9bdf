import { expect, it } from 'vitest';
import { Secret } from '../../contract/secret.ts';
import { type Part } from '../../contract/transport.ts';
import { SystemClock } from '../../gateway/clock.ts';
import { Film } from './film.ts';

const password = new Secret('env:P', 'Kanar1en-v0gel');
const film = (): Film => new Film(new SystemClock(), 100_000, [password]);
const shown = (parts: readonly Part[]): string[] => parts.map(({ kind, media, bytes }) => `${kind} ${media} ${Buffer.from(bytes).toString()}`);

it('what was typed and pressed comes first, the film last', async () => {
  const made = film();
  made.observe({ kind: 'typed', input: 'sku', value: 'SKU-1' });
  made.observe({ kind: 'typed', input: 'password', value: password });
  made.observe({ kind: 'pressed', key: 'enter' });
  const [sent, cast, ...more] = shown(await made.parts());
  expect(sent).toBe('sent text/plain sku: SKU-1\npassword: {{env:P}}\nenter\n');
  expect(cast).toMatch(/^received application\/x-asciicast \{"version":2,"width":80,"height":24,/);
  expect(more).toEqual([]);
});

it('a film that would show a secret is replaced by a note that says so', async () => {
  const made = film();
  // In pieces that are no secret each, on one screen.
  for (const piece of ['Kanar1e', 'n-v0gel']) made.observe({ kind: 'output', bytes: Buffer.from(piece) });
  const parts = shown(await made.parts());
  expect(parts).toEqual([`note text/plain the recording would show the secret {{env:P}}; it was not kept`.replace('{{env:P}}', 'env:P')]);
  expect(parts.join('\n')).not.toContain('Kanar');
});

it('tells once whether a key was let go', () => {
  const made = film();
  expect(made.keyLeft()).toBe(false);
  made.observe({ kind: 'pressed', key: 'f6' });
  expect([made.keyLeft(), made.keyLeft()]).toEqual([true, false]);
});
