import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import {
  type TerminalAct,
  type TerminalCommand,
  type TerminalFilm,
  type TerminalFrame,
  type TerminalInspection,
} from '../../../../transports/terminal/inspection.ts';
import { Copy } from '../../kit/copy.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { Time, durationOf } from '../../kit/time.tsx';
import { VirtualLines } from '../../kit/virtual-lines.tsx';
import { PartBar } from '../part-bar.tsx';
import { piecesOf } from '../pieces.ts';
import { type ViewProps } from '../protocol-view.ts';
import { screenText, standsMs } from './cells.ts';
import { actWords } from './lines.ts';
import { Screen } from './screen.tsx';
import './terminal.css';

const perPage = 200;
const speeds = [0.5, 1, 2, 4] as const;

/** A dialog as a film strip of screens that can be played, a command as what it was told and said. */
export function View({ native, view, path, revealed, onFrom }: ViewProps<TerminalInspection>): JSX.Element {
  const { film, command, typed, captured, remarks } = view;
  return (
    <>
      {remarks.map((remark) => (
        <p key={remark} class="part-clipped">
          {shownText(remark)}
        </p>
      ))}
      {film === null ? null : <Film key={film.from} film={film} onFrom={onFrom} />}
      {typed.length === 0 ? null : <Typed acts={typed} />}
      {command === null ? null : <Command command={command} drafted={path === null} />}
      {captured.map(({ atMs, text }, index) => (
        <section key={index}>
          <h3>
            Kept at <Time ms={atMs} />
          </h3>
          <pre class="screen">{shownText(text)}</pre>
        </section>
      ))}
      {native.parts.map((_, index) => (
        <PartBar key={index} native={native} part={index} path={path} revealed={revealed} />
      ))}
    </>
  );
}

interface FilmProps {
  readonly film: TerminalFilm;
  readonly onFrom: (from: number) => void;
}

function Film({ film, onFrom }: FilmProps): JSX.Element {
  const { frames, styles, durationMs, terminal, from, next } = film;
  const at = useSignal(0);
  const playing = useSignal(false);
  const speed = useSignal<number>(1);
  const marked = useSignal(true);
  const lit = useSignal(-1);
  const frame = frames[at.value];
  const go = (index: number): void => {
    at.value = Math.max(0, Math.min(frames.length - 1, index));
    lit.value = -1;
  };
  useEffect(() => {
    if (!playing.value) return undefined;
    if (at.value >= frames.length - 1) {
      playing.value = false;
      return undefined;
    }
    const timer = setTimeout(() => go(at.value + 1), standsMs(frames, at.value, speed.value));
    return () => clearTimeout(timer);
  }, [playing.value, at.value, speed.value]);
  const play = (): void => {
    if (!playing.value && at.value >= frames.length - 1) go(0);
    playing.value = !playing.value;
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => go(at.value + 1),
    ArrowLeft: () => go(at.value - 1),
    Home: () => go(0),
    End: () => go(frames.length - 1),
    ' ': play,
  };
  if (frame === undefined) return <p class="hint">There is no screen in this recording.</p>;
  return (
    <section
      class="film"
      aria-label="Film of the screens"
      onKeyDown={(event) => {
        const run = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
        if (
          run === undefined ||
          (event.target instanceof HTMLElement && ['SELECT', 'INPUT', 'BUTTON'].includes(event.target.tagName) && event.key === ' ')
        )
          return;
        event.preventDefault();
        event.stopPropagation();
        if (event.key !== ' ') playing.value = false;
        run();
      }}
    >
      <p class="choices">
        <button type="button" class="act act-plain" aria-label="Screen before (←)" disabled={at.value === 0} onClick={() => go(at.value - 1)}>
          ◀
        </button>
        <button type="button" class="act act-plain" aria-label={playing.value ? 'Pause (space)' : 'Play (space)'} onClick={play}>
          {playing.value ? '❚❚' : '▶'}
        </button>
        <button
          type="button"
          class="act act-plain"
          aria-label="Next screen (→)"
          disabled={at.value >= frames.length - 1}
          onClick={() => go(at.value + 1)}
        >
          ▶▏
        </button>
        <label>
          Speed{' '}
          <select value={String(speed.value)} onChange={(event) => (speed.value = Number(event.currentTarget.value))}>
            {speeds.map((each) => (
              <option key={each} value={String(each)}>
                {each}×
              </option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={marked.value} onChange={(event) => (marked.value = event.currentTarget.checked)} /> Outline fields and
          anchors
        </label>
        <span class="hint" role="status">
          Screen {from + at.value + 1} of {next === null ? from + frames.length : 'more'}, {durationOf(frame.atMs)} of {durationOf(durationMs)}
          {terminal === '' ? '' : `, ${shownText(terminal)}`}
        </span>
        <Copy text={() => screenText(frame)} what="screen as text" />
      </p>
      <Strip frames={frames} at={at.value} onGo={go} />
      {from > 0 || next !== null ? (
        <p class="choices">
          {from > 0 ? (
            <button type="button" class="act act-plain" onClick={() => onFrom(Math.max(0, from - perPage))}>
              Earlier screens
            </button>
          ) : null}
          {next === null ? null : (
            <button type="button" class="act act-plain" onClick={() => onFrom(next)}>
              Later screens
            </button>
          )}
        </p>
      ) : null}
      <div class="film-panes">
        <div class="film-screen">
          <Screen frame={frame} styles={styles} marked={marked.value} lit={lit.value} onField={(field) => (lit.value = field)} />
        </div>
        <Told frame={frame} lit={lit.value} onField={(field) => (lit.value = field)} />
      </div>
    </section>
  );
}

/** The frames with the keys between them; a name for each in reading order. */
function Strip({
  frames,
  at,
  onGo,
}: {
  readonly frames: readonly TerminalFrame[];
  readonly at: number;
  readonly onGo: (index: number) => void;
}): JSX.Element {
  return (
    <ol class="strip">
      {frames.map(({ map, before, wait }, index) => {
        const last = before.at(-1);
        // The key that led here; those that only moved within a form are told beside the screen.
        const key = last !== undefined && 'pressed' in last ? last.pressed : null;
        const typed = before.some((act) => 'typed' in act);
        return (
          <li key={index}>
            {key === null && !typed ? null : (
              <span class="strip-keys">
                {typed ? <span title="typed">⌨</span> : null} {key === null ? null : <kbd>{shownText(key)}</kbd>}
              </span>
            )}
            <button type="button" class="strip-frame" aria-current={index === at ? 'step' : undefined} onClick={() => onGo(index)}>
              {wait !== null && wait.end !== 'met' ? <span class="failure">✗ {wait.end} </span> : null}
              {shownText(map ?? '?')}
            </button>
          </li>
        );
      })}
    </ol>
  );
}

interface ToldProps {
  readonly frame: TerminalFrame;
  readonly lit: number;
  readonly onField: (field: number) => void;
}

function Told({ frame, lit, onField }: ToldProps): JSX.Element {
  const { map, before, wait, notes, fields, doubtful } = frame;
  return (
    <div class="film-told">
      <h3>{map === null ? 'A screen that no map knows' : shownText(map)}</h3>
      {doubtful === true ? <p class="part-clipped">Part of the recording is missing before this screen: it may look otherwise than it did.</p> : null}
      {before.length === 0 ? null : (
        <p>
          Before it:{' '}
          {before.map((act, index) => (
            <span key={index} class="mono">
              {index === 0 ? '' : ' · '}
              {shownText(actWords(act))}
            </span>
          ))}
        </p>
      )}
      {wait === null ? null : (
        <p class={wait.end === 'met' ? '' : 'failure'}>
          {wait.end === 'met' ? '✓' : '✗'} The wait ended after {durationOf(wait.afterMs)} ({shownText(wait.end)}): {shownText(wait.why)}
        </p>
      )}
      {notes.length === 0 ? null : <p class="hint">{notes.map((note) => shownText(note)).join(' · ')}</p>}
      {fields.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">At</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ name, kind, row, column, length, value, masked }, index) => (
              <tr
                key={index}
                tabIndex={0}
                class={index === lit ? 'field-lit' : ''}
                onMouseEnter={() => onField(index)}
                onFocus={() => onField(index)}
              >
                <th scope="row">
                  {kind === 'input' ? '✎ ' : ''}
                  {shownText(name)}
                </th>
                <td class="hint">
                  {row},{column} +{length}
                </td>
                <td class="mono">{masked === true && value === '' ? '(hidden)' : shownText(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

/** What was done where no film shows it, in order. */
const Typed = ({ acts }: { readonly acts: readonly TerminalAct[] }): JSX.Element => (
  <ol class="typed" aria-label="Typed and pressed">
    {acts.map((act, index) => (
      <li key={index}>
        {'typed' in act ? (
          <>
            <span class="hint">{shownText(act.typed)}</span> <span class="mono">{act.value === '' ? '(cleared)' : shownText(act.value)}</span>
          </>
        ) : (
          <kbd>{shownText(act.pressed)}</kbd>
        )}
      </li>
    ))}
  </ol>
);

function Command({ command, drafted }: { readonly command: TerminalCommand; readonly drafted: boolean }): JSX.Element {
  const { argv, line, stdin, stdout, stderr, left, exitCode } = command;
  return (
    <>
      {drafted ? null : (
        <p>
          Exit code <strong class={exitCode === 0 ? 'state-answered' : 'failure'}>{exitCode ?? 'unknown'}</strong>
        </p>
      )}
      <h3>
        Command <Copy text={line} what="command line" />
      </h3>
      {argv === null ? (
        <pre class="mono">{shownText(line)}</pre>
      ) : (
        <ol class="argv mono" start={0}>
          {argv.map((word, index) => (
            <li key={index}>{shownText(word)}</li>
          ))}
        </ol>
      )}
      {stdin === null ? null : <Output title="Standard input" text={stdin} />}
      {drafted ? null : <Output title="Standard output" text={stdout} />}
      {drafted ? null : <Output title="Standard error" text={stderr} />}
      {left === 0 ? null : <p class="hint">{left} bytes more: save the bytes to see all of it.</p>}
    </>
  );
}

function Output({ title, text }: { readonly title: string; readonly text: string }): JSX.Element {
  const pieces = piecesOf(text);
  return (
    <>
      <h3>{title}</h3>
      {text === '' ? (
        <p class="hint">Nothing.</p>
      ) : (
        <VirtualLines count={pieces.length} label={title} line={(index) => <>{shownText(pieces[index] ?? '')}</>} />
      )}
    </>
  );
}
