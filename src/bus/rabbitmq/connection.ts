import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  type Options,
  type SocketOptions,
  connect,
  credentials,
  IllegalOperationError,
} from 'amqplib';
import { readFileSync } from 'node:fs';
import { type Clock } from '../../contract/clock.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type Log } from '../../contract/log.ts';
import { busFailure } from './faults.ts';
import { type RabbitmqSettings } from './rabbitmq.settings.ts';

const firstRetryMs = 100;
const maxRetryMs = 10_000;
const closeWithinMs = 2_000;

export interface ConnectionSurroundings {
  readonly settings: RabbitmqSettings;
  readonly clock: Clock;
  /** Shown by RabbitMQ in its list of connections. */
  readonly name: string;
  /** A refused user is not helped by trying often, and an attacker's alarm is not either. */
  readonly refusedRetryMs: number;
  readonly log: Log;
}

/** One connection that is kept up: made again, with growing waits, until it is closed. What stands on it is told when it is up. */
export class Connection {
  readonly #around: ConnectionSurroundings;
  readonly #listeners = new Set<() => void>();
  #model: ChannelModel | null = null;
  #failure: GatehouseError | null = null;
  #blocked: string | null = null;
  #closed = false;
  #retryMs = firstRetryMs;
  #cancelRetry: () => void = () => undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(around: ConnectionSurroundings) {
    this.#around = around;
  }

  /** Resolves after the first try, whether it worked or not. */
  async start(): Promise<void> {
    this.#working = this.#connect();
    await this.#working;
  }

  /** Called each time the connection is up. The answer unsubscribes. */
  onUp(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get isUp(): boolean {
    return this.#model !== null;
  }

  /** Why RabbitMQ takes nothing from this connection: an alarm; null when it does. */
  get blocked(): string | null {
    return this.#blocked;
  }

  /** The version of RabbitMQ: 3.10.8. */
  get version(): string {
    return this.#model?.connection.serverProperties.version ?? '';
  }

  /** @throws GatehouseError BUS_UNREACHABLE */
  channel(): Promise<Channel> {
    return this.#open((model) => model.createChannel());
  }

  /** @throws GatehouseError BUS_UNREACHABLE */
  confirmChannel(): Promise<ConfirmChannel> {
    return this.#open((model) => model.createConfirmChannel());
  }

  async #open<C extends Channel>(create: (model: ChannelModel) => Promise<C>): Promise<C> {
    const model = this.#up();
    const channel = await create(model).catch((error: unknown) => {
      const failure = busFailure(error, 'opening a channel');
      // Closed before anybody listened.
      if (error instanceof IllegalOperationError && this.#model === model) {
        this.#model = null;
        cutOff(model);
        this.#lost(failure);
      }
      throw failure;
    });
    // Without a listener Node ends the process; what follows a closed channel is decided on 'close'.
    channel.on('error', () => undefined);
    return channel;
  }

  #up(): ChannelModel {
    if (this.#model !== null) return this.#model;
    throw this.#failure ?? new GatehouseError('BUS_UNREACHABLE', `RabbitMQ at ${this.#address()} is not connected`);
  }

  /** @throws GatehouseError when it is not up, with the reason of the last try */
  check(): void {
    this.#up();
  }

  #address(): string {
    const { settings } = this.#around;
    return `${settings.host}:${portOf(settings)}${settings.virtualHost === '/' ? '' : ` (virtual host ${settings.virtualHost})`}`;
  }

  async #connect(): Promise<void> {
    const { settings, name, log } = this.#around;
    if (this.#closed) return;
    try {
      const model = await connect(addressOf(settings), socketOptionsOf(settings, name));
      model.on('error', () => undefined);
      if (this.#closed) return cutOff(model);
      this.#hold(model);
    } catch (error) {
      this.#lost(busFailure(error, `connecting to ${this.#address()} as ${settings.user === '' ? 'the certificate' : `'${settings.user}'`}`));
      return;
    }
    log('info', { bus: 'rabbitmq', connection: name }, `connected to RabbitMQ ${this.version} at ${this.#address()}`);
    for (const listener of this.#listeners) listener();
  }

  #hold(model: ChannelModel): void {
    const { name, log } = this.#around;
    this.#model = model;
    this.#failure = null;
    this.#retryMs = firstRetryMs;
    model.on('blocked', (reason) => {
      this.#blocked = reason;
      log('warn', { bus: 'rabbitmq', connection: name }, `RabbitMQ takes no events for now: ${reason}`);
    });
    model.on('unblocked', () => {
      this.#blocked = null;
      log('info', { bus: 'rabbitmq', connection: name }, 'RabbitMQ takes events again');
    });
    model.on('close', (error) => {
      this.#model = null;
      this.#blocked = null;
      cutOff(model);
      if (!this.#closed) this.#lost(busFailure(error ?? new Error('the connection was closed'), `the connection to ${this.#address()}`));
    });
  }

  #lost(failure: GatehouseError): void {
    const { clock, log, name, refusedRetryMs } = this.#around;
    if (this.#closed) return;
    if (this.#failure?.message !== failure.message) log('error', { bus: 'rabbitmq', connection: name, code: failure.code }, failure.message);
    this.#failure = failure;
    const waitMs = failure.code === 'BUS_REFUSED' ? Math.max(this.#retryMs, refusedRetryMs) : this.#retryMs;
    this.#cancelRetry = clock.after(Math.round(waitMs * (0.75 + Math.random() / 2)), () => {
      this.#working = this.#connect();
    });
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry();
    await this.#working;
    const model = this.#model;
    this.#model = null;
    if (model === null) return;
    // Under an alarm RabbitMQ reads nothing, a goodbye neither.
    await new Promise<void>((resolve) => {
      const cancel = this.#around.clock.after(closeWithinMs, () => {
        cutOff(model);
        resolve();
      });
      const closed = (): void => {
        cancel();
        resolve();
      };
      model.once('close', closed);
      model.close().then(closed, closed);
    });
  }
}

/** amqplib answers a close only with RabbitMQ's consent: a connection that is lost meanwhile leaves it open, and only says 'close'. */
export function closeChannel(channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    channel.once('close', resolve);
    channel.close().then(resolve, resolve);
  });
}

/** amqplib only ends its side of a socket; a peer that is silent never ends the other. */
function cutOff(model: ChannelModel): void {
  const connection = model.connection as unknown as { readonly stream?: { destroy(): void }; readonly heartbeater?: { clear(): void } | null };
  connection.heartbeater?.clear();
  connection.stream?.destroy();
}

const portOf = ({ port, tls }: RabbitmqSettings): number => (port !== 0 ? port : tls === undefined ? 5672 : 5671);

function addressOf(settings: RabbitmqSettings): Options.Connect {
  const { host, virtualHost, user, password, heartbeatSeconds, tls } = settings;
  return {
    protocol: tls === undefined ? 'amqp' : 'amqps',
    hostname: host,
    port: portOf(settings),
    username: user,
    password: password?.reveal() ?? '',
    vhost: encodeURIComponent(virtualHost),
    heartbeat: heartbeatSeconds,
  };
}

/** Files are read at each try: a renewed certificate is taken without a restart. */
function socketOptionsOf({ tls, connectTimeoutMs, user }: RabbitmqSettings, name: string): SocketOptions {
  const read = (file: string | undefined): Buffer | undefined => (file === undefined ? undefined : readFileSync(file));
  return {
    noDelay: true,
    keepAlive: true,
    keepAliveDelay: 10_000,
    timeout: connectTimeoutMs,
    clientProperties: { connection_name: name, product: 'gatehouse' },
    ...(tls === undefined
      ? {}
      : {
          rejectUnauthorized: true,
          ca: read(tls.caFile),
          cert: read(tls.certificateFile),
          key: tls.key?.reveal(),
          ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
        }),
    ...(user === '' ? { credentials: credentials.external() } : {}),
  } as SocketOptions;
}
