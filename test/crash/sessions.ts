import { driverFor } from '../../src/transports/terminal/drivers.ts';
import { TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { type KillSwitch } from './kill-switch.ts';

/** From here on every session of this process, whoever opens it, goes through the kill switch, as the port `session`. */
export function watchSessions(killSwitch: KillSwitch): void {
  for (const protocol of ['ssh', 'telnet', 'tn3270'] as const) {
    const driver = driverFor(Object.assign(new TerminalSettings(), { protocol }));
    const open = driver.open.bind(driver);
    Object.assign(driver, { open: async (...args: Parameters<typeof open>) => killSwitch.wrap('session', await open(...args)) });
  }
}
