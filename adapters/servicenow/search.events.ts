import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, Length, Max, Min, ValidateNested } from 'class-validator';
import { EventType } from '../../src/contract/index.ts';
import { type State, states } from './choices.ts';

/** Somebody wants to see incidents. At least one filter; all of them must fit. */
@EventType('com.acme.incidents.requested.v1')
export class IncidentsRequested {
  @IsString()
  @Length(1, 64)
  requestId: string;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  number?: string;

  @IsOptional()
  @IsIn(Object.keys(states))
  state?: State;

  /** 1 (critical) to 5 (planning). */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(5)
  priority?: number;

  /** As the table stores it: a sys_id on most instances. So are assignmentGroup and assignedTo. */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  callerId?: string;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  assignmentGroup?: string;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  assignedTo?: string;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  correlationId?: string;

  /** Most incidents in the reply; 100 without it. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(500)
  limit?: number;
}

export class FoundIncident {
  @IsString()
  number: string;

  @IsString()
  sysId: string;

  @IsOptional()
  @IsString()
  summary?: string;

  /** new, in-progress, on-hold, resolved, closed, canceled; the number of a state that the instance has of its own. */
  @IsOptional()
  @IsString()
  state?: string;

  @IsOptional()
  @IsString()
  priority?: string;

  @IsOptional()
  @IsString()
  callerId?: string;

  @IsOptional()
  @IsString()
  assignmentGroup?: string;

  @IsOptional()
  @IsString()
  assignedTo?: string;

  @IsOptional()
  @IsString()
  correlationId?: string;

  /** ISO 8601 in UTC. */
  @IsOptional()
  @IsString()
  openedAt?: string;

  @IsOptional()
  @IsString()
  updatedAt?: string;
}

/** The incidents that fit, in order of their numbers. */
@EventType('com.acme.incidents.found.v1')
export class IncidentsFound {
  @IsString()
  requestId: string;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FoundIncident)
  incidents: FoundIncident[];

  /** There are more than these. */
  @IsBoolean()
  more: boolean;

  /** Incidents came or went while they were read page by page: one may be missing. Ask again if that matters. */
  @IsBoolean()
  shifted: boolean;

  constructor(values?: IncidentsFound) {
    Object.assign(this, values);
  }
}
