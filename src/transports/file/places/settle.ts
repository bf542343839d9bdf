import { GatehouseError } from '../../../contract/errors.ts';
import { type FilePath } from './file-path.ts';
import { type Place, type Written } from './place.ts';

export type RenameVerdict = 'happened' | 'did not' | 'cannot tell';

export interface SettleOptions {
  /**
   * What it means when neither name is there. The receiver that takes files away within seconds makes it `happened`, as only the rename
   * removes the temporary name; where somebody cleans up temporary files it is `cannot tell`.
   */
  readonly neither?: 'happened' | 'cannot tell';
  /**
   * What it means when the file has the name between and not the new one. The new one may have been given and taken away, unless the receiver
   * could not know of it: then it is `did not`.
   */
  readonly halfway?: 'did not' | 'cannot tell';
}

/** The names of one rename, and what was written under the first of them. */
export interface Renamed {
  readonly temporary: FilePath;
  readonly target: FilePath;
  readonly written: Written;
  /** The one that the rename was given for two steps. */
  readonly between?: FilePath;
}

/**
 * What became of `rename(temporary, target)` whose answer was lost. `did not` is true for now: a server may still carry out a request that is
 * on its way, so it counts only after the settle time of the system. After `happened` the temporary name, or the one between, may be left,
 * where the place gave the new name before it took the old one: remove it.
 * @throws GatehouseError as `look` and `hash` do
 */
export async function settleRename(
  place: Place,
  { temporary, target, written, between }: Renamed,
  signal: AbortSignal,
  { neither = 'cannot tell', halfway = 'cannot tell' }: SettleOptions = {},
): Promise<RenameVerdict> {
  let before = await place.look(temporary, signal);
  const half = between === undefined ? null : await place.look(between, signal);
  const after = await place.look(target, signal);
  // A rename carried out between the looks shows in more than one.
  if (before !== null && (after !== null || half !== null)) before = await place.look(temporary, signal);
  if (after === null && before === null && half === null && neither === 'happened') {
    // A directory that is away takes both names with it.
    await mustBeThere(place, temporary, signal);
    await mustBeThere(place, target, signal);
  }
  if (after === null) return before !== null ? 'did not' : half !== null ? halfway : neither;
  const same = after.kind === 'file' && after.size === written.size && (await hashOf(place, target, signal)) === written.sha256;
  if (before === null) return same ? 'happened' : half !== null ? halfway : 'cannot tell';
  if (!same) return 'did not';
  // Both names, one content: one file with two names is half of the rename; two files are another's doing.
  return before.identity !== undefined && before.identity === after.identity ? 'happened' : 'cannot tell';
}

/** @throws GatehouseError as `list` does, but for a directory that may be written and not listed */
async function mustBeThere(place: Place, path: FilePath, signal: AbortSignal): Promise<void> {
  try {
    for await (const entry of place.list(path.directory, signal)) if (entry.kind === 'file') break;
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'PLACE_DENIED') throw error;
  }
}

/** Null when it was taken away or is being replaced meanwhile. */
async function hashOf(place: Place, path: FilePath, signal: AbortSignal): Promise<string | null> {
  try {
    return (await place.hash(path, signal)).sha256;
  } catch (error) {
    if (error instanceof GatehouseError && (error.code === 'FILE_MISSING' || error.code === 'FILE_DENIED')) return null;
    throw error;
  }
}
