import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { Secret } from '../../src/contract/secret.ts';
import { Recording } from '../../src/transports/terminal/recording.ts';
import { type Happening, type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { type TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { need } from '../support/needs.ts';
import { ShellHost } from '../support/shell-host.ts';
import { clock, openTerminal, shellSettings, showing, terminalSettings } from '../support/terminals.ts';
import { attribute, Painting, Tn3270Host } from '../support/tn3270-host.ts';

const canary = 'Kanar1en-v0gel';
const password = new Secret('env:STOCK_PASSWORD', canary);

/** Everything that a session leaves behind, as text. */
async function remains(settings: TerminalSettings, use: (session: TerminalSession, keep: (what: unknown) => void) => Promise<void>): Promise<string> {
  const kept: unknown[] = [];
  const record = new Recording(clock, 1_000_000, [password]);
  const observe = (happening: Happening): void => {
    record.observe(happening);
    kept.push(happening.kind === 'output' ? null : happening);
  };
  const session = await openTerminal(settings, observe);
  await use(session, (what) => kept.push(what));
  const screen = session.screen();
  kept.push(screen.text(), screen, session, settings, await record.seal());
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) kept.push(commandOf(pid));
  await session.close();
  return kept.map((what) => `${inspect(what, { depth: 8, maxStringLength: null, maxArrayLength: null })}${JSON.stringify(what) ?? ''}`).join('\n');
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1') + readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** The canary as others might write it down. */
const disguises = [
  Buffer.from(canary).toString('hex'),
  Buffer.from(canary).toString('base64').replace(/=+$/, ''),
  ...['037', '273', '500', '1047'].map((page) => execFileSync('iconv', ['-t', `IBM${page}`], { input: canary }).toString('hex')),
];

const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

it('rule 26: a password typed over SSH, echoed by the host and refused elsewhere is in nothing that is left', async () => {
  const host = await ShellHost.start();
  try {
    const command = `sh -c 'stty raw -echo; printf "PASS: "; head -c ${canary.length}; printf " WELCOME"; sleep 60'`;
    const left = await remains(shellSettings(host, { command, password }), async (session, keep) => {
      await session.wait(showing('PASS:', { cursor: { row: 1, column: 7 } }), 10_000);
      keep(await codeOf(session.type(password, { name: 'user', at: { row: 1, column: 7 }, width: 20 })));
      keep(
        await codeOf(
          session.type(new Secret('env:LONG', `${canary}${canary}`), { name: 'pass', at: { row: 1, column: 7 }, width: 20, hidden: true }),
        ),
      );
      await session.type(password, { name: 'pass', at: { row: 1, column: 7 }, width: 20, hidden: true });
      keep(await session.wait(showing('WELCOME'), 10_000));
    });
    expect(left).toContain('WELCOME');
    expect(left).toContain('{{env:STOCK_PASSWORD}}');
    for (const form of [canary, ...disguises]) expect(left.toLowerCase()).not.toContain(form.toLowerCase());
  } finally {
    await host.stop();
  }
});

it('a password typed into a 3270 and shown back in a hidden and in an open field is in nothing that is left', async () => {
  need('s3270', 's3270');
  const logon = new Painting('erase-write')
    .at(1, 1)
    .field(attribute.protected)
    .text('LOGON')
    .at(3, 1)
    .field(attribute.hidden)
    .cursor()
    .at(3, 30)
    .field(attribute.protected);
  const welcome = new Painting('erase-write')
    .at(1, 1)
    .field(attribute.protected)
    .text('WELCOME')
    .at(3, 1)
    .field(attribute.hidden | attribute.protected)
    .text(canary)
    .at(4, 1)
    .field(attribute.protected)
    .text(canary);
  const host = await Tn3270Host.start({ started: (host) => host.send(logon), received: (host) => host.send(welcome) });
  try {
    const at = { row: 3, column: 2 };
    const left = await remains(terminalSettings({ protocol: 'tn3270', port: host.port, password }), async (session, keep) => {
      await session.wait(showing('LOGON'), 10_000);
      keep(await codeOf(session.type(new Secret('env:LONG', `${canary}${canary}${canary}`), { name: 'pass', at })));
      await session.type(password, { name: 'pass', at });
      await session.press('enter');
      keep(await session.wait(showing('WELCOME'), 10_000));
    });
    expect(host.received[0]?.fields.get('3,2')).toBe(canary);
    expect(left).toContain('WELCOME');
    for (const form of [canary, ...disguises]) expect(left.toLowerCase()).not.toContain(form.toLowerCase());
  } finally {
    await host.stop();
  }
});

it.each(disguises)('a host that shows the password as %s gets no recording kept', async (disguise) => {
  const host = await ShellHost.start();
  try {
    const record = new Recording(clock, 1_000_000, [password]);
    const session = await openTerminal(
      shellSettings(host, { command: `sh -c 'echo "DUMP ${disguise.toUpperCase()} ${disguise} END"; sleep 60'` }),
      record.observe,
    );
    expect((await session.wait(showing('END'), 20_000)).end).toBe('met');
    await session.close();
    expect(await record.seal()).toEqual({ kept: false, why: 'the recording would show the secret env:STOCK_PASSWORD; it was not kept' });
  } finally {
    await host.stop();
  }
});
