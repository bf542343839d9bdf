import { Type } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, Length, Matches, Max, Min, ValidateNested } from 'class-validator';
import { EventType, Sensitive } from '../../src/contract/index.ts';

/** Capitals, as the stockroom shows them: its field turns small letters into such. */
const sku = /^[A-Z0-9][A-Z0-9-]{0,9}$/;
const reference = /^[A-Za-z0-9][A-Za-z0-9./-]{0,19}$/;
/** The printable characters of ISO 8859-1, one cell each, and nothing that is a key; no blanks around. */
const line = /^(?! )[\x20-\x7e\xa1-\xac\xae-\xff]+(?<! )$/;

/** Somebody wants to know how much there is of an item. */
@EventType('com.acme.stock.enquired.v1')
export class StockEnquired {
  @IsString()
  @Matches(sku)
  sku: string;
}

/** What the stockroom shows of the item at that moment. */
@EventType('com.acme.stock.level.v1')
export class StockLevel {
  @IsString()
  sku: string;

  @IsString()
  description: string;

  /** What lies there, reserved or not. */
  @IsInt()
  onHand: number;

  @IsInt()
  reserved: number;

  @IsInt()
  available: number;

  @IsString()
  bin: string;

  constructor(values?: StockLevel) {
    Object.assign(this, values);
  }
}

/** The stockroom does not know the item. */
@EventType('com.acme.stock.unknown.v1')
export class StockUnknown {
  @IsString()
  sku: string;

  @IsString()
  reason: string;

  constructor(values?: StockUnknown) {
    Object.assign(this, values);
  }
}

/** So much of an item is to be kept for somebody. */
@EventType('com.acme.reservation.requested.v1')
export class ReservationRequested {
  /** The reservation's name, given once: it is looked up by it. */
  @IsString()
  @Matches(reference)
  reference: string;

  @IsString()
  @Matches(sku)
  sku: string;

  @IsInt()
  @Min(1)
  @Max(9_999)
  quantity: number;

  /** For whom, as it is printed on the label. */
  @Sensitive()
  @IsOptional()
  @IsString()
  @Length(1, 30)
  @Matches(line)
  customer?: string;
}

/** It is kept. */
@EventType('com.acme.reservation.made.v1')
export class ReservationMade {
  @IsString()
  reference: string;

  /** The stockroom's confirmation: R000001 */
  @IsString()
  number: string;

  constructor(values?: ReservationMade) {
    Object.assign(this, values);
  }
}

/** Nothing was reserved. */
@EventType('com.acme.reservation.refused.v1')
export class ReservationRefused {
  @IsString()
  reference: string;

  /** ITEM_UNKNOWN, NOT_ENOUGH_STOCK or REFERENCE_IN_USE. */
  @IsString()
  code: string;

  @IsString()
  reason: string;

  constructor(values?: ReservationRefused) {
    Object.assign(this, values);
  }
}

/** Somebody wants to know what lies where. */
@EventType('com.acme.locations.requested.v1')
export class LocationsRequested {
  @IsString()
  @Length(1, 64)
  requestId: string;

  /** Only bins that begin so: `A` for an aisle. */
  @IsOptional()
  @IsString()
  @Matches(/^[A-Z][0-9]{0,3}$/)
  binBegins?: string;
}

export class Location {
  @IsString()
  bin: string;

  @IsString()
  sku: string;

  @IsString()
  description: string;

  @IsInt()
  onHand: number;

  @IsInt()
  available: number;

  constructor(values?: Location) {
    Object.assign(this, values);
  }
}

/** What lies where, in the order of the stock list. */
@EventType('com.acme.locations.listed.v1')
export class LocationsListed {
  @IsString()
  requestId: string;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Location)
  locations: Location[];

  constructor(values?: LocationsListed) {
    Object.assign(this, values);
  }
}
