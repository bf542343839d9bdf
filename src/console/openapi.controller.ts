import { Controller, Get } from '@nestjs/common';
import { build } from '../contract/build.ts';
import { Needs } from '../http/access.guard.ts';
import { openApi } from './openapi.ts';

/** What the API is, for programs and those who write them. */
@Controller('api/openapi.json')
export class OpenApiController {
  @Get()
  @Needs('viewer')
  document(): object {
    return openApi(build);
  }
}
