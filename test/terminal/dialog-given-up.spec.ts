import { expect, it } from 'vitest';
import { driverFor } from '../../src/transports/terminal/drivers.ts';
import { type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { ended } from '../support/exchange.ts';
import { practiceStockroom } from '../support/practice-terminals.ts';

/** Does something just before a key is pressed on the screen with this code, in any telnet session of this process. */
function beforeKey(key: string, code: string, act: () => void): void {
  const driver = driverFor(Object.assign(new TerminalSettings(), { protocol: 'telnet' }));
  const open = driver.open.bind(driver);
  Object.assign(driver, {
    open: async (...args: Parameters<typeof open>): Promise<TerminalSession> => {
      const session = await open(...args);
      const press = session.press.bind(session);
      return Object.assign(session, {
        press: (pressed: Parameters<typeof press>[0]) => {
          if (pressed === key && session.screen().shows(code, { row: 1, column: 2 })) act();
          return press(pressed);
        },
      });
    },
  });
}

it('a gateway that stops while a call is typed has not sent it, and nobody has to look at it', async () => {
  await using host = await practiceStockroom();
  let closed: Promise<void> | null = null;
  beforeKey('tab', 'SR30', () => void (closed ??= host.link.close()));
  const exchanged = await host.call('Reserve', { ref: 'A-1', sku: 'SKU-1001', quantity: 2 });
  expect([ended(exchanged), exchanged.left]).toEqual(['not sent UNREACHABLE', 0]);
  expect(closed).not.toBeNull();
  await closed;
  expect(host.practice.ledger()).toEqual([]);
});
