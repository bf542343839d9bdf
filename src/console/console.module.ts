import { Module } from '@nestjs/common';
import { AdaptersController } from './adapters.controller.ts';
import { ApiController } from './api.controller.ts';
import { AttentionController } from './attention.controller.ts';
import { BulkController } from './bulk.controller.ts';
import { CallerController } from './caller.controller.ts';
import { CaseController } from './case.controller.ts';
import { ChoicesController } from './choices.controller.ts';
import { DryRunController } from './dry-run.controller.ts';
import { GroupsController } from './groups.controller.ts';
import { NativeController } from './native.controller.ts';
import { OpenApiController } from './openapi.controller.ts';
import { OriginController } from './origin.controller.ts';
import { PagesController } from './pages.controller.ts';
import { SearchController } from './search.controller.ts';
import { SystemsController } from './systems.controller.ts';

/** What people see and do: the API of the journal and its desk, and the pages that use it. */
@Module({
  controllers: [
    AdaptersController,
    ApiController,
    AttentionController,
    BulkController,
    CallerController,
    CaseController,
    ChoicesController,
    DryRunController,
    GroupsController,
    NativeController,
    OriginController,
    OpenApiController,
    SearchController,
    SystemsController,
    PagesController,
  ],
})
export class ConsoleModule {}
