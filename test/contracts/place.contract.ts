import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { FilePath, joinInside } from '../../src/transports/file/places/file-path.ts';
import { NamePattern } from '../../src/transports/file/places/name-pattern.ts';
import { type Entry, type Place } from '../../src/transports/file/places/place.ts';
import { safeName } from '../../src/transports/file/places/safe-name.ts';
import { settleRename } from '../../src/transports/file/places/settle.ts';
import { type Cable } from '../support/cable.ts';

/** A server, or a disk, that serves a directory of this machine. */
export interface PlaceGround {
  /** A new place whose directory is `folder`, an absolute path of this machine. A server is reached through `port`, when given. */
  open(folder: string, changes?: { port?: number; answerTimeoutMs?: number }): Place;
  /** A directory of this machine in which the server may do everything. */
  readonly home: string;
  /** The cable that a place of `open` with its port goes through; null for a disk. */
  readonly cable: Cable | null;
  /** What this kind of place cannot do, with the reason in its README. */
  readonly cannot: readonly ('name with a line end' | 'tell a link' | 'see a linked directory')[];
  /** As who the server works, while `work` runs; a disk is worked on by this process. */
  unprivileged<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

const within = (ms = 20_000): AbortSignal => AbortSignal.timeout(ms);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const target = FilePath.parse('ORDERS.TXT');

async function all(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const entry of entries) found.push(entry);
  return found;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return Buffer.concat(pieces);
}

async function* pieces(...contents: (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const content of contents) yield Buffer.from(content);
}

/** What every place must do. */
export function placeContract(name: string, prepare: () => Promise<PlaceGround>): void {
  describe(`${name}: the contract of a place`, () => {
    let ground: PlaceGround;
    let folder: string;
    let place: Place;
    let count = 0;
    const here = (...names: string[]): string => join(folder, ...names);
    const drop = async (content: string, to: FilePath = target): Promise<void> => {
      const temporary = place.temporary(`drop ${content}`);
      await place.write(temporary, Buffer.from(content), within());
      await place.rename(temporary, to, { ifExists: 'fail' }, within());
    };

    beforeAll(async () => {
      ground = await prepare();
    });
    afterAll(() => ground.stop());
    beforeEach(() => {
      count += 1;
      folder = join(ground.home, `place-${count}`);
      mkdirSync(folder);
      chmodSync(folder, 0o777);
      place = ground.open(folder);
    });
    afterEach(async () => {
      ground.cable?.onAnswer(null);
      ground.cable?.thaw();
      await place.close();
    });

    it('the check passes, tells what the place can promise and leaves nothing behind', async () => {
      const promises = await place.check(within());
      expect(promises.told).not.toBe('');
      expect(await place.ready(within())).toEqual(promises);
      expect(readdirSync(folder)).toEqual([]);
    });

    it('a drop is invisible to its reader until it has its name, then whole', async () => {
      const content = randomBytes(300_000);
      const temporary = place.temporary('translation 1');
      const written = await place.write(temporary, pieces(content.subarray(0, 7), content.subarray(7)), within());
      expect(written).toEqual({ size: 300_000, sha256: sha256(content) });
      expect(await all(place.list(FilePath.root, within()))).toEqual([]);
      await place.rename(temporary, target, { ifExists: 'fail' }, within());
      expect(readFileSync(here('ORDERS.TXT')).equals(content)).toBe(true);
      expect(readdirSync(folder)).toEqual(['ORDERS.TXT']);
      expect(await place.hash(target, within())).toEqual(written);
    });

    it('an empty file is a file', async () => {
      await place.write(place.temporary('empty'), pieces(), within());
      await place.rename(place.temporary('empty'), target, { ifExists: 'fail' }, within());
      expect(await place.look(target, within())).toMatchObject({ kind: 'file', size: 0 });
      expect(await bytesOf(place.read(target, within()))).toHaveLength(0);
    });

    it('a second write replaces the leftover of the first', async () => {
      const temporary = place.temporary('translation 1');
      await place.write(temporary, Buffer.from('a longer first try'), within());
      await place.write(temporary, Buffer.from('second'), within());
      expect(readFileSync(here(String(temporary)), 'utf8')).toBe('second');
    });

    it('what the content throws comes out as it is, and the place goes on', async () => {
      const broken = (async function* () {
        yield randomBytes(100_000);
        throw new GatehouseError('CALL_REFUSED_ARGUMENTS', 'record 17 does not fit');
      })();
      await expect(place.write(place.temporary('broken'), broken, within())).rejects.toMatchObject({ message: 'record 17 does not fit' });
      await drop('next');
      expect(readFileSync(here('ORDERS.TXT'), 'utf8')).toBe('next');
    });

    it('a name that is taken is refused with fail and replaced with replace', async () => {
      await drop('first');
      await expect(drop('second')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      expect(readFileSync(here('ORDERS.TXT'), 'utf8')).toBe('first');
      await place.rename(place.temporary('drop second'), target, { ifExists: 'replace' }, within());
      expect(readFileSync(here('ORDERS.TXT'), 'utf8')).toBe('second');
      expect(readdirSync(folder)).toEqual(['ORDERS.TXT']);
    });

    it('when leave refuses, nothing has happened and its error comes out', async () => {
      const temporary = place.temporary('held');
      const written = await place.write(temporary, Buffer.from('x'), within());
      const leave = async (): Promise<void> => {
        expect(existsSync(here('ORDERS.TXT'))).toBe(false);
        throw new GatehouseError('SYSTEM_UNAVAILABLE', 'held meanwhile');
      };
      await expect(place.rename(temporary, target, { ifExists: 'fail', leave }, within())).rejects.toMatchObject({ message: 'held meanwhile' });
      expect(await settleRename(place, { temporary, target, written }, within())).toBe('did not');
      await place.rename(temporary, target, { ifExists: 'fail' }, within());
      expect(readdirSync(folder)).toEqual(['ORDERS.TXT']);
    });

    it('an end of the wait before the point of no return is no effect, also when leave comes back later', async () => {
      const temporary = place.temporary('late');
      await place.write(temporary, Buffer.from('x'), within());
      const stop = new AbortController();
      let goOn = (): void => undefined;
      const held = new Promise<void>((resolve) => (goOn = resolve));
      const renaming = place.rename(temporary, target, { ifExists: 'fail', leave: () => (stop.abort(), held) }, stop.signal);
      if (ground.cable === null) await expect(renaming).rejects.toMatchObject({ code: 'UNREACHABLE' });
      goOn();
      await expect(renaming).rejects.toMatchObject({ code: 'UNREACHABLE' });
      expect(await place.look(target, within())).toBeNull();
      expect(await place.look(temporary, within())).not.toBeNull();
    });

    it('what is not there cannot be renamed, read or removed', async () => {
      const nothing = FilePath.parse('NOTHING.TXT');
      expect(await place.look(nothing, within())).toBeNull();
      await expect(place.rename(nothing, target, { ifExists: 'fail' }, within())).rejects.toMatchObject({ code: 'FILE_MISSING' });
      await expect(place.rename(nothing, target, { ifExists: 'replace' }, within())).rejects.toMatchObject({ code: 'FILE_MISSING' });
      await expect(bytesOf(place.read(nothing, within()))).rejects.toMatchObject({ code: 'FILE_MISSING' });
      await expect(place.hash(nothing, within())).rejects.toMatchObject({ code: 'FILE_MISSING' });
      await expect(place.remove(nothing, within())).rejects.toMatchObject({ code: 'FILE_MISSING' });
    });

    it('a directory is made once, a file is claimed into it once, and removed from it', async () => {
      const claimed = FilePath.parse('work');
      expect(await place.makeDirectory(claimed, within())).toBe(true);
      expect(await place.makeDirectory(claimed, within())).toBe(false);
      await drop('order');
      await place.rename(target, target.movedTo(claimed), { ifExists: 'fail' }, within());
      await expect(place.rename(target, target.movedTo(claimed), { ifExists: 'fail' }, within())).rejects.toThrow(GatehouseError);
      expect(readFileSync(here('work', 'ORDERS.TXT'), 'utf8')).toBe('order');
      expect((await all(place.list(claimed, within()))).map(({ path }) => String(path))).toEqual(['work/ORDERS.TXT']);
      await place.remove(target.movedTo(claimed), within());
      expect(readdirSync(here('work'))).toEqual([]);
    });

    it('a directory that is missing, or is a file, is about the system', async () => {
      const temporary = place.temporary('x');
      await place.write(temporary, Buffer.from('x'), within());
      const missing = FilePath.parse('missing');
      for (const work of [
        () => place.write(joinInside(missing, safeName('a')), Buffer.from('x'), within()),
        () => place.rename(temporary, target.movedTo(missing), { ifExists: 'fail' }, within()),
        () => place.rename(temporary, target.movedTo(missing), { ifExists: 'replace' }, within()),
        () => all(place.list(missing, within())),
        () => place.makeDirectory(FilePath.parse('missing/deeper'), within()),
        () => place.look(target.movedTo(missing), within()),
      ])
        await expect(work()).rejects.toMatchObject({ code: 'PLACE_UNFIT' });
      await drop('a file');
      await expect(place.makeDirectory(target, within())).rejects.toMatchObject({ code: 'PLACE_UNFIT' });
      await expect(all(place.list(target, within()))).rejects.toMatchObject({ code: 'PLACE_UNFIT' });
      const other = ground.open(here('missing'));
      await expect(other.check(within())).rejects.toMatchObject({ code: 'PLACE_UNFIT' });
      await other.close();
    });

    it('a look tells kind, size and the time of the change', async () => {
      writeFileSync(here('ORDERS.TXT'), 'hello');
      expect(await place.look(target, within())).toMatchObject({ kind: 'file', size: 5 });
      const { modifiedMs } = (await place.look(target, within())) as Entry;
      expect(Math.floor((modifiedMs ?? 0) / 1_000)).toBe(Math.floor(statSync(here('ORDERS.TXT')).mtimeMs / 1_000));
      mkdirSync(here('sub'));
      expect(await place.look(FilePath.parse('sub'), within())).toMatchObject({ kind: 'directory' });
      expect(await place.look(FilePath.root, within())).toMatchObject({ kind: 'directory' });
    });

    it('a file is read from an offset, and a reader that stops early holds nothing up', async () => {
      const content = randomBytes(3_000_000);
      writeFileSync(here('ORDERS.TXT'), content);
      expect((await bytesOf(place.read(target, within()))).equals(content)).toBe(true);
      expect((await bytesOf(place.read(target, within(), 2_999_990))).equals(content.subarray(2_999_990))).toBe(true);
      expect(await bytesOf(place.read(target, within(), 3_000_000))).toHaveLength(0);
      for (let round = 0; round < 8; round += 1)
        for await (const chunk of place.read(target, within())) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
      expect(await place.hash(target, within())).toEqual({ size: 3_000_000, sha256: sha256(content) });
    });

    it('a file of 5 GB has its size, and is read from behind its first 4', async () => {
      const size = 5 * 1_024 ** 3;
      writeFileSync(here('ORDERS.TXT'), '');
      truncateSync(here('ORDERS.TXT'), size - 5);
      appendFileSync(here('ORDERS.TXT'), 'GIGA\n');
      expect(await place.look(target, within())).toMatchObject({ kind: 'file', size });
      expect((await bytesOf(place.read(target, within(), size - 7))).toString()).toBe('\0\0GIGA\n');
      for await (const entry of place.list(FilePath.root, within())) expect(entry.size).toBe(size);
    });

    it('a listing tells what a pattern and the kinds want, and nothing hidden', async () => {
      for (const each of ['A_1.TXT', 'A_2.TXT', 'B_1.TXT', '.hidden', 'a b.txt', 'Überweisung.TXT', '50%.TXT']) writeFileSync(here(each), each);
      mkdirSync(here('A_dir'));
      const names = async (...options: [object?]): Promise<string[]> =>
        (await all(place.list(FilePath.root, within(), ...options))).map(({ path }) => String(path)).sort();
      expect(await names()).toEqual(['50%25.TXT', 'A_1.TXT', 'A_2.TXT', 'B_1.TXT', 'a b.txt', 'Überweisung.TXT']);
      expect(await names({ pattern: new NamePattern('A_?.TXT') })).toEqual(['A_1.TXT', 'A_2.TXT']);
      expect(await names({ kinds: ['directory'] })).toEqual(['A_dir']);
      expect(await names({ namesOnly: true })).toEqual(await names());
      for await (const { path, size } of place.list(FilePath.root, within())) expect(size).toBe((await place.hash(path, within())).size);
    });

    it('a name from a listing is worked on byte for byte, whatever it is', async () => {
      const line = ground.cannot.includes('name with a line end') ? 'TAB' : 'LINE\nEND\u001b[2J';
      const names = [
        Buffer.from('caf\u00e9.txt', 'latin1'),
        Buffer.from(line),
        Buffer.from(' spaced .txt'),
        Buffer.from('-rf'),
        Buffer.from('quote\'".txt'),
      ];
      for (const each of names) writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), each]), 'content');
      mkdirSync(here('archive'));
      chmodSync(here('archive'), 0o777);
      const found = await all(place.list(FilePath.root, within()));
      expect(found.map(({ path }) => path.name.toString('latin1')).sort()).toEqual(names.map((each) => each.toString('latin1')).sort());
      for (const { path } of found) {
        expect(String(path)).not.toMatch(/\p{Cc}/u);
        expect((await bytesOf(place.read(path, within()))).toString()).toBe('content');
        await place.rename(path, FilePath.parse(String(path)).movedTo(FilePath.parse('archive')), { ifExists: 'fail' }, within());
      }
      expect(readdirSync(here('archive'), { encoding: 'latin1' }).sort()).toEqual(names.map((each) => each.toString('latin1')).sort());
    });

    it('a link is never followed: as a file it is no file, as a directory it is refused, also in the place of one that was used', async () => {
      mkdirSync(join(ground.home, `outside-${count}`));
      writeFileSync(join(ground.home, `outside-${count}`, 'secret'), 'secret');
      if (!ground.cannot.includes('tell a link')) {
        symlinkSync(join('..', `outside-${count}`, 'secret'), here('LINK.TXT'));
        expect(await place.look(FilePath.parse('LINK.TXT'), within())).toMatchObject({ kind: 'link' });
        expect(await all(place.list(FilePath.root, within()))).toEqual([]);
        await expect(bytesOf(place.read(FilePath.parse('LINK.TXT'), within()))).rejects.toMatchObject({ code: 'FILE_DENIED' });
      }
      if (ground.cannot.includes('see a linked directory')) return;
      mkdirSync(here('in'));
      expect(await all(place.list(FilePath.parse('in'), within()))).toEqual([]);
      renameSync(here('in'), here('in-before'));
      symlinkSync(join('..', `outside-${count}`), here('in'));
      const fresh = ground.open(folder);
      for (const each of ground.cable === null ? [place, fresh] : [fresh]) {
        await expect(all(each.list(FilePath.parse('in'), within()))).rejects.toMatchObject({ code: 'PLACE_UNFIT' });
        await expect(each.write(FilePath.parse('in/x'), Buffer.from('x'), within())).rejects.toMatchObject({ code: 'PLACE_UNFIT' });
        await expect(bytesOf(each.read(FilePath.parse('in/secret'), within()))).rejects.toMatchObject({ code: 'PLACE_UNFIT' });
      }
      await fresh.close();
      expect(readdirSync(join(ground.home, `outside-${count}`))).toEqual(['secret']);
    });

    it('a directory without the right to write is about the system, a file without the right to read about the file', async () => {
      writeFileSync(here('ORDERS.TXT'), 'x', { mode: 0o000 });
      chmodSync(folder, 0o555);
      try {
        await ground.unprivileged(async () => {
          await expect(place.check(within())).rejects.toMatchObject({ code: 'PLACE_DENIED' });
          await expect(place.rename(target, FilePath.parse('b'), { ifExists: 'replace' }, within())).rejects.toMatchObject({ code: 'PLACE_DENIED' });
          await expect(place.remove(target, within())).rejects.toMatchObject({ code: 'PLACE_DENIED' });
          await expect(place.makeDirectory(FilePath.parse('sub'), within())).rejects.toMatchObject({ code: 'PLACE_DENIED' });
          await expect(bytesOf(place.read(target, within()))).rejects.toMatchObject({ code: 'FILE_DENIED' });
        });
      } finally {
        chmodSync(folder, 0o777);
      }
    });

    it('drops side by side all arrive', async () => {
      await Promise.all(Array.from({ length: 40 }, (_, index) => drop(`content ${index}`, FilePath.parse(`F${index}`))));
      expect(readdirSync(folder)).toHaveLength(40);
      expect(readFileSync(here('F39'), 'utf8')).toBe('content 39');
    });

    it('of many who rename to one name, one does', async () => {
      if ((await place.ready(within())).fail !== 'atomic') return;
      const sources = Array.from({ length: 12 }, (_, index) => place.temporary(`racer ${index}`));
      await Promise.all(sources.map((source, index) => place.write(source, Buffer.from(`racer ${index}`), within())));
      const ends = await Promise.allSettled(sources.map((source) => place.rename(source, target, { ifExists: 'fail' }, within())));
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'NAME_TAKEN' });
      const winner = ends.findIndex(({ status }) => status === 'fulfilled');
      expect(readFileSync(here('ORDERS.TXT'), 'utf8')).toBe(`racer ${winner}`);
    });

    it('an operation whose time is over, or that is stopped, does not begin', async () => {
      await expect(place.look(target, AbortSignal.abort())).rejects.toMatchObject({ code: 'UNREACHABLE' });
      const stopping = AbortSignal.abort(new GatehouseError('STOPPING', 'the gateway is stopping'));
      await expect(place.write(target, Buffer.from('x'), stopping)).rejects.toMatchObject({ code: 'STOPPING' });
      expect(readdirSync(folder)).toEqual([]);
    });

    it('content that never goes on ends at the signal', async () => {
      const stuck = (async function* () {
        yield Buffer.from('x');
        await new Promise(() => undefined);
      })();
      await expect(place.write(place.temporary('stuck'), stuck, within(300))).rejects.toMatchObject({ code: 'UNREACHABLE' });
      await drop('next');
    });

    it('settling tells what happened from what did not', async () => {
      const temporary = place.temporary('t');
      const written = await place.write(temporary, Buffer.from('content'), within());
      const verdict = (neither?: 'happened'): Promise<string> =>
        settleRename(place, { temporary, target, written }, within(), neither === undefined ? {} : { neither });
      expect(await verdict()).toBe('did not');
      writeFileSync(here('ORDERS.TXT'), 'another');
      expect(await verdict()).toBe('did not');
      writeFileSync(here('ORDERS.TXT'), 'content');
      expect(await verdict()).toBe('cannot tell');
      await place.rename(temporary, target, { ifExists: 'replace' }, within());
      expect(await verdict()).toBe('happened');
      writeFileSync(here('ORDERS.TXT'), 'CONTENT');
      expect(await verdict()).toBe('cannot tell');
      await place.remove(target, within());
      expect([await verdict(), await verdict('happened')]).toEqual(['cannot tell', 'happened']);
    });

    it('a directory that goes away between two uses is about the system, and settles nothing', async () => {
      mkdirSync(here('out'));
      chmodSync(here('out'), 0o777);
      const inside = FilePath.parse('out/ORDERS.TXT');
      const temporary = place.temporary('t');
      await drop('first', inside);
      const written = await place.write(temporary, Buffer.from('second'), within());
      renameSync(here('out'), here('out-away'));
      for (const ifExists of ['fail', 'replace'] as const)
        await expect(place.rename(temporary, inside, { ifExists }, within())).rejects.toMatchObject({ code: 'PLACE_UNFIT' });
      await place.remove(temporary, within());
      const settled = settleRename(place, { temporary, target: inside, written }, within(), { neither: 'happened' });
      await expect(settled).rejects.toMatchObject({ code: 'PLACE_UNFIT' });
    });

    it('what was left under the name between may have been taken away, unless the receiver could not know of it', async () => {
      const [temporary, between] = [place.temporary('t'), place.temporary('t between')];
      const written = await place.write(between, Buffer.from('content'), within());
      const verdict = (halfway?: 'did not'): Promise<string> =>
        settleRename(place, { temporary, between, target, written }, within(), {
          neither: 'happened',
          ...(halfway === undefined ? {} : { halfway }),
        });
      expect([await verdict(), await verdict('did not')]).toEqual(['cannot tell', 'did not']);
      writeFileSync(here('ORDERS.TXT'), 'another');
      expect([await verdict(), await verdict('did not')]).toEqual(['cannot tell', 'did not']);
      writeFileSync(here('ORDERS.TXT'), 'content');
      expect(await verdict()).toBe('happened');
      await place.write(temporary, Buffer.from('content'), within());
      await place.remove(target, within());
      expect(await verdict()).toBe('did not');
    });

    it('the name between is gone when the rename is over, and the old one is back when it was refused', async () => {
      const [temporary, between] = [place.temporary('t'), place.temporary('t between')];
      await place.write(temporary, Buffer.from('first'), within());
      await place.rename(temporary, target, { ifExists: 'fail', between }, within());
      expect(readdirSync(folder)).toEqual(['ORDERS.TXT']);
      await place.write(temporary, Buffer.from('second'), within());
      await expect(place.rename(temporary, target, { ifExists: 'fail', between }, within())).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      expect([await place.look(between, within()), (await place.look(temporary, within()))?.size]).toEqual([null, 6]);
    });
  });
}

/** What every place behind a network must do besides. */
export function placeLineContract(name: string, prepare: () => Promise<PlaceGround>): void {
  describe(`${name}: a place behind a bad line`, () => {
    let ground: PlaceGround;
    let folder: string;
    let place: Place;
    let cable: Cable;
    let count = 0;

    beforeAll(async () => {
      ground = await prepare();
    });
    afterAll(() => ground.stop());
    beforeEach(() => {
      if (ground.cable === null) throw new Error('a line needs a cable');
      cable = ground.cable;
      count += 1;
      folder = join(ground.home, `line-${count}`);
      mkdirSync(folder);
      chmodSync(folder, 0o777);
      place = ground.open(folder, { port: cable.port });
    });
    afterEach(async () => {
      ground.cable?.onAnswer(null);
      ground.cable?.thaw();
      await place.close();
    });
    const prepared = async (): Promise<{ temporary: FilePath; written: { size: number; sha256: string } }> => {
      const temporary = place.temporary('line');
      return { temporary, written: await place.write(temporary, Buffer.from('content'), within()) };
    };

    it('a cut in the middle of an upload is no effect, and the next one goes over a new connection', async () => {
      const startMs = performance.now();
      const content = (async function* () {
        yield randomBytes(100_000);
        cable.cut();
        for (let index = 0; index < 100; index += 1) yield randomBytes(100_000);
      })();
      await expect(place.write(place.temporary('cut'), content, within())).rejects.toMatchObject({ code: 'UNREACHABLE' });
      // It is the cut that ends it, not the time of the call.
      expect(performance.now() - startMs).toBeLessThan(15_000);
      await place.write(place.temporary('cut'), Buffer.from('again'), within());
      expect(await place.look(place.temporary('cut'), within())).toMatchObject({ size: 5 });
    });

    it('what an interrupted check leaves behind goes with the next one', async () => {
      // As soon as the file of the check is there, the line is cut.
      const seen = (): string[] => readdirSync(folder).filter((file) => file.startsWith('.gatehouse-'));
      cable.onAnswer(() => {
        if (seen().length === 0) return true;
        cable.cut();
        return false;
      });
      await expect(place.check(within())).rejects.toMatchObject({ code: 'UNREACHABLE' });
      cable.onAnswer(null);
      expect(seen()).toHaveLength(1);
      await place.check(within());
      expect(seen()).toEqual([]);
    });

    it('a cut between upload and rename is mended by a new connection', async () => {
      const { temporary } = await prepared();
      cable.cut();
      await expect
        .poll(() =>
          place.rename(temporary, target, { ifExists: 'fail' }, within()).then(
            () => 'done',
            ({ code }: GatehouseError) => code,
          ),
        )
        .toBe('done');
      expect(readdirSync(folder)).toEqual(['ORDERS.TXT']);
    });

    it('a cut right before the rename leaves is no effect or settled as none', async () => {
      const { temporary, written } = await prepared();
      const leave = async (): Promise<void> => cable.cut();
      const { code } = await place.rename(temporary, target, { ifExists: 'fail', leave }, within()).then(
        () => ({ code: 'done' }),
        (error: GatehouseError) => error,
      );
      expect(['UNREACHABLE', 'NO_ANSWER']).toContain(code);
      expect(await settleRename(place, { temporary, target, written }, within())).toBe('did not');
    });

    it('a rename whose answer is lost is ambiguous, and settled as happened by looking', async () => {
      const { temporary, written } = await prepared();
      const leave = async (): Promise<void> => cable.onAnswer(() => false);
      await expect(place.rename(temporary, target, { ifExists: 'fail', leave }, within(400))).rejects.toMatchObject({
        code: 'NO_ANSWER',
        class: 'ambiguous',
      });
      cable.onAnswer(null);
      await expect.poll(() => existsSync(join(folder, 'ORDERS.TXT'))).toBe(true);
      expect(await settleRename(place, { temporary, target, written }, within())).toBe('happened');
    });

    it('a line that goes dead ends a rename as ambiguous at the signal, and settling over a new connection says that it did not happen', async () => {
      const { temporary, written } = await prepared();
      const leave = async (): Promise<void> => cable.freeze();
      await expect(place.rename(temporary, target, { ifExists: 'fail', leave }, within(400))).rejects.toMatchObject({ code: 'NO_ANSWER' });
      cable.thaw();
      expect(await settleRename(place, { temporary, target, written }, within())).toBe('did not');
    });

    it('a line that goes dead in the middle of an upload, a listing or a read holds nobody beyond the signal', async () => {
      writeFileSync(join(folder, 'BIG'), randomBytes(8_000_000));
      await place.ready(within());
      for (const work of [
        (signal: AbortSignal) => place.write(place.temporary('dead'), randomBytes(8_000_000), signal),
        (signal: AbortSignal) => all(place.list(FilePath.root, signal)),
        (signal: AbortSignal) => place.hash(FilePath.parse('BIG'), signal),
        (signal: AbortSignal) => place.look(target, signal),
        (signal: AbortSignal) => place.check(signal),
      ]) {
        await place.look(target, within());
        cable.freeze();
        await expect(work(within(200))).rejects.toMatchObject({ code: 'UNREACHABLE' });
        cable.thaw();
      }
      expect(await place.look(target, within())).toBeNull();
    });

    it('a server that is silent for the answer time loses the connection, and the next operation has a new one', async () => {
      const impatient = ground.open(folder, { port: cable.port, answerTimeoutMs: 1_500 });
      await impatient.ready(within());
      cable.freeze();
      await expect(impatient.look(target, within())).rejects.toMatchObject({ code: 'UNREACHABLE' });
      cable.thaw();
      expect(await impatient.look(target, within())).toBeNull();
      await impatient.close();
    });

    it('a server that is away is unreachable, and close ends what is open', async () => {
      const nowhere = ground.open(folder, { port: 1 });
      await expect(nowhere.check(within())).rejects.toMatchObject({ code: 'UNREACHABLE', native: 'ECONNREFUSED' });
      await nowhere.close();
      await place.ready(within());
      cable.freeze();
      const open = expect(place.look(target, within())).rejects.toThrow(GatehouseError);
      await place.close();
      await open;
      await expect(place.look(target, within())).rejects.toMatchObject({ code: 'STOPPING' });
    });
  });
}
