import { GatehouseError } from '../contract/errors.ts';
import { type Prepared, type Source, type SourceDeclaration } from '../contract/source.ts';
import { type FirstLook } from './first-look.ts';

/** From so many bad pieces on, more bad than good hold the whole: a layout that does not fit must not fill the parking lot. */
const manyBad = 20;

/** Of a consignment that is taken as a whole one bad piece holds all, and no person can accept it. Null when it has none. */
export function brokenWhole(prepared: Prepared, look: FirstLook, source: Source, declaration: SourceDeclaration): GatehouseError | null {
  const found = look.failures + prepared.bad;
  const first = prepared.firstBad ?? look.firstFailure;
  const whole = source.holdsWhole || declaration.snapshot !== null;
  if (found === 0 || first === null || !whole) return null;
  const message = `${found} of ${prepared.pieces} pieces cannot become events, and it is taken as a whole; the first: ${first.message}`;
  return new GatehouseError(first.code, message);
}

/**
 * Why a person should accept a consignment before its pieces become events; null when nothing is strange about it.
 * @param rowsBefore keys of the snapshot that it is compared with; null when there is none
 */
export function suspicionOf(
  { pieces, bad, firstBad }: Prepared,
  look: FirstLook,
  { snapshot }: SourceDeclaration,
  rowsBefore: number | null,
): GatehouseError | null {
  if (bad >= manyBad && bad * 2 > pieces && firstBad !== null)
    return new GatehouseError(firstBad.code, `${bad} of ${pieces} pieces cannot be read; the first: ${firstBad.message}`);
  if (snapshot === null || rowsBefore === null || rowsBefore === 0) return null;
  const gone = rowsBefore - look.kept;
  const gonePercent = (gone / rowsBefore) * 100;
  if (gonePercent <= snapshot.maxGonePercent) return null;
  const message = `${gone} of ${rowsBefore} keys would be gone, ${gonePercent.toFixed(1)} %; ${snapshot.maxGonePercent} % are allowed`;
  return new GatehouseError('SNAPSHOT_SUSPICIOUS', message);
}
