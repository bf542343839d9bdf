import { type JSX } from 'preact';
import { type TerminalColour, type TerminalFilm, type TerminalFrame, type TerminalStyle } from '../../../../transports/terminal/inspection.ts';
import { shownText } from '../../kit/shown-text.ts';
import { type Mark, stretchesOf } from './cells.ts';

interface ScreenProps {
  readonly frame: TerminalFrame;
  readonly styles: TerminalFilm['styles'];
  /** Whether fields and anchors are outlined. */
  readonly marked: boolean;
  readonly lit: number;
  readonly onField: (field: number) => void;
}

/** A screen as text, cell by cell. */
export function Screen({ frame, styles, marked, lit, onField }: ScreenProps): JSX.Element {
  return (
    <pre class="screen" tabIndex={0} role="img" aria-label={`Screen ${frame.map ?? 'that no map knows'}`}>
      {Array.from({ length: frame.rows }, (_, index) => (
        <span key={index} class="screen-row">
          {stretchesOf(frame, index + 1, marked).map(({ text, style, marks, field }, at) => (
            <span
              key={at}
              class={classesOf(styles[style] ?? {}, marks, field >= 0 && field === lit)}
              style={coloursOf(styles[style] ?? {})}
              title={field < 0 ? undefined : shownText(frame.fields[field]?.name ?? '')}
              onMouseEnter={field < 0 ? undefined : () => onField(field)}
            >
              {shownText(text)}
            </span>
          ))}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

function classesOf(style: TerminalStyle, marks: readonly Mark[], lit: boolean): string {
  const names = (['bright', 'dim', 'reverse', 'underline', 'hidden', 'masked'] as const).filter((name) => style[name] === true);
  const ground = style.reverse === true ? ['background', 'foreground'] : ['foreground', 'background'];
  const colours = [style.foreground, style.background].flatMap((colour, index) => (isNamed(colour) ? [`${ground[index] ?? ''}-${colour}`] : []));
  return [...names, ...colours, ...marks.map((mark) => `mark-${mark}`), ...(lit ? ['mark-lit'] : [])].join(' ');
}

/** The first sixteen have classes, which light and dark give their shades. */
const isNamed = (colour: TerminalColour | undefined): colour is number => typeof colour === 'number' && colour < 16;

/** Set through the style object, which the policy allows; an attribute it would not. */
function coloursOf({ foreground, background, reverse }: TerminalStyle): Record<string, string> | undefined {
  const [front, back] = [exact(foreground), exact(background)];
  if (front === null && back === null) return undefined;
  const [color, backgroundColor] = reverse === true ? [back, front] : [front, back];
  return { ...(color === null ? {} : { color }), ...(backgroundColor === null ? {} : { backgroundColor }) };
}

/** @see https://en.wikipedia.org/wiki/ANSI_escape_code#8-bit */
function exact(colour: TerminalColour | undefined): string | null {
  if (typeof colour === 'string') return /^#[\da-f]{6}$/i.test(colour) ? colour : null;
  if (typeof colour !== 'number' || colour < 16 || colour > 255) return null;
  if (colour >= 232) {
    const grey = 8 + 10 * (colour - 232);
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const steps = [0, 95, 135, 175, 215, 255];
  const place = colour - 16;
  return `rgb(${steps[Math.floor(place / 36)] ?? 0} ${steps[Math.floor(place / 6) % 6] ?? 0} ${steps[place % 6] ?? 0})`;
}
