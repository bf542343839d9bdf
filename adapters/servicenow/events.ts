import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { EventType, Sensitive } from '../../src/contract/index.ts';
import { type Level, type State, levels, states } from './choices.ts';
import { queryValue } from './query-values.ts';

const levelNames = Object.keys(levels);
const stateNames = Object.keys(states);

/** Somebody needs something from the service desk. */
@EventType('com.acme.service.requested.v1')
export class ServiceRequested {
  /** Becomes `correlation_id`, which an interrupted insert is found by. */
  @IsString()
  @Length(1, 64)
  @Matches(queryValue)
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
  @IsIn(levelNames)
  urgency?: Level;
}

/** The incident is there. */
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

/** The service desk said no; nothing was changed. */
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

/** Something about an incident is to change, or a note is to be added. What is not named stays as it is. */
@EventType('com.acme.incident.update-requested.v1')
export class IncidentUpdateRequested {
  @IsString()
  @Length(1, 64)
  requestId: string;

  /** Its number (INC0010001) or its sys_id (32 hex digits). Updates of one incident run in order as long as they name it alike. */
  @IsString()
  @Matches(/^(?:[A-Z]{2,10}\d{4,20}|[0-9a-f]{32})$/)
  incident: string;

  @IsOptional()
  @IsString()
  @Length(1, 160)
  summary?: string;

  @IsOptional()
  @IsString()
  @Length(1, 4_000)
  details?: string;

  @IsOptional()
  @IsIn(levelNames)
  urgency?: Level;

  @IsOptional()
  @IsIn(levelNames)
  impact?: Level;

  @IsOptional()
  @IsIn(stateNames)
  state?: State;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  assignmentGroup?: string;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  assignedTo?: string;

  /** Most instances want code and notes with the state resolved. */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  closeCode?: string;

  @IsOptional()
  @IsString()
  @Length(1, 4_000)
  closeNotes?: string;

  /** For the service desk only. */
  @Sensitive()
  @IsOptional()
  @IsString()
  @Length(1, 4_000)
  workNote?: string;

  /** For the caller to read. */
  @Sensitive()
  @IsOptional()
  @IsString()
  @Length(1, 4_000)
  comment?: string;
}

/** The incident is changed, once. */
@EventType('com.acme.incident.updated.v1')
export class IncidentUpdated {
  @IsString()
  requestId: string;

  @IsString()
  number: string;

  @IsString()
  sysId: string;

  constructor(values?: IncidentUpdated) {
    Object.assign(this, values);
  }
}
