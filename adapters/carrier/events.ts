import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsOptional, IsString, Length, Matches, ValidateNested } from 'class-validator';
import { EventType, Sensitive } from '../../src/contract/index.ts';
import { type Service, services } from './services.ts';

/** One line with something on it: a control character would end the line of the manifest, or hide in it. */
const line = /^(?=.*\S)\P{Cc}+$/u;

export class Recipient {
  @Sensitive()
  @IsString()
  @Length(1, 35)
  @Matches(line)
  name: string;

  @Sensitive()
  @IsString()
  @Length(1, 35)
  @Matches(line)
  street: string;

  @IsString()
  @Length(1, 10)
  @Matches(line)
  postcode: string;

  @IsString()
  @Length(1, 30)
  @Matches(line)
  city: string;

  /** ISO 3166, two letters. */
  @IsString()
  @Matches(/^[A-Z]{2}$/)
  country: string;
}

export class Parcel {
  /** Kilograms as decimal text, `12.5`: at most five digits and three places, and not nothing. */
  @IsString()
  @Matches(/^(?=.*[1-9])\d{1,5}(?:\.\d{1,3})?$/)
  weightKg: string;

  /** What the sender calls it; printed on the label. */
  @IsOptional()
  @IsString()
  @Length(1, 20)
  @Matches(line)
  label?: string;
}

/** A shipment is packed and the carrier is to fetch it. */
@EventType('com.acme.shipment.requested.v1')
export class ShipmentRequested {
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9-]{0,19}$/)
  shipmentId: string;

  /** Where the carrier fetches it; each manifest is for one depot. */
  @IsString()
  @Matches(/^[A-Z]{3}$/)
  depot: string;

  @IsIn(Object.keys(services))
  service: Service;

  @ValidateNested()
  @Type(() => Recipient)
  recipient: Recipient;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(99)
  @ValidateNested({ each: true })
  @Type(() => Parcel)
  parcels: Parcel[];
}

/** The carrier fetches it. */
@EventType('com.acme.shipment.accepted.v1')
export class ShipmentAccepted {
  @IsString()
  shipmentId: string;

  @IsString()
  trackingNumber: string;

  constructor(values?: ShipmentAccepted) {
    Object.assign(this, values);
  }
}

/** The carrier does not fetch it; nothing was booked. */
@EventType('com.acme.shipment.rejected.v1')
export class ShipmentRejected {
  @IsString()
  shipmentId: string;

  /** As the carrier has it: R… about the shipment, M… about the whole manifest it was in. */
  @IsString()
  code: string;

  /** `manifest`: nothing is wrong with the shipment; request it again, as a new event, once the manifest's trouble is mended. */
  @IsIn(['shipment', 'manifest'])
  scope: 'shipment' | 'manifest';

  /** What the carrier objects to, in its words. */
  @IsOptional()
  @IsString()
  field?: string;

  @IsString()
  reason: string;

  constructor(values?: ShipmentRejected) {
    Object.assign(this, values);
  }
}
