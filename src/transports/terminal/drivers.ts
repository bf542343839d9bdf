import { SshDriver } from './ssh/ssh.driver.ts';
import { TelnetDriver } from './telnet/telnet.driver.ts';
import { type TerminalDriver, type TerminalOpening } from './terminal.driver.ts';
import { type TerminalSettings } from './terminal.settings.ts';
import { Tn3270Driver } from './tn3270/tn3270.driver.ts';

const drivers: Readonly<Record<TerminalSettings['protocol'], TerminalDriver>> = {
  ssh: new SshDriver(),
  telnet: new TelnetDriver(),
  tn3270: new Tn3270Driver(),
};

export const driverFor = ({ protocol }: TerminalSettings): TerminalDriver => drivers[protocol];

/**
 * Opens a session and closes it again: proves address, host key or certificate, program and, with ssh, the credentials. No key is pressed.
 * @throws GatehouseError as `TerminalDriver.open`
 */
export async function checkTerminal(opening: TerminalOpening, signal: AbortSignal): Promise<void> {
  const session = await driverFor(opening.settings).open(opening, signal);
  await session.close();
}
