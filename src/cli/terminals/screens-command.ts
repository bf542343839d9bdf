import { type Command, InvalidArgumentError } from 'commander';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import pc from 'picocolors';
import { GatehouseError } from '../../contract/errors.ts';
import { type Common, either } from '../commands.ts';
import { storyOffline } from '../offline.ts';
import { safeText } from '../safe-text.ts';
import { type ShownBody, type ShownStory } from '../story-words.ts';
import { type Cast } from '../../transports/terminal/playback/cast.ts';

interface Options {
  readonly call?: string;
  readonly speed: number;
  readonly idle: number;
  readonly step?: boolean;
  readonly list?: boolean;
  readonly out?: string;
  readonly force?: boolean;
  readonly reveal?: boolean;
}

/** A recording as it was found: of a call of a translation, or in a file. */
interface Reel {
  readonly title: string;
  readonly cast: string;
  /** Why it is not all there, for a person. */
  readonly clipped: string | null;
}

/** The media type of recordings in a call's trace. @see https://docs.asciinema.org/manual/asciicast/v2/ */
const castMedia = /^application\/x-asciicast\b/;

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const note = (text: string): void => void process.stderr.write(`${pc.yellow(text)}\n`);

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 1_000)) throw new InvalidArgumentError('a number above 0 is needed, 1000 at most.');
  return number;
}

export function addScreens(program: Command): void {
  program
    .command('screens')
    .description("plays the recording of a call's terminal, or lists its markers and screens as text")
    .argument('<translation>', 'translation id, or its first 6 digits and more; or a file that ends in .cast')
    .option('--call <call>', 'only the call of this name or number')
    .option('--speed <factor>', 'how much faster than it was', positive, 1)
    .option('--idle <seconds>', 'the longest that nothing moves', positive, 1)
    .option('--step', 'goes from marker to marker, by keys')
    .option('--list', 'no playing: the markers and the screens at them as text, also into a pipe')
    .option('--out <file>', 'no playing: writes the recording, an asciicast of version 2')
    .option('--force', 'write over a file that is there')
    .option('--reveal', 'also where masked fields may stand in the recording; it is recorded')
    .action(async (translation: string, options: Options, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const reels = translation.endsWith('.cast') ? [reelOfFile(translation)] : await reelsOf(translation, options, common);
      for (const { title, clipped } of reels) if (clipped !== null) note(`${safeText(title)}: ${clipped}`);
      if (options.out !== undefined) return write(options.out, reels, options.force === true);
      if (common.json === true || options.list === true) return list(reels, common.json === true);
      return play(reels, options);
    });
}

function reelOfFile(file: string): Reel {
  if (!existsSync(file)) throw new GatehouseError('NOT_FOUND', `there is no file ${file}`);
  return { title: basename(file), cast: readFileSync(file, 'utf8'), clipped: null };
}

/** @throws GatehouseError NOT_FOUND when the translation has no recording that is still kept; NOT_ALLOWED when it may not be seen without reveal */
async function reelsOf(id: string, { call: wanted, reveal = false }: Options, common: Common): Promise<Reel[]> {
  const story = await either<ShownStory>(
    common,
    (client) => client.get(`/api/translations/${encodeURIComponent(id)}${reveal ? '?reveal=1' : ''}`),
    (settings) => storyOffline(settings, id, reveal),
  );
  const short = story.translation.id.slice(0, 8);
  const calls = story.calls.filter(({ name, seq }) => wanted === undefined || name === wanted || String(seq) === wanted);
  if (calls.length === 0 && wanted !== undefined)
    throw new GatehouseError('NOT_FOUND', `${short} has no call '${wanted}'; it has ${story.calls.map(({ name }) => name).join(', ') || 'none'}`);
  const found = calls.flatMap((call) => call.parts.filter(({ media }) => castMedia.test(media)).map(({ body }) => ({ call, body })));
  if (found.length === 0)
    throw new GatehouseError('NOT_FOUND', `no call of ${short}${wanted === undefined ? '' : ` named '${wanted}'`} has a recording of its screens`);
  if (found.every(({ body }) => body.masked === true))
    throw new GatehouseError('NOT_ALLOWED', `masked fields may stand in the recordings of ${short}: --reveal shows them, which needs operator`);
  const kept = found.flatMap(({ call, body }): Reel[] => {
    const cast = body.masked === true ? null : textOf(body);
    return cast === null ? [] : [{ title: `${short} ${call.name}, run ${call.run}`, cast, clipped: clippedWords(body, cast) }];
  });
  if (kept.length === 0) throw new GatehouseError('NOT_FOUND', `the recordings of ${short} are no longer kept`);
  return kept;
}

function textOf({ text, base64 }: ShownBody): string | null {
  return text ?? (base64 === undefined ? null : Buffer.from(base64, 'base64').toString('utf8'));
}

const clippedWords = ({ clipped, size }: ShownBody, cast: string): string | null =>
  clipped
    ? `only the first and the last of its ${size} bytes are kept, ${Buffer.byteLength(cast)} in all: what comes after the gap may be wrong`
    : null;

/** As it is kept; what a gap has torn is left out, so that others can play it. @throws GatehouseError NOT_POSSIBLE */
async function write(file: string, reels: readonly Reel[], force: boolean): Promise<void> {
  const { readCast } = await import('../../transports/terminal/playback/cast.ts');
  const [reel] = reels;
  if (reels.length !== 1 || reel === undefined)
    throw new GatehouseError(
      'NOT_POSSIBLE',
      `there are ${reels.length} recordings: say which by --call (${reels.map(({ title }) => safeText(title)).join('; ')})`,
    );
  const film = readCast(reel.cast);
  const [header = ''] = reel.cast.split('\n');
  const whole = film.unread === 0 ? reel.cast : [header, ...film.events.map(({ at, kind, data }) => JSON.stringify([at, kind, data])), ''].join('\n');
  // What people typed stands in it: for the eyes of who asked for it.
  writeNew(file, whole, force);
  out(`${safeText(file)} written, ${film.events.length} events`);
}

/** @throws GatehouseError NOT_POSSIBLE when the file is there or cannot be written */
export function writeNew(file: string, text: string, force: boolean): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx', mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'would be written over: say --force if that is meant' : `cannot be written (${code ?? 'no errno'})`;
    throw new GatehouseError('NOT_POSSIBLE', `${file} ${why}`, { cause: error });
  }
}

async function list(reels: readonly Reel[], json: boolean): Promise<void> {
  const { readCast } = await import('../../transports/terminal/playback/cast.ts');
  const { Projector } = await import('../../transports/terminal/playback/projector.ts');
  const { markerWords } = await import('./marker-words.ts');
  const { stopsOf } = await import('./cast-player.ts');
  for (const { title, cast } of reels) {
    const film = readCast(cast);
    const projector = new Projector(film);
    out(json ? JSON.stringify({ title, ...headOf(film) }) : `${pc.bold(safeText(title))}  ${headWords(film)}`);
    let from = 0;
    for (const to of stopsOf(film)) {
      const screen = await projector.show(to);
      const events = film.events.slice(from, to);
      const at = events.at(-1)?.at ?? 0;
      from = to;
      const markers = events.filter(({ kind }) => kind === 'm').map(({ data }) => data);
      if (json)
        out(JSON.stringify({ at, markers, rows: screen.rows, columns: screen.columns, cursor: screen.cursor, screen: screen.text().split('\n') }));
      else out(['', pc.bold(`${at.toFixed(3)} s  ${markers.map(markerWords).join('; ') || 'the end'}`), ...framed(screen.text())].join('\n'));
    }
    projector.dispose();
    if (film.unread > 0) note(`${film.unread} lines of the recording are no events and were left out`);
  }
}

const headOf = ({ rows, columns, terminal, recordedS, unread }: Cast): object => ({ rows, columns, terminal, recordedS, unread });

const headWords = ({ rows, columns, terminal, recordedS }: Cast): string =>
  `${columns} × ${rows}${terminal === '' ? '' : `, ${safeText(terminal)}`}${recordedS === null ? '' : `, ${new Date(recordedS * 1_000).toISOString()}`}`;

/** A screen as text: control characters made visible, blank rows at its end left out. */
const framed = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `  | ${safeText(line)}`);

async function play(reels: readonly Reel[], { speed, idle, step }: Options): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new GatehouseError('NOT_POSSIBLE', 'there is no terminal to play in: add --list for text, or --out <file> for the recording');
  const { readCast } = await import('../../transports/terminal/playback/cast.ts');
  const { CastPlayer } = await import('./cast-player.ts');
  const { Stage } = await import('./stage.ts');
  const players = reels.map(({ title, cast, clipped }, at) => {
    const name = reels.length === 1 ? title : `${title} (${at + 1} of ${reels.length})`;
    const film = readCast(cast);
    // Head and tail may join to lines that look whole: where the gap is, nobody knows.
    const torn = clipped === null ? film : { ...film, tornAt: 0 };
    return new CastPlayer(torn, name, { speed, idleS: idle, step: step === true });
  });
  let current = players[0];
  const stage = new Stage(process.stdin, process.stdout, (stroke) => current?.hear(stroke));
  stage.open();
  try {
    for (const player of players) {
      current = player;
      if (!(await player.play(stage))) break;
    }
  } finally {
    stage.close();
  }
}
