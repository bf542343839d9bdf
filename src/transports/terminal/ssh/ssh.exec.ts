import { GatehouseError } from '../../../contract/errors.ts';
import { type Client, type ClientChannel } from 'ssh2';
import { connectFailure } from '../faults.ts';
import { addressOf } from '../tcp.ts';
import { type TerminalSettings } from '../terminal.settings.ts';
import { commandLine } from './posix.ts';
import { connectSsh } from './ssh.connection.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly stdin?: Uint8Array;
  /** Bytes kept of stdout and of stderr each; more is read and dropped, so that the program can end. */
  readonly maxBytes: number;
  readonly withinMs: number;
}

export interface CommandResult {
  /**
   * `exited`: with `code` or, when a signal ended it, `signal`. `deadline`: it ran too long and was killed. `disconnected`: nobody can
   * tell what became of it. Only `exited` proves that it is over.
   */
  readonly end: 'exited' | 'deadline' | 'disconnected';
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Whether stdout or stderr was longer than `maxBytes`. */
  readonly clipped: boolean;
}

/**
 * Runs one command on the host without a terminal, in a connection of its own. `leave` is awaited when everything is ready and nothing
 * has been run.
 * @throws GatehouseError CALL_REFUSED_ARGUMENTS, UNREACHABLE, CREDENTIALS_REFUSED, HOST_KEY_REJECTED or what `leave` throws: nothing was run
 */
export async function runCommand(
  system: string,
  settings: TerminalSettings,
  command: Command,
  signal: AbortSignal,
  leave: () => Promise<void> = async () => undefined,
): Promise<CommandResult> {
  const line = commandLine(system, command.program, command.args);
  const client = await connectSsh(system, settings, signal).catch((error: unknown) => {
    // Nothing was run, whatever the host made of the password.
    throw error instanceof GatehouseError && error.code === 'NO_ANSWER' ? new GatehouseError('UNREACHABLE', error.message, { cause: error }) : error;
  });
  try {
    await leave();
    return await new Promise<CommandResult>((resolve, reject) => {
      const stdout = new Kept(command.maxBytes);
      const stderr = new Kept(command.maxBytes);
      let exit: { code: number | null; signal: string | null } | null = null;
      let running: ClientChannel | null = null;
      const done = (end: CommandResult['end']): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', late);
        const { code, signal: by } = exit ?? { code: null, signal: null };
        resolve({ end, code, signal: by, stdout: stdout.bytes(), stderr: stderr.bytes(), clipped: stdout.clipped || stderr.clipped });
      };
      const late = (): void => {
        if (running !== null) killOnHost(client, running);
        running?.close();
        done('deadline');
      };
      const timer = setTimeout(late, command.withinMs);
      signal.addEventListener('abort', late, { once: true });
      client.once('close', () => done(exit === null ? 'disconnected' : 'exited'));
      // The shell makes way for the program, so that code, signal and kill are the program's own.
      client.exec(`exec ${line}`, (error, channel) => {
        if (error !== undefined) {
          if (!isRefused(client, error)) return done('disconnected');
          clearTimeout(timer);
          return reject(connectFailure(system, addressOf(settings), error));
        }
        running = channel;
        channel.on('data', (bytes: Buffer) => stdout.add(bytes));
        channel.stderr.on('data', (bytes: Buffer) => stderr.add(bytes));
        channel.on('error', () => undefined);
        channel.on('exit', (code: number | null, by?: string) => (exit = { code, signal: by ?? null }));
        channel.once('close', () => done(exit === null ? 'disconnected' : 'exited'));
        channel.end(command.stdin === undefined ? undefined : Buffer.from(command.stdin));
      });
      if (signal.aborted) late();
    });
  } finally {
    client.end();
  }
}

/**
 * Whether the host has said no, to the channel or to the program. A channel that it closed without a word on the program looks the same to
 * ssh2 but for being gone: the program may have run.
 */
function isRefused(client: Client, error: Error): boolean {
  if ('reason' in error) return true;
  const { _chanMgr: open } = client as unknown as { _chanMgr?: { _channels?: object } };
  return Object.keys(open?._channels ?? {}).length > 0;
}

/** ssh2's own `signal` sends nothing once stdin is at its end, as it is here. @see RFC 4254, section 6.9 */
function killOnHost(client: Client, channel: ClientChannel): void {
  const { _protocol: protocol } = client as unknown as { _protocol: { signal(channel: number, name: string): void } };
  const { outgoing } = channel as unknown as { outgoing: { id: number } };
  protocol.signal(outgoing.id, 'KILL');
}

/** The head of a stream. */
class Kept {
  readonly #maxBytes: number;
  readonly #parts: Buffer[] = [];
  #size = 0;
  clipped = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(bytes: Buffer): void {
    const room = this.#maxBytes - this.#size;
    if (bytes.length > room) this.clipped = true;
    if (room <= 0) return;
    const part = Buffer.from(bytes.subarray(0, room));
    this.#parts.push(part);
    this.#size += part.length;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
