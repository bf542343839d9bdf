import { Type } from 'class-transformer';
import { IsArray, IsOptional, IsString, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Sensitive } from './event.ts';
import { sensitiveNamesOf } from './sensitive-names.ts';

class Person {
  @Sensitive()
  @IsString()
  name: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => Person)
  parent?: Person;
}

class Patient extends Person {
  @Sensitive()
  @IsString()
  ward: string;
}

class Line {
  @Sensitive()
  @IsString()
  diagnosis: string;
}

class Report {
  @IsString()
  number: string;

  @ValidateNested()
  patient: Patient;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines: Line[];
}

describe('the names of sensitive fields', () => {
  it('are those of the class, of the classes it extends, and of the classes inside it, in lists too', () => {
    expect([...sensitiveNamesOf(Report)].sort()).toEqual(['diagnosis', 'name', 'ward']);
    expect([...sensitiveNamesOf(Patient)].sort()).toEqual(['name', 'ward']);
    expect([...sensitiveNamesOf(Line)]).toEqual(['diagnosis']);
  });
});
