import { type Clock } from '../../src/contract/clock.ts';
import { Secret } from '../../src/contract/secret.ts';
import { type Part } from '../../src/contract/transport.ts';
import { type PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { type PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { PoolSettings, TerminalUser } from '../../src/transports/terminal/pool/pool.settings.ts';
import { TerminalPool } from '../../src/transports/terminal/pool/session-pool.ts';
import { type TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { FleetingMemory } from './fleeting-memory.ts';
import { mainframeLandmarks, stockroomLandmarks } from './landmarks.ts';
import { clock as systemClock, terminalSettings } from './terminals.ts';

export interface PoolOptions {
  readonly users?: readonly string[];
  readonly password?: string;
  readonly pool?: Partial<PoolSettings>;
  readonly settings?: Partial<TerminalSettings>;
  readonly clock?: Clock;
  readonly memory?: FleetingMemory;
}

/** A pool and all that it has let be known. */
export interface OpenedPool {
  readonly pool: TerminalPool;
  readonly memory: FleetingMemory;
  /** Lines of the log. */
  readonly logged: string[];
  readonly evidence: { readonly callId: string; readonly parts: readonly Part[] }[];
}

export type Protocol = 'ssh' | 'telnet' | 'tn3270';

export function settingsFor(protocol: Protocol, host: PracticeStockroom | PracticeMainframe, options: PoolOptions = {}): TerminalSettings {
  const { users = ['gatehouse'], password = 'practice' } = options;
  const secret = new Secret('env:HOST_PASSWORD', password);
  const port = 'telnetPort' in host ? (protocol === 'ssh' ? host.sshPort : host.telnetPort) : host.port;
  return terminalSettings({
    protocol,
    port,
    hostKeys: 'fingerprint' in host ? [host.fingerprint] : [],
    users: users.map((user) => Object.assign(new TerminalUser(), { user, password: secret })),
    pool: Object.assign(new PoolSettings(), options.pool),
    ...options.settings,
  });
}

export async function openPool(protocol: Protocol, host: PracticeStockroom | PracticeMainframe, options: PoolOptions = {}): Promise<OpenedPool> {
  const { memory = new FleetingMemory(), clock = systemClock } = options;
  const logged: string[] = [];
  const evidence: { callId: string; parts: readonly Part[] }[] = [];
  const pool = await TerminalPool.open({
    system: 'host',
    settings: settingsFor(protocol, host, options),
    landmarks: protocol === 'tn3270' ? mainframeLandmarks : stockroomLandmarks,
    clock,
    log: (level, fields, message) => void logged.push(`${level} ${JSON.stringify(fields)} ${message}`),
    memory,
    evidence: async (callId, parts) => {
      evidence.push({ callId, parts });
      return true;
    },
  });
  return { pool, memory, logged, evidence };
}

/** For calls that nothing interrupts. */
export const noAbort = (): AbortSignal => new AbortController().signal;

export const textOf = (parts: readonly Part[]): string => parts.map(({ bytes }) => Buffer.from(bytes).toString()).join('\n');
