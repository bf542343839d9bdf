import { Controller, Get, Req } from '@nestjs/common';
import { Needs } from '../http/access.guard.ts';
import { type Asked } from './asked.ts';

/** Who the gateway takes the caller for. */
@Controller('api/caller')
export class CallerController {
  @Get()
  @Needs('viewer')
  caller(@Req() { caller }: Asked): object {
    return { name: caller?.name ?? '', role: caller?.role ?? 'viewer' };
  }
}
