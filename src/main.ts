import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type GatehouseConfig, type Parts, appModule, ownParts, readConfig } from './app.module.ts';
import { LOG, type Log } from './contract/log.ts';
import { Gateway } from './gateway/gateway.ts';
import { httpAdapter } from './http/http-adapter.ts';

/** A batch may hold several events of the largest size. */
const batchFactor = 4;

export interface RunningGateway {
  readonly app: NestFastifyApplication;
  readonly gateway: Gateway;
  /** Where the door listens: `http://127.0.0.1:8480`. */
  readonly url: string;
  /** Takes no more, finishes what is at work, closes. */
  stop(): Promise<void>;
}

/** Composes, recovers, listens. Resolves when the gateway takes events. */
export async function run(config: GatehouseConfig, parts: Parts = ownParts): Promise<RunningGateway> {
  const app = await NestFactory.create<NestFastifyApplication>(
    appModule(config, parts),
    httpAdapter(config.http, config.gateway.maxEventBytes * batchFactor),
    { logger: false, abortOnError: false, bodyParser: false },
  );
  const gateway = app.get(Gateway);
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await app.close();
  };
  try {
    await app.init();
    await gateway.start();
    await app.listen(config.http.port, config.http.host);
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  return { app, gateway, url: await app.getUrl(), stop };
}

/** Runs until SIGTERM or SIGINT; a second signal ends at once, which is safe. */
export async function startGateway({ configFile }: { configFile?: string | undefined }): Promise<void> {
  const running = await run(readConfig(configFile));
  const log = running.app.get<Log>(LOG);
  log('info', { url: running.url }, `listens on ${running.url}`);
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1));
      log('info', {}, 'stops: finishes what is at work');
      void running.stop().then(resolve);
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
  });
}
