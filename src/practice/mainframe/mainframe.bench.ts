import { resolve } from 'node:path';
import { MainframeAdapter } from '../../../adapters/mainframe/mainframe.adapter.ts';
import { Secret } from '../../contract/secret.ts';
import { PoolSettings } from '../../transports/terminal/pool/pool.settings.ts';
import { TerminalSettings } from '../../transports/terminal/terminal.settings.ts';
import { TerminalTransport } from '../../transports/terminal/terminal.transport.ts';
import { type Bench } from '../bench.ts';
import { type TerminalFault } from '../terminal/terminal.faults.ts';
import { PracticeMainframe } from './mainframe.server.ts';
import { type MainframeScreen } from './screens.ts';

/** How a gateway in this process reaches a practice mainframe, with one user id. Waits no longer than a test can wait. */
export function mainframeSettings(practice: PracticeMainframe, more: Partial<TerminalSettings> = {}): TerminalSettings {
  return Object.assign(new TerminalSettings(), {
    protocol: 'tn3270',
    host: '127.0.0.1',
    port: practice.port,
    user: 'gatehouse',
    password: new Secret('built-in', practice.password),
    screenTimeoutMs: 4_000,
    pool: Object.assign(new PoolSettings(), { logInWaitMs: 50, recoverTimeoutMs: 500 }),
    ...more,
  });
}

export const mainframeBench: Bench = {
  system: 'mainframe',
  adapter: MainframeAdapter,
  casesFolder: resolve(import.meta.dirname, '../../../adapters/mainframe/cases'),
  timing: { callTimeoutMs: 20_000, settleMs: 200 },
  transports: () => [new TerminalTransport()],
  start: async (faults) => {
    const practice = await PracticeMainframe.start({ enhanced: true });
    for (const fault of faults) practice.fault(fault as TerminalFault<MainframeScreen>);
    return { settings: { terminal: mainframeSettings(practice) }, stop: () => practice.close() };
  },
};
