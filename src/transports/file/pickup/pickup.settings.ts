import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { GatehouseError } from '../../../contract/errors.ts';
import { Setting } from '../../../contract/settings.ts';
import { FilePath } from '../places/file-path.ts';
import { PlaceSettings } from '../places/place.settings.ts';

export class PickupSourceSettings {
  @Setting('The name that the adapter gives the source.')
  @Matches(/^[a-z][a-z0-9-]{0,62}$/)
  name = '';

  @Setting('Where the files are left.', { nested: PlaceSettings })
  place: PlaceSettings = new PlaceSettings();

  @Setting('Names of the files: * is any text, ? one character. A name that begins with a dot is meant only by a pattern that does.')
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  pattern = '*';

  @Setting('Whether directories below are watched too, eight levels deep; not those of claims, archive and errors.')
  @IsBoolean()
  subdirectories = false;

  @Setting('Which file is taken first: by name, or the oldest by its time of change.')
  @IsIn(['name', 'time'])
  order: 'name' | 'time' = 'name';

  @Setting('Wait between two looks, ms.')
  @IsInt()
  @Min(10)
  pollMs = 5_000;

  @Setting(
    'When a file is complete: stable (size and time unchanged), marker (another file says so), renamed (its name says so: the writer gives it only when he is done, or the place refuses to rename what is open).',
  )
  @IsIn(['stable', 'marker', 'renamed'])
  complete: 'stable' | 'marker' | 'renamed' = 'stable';

  @Setting('With stable: looks at which size and time are the same.')
  @IsInt()
  @Min(2)
  @Max(1_000)
  stableLooks = 3;

  @Setting('With stable: least time that nothing has changed, ms, by the clock of the gateway.')
  @IsInt()
  @Min(0)
  minAgeMs = 10_000;

  @Setting('With marker: its name; {name} is the name of the file. It is removed when the file is claimed.')
  @Matches(/^[^/]*\{name\}[^/]*$/)
  marker = '{name}.done';

  @Setting('Most files that one look takes in; of more, each look takes another share.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  maxFiles = 100_000;

  @Setting('Directory for files at work, on the same file system; below it one directory a gateway.')
  @IsString()
  claimDirectory = '.gatehouse-claims';

  @Setting('What becomes of a file when the journal has everything.')
  @IsIn(['archive', 'delete'])
  after: 'archive' | 'delete' = 'archive';

  @Setting('Directory for files that are done; the name gets a time stamp and the token of the claim.')
  @IsString()
  archiveDirectory = 'archive';

  @Setting('Directory for files that failed as a whole.')
  @IsString()
  errorDirectory = 'error';

  @Setting('A record that cannot become an event: park (the rest goes on) or hold file (nothing of the file leaves until a person has decided).')
  @IsIn(['park', 'hold file'])
  onBadRecord: 'park' | 'hold file' = 'park';

  @Setting('What makes a file the same as one before: its content, or name and content.')
  @IsIn(['content', 'name and content'])
  sameBy: 'content' | 'name and content' = 'content';

  @Setting(
    'One pass instead of two: events leave before the end of the file is known. A wrong trailer is found after them, and files are the same by name, size and time.',
  )
  @IsBoolean()
  stream = false;
}

export class PickupSettings {
  @Setting('One entry for each source of the adapter that is to run; one without an entry is left out.', { nested: PickupSourceSettings, list: true })
  @IsArray()
  @ArrayMaxSize(100)
  sources: PickupSourceSettings[] = [];
}

/** The directories of a source, none of which may be another or the watched one. */
export interface PickupDirectories {
  readonly claims: FilePath;
  readonly archive: FilePath;
  readonly error: FilePath;
}

/** @throws GatehouseError CONFIG_INVALID when two are one, or a file would be put back where it is picked up */
export function directoriesOf(settings: PickupSourceSettings, path: string): PickupDirectories {
  const directories = {
    claims: FilePath.parse(settings.claimDirectory),
    archive: FilePath.parse(settings.archiveDirectory),
    error: FilePath.parse(settings.errorDirectory),
  };
  const names = Object.entries(directories);
  for (const [name, directory] of names) {
    if (directory.segments.length === 0) throw new GatehouseError('CONFIG_INVALID', `${path}: the directory for ${name} is the watched one`);
    const twin = names.find(([other, each]) => other !== name && each.equals(directory));
    if (twin !== undefined)
      throw new GatehouseError('CONFIG_INVALID', `${path}: ${name} and ${twin[0]} are one directory, '${directory.toString()}'`);
  }
  return directories;
}
