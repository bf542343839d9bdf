import { dial } from '../tcp.ts';
import { type TerminalDriver, type TerminalOpening, type TerminalSession } from '../terminal.driver.ts';
import { VtSession } from '../vt/vt.session.ts';
import { TelnetNegotiator } from './telnet.negotiator.ts';

/** A host that does not answer this often counts as gone. */
const keepaliveMisses = 3;

/** A VT terminal over telnet, with or without TLS. */
export class TelnetDriver implements TerminalDriver {
  readonly protocol = 'telnet';

  async open(opening: TerminalOpening, signal: AbortSignal): Promise<TerminalSession> {
    const { system, settings, clock } = opening;
    const socket = await dial(system, settings, AbortSignal.any([signal, AbortSignal.timeout(settings.connectTimeoutMs)]));
    const telnet = new TelnetNegotiator(settings.terminal, settings.rows, settings.columns);
    const session = new VtSession(opening);
    let heard = 0;
    let misses = 0;
    let cancel: () => void = () => undefined;
    const keepAlive = (): void => {
      misses = heard === 0 ? misses + 1 : 0;
      heard = 0;
      if (misses > keepaliveMisses) return end('the host did not answer');
      socket.write(telnet.ping());
      cancel = clock.after(settings.keepaliveMs, keepAlive);
    };
    const end = (why: string): void => {
      cancel();
      socket.destroy();
      session.ended(why);
    };
    session.attach({
      write: (bytes) => void socket.write(telnet.encode(bytes)),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      resize: (rows, columns) => void socket.write(telnet.resize(rows, columns)),
      close: () => {
        cancel();
        socket.destroy();
      },
    });
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.length;
      const { data, reply, broken } = telnet.receive(bytes);
      if (reply.length > 0) socket.write(reply);
      session.received(data);
      if (broken !== null) end(broken);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => end(`the connection failed (${error.code ?? 'no errno'})`));
    socket.once('end', () => end('the host closed the connection'));
    socket.once('close', () => end('the host closed the connection'));
    // Counted from the second round on: in the first nothing has been asked yet.
    if (settings.keepaliveMs > 0) {
      heard = 1;
      cancel = clock.after(settings.keepaliveMs, keepAlive);
    }
    return session;
  }
}
