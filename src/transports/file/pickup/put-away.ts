import { GatehouseError } from '../../../contract/errors.ts';
import { type PutAway } from '../../../contract/source.ts';
import { type PickedParts } from './picked-file.ts';

const maxNameBytes = 255;
/** As many digits of the claim as are drawn for each. */
export const tokenDigits = 16;

/**
 * To the archive, to the error directory, or away. Done before is done: a file that is not in the directory of claims any more has been
 * put away by an earlier life.
 */
export async function putAway(
  { place, path, original, directories, settings, clock, claim }: PickedParts,
  how: PutAway,
  signal: AbortSignal,
): Promise<void> {
  if ((await place.look(path, signal)) === null) return;
  if (how.end !== 'refused' && settings.after === 'delete') {
    await place.remove(path, signal).catch(unlessMissing);
    return;
  }
  const directory = how.end === 'refused' ? directories.error : directories.archive;
  const stamp = new Date(clock.wallMs()).toISOString().replaceAll(/[-:]/g, '');
  const note = how.end === 'duplicate' ? '.duplicate' : '';
  // The beginning of the claim makes the name unique: there is nothing to replace, and one step leaves no file under two names.
  const target = directory.listed(clipped(`${stamp}_${claim.slice(0, tokenDigits)}_`, original.name, note));
  await place.rename(path, target, { ifExists: 'replace' }, signal).catch(unlessMissing);
}

/** The end of a name tells what it is; its beginning gives way. */
function clipped(before: string, name: Buffer, after: string): Buffer {
  const room = maxNameBytes - Buffer.byteLength(before) - Buffer.byteLength(after);
  return Buffer.concat([Buffer.from(before), name.subarray(Math.max(0, name.byteLength - room)), Buffer.from(after)]);
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof GatehouseError) || error.code !== 'FILE_MISSING') throw error;
}
