import { assert, constantFrom, property, string, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../../test/support/cpu-time.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { FilePath, joinInside } from './file-path.ts';
import { NamePattern } from './name-pattern.ts';
import { NameTemplate } from './name-template.ts';
import { safeName, unsafeBecause } from './safe-name.ts';

const codeOf = (work: () => unknown): string => {
  try {
    return `gave ${String(work())}`;
  } catch (error) {
    return error instanceof GatehouseError ? error.code : `threw ${String(error)}`;
  }
};

describe('a safe name', () => {
  it.each(['ORDERS_0017.TXT', 'Überweisung 7.txt', '日本語.csv', 'a', 'x'.repeat(255), 'a..b', 'conx.txt', '%2F'])('%s is one', (name) => {
    expect(safeName(name)).toBe(name);
  });

  it.each([
    ['', 'is empty'],
    ['.', 'begins'],
    ['..', 'begins'],
    ['.hidden', 'begins'],
    ['-rf', 'begins'],
    ['~root', 'begins'],
    [' a', 'begins'],
    ['a.', 'ends'],
    ['a ', 'ends'],
    ['a/b', 'separator'],
    [String.raw`a\b`, 'separator'],
    ['../../etc/passwd', 'separator'],
    ['a\nb', 'control'],
    ['a\0', 'control'],
    ['a\u0085b', 'control'],
    ['txt.\u202Eexe', 'control'],
    ['a\u200bb', 'control'],
    ['a\u2028b', 'control'],
    ['x'.repeat(256), '256 bytes'],
    ['ü'.repeat(128), '256 bytes'],
    ['u\u0308', 'normal form'],
    ['\ud800', 'well-formed'],
    ['NUL', 'device'],
    ['com1.txt', 'device'],
    ['Aux.TXT', 'device'],
    ['a:b', 'one of'],
    ['a*', 'one of'],
  ])('%j is none', (name, why) => {
    expect(unsafeBecause(name)).toContain(why);
    expect(codeOf(() => safeName(name))).toBe('CALL_REFUSED_ARGUMENTS');
  });

  it('whatever is let through stays one name in its directory, on one printable line', () => {
    let passed = 0;
    assert(
      property(string({ unit: constantFrom('a', '.', '/', '-', ' ', '\n', 'ü', '\\', '\0', '%', '~'), maxLength: 8 }), (text) => {
        if (unsafeBecause(text) !== null) return;
        passed += 1;
        const path = joinInside(FilePath.parse('in'), safeName(text));
        expect(path.segments).toHaveLength(2);
        expect(path.name.toString()).toBe(text);
      }),
      { numRuns: 2_000 },
    );
    expect(passed).toBeGreaterThan(50);
  });

  it('an error shows a hostile name without its control characters, and not the whole of a long one', () => {
    const hostile = `\u001b[2J\n${'x'.repeat(5_000)}`;
    try {
      safeName(hostile);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).toMatch(/^[\x20-\x7e]{1,250}$/);
    }
  });
});

describe('a path in a place', () => {
  it.each(['/etc/passwd', '..', 'a/../b', './a', 'a//b', 'a/', 'a/%2E%2E', 'a%2Fb', 'a/%00', `${'x'.repeat(1_025)}`])(
    '%s does not stay inside',
    (text) => {
      expect(codeOf(() => FilePath.parse(text))).toBe('CONFIG_INVALID');
    },
  );

  it('any bytes that a listing can have survive the way through text', () => {
    assert(
      property(uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const name = Buffer.from(bytes);
        if (name.includes(0x2f) || name.includes(0) || /^\.{1,2}$/.test(name.toString('latin1'))) return;
        const path = FilePath.parse('in').listed(name);
        const text = String(path);
        expect(text).not.toMatch(/\p{C}/u);
        expect(FilePath.parse(text).equals(path)).toBe(true);
        expect(FilePath.parse(text).name.equals(name)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('two names never have one text', () => {
    const root = FilePath.root;
    expect(String(root.listed(Buffer.from('%0A')))).toBe('%250A');
    expect(String(root.listed(Buffer.from('\n')))).toBe('%0A');
    expect(String(root.listed(Buffer.from('ü')))).toBe('ü');
    expect(String(root.listed(Buffer.from('ü', 'latin1')))).toBe('%FC');
  });

  it.each(['', '.', '..', 'a/b', 'a\0b'])('a server that lists %j lies', (name) => {
    expect(codeOf(() => FilePath.root.listed(Buffer.from(name)))).toBe('ANSWER_INVALID');
  });
});

describe('a name pattern', () => {
  it.each([
    ['*', 'a', true],
    ['*', '.a', false],
    ['.*', '.a', true],
    ['ORDERS_*.TXT', 'ORDERS_1.TXT', true],
    ['ORDERS_*.TXT', 'ORDERS_1.TXT.part', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['*.txt', 'A.TXT', false],
    ['[a]', 'a', false],
    ['a.c', 'abc', false],
  ])('%s on %s: %s', (pattern, name, fits) => {
    expect(new NamePattern(pattern).matches(Buffer.from(name))).toBe(fits);
  });

  it('without regard to case, when asked for', () => {
    expect(new NamePattern('*.txt', { ignoreCase: true }).matches(Buffer.from('A.TXT'))).toBe(true);
  });

  it('takes no exponential time over a hostile name', () => {
    const startMs = cpuMs();
    expect(new NamePattern(`${'*a'.repeat(30)}b`).matches(Buffer.alloc(255, 'a'))).toBe(false);
    expect(cpuMs() - startMs).toBeLessThan(1_000);
  });

  it('agrees with a regular expression that says the same', () => {
    assert(
      property(
        string({ unit: constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 7 }),
        string({ unit: constantFrom('a', 'b', '.'), maxLength: 8 }),
        (pattern, name) => {
          const rule = new RegExp(`^${pattern.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`);
          expect(new NamePattern(pattern).matches(Buffer.from(name))).toBe(!name.startsWith('.') && rule.test(name));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a name template', () => {
  const atMs = Date.UTC(2026, 11, 24, 23, 5, 9, 42);
  const filled = (template: string, values: object = {}, zone = 'UTC'): string => new NameTemplate(template, zone).nameFor({ atMs, ...values });

  it('fills in date, sequence and fields', () => {
    const template = new NameTemplate('MANIFEST_{date:yyyyMMdd}_{sequence:06}_{field:carrier.id}.TXT');
    expect(template.nameFor({ atMs, sequence: 17, fields: { carrier: { id: 'DHL 7' } } })).toBe('MANIFEST_20261224_000017_DHL 7.TXT');
    expect([template.counts, template.fields]).toEqual([true, ['carrier.id']]);
  });

  it('shows the date of its zone, through summer time and over midnight', () => {
    expect(filled('{date:yyyy-MM-dd_HHmmss.SSS}')).toBe('2026-12-24_230509.042');
    expect(filled('{date:yyyyMMddTHH}', {}, 'Europe/Berlin')).toBe('20261225T00');
    expect(filled('{date:yy}{date:DDD}')).toBe('26358');
    expect(filled('{date:HH}', { atMs: Date.UTC(2026, 2, 29, 0, 59) }, 'Europe/Berlin')).toBe('01');
    expect(filled('{date:HH}', { atMs: Date.UTC(2026, 2, 29, 1, 1) }, 'Europe/Berlin')).toBe('03');
  });

  it('a sequence number that needs more digits is refused, never cut', () => {
    expect(filled('{sequence:03}', { sequence: 999 })).toBe('999');
    expect(filled('{sequence}', { sequence: 12_345n })).toBe('12345');
    for (const sequence of [1_000, -1, 1.5, undefined]) expect(codeOf(() => filled('{sequence:03}', { sequence }))).toBe('CALL_REFUSED_ARGUMENTS');
  });

  it('a field that is not safe is refused, or escaped when that is asked for', () => {
    for (const id of ['../x', 'a/b', 'a\nb', 'a..b', '', '\u202e', 'a:b', 'x'.repeat(300), null, undefined, {}, true, Number.NaN])
      expect(
        codeOf(() => filled('A_{field:id}_', { fields: { id } })),
        String(id),
      ).toBe('CALL_REFUSED_ARGUMENTS');
    expect(filled('A_{field:id:escape}.TXT', { fields: { id: '../ü %' } })).toBe('A_%2E%2E%2F%C3%BC%20%25.TXT');
    expect(codeOf(() => filled('{field:id}', { fields: Object.create({ id: 'inherited' }) as object }))).toBe('CALL_REFUSED_ARGUMENTS');
    expect(codeOf(() => filled('{field:id}', { fields: { id: 'NUL' } }))).toBe('CALL_REFUSED_ARGUMENTS');
    expect(codeOf(() => filled('{field:id}', { fields: { id: '-rf' } }))).toBe('CALL_REFUSED_ARGUMENTS');
  });

  it('braces are written twice', () => {
    expect(filled('a{{b}}c')).toBe('a{b}c');
  });

  it.each([
    ['', 'position 1'],
    ['a{date', 'position 2'],
    ['a}b', 'position 2'],
    ['ab{what}', "position 4: 'what' is not known; there are date, sequence, field, name and stem"],
    ['{date:}', 'position 7'],
    ['{date:yyyyXX}', "position 11: 'X'"],
    ['{date:yyyy/MM}', 'position 11'],
    ['{sequence:6}', 'position 11'],
    ['{sequence:000}', 'position 11'],
    ['{field:}', 'position 8'],
    ['{field:a:lower}', 'position 10'],
    ['a/b', 'position 2'],
  ])('%s cannot be read: %s', (text, where) => {
    expect(() => new NameTemplate(text)).toThrow(
      expect.objectContaining({ code: 'LAYOUT_MISSING', message: expect.stringContaining(where) as string }) as Error,
    );
  });

  it('a zone that is none is refused', () => {
    expect(codeOf(() => new NameTemplate('a', 'Europe/Nowhere'))).toBe('LAYOUT_MISSING');
  });

  it('no field makes it throw anything but a refusal or a name that is not safe', () => {
    const template = new NameTemplate('M_{field:id}.TXT');
    assert(
      property(string({ unit: 'binary', maxLength: 12 }), (id) => {
        const got = codeOf(() => template.nameFor({ atMs, fields: { id } }));
        expect(got).toMatch(/^(?:CALL_REFUSED_ARGUMENTS$|gave M_)/);
        if (got.startsWith('gave ')) expect(unsafeBecause(got.slice(5))).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });
});
