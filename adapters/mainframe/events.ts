import { IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { EventType, Sensitive } from '../../src/contract/index.ts';

const customerNumber = /^\d{8}$/;

/** Longer than any field of the host: how much of it fits, its screens say. */
const maxText = 200;

/** Somebody asks what the customer file says of a customer. */
@EventType('com.acme.customer.enquired.v1')
export class CustomerEnquired {
  @IsString()
  @Length(1, 64)
  requestId: string;

  /** Eight digits: 00010003. */
  @IsString()
  @Matches(customerNumber)
  customer: string;
}

/** What stands in the customer file. What is empty there is left out. */
@EventType('com.acme.customer.found.v1')
export class CustomerFound {
  @IsString()
  requestId: string;

  @IsString()
  customer: string;

  @Sensitive()
  @IsString()
  name: string;

  @Sensitive()
  @IsOptional()
  @IsString()
  street?: string;

  @IsOptional()
  @IsString()
  city?: string;

  @Sensitive()
  @IsOptional()
  @IsString()
  phone?: string;

  /** Whole currency units. */
  @IsInt()
  creditLimit: number;

  constructor(values?: CustomerFound) {
    Object.assign(this, values);
  }
}

/** The customer file has no such customer. */
@EventType('com.acme.customer.not-found.v1')
export class CustomerNotFound {
  @IsString()
  requestId: string;

  @IsString()
  customer: string;

  constructor(values?: CustomerNotFound) {
    Object.assign(this, values);
  }
}

/** Something about a customer is to be changed. What is left out stays as it is; an empty text empties the field. */
@EventType('com.acme.customer.update-requested.v1')
export class CustomerUpdateRequested {
  @IsString()
  @Length(1, 64)
  requestId: string;

  @IsString()
  @Matches(customerNumber)
  customer: string;

  @Sensitive()
  @IsOptional()
  @IsString()
  @MaxLength(maxText)
  name?: string;

  @Sensitive()
  @IsOptional()
  @IsString()
  @MaxLength(maxText)
  street?: string;

  @IsOptional()
  @IsString()
  @MaxLength(maxText)
  city?: string;

  @Sensitive()
  @IsOptional()
  @IsString()
  @MaxLength(maxText)
  phone?: string;

  /** Whole currency units. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(9_999_999)
  creditLimit?: number;
}

/** The host has confirmed that it saved the update. */
@EventType('com.acme.customer.update-saved.v1')
export class CustomerUpdateSaved {
  @IsString()
  requestId: string;

  @IsString()
  customer: string;

  /** The host's own number of the update: U000001. */
  @IsString()
  update: string;

  constructor(values?: CustomerUpdateSaved) {
    Object.assign(this, values);
  }
}

/** Nothing was saved. */
@EventType('com.acme.customer.update-refused.v1')
export class CustomerUpdateRefused {
  @IsString()
  requestId: string;

  @IsString()
  customer: string;

  @IsString()
  code: string;

  @IsString()
  reason: string;

  constructor(values?: CustomerUpdateRefused) {
    Object.assign(this, values);
  }
}
