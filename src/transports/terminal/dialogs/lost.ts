import { GatehouseError } from '../../../contract/errors.ts';
import { type Screen } from '../screen/screen.ts';
import { type Arrival } from './walk.ts';

/** Where a walk was when it did not come to where it should. */
export interface Whereabouts {
  readonly system: string;
  readonly doing: string;
  /** `step 2 on 'form'`. */
  readonly after: string;
  /** Names of the maps of which one should stand. */
  readonly expected: readonly string[];
}

/**
 * Why a walk cannot go on. A host that is silent or gone has `NO_ANSWER` when something may have happened, else UNREACHABLE; a screen that
 * is not the right one has SCREEN_UNEXPECTED, whether no map knows it, or several do, or another one does.
 */
export function lost({ system, doing, after, expected }: Whereabouts, arrival: Arrival, mayHaveHappened: boolean): GatehouseError {
  const { end, screen, recognised, changed, afterMs, why } = arrival;
  const wanted = `expected ${expected.map((name) => `'${name}'`).join(' or ')}`;
  const silent = mayHaveHappened ? 'NO_ANSWER' : 'UNREACHABLE';
  if (end === 'disconnected') return new GatehouseError(silent, `${system}: the session ended in ${doing} after ${after}; ${wanted}: ${why}`);
  if (end === 'timeout' && (!changed || screen.lock === 'waiting' || recognised.is === 'one')) {
    const shows =
      recognised.is === 'one' ? `'${recognised.map.name}' ${changed ? 'stands unfinished' : 'still stands unchanged'}` : 'the host says nothing';
    return new GatehouseError(silent, `${system}: in ${doing} ${shows} ${afterMs} ms after ${after}; ${wanted}`);
  }
  const found =
    recognised.is === 'none'
      ? 'a screen that no map knows'
      : recognised.is === 'several'
        ? `a screen that fits ${recognised.maps.map(({ name }) => `'${name}'`).join(' and ')}`
        : `the screen '${recognised.map.name}'`;
  return new GatehouseError('SCREEN_UNEXPECTED', `${system}: ${doing} came after ${after} to ${found}, ${titleOf(screen)}; ${wanted}`);
}

/** The beginning of the first line that is not blank, its digits hidden: enough to know the screen by, too little to know a customer by. */
export function titleOf(screen: Screen): string {
  const line = screen
    .text()
    .split('\n')
    .find((each) => each.trim() !== '');
  if (line === undefined) return 'all blank';
  const title = line
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\d/g, '#')
    .replaceAll(/[^\x20-\x7e]/g, '?');
  return `which begins '${title.slice(0, 24)}'`;
}
