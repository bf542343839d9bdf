import { GatehouseError } from '../../../contract/errors.ts';
import { connectFailure } from '../faults.ts';
import { addressOf, dial, late } from '../tcp.ts';
import { type TerminalDriver, type TerminalOpening, type TerminalSession } from '../terminal.driver.ts';
import { portOf, type TerminalSettings } from '../terminal.settings.ts';
import { repertoireOf } from './code-page.ts';
import { readBuffer } from './s3270.buffer.ts';
import { S3270 } from './s3270.process.ts';
import { Tn3270Session } from './tn3270.session.ts';

/** TN3270 and TN3270E by the program s3270, one child process a session. */
export class Tn3270Driver implements TerminalDriver {
  readonly protocol = 'tn3270';

  async open(opening: TerminalOpening, signal: AbortSignal): Promise<TerminalSession> {
    const { system, settings, clock } = opening;
    const repertoire = repertoireOf(system, settings.codePage);
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(settings.connectTimeoutMs)]);
    if (inTime.aborted) throw late(system, addressOf(settings));
    let session: Tn3270Session | null = null;
    const program = await S3270.start(system, settings.s3270, argumentsOf(settings), clock, (why) => session?.ended(why));
    const aborted = (): void => program.kill('the time to connect is over');
    inTime.addEventListener('abort', aborted, { once: true });
    try {
      if (inTime.aborted) aborted();
      const connected = await program.act(`Connect("${hostOf(settings)}")`, settings.connectTimeoutMs);
      if (!connected.ok || !connected.status.connected) throw await this.#why(opening, inTime);
      const { data, status } = await program.act('ReadBuffer(Ascii)', settings.connectTimeoutMs);
      if (!status.connected) throw await this.#why(opening, inTime);
      session = new Tn3270Session(opening, program, repertoire, readBuffer(data, status));
      return session;
    } catch (error) {
      program.kill('no session');
      if (error instanceof GatehouseError) throw error;
      throw inTime.aborted ? late(system, addressOf(settings)) : connectFailure(system, addressOf(settings), error);
    } finally {
      inTime.removeEventListener('abort', aborted);
    }
  }

  /** The texts of s3270 differ between its versions, so the host is dialled once more to learn what is wrong. */
  async #why({ system, settings }: TerminalOpening, signal: AbortSignal): Promise<GatehouseError> {
    try {
      (await dial(system, settings, signal)).destroy();
    } catch (error) {
      return connectFailure(system, addressOf(settings), error);
    }
    return connectFailure(system, addressOf(settings), new Error('the host takes connections, but speaks no TN3270 or refuses the logical unit'));
  }
}

/** Never `-trace`, whose file has passwords in clear, and never `-httpd` or `-scriptport`, by which others could look on. */
function argumentsOf({ codePage, model, caFile, serverName, tls }: TerminalSettings): string[] {
  const args = ['-utf8', '-codepage', codePage, '-model', `3279-${model}-E`];
  if (tls && caFile !== undefined) args.push('-cafile', caFile);
  if (tls && serverName !== undefined) args.push('-accepthostname', serverName);
  return args;
}

/** @see s3270(1), HOSTNAME */
function hostOf(settings: TerminalSettings): string {
  const { host, logicalUnits, tls } = settings;
  const units = logicalUnits.length === 0 ? '' : `${logicalUnits.join(',')}@`;
  return `${tls ? 'L:' : ''}${units}${host.includes(':') ? `[${host}]` : host}:${portOf(settings)}`;
}
