import { type Json } from '../../contract/json.ts';
import { type RecordedExchange } from '../../contract/transport.ts';
import { type Command } from './commands/command.ts';
import { planCommand } from './commands/run-command-call.ts';
import { type TerminalAct, type TerminalCommand, type TerminalFilm, type TerminalFrame, type TerminalInspection } from './inspection.ts';
import { type Atlas } from './maps/atlas.ts';
import { type ScreenMap } from './maps/screen-map.ts';
import { type Cast, readCast } from './playback/cast.ts';
import { type Frame, framesOf } from './playback/frames.ts';
import { ScreenSketch } from './screen/screen-sketch.ts';

type RecordedPart = RecordedExchange['parts'][number];

/** What the layout of now knows of the call's screens, or of its program. */
export interface TerminalKnowledge {
  readonly system: string;
  readonly maps: readonly ScreenMap[];
  readonly atlas: Atlas;
  readonly command: Command | null;
}

const mostFrames = 200;
const mostTyped = 2_000;
const mostText = 200_000;
/** A film of more takes a gateway's thread too long to play. */
const mostPlayed = 4_000_000;
const castMedia = /^application\/x-asciicast\b/;

/** The film of a dialog as frames, or a command with what it said. Pure. */
export async function inspectTerminal(exchange: RecordedExchange, known: TerminalKnowledge): Promise<TerminalInspection> {
  const { parts, masking } = exchange;
  const cast = parts.find(({ media }) => castMedia.test(media));
  if (cast === undefined && known.command !== null) {
    const command = commandOf(exchange, known, known.command);
    return { view: 'terminal', film: null, command, typed: [], captured: [], remarks: [] };
  }
  const remarks: string[] = [];
  const film = cast === undefined ? null : await filmOf(exchange, cast, known, remarks);
  const typed = cast === undefined ? typedIn(parts, masking) : [];
  const notes = parts.filter(({ kind, bytes }) => kind === 'note' && bytes !== null);
  const captured = notes.map((part) => ({ atMs: part.atMs, text: masking.text(textOf(part).text) }));
  if (cast === undefined && exchange.sentOnly !== true) remarks.push('there is no recording of its screens');
  return { view: 'terminal', film, command: null, typed, captured, remarks };
}

async function filmOf(
  { from, masking }: RecordedExchange,
  part: RecordedPart,
  known: TerminalKnowledge,
  remarks: string[],
): Promise<TerminalFilm | null> {
  if (part.bytes === null) {
    remarks.push('the recording is no longer kept');
    return null;
  }
  const bytes = part.bytes.subarray(0, Math.min(mostPlayed, part.clipped ? Math.ceil(part.bytes.byteLength / 2) : part.bytes.byteLength));
  if (bytes.byteLength < part.size) remarks.push(`only the first ${bytes.byteLength} of the ${part.size} bytes of the recording are played`);
  let cast: Cast;
  try {
    cast = readCast(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (error) {
    remarks.push(masking.text((error as Error).message));
    return null;
  }
  if (cast.unread > (bytes.byteLength < part.size ? 1 : 0)) remarks.push(`${cast.unread} lines of the recording are no events and were left out`);
  const sketch = new ScreenSketch(masking);
  const frames: TerminalFrame[] = [];
  let seen = 0;
  let next: number | null = null;
  for await (const frame of framesOf(cast)) {
    seen += 1;
    if (seen <= from) continue;
    if (frames.length === mostFrames) {
      next = from + mostFrames;
      break;
    }
    frames.push(frameOf(frame, sketch, known, (text) => masking.text(text)));
  }
  return {
    terminal: cast.terminal,
    startedMs: cast.recordedS === null ? null : cast.recordedS * 1_000,
    durationMs: Math.round((cast.events.at(-1)?.at ?? 0) * 1_000),
    frames,
    from,
    next,
    styles: sketch.styles,
  };
}

/** A line each, as the trace has them: `name: Anna`, `enter`. */
function typedIn(parts: readonly RecordedPart[], masking: RecordedExchange['masking']): readonly TerminalAct[] {
  const sent = parts.findLast(({ kind, media }) => kind === 'sent' && media === 'text/plain');
  if (sent === undefined) return [];
  const lines = textOf(sent)
    .text.split('\n')
    .filter((line) => line !== '');
  return lines.slice(0, mostTyped).map((line): TerminalAct => {
    const colon = line.indexOf(': ');
    return colon < 0 ? { pressed: masking.text(line) } : { typed: line.slice(0, colon), value: masking.text(line.slice(colon + 2)) };
  });
}

function frameOf(frame: Frame, sketch: ScreenSketch, { maps, atlas }: TerminalKnowledge, masked: (text: string) => string): TerminalFrame {
  const { atMs, screen, wait, notes, doubtful } = frame;
  const recognised = atlas.recognise(screen);
  const map = maps.find(({ name }) => name === frame.map) ?? (recognised.is === 'one' ? recognised.map : null);
  return {
    atMs,
    rows: screen.rows,
    columns: screen.columns,
    cursor: screen.cursor,
    map: frame.map ?? map?.name ?? null,
    ...sketch.draw(screen, map),
    before: frame.before.map((act): TerminalAct => ('typed' in act ? { typed: act.typed, value: masked(act.value) } : act)),
    wait: wait === null ? null : { ...wait, why: masked(wait.why) },
    notes: notes.map(masked),
    ...(doubtful ? { doubtful } : {}),
  };
}

function commandOf(
  { call, args, answer, parts, masking, sentOnly }: RecordedExchange,
  { system }: TerminalKnowledge,
  command: Command,
): TerminalCommand {
  const said = (kind: RecordedPart['kind']): { text: string; left: number } => {
    // Of what is only drafted, a note is what it would read, and nothing was said.
    const part = sentOnly === true && kind !== 'sent' ? undefined : parts.find((each) => each.kind === kind);
    return part === undefined ? { text: '', left: 0 } : textOf(part);
  };
  const [line, stdout, stderr] = [said('sent'), said('received'), said('note')];
  const planned = plannedOf(system, call, command, args);
  const code = typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? answer['code'] : null;
  return {
    argv: planned === null ? null : [command.program, ...planned.words].map((word) => masking.text(word)),
    line: masking.text(line.text),
    stdin: planned?.stdin === null || planned === null ? null : masking.text(planned.stdin),
    stdout: masking.text(stdout.text),
    stderr: masking.text(stderr.text),
    left: line.left + stdout.left + stderr.left,
    exitCode: typeof code === 'number' ? code : null,
  };
}

function plannedOf(system: string, call: string, command: Command, args: Json): { words: readonly string[]; stdin: string | null } | null {
  try {
    const { words, stdin } = planCommand(system, call, command, args);
    return { words, stdin: stdin === null ? null : Buffer.from(stdin).toString().slice(0, mostText) };
  } catch {
    // The layout has changed since.
    return null;
  }
}

function textOf({ bytes, size }: RecordedPart): { text: string; left: number } {
  if (bytes === null) return { text: '', left: size };
  const kept = bytes.subarray(0, mostText);
  return { text: Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength).toString(), left: size - kept.byteLength };
}
