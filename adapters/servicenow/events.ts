import { IsIn, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { EventType, Sensitive } from '../../src/contract/index.ts';

/** Somebody needs something from the service desk. */
@EventType('com.acme.service.requested.v1')
export class ServiceRequested {
  @IsString()
  @Length(1, 64)
  requestId: string;

  @IsString()
  @Length(1, 100)
  callerId: string;

  @Sensitive()
  @IsOptional()
  @IsString()
  @MaxLength(40)
  callerPhone?: string;

  @IsString()
  @Length(1, 160)
  summary: string;

  @IsOptional()
  @IsString()
  @MaxLength(4_000)
  details?: string;

  @IsOptional()
  @IsIn(['low', 'medium', 'high'])
  urgency?: 'low' | 'medium' | 'high';
}

@EventType('com.acme.incident.opened.v1')
export class IncidentOpened {
  @IsString()
  requestId: string;

  /** INC0010001 */
  @IsString()
  number: string;

  /** 32 hex digits. */
  @IsString()
  sysId: string;

  constructor(values?: IncidentOpened) {
    Object.assign(this, values);
  }
}

@EventType('com.acme.incident.refused.v1')
export class IncidentRefused {
  @IsString()
  requestId: string;

  @IsString()
  code: string;

  @IsString()
  reason: string;

  constructor(values?: IncidentRefused) {
    Object.assign(this, values);
  }
}
