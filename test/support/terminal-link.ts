import { Secret } from '../../src/contract/secret.ts';
import { type Layout } from '../../src/contract/adapter.ts';
import { type Effect } from '../../src/contract/calls.ts';
import { type Link } from '../../src/contract/transport.ts';
import { FleetingMemory } from './fleeting-memory.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { TerminalTransport } from '../../src/transports/terminal/terminal.transport.ts';
import { TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';

export interface TerminalLinkOptions extends Partial<Omit<TerminalSettings, 'password'>> {
  readonly secret?: string;
  readonly effects?: Readonly<Record<string, Effect>>;
}

/** A link to a practice terminal of this machine, with one user id. */
export async function terminalLink(layout: Layout, { secret = 'practice', effects = {}, ...settings }: TerminalLinkOptions): Promise<Link> {
  const given = { host: '127.0.0.1', user: 'gatehouse', password: new Secret('env:STOCK_PASSWORD', secret), ...settings };
  return new TerminalTransport().open({
    system: 'stock',
    gateway: 'test',
    settings: Object.assign(new TerminalSettings(), given),
    layout,
    calls: Object.keys(effects),
    effects,
    clock: new SystemClock(),
    log: () => undefined,
    memory: new FleetingMemory(),
    evidence: async () => false,
    replied: async () => 'candidate',
  });
}
