import { Adapter } from '../../src/contract/index.ts';
import { EnquireStock } from './operations/enquire-stock.ts';
import { ListLocations } from './operations/list-locations.ts';
import { ReserveStock } from './operations/reserve-stock.ts';
import { calls, layout } from './stockroom.layout.ts';

@Adapter({
  system: 'stockroom',
  about: 'The stockroom: a green screen on a VT220, over SSH or telnet.',
  layouts: [layout],
  calls,
  operations: [EnquireStock, ReserveStock, ListLocations],
})
export class StockroomAdapter {}
