import { Module } from '@nestjs/common';
import { ApiController } from './api.controller.ts';
import { CallerController } from './caller.controller.ts';
import { NativeController } from './native.controller.ts';
import { PagesController } from './pages.controller.ts';

/** What people see and do: the API of the journal and its desk, and the pages that use it. */
@Module({ controllers: [ApiController, CallerController, NativeController, PagesController] })
export class ConsoleModule {}
