import { CarrierAdapter } from './carrier/carrier.adapter.ts';
import { LedgerAdapter } from './ledger/ledger.adapter.ts';
import { MainframeAdapter } from './mainframe/mainframe.adapter.ts';
import { ServiceNowAdapter } from './servicenow/servicenow.adapter.ts';
import { StockroomAdapter } from './stockroom/stockroom.adapter.ts';

/** The systems this gateway stands in front of. An adapter is listed here by hand, or it is not there. */
export const adapters = [ServiceNowAdapter, CarrierAdapter, LedgerAdapter, MainframeAdapter, StockroomAdapter];
