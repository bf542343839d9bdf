import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type StoryAnswer } from '../../../story.answer.ts';
import { commandOf, curlOfEvent, printable, quoted } from './commands.ts';

const around = { origin: 'http://127.0.0.1:8480', withToken: true };

/** What a shell makes of the words. */
const words = (line: string): string[] =>
  execFileSync('/bin/sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], { env: { GATEHOUSE_TOKEN: 'secret of the shell' } })
    .toString()
    .split('\0')
    .slice(0, -1);

const story = (data: object, type = "it's; rm -rf $HOME"): StoryAnswer =>
  ({ event: { attributes: { specversion: '1.0', id: '\u001b[31m`id`', source: '/x', type }, data } }) as unknown as StoryAnswer;

describe('what is copied for a shell', () => {
  it('is one word, whatever is in it', () => {
    const texts = fc.string({ unit: fc.constantFrom("'", '"', '$', '`', '\\', ';', '\n', '!', ' ', 'a', 'ü') });
    fc.assert(
      fc.property(texts, (text) => {
        expect(words(quoted(text))).toEqual([text]);
      }),
      { numRuns: 25 },
    );
  });

  it('posts the event as it was, in printable ASCII', () => {
    const text = '{ "ref": "a\u202eb\u009b", "digits": 12345678901234567890,\n "quote": "it\'s" }';
    const line = curlOfEvent(story({ text }), around);
    expect(line).toMatch(/^[\x20-\x7e]*$/);
    const body = words(line).find((word) => word.startsWith('{')) ?? '';
    expect(body).toContain('12345678901234567890');
    expect(JSON.parse(body)).toMatchObject({ type: "it's; rm -rf $HOME", id: '\u001b[31m`id`', data: JSON.parse(text) });
    expect(words(line)).toContain('authorization: Bearer secret of the shell');
  });

  it('posts bytes that are no JSON in base64', () => {
    const [plain, bytes] = [story({ text: 'no ü JSON' }), story({ base64: 'gIGC' })].map((each) =>
      words(curlOfEvent(each, around)).find((word) => word.startsWith('{')),
    );
    expect(atob((JSON.parse(plain ?? '') as { data_base64: string }).data_base64)).toBe('no \u00c3\u00bc JSON');
    expect(JSON.parse(bytes ?? '')).toMatchObject({ data_base64: 'gIGC' });
  });

  it('keeps the value of JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(printable(JSON.stringify(value, null, 2)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is the command of the gateway with its address', () => {
    expect(commandOf(['retry', 'abcdef', '--why', "it's up"], around)).toBe("gatehouse retry abcdef --why 'it'\\''s up' --url http://127.0.0.1:8480");
  });
});
