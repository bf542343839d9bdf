import { type Socket } from 'node:net';
import { type PseudoTtyInfo, type ServerChannel, type Session } from 'ssh2';
import { type TerminalLine, type TerminalUser } from '../terminal/terminal-line.ts';

/** A terminal over an SSH channel with a pty. */
class SshLine implements TerminalLine {
  readonly #channel: ServerChannel;
  readonly #socket: Socket;
  #user: TerminalUser | null = null;
  #frozen = false;
  rows: number;
  columns: number;

  constructor(channel: ServerChannel, socket: Socket, { rows, columns }: { rows: number; columns: number }) {
    this.#channel = channel;
    this.#socket = socket;
    this.rows = rows;
    this.columns = columns;
    channel.on('data', (bytes: Buffer) => {
      if (!this.#frozen) this.#user?.received(bytes);
    });
    channel.on('drain', () => this.#user?.drained());
    channel.on('error', () => undefined);
    channel.on('close', () => this.#user?.closed());
  }

  get peer(): string {
    return `${this.#socket.remoteAddress ?? 'nowhere'}`;
  }

  get backlog(): number {
    return this.#channel.writableLength + this.#socket.writableLength;
  }

  serve(user: TerminalUser): void {
    this.#user = user;
  }

  resize({ rows, columns }: { rows: number; columns: number }): void {
    this.rows = rows;
    this.columns = columns;
    if (!this.#frozen) this.#user?.resized();
  }

  write(bytes: Uint8Array): void {
    if (!this.#frozen && this.#channel.writable) this.#channel.write(bytes);
  }

  end(): void {
    this.#user = null;
    this.#channel.exit(0);
    this.#channel.end();
  }

  drop(): void {
    this.#socket.destroy();
  }

  /** The connection's keepalives die with it: the whole socket stands still, every channel of it. */
  freeze(): void {
    this.#frozen = true;
    this.#user = null;
    this.#socket.pause();
    this.#socket.cork();
  }
}

/** Gives a session its one terminal, and nothing else. */
export function terminalOf(session: Session, socket: Socket, arrived: (line: SshLine) => void): void {
  let size: { rows: number; columns: number } | null = null;
  let line: SshLine | null = null;
  const sizeOf = ({ rows, cols }: Pick<PseudoTtyInfo, 'rows' | 'cols'>): { rows: number; columns: number } => ({
    rows: rows || 24,
    columns: cols || 80,
  });
  session.on('pty', (accept, _reject, info) => {
    size = sizeOf(info);
    accept?.();
  });
  session.on('window-change', (accept, _reject, info) => {
    line?.resize(sizeOf(info));
    accept?.();
  });
  session.on('shell', (accept, reject) => {
    if (size === null || line !== null) return void reject?.();
    line = new SshLine(accept(), socket, size);
    return arrived(line);
  });
}
