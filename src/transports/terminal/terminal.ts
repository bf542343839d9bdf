/** Terminals: what an adapter says of screens, keys and waits. */
export { type Key } from './keys.ts';
export { type Place, type Region } from './screen/place.ts';
export { type Input } from './terminal.driver.ts';
export { type Anchor, type Condition } from './wait.ts';
