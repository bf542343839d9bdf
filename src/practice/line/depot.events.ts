import { IsInt, IsString, Length, Max, Min } from 'class-validator';
import { EventType } from '../../contract/index.ts';

@EventType('com.acme.stock.wanted.v1')
export class StockWanted {
  @IsString()
  @Length(1, 64)
  requestId: string;

  @IsString()
  @Length(1, 64)
  customerId: string;

  @IsString()
  @Length(1, 64)
  sku: string;

  @IsInt()
  @Min(1)
  @Max(1_000)
  quantity: number;
}

@EventType('com.acme.stock.reserved.v1')
export class StockReserved {
  @IsString()
  requestId: string;

  @IsString()
  reservation: string;

  constructor(values?: StockReserved) {
    Object.assign(this, values);
  }
}

@EventType('com.acme.stock.refused.v1')
export class StockRefused {
  @IsString()
  requestId: string;

  @IsString()
  code: string;

  @IsString()
  reason: string;

  constructor(values?: StockRefused) {
    Object.assign(this, values);
  }
}

@EventType('com.acme.pair.wanted.v1')
export class PairWanted {
  @IsString()
  @Length(1, 64)
  requestId: string;

  @IsString()
  @Length(1, 64)
  left: string;

  @IsString()
  @Length(1, 64)
  right: string;
}

@EventType('com.acme.pair.reserved.v1')
export class PairReserved {
  @IsString()
  requestId: string;

  @IsString()
  left: string;

  @IsString()
  right: string;

  constructor(values?: PairReserved) {
    Object.assign(this, values);
  }
}

@EventType('com.acme.order.sent.v1')
export class OrderSent {
  @IsString()
  @Length(1, 64)
  orderId: string;

  @IsString()
  @Length(1, 64)
  sku: string;
}

@EventType('com.acme.order.confirmed.v1')
export class OrderConfirmed {
  @IsString()
  orderId: string;

  @IsString()
  order: string;

  constructor(values?: OrderConfirmed) {
    Object.assign(this, values);
  }
}

@EventType('com.acme.order.rejected.v1')
export class OrderRejected {
  @IsString()
  orderId: string;

  @IsString()
  code: string;

  @IsString()
  reason: string;

  constructor(values?: OrderRejected) {
    Object.assign(this, values);
  }
}

@EventType('com.acme.shelf.nudged.v1')
export class ShelfNudged {
  @IsString()
  @Length(1, 64)
  ref: string;

  @IsString()
  @Length(1, 64)
  sku: string;
}
