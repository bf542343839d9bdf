import { Adapter } from '../../src/contract/index.ts';
import { calls, layout } from './mainframe.layout.ts';
import { EnquireCustomer } from './operations/enquire-customer.ts';
import { UpdateCustomer } from './operations/update-customer.ts';

@Adapter({
  system: 'mainframe',
  about: 'The customer file on a mainframe: a 3270 application, over TN3270.',
  layouts: [layout],
  calls,
  operations: [EnquireCustomer, UpdateCustomer],
})
export class MainframeAdapter {}
