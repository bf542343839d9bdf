import 'reflect-metadata';
import { TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { PoolSettings, TerminalUser } from '../../src/transports/terminal/pool/pool.settings.ts';
import { Secret } from '../../src/contract/secret.ts';
import { ask } from '../support/depot.ts';
import { startRig } from '../support/gateway.ts';
import { ReservationTransport, stockroomAdapter } from '../support/reservations.ts';

/** A gateway with one reservation to make at a stockroom over telnet; it is killed from outside. */
const [folder = '', port = '0', ref = ''] = process.argv.slice(2);
const user = Object.assign(new TerminalUser(), { user: 'gatehouse', password: new Secret('env:HOST_PASSWORD', 'practice') });
const terminal = Object.assign(new TerminalSettings(), {
  protocol: 'telnet',
  host: '127.0.0.1',
  port: Number(port),
  users: [user],
  pool: Object.assign(new PoolSettings(), { logInWaitMs: 60_000 }),
});
const rig = await startRig({
  adapters: [stockroomAdapter],
  transports: [new ReservationTransport()],
  systems: { stockroom: { settings: { callTimeoutMs: 60_000 }, transports: { terminal } } },
  folder,
});
await ask(rig, ref);
setInterval(() => undefined, 1_000);
