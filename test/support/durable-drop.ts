import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { FilePath } from '../../src/transports/file/places/file-path.ts';
import { LocalPlace } from '../../src/transports/file/places/local/local.place.ts';

/*
 * A process to be watched by strace: makes drops side by side in the directory it is given, as many as it is told, and says of each on
 * standard output when it is answered.
 */
const [directory = '', count = '1'] = process.argv.slice(2);
const place = new LocalPlace('depot', { directory, temporaryDirectory: '', temporaryPrefix: '.gatehouse-' } as never);
const never = new AbortController().signal;
await Promise.all(
  Array.from({ length: Number(count) }, async (_, index) => {
    const temporary = place.temporary(`drop ${index}`);
    await place.write(temporary, Buffer.from(`content ${index}`), never);
    await place.rename(temporary, FilePath.parse(`out/F${index}`), { ifExists: 'fail', oldName: 'may come back' }, never);
    writeSync(1, `answered F${index}\n`);
  }),
);
await place.close();
