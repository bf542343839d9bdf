import { ArrayMaxSize, IsArray, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { Setting } from '../../contract/settings.ts';
import { PlaceSettings } from './places/place.settings.ts';

export class NamedDirectory {
  @Setting('The name that the adapter uses.')
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/)
  name = '';

  @Setting('Its path inside the directory of the place.')
  @IsString()
  path = '';
}

export class FileSettings extends PlaceSettings {
  @Setting('Where the directories are that the adapter names; one that is not listed has its name as its path.', {
    nested: NamedDirectory,
    list: true,
  })
  @IsArray()
  @ArrayMaxSize(100)
  directories: NamedDirectory[] = [];

  @Setting('Directory of reply files that have been read, inside the directory and on its file system.')
  @IsString()
  archive = 'archive';

  @Setting('Directory of reply files that could not be read, with the reasons beside them.')
  @IsString()
  error = 'error';

  @Setting('Directory of reply files at work; each gateway has its own in it, under its name.')
  @IsString()
  claims = 'claims';

  @Setting('Time between two looks for reply files, ms.')
  @IsInt()
  @Min(10)
  @Max(86_400_000)
  pollMs = 5_000;

  @Setting('Largest reply file that answers as a whole, bytes. One whose records answer has no limit.')
  @IsInt()
  @Min(1_024)
  @Max(256_000_000)
  maxReplyBytes = 16_777_216;
}
