/** All that an adapter author needs. */
export { Adapter, type AdapterOptions, type Layout } from './adapter.ts';
export { type Call, type Calls, type Probe, type Refusal, cannotTell, didNot, happened, isRefusal, once, read, repeatable } from './calls.ts';
export { GatehouseError } from './errors.ts';
export { EventType, Sensitive } from './event.ts';
export { type Json } from './json.ts';
export { Operation, type SystemHandle, type Translation } from './operation.ts';
