import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { EventType, Sensitive } from '../../src/contract/index.ts';

const postingId = /^[A-Za-z0-9-]{1,20}$/;
const account = /^\d{10}$/;

/** An amount is to go from one account to another. The night's batch books it. */
@EventType('com.acme.posting.requested.v1')
export class PostingRequested {
  /** The ledger books each once and names it in its result. */
  @IsString()
  @Matches(postingId)
  postingId: string;

  /** Ten digits. */
  @Matches(account)
  debitAccount: string;

  @Matches(account)
  creditAccount: string;

  /** More than zero, in full with at most two places: 1250.00 */
  @IsString()
  @Matches(/^(?=.*[1-9])(?:0|[1-9]\d{0,12})(?:\.\d{1,2})?$/)
  amount: string;

  @Matches(/^[A-Z]{3}$/)
  currency: string;

  /** 2026-11-20 */
  @Matches(/^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/)
  valueDate: string;

  /** What stands on the statement: at most four lines. A reversal has none. */
  @Sensitive()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(4)
  @IsString({ each: true })
  @MaxLength(27, { each: true })
  @Matches(/^\P{Cc}*$/u, { each: true })
  text?: string[];

  /** The posting that this one takes back. */
  @IsOptional()
  @IsString()
  @Matches(postingId)
  reverses?: string;

  /** Why, in the ledger's own numbers; 1 when it is not given. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(9_999)
  reversalCode?: number;
}

/** The amount is booked, once. */
@EventType('com.acme.posting.booked.v1')
export class PostingBooked {
  @IsString()
  postingId: string;

  /** At most eleven digits. */
  @IsString()
  bookingNumber: string;

  /** 2026-11-20 */
  @IsString()
  bookedOn: string;

  constructor(values?: PostingBooked) {
    Object.assign(this, values);
  }
}

/** The ledger said no; nothing was booked. */
@EventType('com.acme.posting.rejected.v1')
export class PostingRejected {
  @IsString()
  postingId: string;

  /** 1001 */
  @IsInt()
  code: number;

  @IsString()
  reason: string;

  constructor(values?: PostingRejected) {
    Object.assign(this, values);
  }
}

/** What moved on an account. */
export class Movement {
  @IsString()
  bookingNumber: string;

  @IsString()
  postingId: string;

  /** Debits are negative. */
  @IsString()
  amount: string;

  constructor(values?: Movement) {
    Object.assign(this, values);
  }
}

/** An account at the end of a day on which something was booked on it. */
@EventType('com.acme.account.stated.v1')
export class AccountStated {
  @IsString()
  account: string;

  @IsString()
  currency: string;

  @IsString()
  bookedOn: string;

  @IsString()
  openingBalance: string;

  @IsString()
  closingBalance: string;

  /** At most twenty; more are told in a further event of the same day, which begins with this closing balance. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Movement)
  movements: Movement[];

  constructor(values?: AccountStated) {
    Object.assign(this, values);
  }
}

/** A customer as the night's extract has it. */
class CustomerTold {
  /** Eight digits. */
  @IsString()
  @Length(8, 8)
  customerNumber: string;

  @IsString()
  kind: string;

  @Sensitive()
  @IsString()
  name: string;

  @Sensitive()
  @IsOptional()
  @IsString()
  givenName?: string;

  @Sensitive()
  @IsString()
  street: string;

  @IsString()
  postalCode: string;

  @IsString()
  city: string;

  @IsString()
  country: string;

  @IsString()
  creditLimit: string;

  @IsArray()
  @IsString({ each: true })
  accounts: string[];

  @IsString()
  status: string;

  constructor(values?: CustomerTold) {
    Object.assign(this, values);
  }
}

/** A customer is new. */
@EventType('com.acme.customer.created.v1')
export class CustomerCreated extends CustomerTold {}

/** Something about a customer has changed; all of it is told. */
@EventType('com.acme.customer.updated.v1')
export class CustomerUpdated extends CustomerTold {}

/** A customer is in the extract no longer. */
@EventType('com.acme.customer.deleted.v1')
export class CustomerDeleted {
  @IsString()
  customerNumber: string;

  constructor(values?: CustomerDeleted) {
    Object.assign(this, values);
  }
}
