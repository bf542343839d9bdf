import { Type } from 'class-transformer';
import { IsString, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Sensitive, sensitiveFieldsOf } from './event.ts';

class Address {
  @Sensitive()
  @IsString()
  street: string;

  @ValidateNested()
  @Type(() => Address)
  previous: Address;
}
class Party {
  @Sensitive()
  @IsString()
  name: string;
}
class Order extends Party {
  @ValidateNested({ each: true })
  @Type(() => Address)
  addresses: Address[];

  @IsString()
  sku: string;
}
class Plain {
  @IsString()
  sku: string;
}

describe('sensitive fields', () => {
  it('are those of a class, of what it extends, and of what lies within it, also in itself', () => {
    expect([...sensitiveFieldsOf(Order)].sort()).toEqual(['name', 'street']);
    expect([...sensitiveFieldsOf(Address)]).toEqual(['street']);
  });

  it('of a class without any are none', () => {
    expect(sensitiveFieldsOf(Plain).size).toBe(0);
  });
});
