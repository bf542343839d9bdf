import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import 'reflect-metadata';
import { Catalogue } from '../../src/contract/catalogue.ts';
import { Clock } from '../../src/contract/clock.ts';
import { Desk } from '../../src/contract/control.ts';
import { Journal } from '../../src/contract/journal.ts';
import { type Class } from '../../src/contract/json.ts';
import { Secret } from '../../src/contract/secret.ts';
import { NativeController } from '../../src/console/native.controller.ts';
import { OriginController } from '../../src/console/origin.controller.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { AccessGuard } from '../../src/http/access.guard.ts';
import { httpAdapter } from '../../src/http/http-adapter.ts';
import { HttpSettings, type Role, TokenSettings } from '../../src/http/http.settings.ts';
import { ProblemFilter } from '../../src/http/problem.filter.ts';
import { type Rig } from './gateway.ts';

/** The door to the native exchanges of a rig, with the adapters that it is said to know; the token of a role is its name. */
export async function nativeDoor(rig: Rig, adapters: readonly Class[]): Promise<NestFastifyApplication> {
  const tokens = (['viewer', 'operator'] satisfies Role[]).map((role) =>
    Object.assign(new TokenSettings(), { name: role, role, token: new Secret(`env:${role}`, role) }),
  );
  const settings = Object.assign(new HttpSettings(), { tokens });
  class DoorModule {}
  Module({
    controllers: [NativeController, OriginController],
    providers: [
      { provide: Journal, useValue: rig.journal },
      { provide: Desk, useValue: rig.gateway.desk },
      { provide: Catalogue, useValue: new Catalogue(adapters) },
      { provide: Clock, useValue: new SystemClock() },
      { provide: APP_GUARD, useValue: new AccessGuard(settings) },
      { provide: APP_FILTER, useValue: new ProblemFilter(() => undefined) },
    ],
  })(DoorModule);
  const app = await NestFactory.create<NestFastifyApplication>(DoorModule, httpAdapter(settings, 1_000_000), { logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}
