import { IsOptional, IsString } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { type Catalogue, type CataloguedOperation } from '../contract/catalogue.ts';
import { codes } from '../contract/errors.ts';
import { EventType, Sensitive } from '../contract/event.ts';
import { type Story, type StoredBody } from '../contract/journal-reader.ts';
import { bounded } from './bounded.ts';
import { mask, rowView, storyView } from './story.view.ts';

@EventType('test.admitted.v1')
class Admitted {
  @Sensitive()
  @IsString()
  patient: string;

  @IsOptional()
  @IsString()
  ward?: string;
}

@EventType('test.plain.v1')
class Plain {
  @IsString()
  patient: string;
}

const secret = "Anna O'Neil";
const stored = (text: string | Uint8Array): StoredBody => {
  const bytes = Buffer.from(text as string);
  return { size: bytes.byteLength, sha256: 'digest', clipped: false, bytes };
};
const film = `{"version":2}\n${[...secret].map((letter, n) => JSON.stringify([n, 'o', `\u001b[1;${n}H${letter}`])).join('\n')}\n`;

function story(parts: readonly (readonly [media: string, text: string | Uint8Array])[], event: StoredBody | null = null): Story {
  const data = event ?? stored(JSON.stringify({ patient: secret, ward: 'W4' }));
  const failure = { code: 'CALL_REFUSED', message: `no bed for ${secret.toUpperCase()}` };
  return {
    translation: { id: 'a', system: 'ward', operation: 'admit', key: secret, businessKey: secret, failure },
    event: { attributes: { specversion: '1.0', id: '1', source: '/s', type: 'test.admitted.v1', subject: secret }, data },
    attempts: [{ run: 1, failure }],
    calls: [
      {
        seq: 1,
        name: 'reserve',
        failure,
        args: { who: secret.toUpperCase() },
        answer: 'ok',
        parts: parts.map(([media, text]) => ({ media, body: stored(text) })),
      },
    ],
    replies: [],
    actions: [],
  } as unknown as Story;
}

const knowing = (operation: Partial<CataloguedOperation> | undefined): Catalogue => ({ operation: () => operation }) as unknown as Catalogue;
const sensitive = knowing({ accepts: Admitted, acceptsType: 'test.admitted.v1', replies: new Map(), key: 'patient', businessKey: 'patient' });
const plain = knowing({ accepts: Plain, acceptsType: 'test.admitted.v1', replies: new Map(), key: 'patient', businessKey: 'patient' });

describe('a story as it is shown', () => {
  it('rule 42: a recording in which a value may stand letter by letter is not shown, but to those who may reveal', () => {
    const told = story([['application/x-asciicast+json; version=2', film]]);
    const body = (reveal: boolean) => storyView(told, sensitive, reveal).calls[0]?.parts[0]?.body;
    expect(body(false)).toMatchObject({ masked: true, text: '••••', sha256: null });
    expect(body(true)).toMatchObject({ text: film, sha256: 'digest' });
    expect(storyView(told, plain, false).calls[0]?.parts[0]?.body).toMatchObject({ text: film });
  });

  it.each([
    ['in capitals', 'text/plain', "PATIENT ANNA O'NEIL"],
    ['as other programs escape XML', 'message/http', '<p>Anna O&apos;Neil</p>'],
    ['in records of a file', 'application/octet-stream', "0001Anna O'N 00"],
    ['in units of two bytes', 'text/xml', Buffer.from(`<p>${secret}</p>`, 'utf16le')],
  ])('rule 42: a value that stands %s is not shown', (_how, media, bytes) => {
    expect(JSON.stringify(storyView(story([[media, bytes]]), sensitive, false)).replaceAll('\\u0000', '')).not.toMatch(/neil|O'N|O&apos;N/i);
  });

  it('rule 42: of what was clipped no part of a value stands at the gap, nor in what is cut to be shown', () => {
    const text = `${'ä'.repeat(50)} for ${secret} in W4 ${'ö'.repeat(50)}`;
    const whole = Buffer.from(text);
    let shown = 0;
    for (let kept = 2; kept < whole.byteLength; kept += 1) {
      const head = Math.ceil(kept / 2);
      const bytes = Buffer.concat([whole.subarray(0, head), whole.subarray(whole.byteLength - (kept - head))]);
      const told = story([]);
      const parts = [{ media: 'text/plain', body: { size: whole.byteLength, sha256: 'digest', clipped: true, bytes } }];
      const clipped = { ...told, calls: [{ ...told.calls[0], parts }] } as unknown as Story;
      const view = storyView(clipped, sensitive, false);
      const body = view.calls[0]?.parts[0]?.body;
      if (body?.text !== mask) shown += 1;
      expect(body?.text).not.toMatch(/A|n{2}|O'|Neil|eil|il/);
      for (const upTo of [50, 60, 70]) expect(bounded(view, upTo).calls[0]?.parts[0]?.body.text).not.toMatch(/A|n{2}|O'|Neil|eil|il/);
    }
    expect(shown).toBeGreaterThan(200);
  });

  it('rule 42: nothing is shown of which nobody can tell what is to be masked', () => {
    const parts = [['text/plain', `patient: ${secret}`]] as const;
    const gone = { size: 9, sha256: 'digest', clipped: false, bytes: null };
    for (const view of [storyView(story(parts), knowing(undefined), false), storyView(story(parts, gone), sensitive, false)])
      expect(JSON.stringify(view)).not.toMatch(/neil/i);
    expect(JSON.stringify(storyView(story(parts), knowing(undefined), true))).toContain('patient: Anna');
  });

  it('rule 42: no failure quotes a value', () => {
    const { attempts, calls, translation } = storyView(story([]), sensitive, false);
    for (const told of [attempts[0], calls[0], translation])
      expect(told?.failure).toMatchObject({ code: 'CALL_REFUSED', message: 'no bed for ••••' });
  });

  it('rule 42: a row of an operation that is gone shows no keys', () => {
    expect(rowView(story([]).translation, knowing(undefined))).toMatchObject({ key: '••••', businessKey: '••••' });
    expect(rowView(story([]).translation, plain)).toMatchObject({ key: secret, businessKey: secret });
  });

  it.each([
    ['DEFECT', `Error: cannot place ${secret}`],
    ['CALL_REFUSED_ARGUMENTS', `manifest: record 2, field name (X(35)): character 9 of '${secret}' is not in code page iso-8859-1`],
    ['RECORD_INVALID', `statements: record 7 at byte 700: field name (X(35)): byte 3 of 416e6e61 (hexadecimal) is no character`],
    ['ANSWER_INVALID', `field patient: '${secret}' is no number`],
  ] as const)('rule 42: what %s may quote is not told in a list', (code, message) => {
    const row = { ...story([]).translation, failure: { code, message, native: secret } } as const;
    for (const catalogue of [sensitive, knowing(undefined)])
      expect(rowView(row, catalogue).failure).toEqual({ code, message: `${codes[code].means} ••••` });
    expect(rowView(row, plain).failure).toEqual(row.failure);
  });

  it('rule 42: a long value that a failure quotes the beginning of, and bytes of one, are not told in a story', () => {
    const long = 'Bartholomew-Maximilian of Great Hollow, 17 Long Lane';
    const quoted = (message: string): string => {
      const told = story([], stored(JSON.stringify({ patient: long })));
      const failure = { code: 'CALL_REFUSED_ARGUMENTS', message };
      return storyView({ ...told, attempts: [{ run: 1, failure }] } as unknown as Story, sensitive, false).attempts[0]?.failure?.message ?? '';
    };
    expect(quoted(`field name: '${long.slice(0, 39)}…' takes 52 bytes, the field has 35`)).not.toContain('Hollow');
    expect(quoted(`field name: '${long.slice(0, 40)}' takes 52 bytes, the field has 35`)).toMatch(/takes 52 bytes, the field has 35/);
    expect(quoted('field name: byte 3 of 42617274686f6c6f6d65… (hexadecimal) is no character')).toBe('field name: byte 3 of •••• is no character');
  });

  it('without sensitive fields all of it is shown as it is', () => {
    const told = story([['text/plain', `patient: ${secret}`]]);
    expect(storyView(told, plain, false)).toEqual(storyView(told, plain, true));
  });
});
