import { afterEach, describe, expect, it } from 'vitest';
import { type MainframeOptions, PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { S3270 } from '../support/s3270.ts';

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.stop();
});

async function host(options: MainframeOptions = {}): Promise<PracticeMainframe> {
  const practice = await PracticeMainframe.start(options);
  open.push(practice);
  return practice;
}

async function terminal(practice: PracticeMainframe, ...options: readonly string[]): Promise<S3270> {
  const s3270 = await S3270.start(...options);
  open.push(s3270);
  await s3270.connect(practice.port);
  await s3270.sees('SIGN ON');
  return s3270;
}

async function signOn(s3270: S3270, password = 'practice'): Promise<void> {
  await s3270.type('gatehouse');
  await s3270.press('Tab');
  await s3270.type(password);
  await s3270.press('Enter');
}

async function signedOn(practice: PracticeMainframe, ...options: readonly string[]): Promise<S3270> {
  const s3270 = await terminal(practice, ...options);
  await signOn(s3270);
  await s3270.sees('CUSTOMER MENU');
  return s3270;
}

async function choose(s3270: S3270, option: string, title: string): Promise<void> {
  await s3270.type(option);
  await s3270.press('Enter');
  await s3270.sees(title);
}

async function toUpdate(s3270: S3270, customer = '10001'): Promise<void> {
  await choose(s3270, '2', 'CU30');
  await s3270.type(customer);
  await s3270.press('Enter');
  await s3270.sees('CU31');
}

/** The name and the reference, on the update screen. */
async function change(s3270: S3270, name: string, ref: string): Promise<void> {
  await s3270.run('MoveCursor(6,24)');
  await s3270.run('EraseEOF()');
  await s3270.type(name);
  await s3270.run('MoveCursor(16,24)');
  await s3270.type(ref);
}

describe('the practice mainframe, at a real 3270', () => {
  it('signs on, looks up, changes, saves and finds the update by its reference', async () => {
    const practice = await host();
    const s3270 = await signedOn(practice);
    expect(s3270.status).toMatchObject({ formatted: true, rows: 24, columns: 80, cursor: { row: 14, column: 24 } });

    await choose(s3270, '1', 'CUSTOMER ENQUIRY');
    await s3270.type('10003');
    await s3270.press('Enter');
    expect(await s3270.sees('OLD MILL BAKERY 3')).toContain('3 CHURCH LANE');
    await s3270.press('PF3');
    await s3270.sees('CU10');

    await toUpdate(s3270, '10003');
    await change(s3270, 'ÜNAL & SØN [1]', 'REF-1');
    await s3270.press('Enter');
    await s3270.sees('CU030I CHECKED. PF5 SAVES');
    await s3270.press('PF5');
    await s3270.sees('CU031I CUSTOMER 00010003 SAVED AS UPDATE U000001');
    expect(practice.ledger()).toMatchObject([
      { kind: 'update', number: 'U000001', ref: 'REF-1', customer: '00010003', changes: { name: 'ÜNAL & SØN [1]' }, user: 'gatehouse' },
    ]);
    expect(Object.keys(practice.ledger()[0]?.changes ?? {})).toEqual(['name']);
    await s3270.press('PF3');
    await s3270.sees('CU10');

    await choose(s3270, '4', 'FIND AN UPDATE');
    await s3270.type('REF-1');
    await s3270.press('Enter');
    expect(await s3270.sees('CU052I 1 FOUND')).toMatch(/U000001 +REF-1 +00010003/);
    await s3270.press('PF3');
    await s3270.sees('CU10');
    await s3270.press('PF3');
    await s3270.disconnected();
    expect(practice.sessions()).toEqual({ attached: 0, held: 0 });
  });

  it.each([
    ['IBM-3279-2', '3279-2', 24, 80, 'PAGE 1 OF 3'],
    ['IBM-3279-3', '3279-3', 32, 80, 'PAGE 1 OF 2'],
    ['IBM-3278-4', '3278-4', 43, 80, 'PAGE 1 OF 2'],
    ['IBM-3279-5', '3279-5', 27, 132, 'PAGE 1 OF 3'],
  ])('%s shows the list in its bigger size and the rest in 24 by 80', async (_name, model, rows, columns, pages) => {
    const s3270 = await signedOn(await host(), '-model', model);
    await choose(s3270, '3', pages);
    expect(s3270.status).toMatchObject({ rows, columns });
    expect((await s3270.screen()).includes('CHURCH LANE')).toBe(columns === 132);
    await s3270.press('PF7');
    await s3270.sees('CU040I THIS IS THE FIRST PAGE');
    await s3270.press('PF8');
    await s3270.sees('PAGE 2');
    for (let page = 2; page < Number(pages.at(-1)); page += 1) await s3270.press('PF8');
    await s3270.sees('BOTTOM');
    await s3270.press('PF8');
    await s3270.sees('CU041I THIS IS THE LAST PAGE');
    await s3270.press('PF3');
    await s3270.sees('CU10');
    expect(await s3270.screen()).not.toContain('BOTTOM');
  });

  it.each([
    ['TN3270E', { enhanced: true }, []],
    ['a terminal that refuses TN3270E', { enhanced: true }, ['-tn3270e-refused']],
    ['a query and extended attributes', { query: true }, ['-model', '3279-2']],
    ['a query and a terminal of no model', { query: true }, ['-oversize', '100x50']],
    ['a bigger terminal than 12 bits can address', { query: true }, ['-oversize', '150x50']],
    ['14-bit addresses', { addressing: 14 }, []],
  ] as const)('agrees on %s', async (name, options, more) => {
    const practice = await host(options);
    const s3270 = await S3270.start(...(more[0] === '-tn3270e-refused' ? [] : more));
    open.push(s3270);
    // N: without TN3270E.
    await s3270.connect(practice.port, more[0] === '-tn3270e-refused' ? 'N:' : name === 'TN3270E' ? 'LU7@' : '');
    await s3270.sees('SIGN ON');
    await signOn(s3270);
    await s3270.sees('CUSTOMER MENU');
    await choose(s3270, '3', 'CUSTOMER LIST');
    if (more[0] === '-oversize') expect(s3270.status).toMatchObject({ rows: 50, columns: Number(more[1].slice(0, 3)) });
    await s3270.press('PF3');
    await s3270.sees('CU10');
    await toUpdate(s3270);
    await change(s3270, 'NEW NAME', 'REF-2');
    await s3270.press('PF5');
    await s3270.sees('SAVED');
    expect(practice.ledger()).toMatchObject([{ ref: 'REF-2', changes: { name: 'NEW NAME' } }]);
  });

  it('the name that a terminal gives itself in TN3270E is where its session is used from', async () => {
    const practice = await host({ enhanced: true, held: 'refuse' });
    const first = await S3270.start();
    open.push(first);
    await first.connect(practice.port, 'LU7@');
    await first.sees('SIGN ON');
    await signOn(first);
    await first.sees('CUSTOMER MENU');
    practice.cut();
    await first.disconnected();
    const second = await terminal(practice);
    await signOn(second);
    await second.sees('CU014E USERID ALREADY SIGNED ON AT LU7');
  });

  it('code page 1140 has the euro where 037 has the currency sign', async () => {
    const practice = await host({ codePage: 1140 });
    const s3270 = await signedOn(practice, '-codepage', 'cp1140');
    await toUpdate(s3270);
    await change(s3270, '10 €', 'REF-3');
    await s3270.press('PF5');
    await s3270.sees('SAVED');
    expect(practice.ledger()[0]?.changes).toEqual({ name: '10 €' });
    expect(await s3270.screen()).toContain('10 €');
  });

  it('the password field is hidden, the option field is numeric, and no other is either', async () => {
    const practice = await host();
    const s3270 = await terminal(practice);
    const inputs = async (): Promise<number[]> =>
      [...(await s3270.run('ReadBuffer(Ascii)')).join(' ').matchAll(/SF\((?:[0-9a-f]+=[0-9a-f]+,)*c0=([0-9a-f]+)/g)]
        .map(([, attribute]) => Number.parseInt(attribute ?? '', 16))
        .filter((attribute) => (attribute & 0x20) === 0)
        .map((attribute) => attribute & 0x1c);
    expect(await inputs()).toEqual([0x00, 0x0c]);
    await signOn(s3270);
    await s3270.sees('CUSTOMER MENU');
    expect(await inputs()).toEqual([0x10]);
  });

  it('says what is wrong on the message line and keeps what was typed', async () => {
    const practice = await host();
    const s3270 = await signedOn(practice);
    await s3270.type('8');
    await s3270.press('Enter');
    await s3270.sees('CU010E NO SUCH OPTION');
    await s3270.press('PF9');
    await s3270.sees('CU001W PF9 HAS NO USE HERE');
    await s3270.press('PA1');
    await s3270.sees('CU001W PA1 HAS NO USE HERE');
    await s3270.press('PA2');
    await s3270.sees('CU10');
    await s3270.run('MoveCursor(14,24)');
    await toUpdate(s3270);
    await s3270.press('PF5');
    await s3270.sees('CU033E THE REFERENCE IS MISSING');
    expect(s3270.status.cursor).toEqual({ row: 16, column: 24 });
    await s3270.type('REF-9');
    await s3270.press('PF5');
    await s3270.sees('CU034E NOTHING IS CHANGED');
    // Only the reference was typed into, and the remark has left it marked as modified.
    const marks = [...(await s3270.run('ReadBuffer(Ascii)')).join(' ').matchAll(/SF\((?:[0-9a-f]+=[0-9a-f]+,)*c0=([0-9a-f]+)/g)].map(
      ([, attribute]) => Number.parseInt(attribute ?? '', 16),
    );
    expect(marks.filter((attribute) => (attribute & 0x20) === 0).map((attribute) => attribute & 0x01)).toEqual([0, 0, 0, 0, 0, 1]);
    await s3270.run('MoveCursor(6,24)');
    await s3270.run('EraseEOF()');
    await s3270.press('PF5');
    expect(await s3270.sees('CU036E THE NAME IS MISSING')).toContain('REF-9');
    await s3270.press('PF3');
    await s3270.sees('CU032I NOTHING WAS SAVED');
    await choose(s3270, '1', 'CU20');
    await s3270.type('99');
    await s3270.press('Enter');
    await s3270.sees('CU021E CUSTOMER 99 DOES NOT EXIST');
    expect(practice.ledger()).toEqual([]);
  });

  it('Clear leads from the menu to an unformatted screen, where the transaction is named', async () => {
    const s3270 = await signedOn(await host());
    await s3270.press('Clear');
    await s3270.until((screen, { unlocked, formatted }) => unlocked && !formatted && screen.trim() === '');
    await s3270.type('WHAT');
    await s3270.press('Enter');
    await s3270.sees('CU003E TRANSACTION WHAT IS NOT KNOWN');
    await s3270.press('Clear');
    await s3270.until((screen, { unlocked }) => unlocked && screen.trim() === '');
    await s3270.type('cust');
    await s3270.press('Enter');
    await s3270.sees('CUSTOMER MENU');
  });

  it('a wrong password is told, three of them revoke the user id, and a right one is of no use then', async () => {
    const practice = await host();
    const s3270 = await terminal(practice);
    for (const answer of ['CU011E', 'CU011E', 'CU012E USERID IS REVOKED']) {
      await signOn(s3270, 'wrong');
      await s3270.sees(answer);
    }
    await signOn(s3270);
    await s3270.sees('CU012E');
    practice.unlock();
    await signOn(s3270);
    await s3270.sees('CUSTOMER MENU');
  });

  it('a session outlives its connection: it is asked about, and gone on in where it was', async () => {
    const practice = await host();
    const first = await signedOn(practice);
    await toUpdate(first);
    practice.cut();
    await first.disconnected();
    expect(practice.sessions()).toEqual({ attached: 0, held: 1 });
    const second = await terminal(practice);
    await signOn(second);
    await second.sees('CU02');
    await second.press('PF5');
    expect(await second.sees('CU31')).toContain('MILLER TOOLS 1');
    expect(practice.sessions()).toEqual({ attached: 1, held: 0 });

    const third = await terminal(practice);
    await signOn(third);
    await third.sees('CU013E SESSION LIMIT');
    practice.cut();
    await third.disconnected();
    const fourth = await terminal(practice);
    await signOn(fourth);
    await fourth.sees('CU02');
    await fourth.press('PF6');
    await fourth.sees('CUSTOMER MENU');
    expect(practice.sessions()).toEqual({ attached: 1, held: 0 });
  });

  it.each(['resume', 'refuse'] as const)('or not asked about: %s', async (held) => {
    const practice = await host({ held });
    const first = await signedOn(practice);
    await choose(first, '4', 'CU50');
    practice.cut();
    await first.disconnected();
    const second = await terminal(practice);
    await signOn(second);
    await second.sees(held === 'resume' ? 'CU50' : 'CU014E');
  });

  it('a held session runs out', async () => {
    const practice = await host({ holdMs: 50 });
    await signedOn(practice);
    practice.cut();
    await expect.poll(() => practice.sessions()).toEqual({ attached: 0, held: 0 });
    await signedOn(practice);
  });
});

describe('the faults of the practice mainframe', () => {
  async function beforeSaving(practice: PracticeMainframe): Promise<S3270> {
    const s3270 = await signedOn(practice);
    await toUpdate(s3270);
    await change(s3270, 'NEW NAME', 'REF-7');
    return s3270;
  }

  it('silent: the keyboard stays locked and nothing is saved', async () => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.fault({ kind: 'silent', screen: 'update', matching: 'REF-7', times: 1 });
    await s3270.press('PF5');
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    await s3270.screen();
    expect(s3270.status).toMatchObject({ unlocked: false, connected: true });
    expect(practice.ledger()).toEqual([]);
    practice.clear();
    await s3270.sees('CU31');
  });

  it('silent for a while: the key acts after all', async () => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.fault({ kind: 'silent', ms: 300, times: 1 });
    const beganMs = performance.now();
    await s3270.press('PF5');
    await s3270.sees('SAVED');
    expect(performance.now() - beganMs).toBeGreaterThan(290);
  });

  it.each([
    ['drop-before', 0],
    ['drop-after', 1],
  ] as const)('%s: the connection is cut with the update screen still shown, and %i are saved', async (kind, saved) => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.fault({ kind, screen: 'update', times: 1 });
    await s3270.press('PF5');
    await s3270.disconnected();
    expect(await s3270.screen()).toContain('CU31');
    expect(practice.ledger()).toHaveLength(saved);
    expect(practice.sessions()).toEqual({ attached: 0, held: 1 });
  });

  it.each([
    ['half-open', 0],
    ['half-open-after', 1],
  ] as const)('%s: the connection stands and is dead, and %i are saved', async (kind, saved) => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.fault({ kind, times: 1 });
    await s3270.press('PF5');
    await expect.poll(() => practice.sessions()).toEqual({ attached: 0, held: 1 });
    await s3270.screen();
    expect(s3270.status).toMatchObject({ unlocked: false, connected: true });
    expect(practice.ledger()).toHaveLength(saved);
    practice.clear();
    await s3270.screen();
    expect(s3270.status.unlocked).toBe(false);
  });

  it('redisplay: the new text is shown again with the keyboard free, and nothing is saved', async () => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.fault({ kind: 'redisplay', times: 1 });
    await s3270.press('PF5');
    expect(await s3270.sees('NEW NAME')).not.toContain('SAVED');
    expect(practice.ledger()).toEqual([]);
    await s3270.press('PF5');
    await s3270.sees('CU031I');
    expect(practice.ledger()).toHaveLength(1);
  });

  it('unconfirmed: saved, and the menu instead of a confirmation', async () => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.fault({ kind: 'unconfirmed', times: 1 });
    await s3270.press('PF5');
    expect(await s3270.sees('CUSTOMER MENU')).not.toContain('SAVED');
    expect(practice.ledger()).toHaveLength(1);
  });

  it('stale: saved, and the keyboard comes back over the screen as it was', async () => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.fault({ kind: 'stale', times: 1 });
    await s3270.press('PF5');
    expect(await s3270.sees('CU31')).not.toContain('SAVED');
    expect(practice.ledger()).toHaveLength(1);
  });

  it('commit-late: no answer, and saved when nobody looks any more', async () => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.fault({ kind: 'commit-late', ms: 100, times: 1 });
    await s3270.press('PF5');
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    expect(practice.ledger()).toEqual([]);
    s3270.stop();
    await practice.caughtUp();
    expect(practice.ledger()).toMatchObject([{ ref: 'REF-7' }]);
  });

  it('busy: refused on the message line, not saved, and saved the next time', async () => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.fault({ kind: 'busy', times: 1 });
    await s3270.press('PF5');
    await s3270.sees('CU035E');
    expect(practice.ledger()).toEqual([]);
    await s3270.press('PF5');
    await s3270.sees('CU031I');
  });

  it('flash: another screen with the keyboard free, and then the right one', async () => {
    const practice = await host();
    const s3270 = await terminal(practice);
    practice.fault({ kind: 'flash', ms: 1_000, screen: 'menu', times: 1 });
    await signOn(s3270);
    await s3270.sees('ONE MOMENT PLEASE');
    await s3270.sees('CUSTOMER MENU');
  });

  it('slow: the screen comes in pieces and is whole in the end', async () => {
    const practice = await host();
    const s3270 = await terminal(practice);
    practice.fault({ kind: 'slow', ms: 1, times: 1 });
    await signOn(s3270);
    await s3270.sees('CUSTOMER MENU');
  });

  it('chatty: the clock goes on and on, until another screen comes', async () => {
    const practice = await host();
    const s3270 = await terminal(practice);
    practice.fault({ kind: 'chatty', ms: 10, screen: 'menu', times: 1 });
    await signOn(s3270);
    await s3270.sees('CUSTOMER MENU');
    const clock = (screen: string): string => /\d\d:\d\d:\d\d\.\d{3}/.exec(screen)?.[0] ?? '';
    const seen = clock(await s3270.until((screen) => clock(screen) !== ''));
    await s3270.until((screen) => clock(screen) !== seen);
    await choose(s3270, '1', 'CU20');
    expect(clock(await s3270.screen())).toBe('');
  });

  it('broadcast: a message in the place of the screen, gone with any key', async () => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    practice.broadcast('TAPE 7 IS WANTED');
    await s3270.sees('TAPE 7 IS WANTED');
    await s3270.press('Enter');
    await s3270.sees('CU31');
    practice.fault({ kind: 'broadcast', screen: 'menu', times: 1 });
    await s3270.press('PF3');
    await s3270.sees('THE SYSTEM GOES DOWN');
    await s3270.press('Clear');
    await s3270.sees('CUSTOMER MENU');
  });

  it('keyboard-kept: the screen is there, and the keyboard is not', async () => {
    const practice = await host();
    const s3270 = await terminal(practice);
    practice.fault({ kind: 'keyboard-kept', times: 1 });
    await signOn(s3270);
    await s3270.until((screen) => screen.includes('CUSTOMER MENU'));
    expect(s3270.status.unlocked).toBe(false);
  });

  it('deny and session-limit: no sign-on, whatever the password', async () => {
    const practice = await host();
    const s3270 = await terminal(practice);
    practice.fault({ kind: 'deny', times: 1 });
    practice.fault({ kind: 'session-limit', times: 1 });
    await signOn(s3270);
    await s3270.sees('CU011E');
    await signOn(s3270);
    await s3270.sees('CU013E');
    await signOn(s3270);
    await s3270.sees('CUSTOMER MENU');
  });

  it('stop takes the sessions with it, and reopen brings the host back with its ledger', async () => {
    const practice = await host();
    const s3270 = await beforeSaving(practice);
    await s3270.press('PF5');
    await s3270.sees('SAVED');
    await practice.stop();
    await s3270.disconnected();
    expect(practice.sessions()).toEqual({ attached: 0, held: 0 });
    await practice.reopen();
    await signedOn(practice);
    expect(practice.ledger()).toHaveLength(1);
  });
});
