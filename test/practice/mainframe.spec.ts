import { afterEach, describe, expect, it } from 'vitest';
import { type MainframeOptions, PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { S3270 } from '../support/s3270.ts';

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
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
});
