import { type ClientChannel } from 'ssh2';
import { connectFailure } from '../faults.ts';
import { addressOf, late } from '../tcp.ts';
import { type TerminalDriver, type TerminalOpening, type TerminalSession } from '../terminal.driver.ts';
import { VtSession } from '../vt/vt.session.ts';
import { connectSsh } from './ssh.connection.ts';

/** A pseudo-terminal over SSH, one connection a session. */
export class SshDriver implements TerminalDriver {
  readonly protocol = 'ssh';

  async open(opening: TerminalOpening, signal: AbortSignal): Promise<TerminalSession> {
    const { system, settings } = opening;
    const client = await connectSsh(system, settings, signal);
    const window = { rows: settings.rows, cols: settings.columns, term: settings.terminal, width: 0, height: 0 };
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(settings.connectTimeoutMs)]);
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        client.destroy();
        reject(connectFailure(system, addressOf(settings), error));
      };
      const aborted = (): void => fail(late(system, addressOf(settings)));
      inTime.addEventListener('abort', aborted, { once: true });
      const opened = (error: Error | undefined, channel: ClientChannel): void => {
        inTime.removeEventListener('abort', aborted);
        if (error !== undefined) return fail(error);
        const session = new VtSession(opening);
        session.attach({
          write: (bytes) => void channel.write(bytes),
          pause: () => void channel.pause(),
          resume: () => void channel.resume(),
          resize: (rows, columns) => channel.setWindow(rows, columns, 0, 0),
          close: () => client.destroy(),
        });
        let lost = 'the host closed the connection';
        channel.on('data', (bytes: Buffer) => session.received(bytes));
        channel.on('error', () => undefined);
        channel.once('close', () => {
          session.ended('the host closed the terminal');
          client.end();
        });
        client.on('error', (error) => (lost = /keepalive/i.test(error.message) ? 'the host did not answer' : error.message.slice(0, 200)));
        client.once('close', () => session.ended(lost));
        resolve(session);
      };
      if (settings.command === undefined) client.shell(window, opened);
      else client.exec(settings.command, { pty: window }, opened);
    });
  }
}
