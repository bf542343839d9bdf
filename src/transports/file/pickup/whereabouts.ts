import { type ConsignmentTrace } from '../../../contract/consignment.ts';
import { type Whereabouts } from '../../../contract/source.ts';
import { type FilePath } from '../places/file-path.ts';
import { type PickupDirectories, type PickupSourceSettings } from './pickup.settings.ts';
import { tokenDigits } from './put-away.ts';

export interface WhereaboutsParts {
  readonly settings: Pick<PickupSourceSettings, 'after' | 'sameBy' | 'stream'>;
  readonly directories: PickupDirectories;
  /** The directory of this gateway's claims. */
  readonly claims: FilePath;
  readonly place: { readonly name: string };
}

/** Where a file is by now, as the settings of now have it: nobody looks, and what others did with it since is not known. */
export function whereaboutsOf({ settings, directories, claims, place }: WhereaboutsParts, trace: ConsignmentTrace): Whereabouts {
  const { claim, state, putAwayMs, identity, name } = trace;
  // An extract is known by its content and by what it was compared with.
  const content = /^[0-9a-f]{64}(?= \d+$|$)/.exec(identity ?? '')?.[0] ?? null;
  const sha256 = settings.sameBy === 'content' && !settings.stream ? content : null;
  const told = (where: string): Whereabouts => ({ where: `${place.name}: ${where}`, sha256 });
  if (putAwayMs === null) return told(`${claims.toString()}/${claim}, where it stands until it is done with`);
  if (state !== 'refused' && state !== 'held' && settings.after === 'delete') return told('deleted when all of it was in the journal');
  const directory = state === 'refused' || state === 'held' ? directories.error : directories.archive;
  const file = name.slice(name.lastIndexOf('/') + 1);
  return told(`${directory.toString()}/…_${claim.slice(0, tokenDigits)}_${file}${state === 'duplicate' ? '.duplicate' : ''}`);
}
