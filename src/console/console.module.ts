import { Module } from '@nestjs/common';
import { ApiController } from './api.controller.ts';
import { AttentionController } from './attention.controller.ts';
import { BulkController } from './bulk.controller.ts';
import { CallerController } from './caller.controller.ts';
import { GroupsController } from './groups.controller.ts';
import { PagesController } from './pages.controller.ts';
import { SearchController } from './search.controller.ts';

/** What people see and do: the API of the journal and its desk, and the pages that use it. */
@Module({
  controllers: [ApiController, AttentionController, BulkController, CallerController, PagesController, SearchController, GroupsController],
})
export class ConsoleModule {}
