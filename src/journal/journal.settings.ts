import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { type Secret } from '../contract/secret.ts';
import { Setting } from '../contract/settings.ts';

export class EncryptionSettings {
  @Setting('Names the key in the journal, so that it can be changed: 1 to 255.')
  @IsInt()
  @Min(1)
  @Max(255)
  keyId = 1;

  @Setting('The key: 64 hex digits (AES-256).', { secret: true })
  key: Secret;
}

export class JournalSettings {
  @Setting('The journal file. A lock file and the write-ahead log stand beside it.')
  @IsString()
  path = './data/journal.db';

  @Setting('Largest size of the journal file, bytes; without it the disk is the limit.')
  @IsOptional()
  @IsInt()
  @Min(1_048_576)
  maxBytes?: number;

  @Setting('Room kept back so that answers in flight can be recorded when the disk is full, bytes.')
  @IsInt()
  @Min(0)
  reserveBytes = 64 * 1_048_576;

  @Setting('Days that final translations are kept.')
  @IsInt()
  @Min(1)
  retentionDays = 30;

  @Setting('Days that the identity of an event is remembered. Longer than the broker can hold a message.')
  @IsInt()
  @Min(1)
  dedupeDays = 90;

  @Setting('Most bytes kept of one piece of native evidence; more is clipped to head and tail, and says so.')
  @IsInt()
  @Min(1_024)
  evidenceMaxBytes = 1_048_576;

  @Setting(
    'Encrypts bodies, and what people write (reasons, notes, refusals of bulk actions), with AES-256-GCM. Not what is searched: ids, keys, types, names, codes and messages of failures; nor conditions of a bulk action.',
    { nested: EncryptionSettings },
  )
  @IsOptional()
  encryption?: EncryptionSettings;
}
