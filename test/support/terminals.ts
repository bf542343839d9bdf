import { SystemClock } from '../../src/gateway/clock.ts';
import { driverFor } from '../../src/transports/terminal/drivers.ts';
import { type Happening, type TerminalOpening, type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { type Condition } from '../../src/transports/terminal/wait.ts';
import { type ShellHost } from './shell-host.ts';

export const clock = new SystemClock();

export function terminalSettings(settings: Partial<TerminalSettings>): TerminalSettings {
  return Object.assign(new TerminalSettings(), { host: '127.0.0.1' }, settings);
}

export function shellSettings(host: ShellHost, settings: Partial<TerminalSettings> = {}): TerminalSettings {
  return terminalSettings({ protocol: 'ssh', port: host.port, user: host.user, keyFile: host.keyFile, hostKeys: [host.fingerprint], ...settings });
}

export async function openTerminal(settings: TerminalSettings, observe?: (happening: Happening) => void): Promise<TerminalSession> {
  const opening: TerminalOpening = { system: 'stock', settings, clock, ...(observe === undefined ? {} : { observe }) };
  return driverFor(settings).open(opening, new AbortController().signal);
}

/** A condition of one text anywhere on a screen of 24 rows. */
export const showing = (text: string, more: Partial<Condition> = {}): Condition => ({
  name: text,
  anchors: [{ text, within: { row: 1, column: 1, height: 24 } }],
  ...more,
});
