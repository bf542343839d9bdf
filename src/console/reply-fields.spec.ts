import { ArrayMinSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, Length, Max } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { replyFields } from './reply-fields.ts';

class Refused {
  @IsString()
  @Length(1, 10)
  orderId: string;

  @IsOptional()
  @IsInt()
  @Max(9)
  count?: number;

  @IsBoolean()
  final: boolean;

  @IsIn(['soon', 'never'])
  again: string;

  @IsArray()
  @ArrayMinSize(1)
  @IsString({ each: true })
  lines: string[];
}

describe('the fields of a declared reply', () => {
  it('have their order, their kind and whether they must be there from the rules of the class', () => {
    expect(replyFields(Refused)).toEqual([
      { name: 'orderId', kind: 'text', required: true, oneOf: [] },
      { name: 'count', kind: 'number', required: false, oneOf: [] },
      { name: 'final', kind: 'yes or no', required: true, oneOf: [] },
      { name: 'again', kind: 'one of', required: true, oneOf: ['soon', 'never'] },
      { name: 'lines', kind: 'json', required: true, oneOf: [] },
    ]);
  });
});
