/** What the native exchange of a terminal call means, as people are shown it. Types only: the pages and the CLI know it by type. */

export interface TerminalInspection {
  readonly view: 'terminal';
  /** Null where there is none, as of a command; `remarks` say why where there should be one. */
  readonly film: TerminalFilm | null;
  readonly command: TerminalCommand | null;
  /** What was typed and pressed, in order, where no film shows it. */
  readonly typed: readonly TerminalAct[];
  /** Screens kept as text beside the film: where the call ended otherwise than it should. */
  readonly captured: readonly { readonly atMs: number; readonly text: string }[];
  /** Why there is no film, what of it is missing. */
  readonly remarks: readonly string[];
}

export interface TerminalFilm {
  readonly terminal: string;
  /** Wall clock of its begin, ms; null when it does not say. */
  readonly startedMs: number | null;
  readonly durationMs: number;
  readonly frames: readonly TerminalFrame[];
  /** Index of the first of `frames` in the whole film. */
  readonly from: number;
  /** The first frame that is not shown: ask for it with `from`. Null at the end. */
  readonly next: number | null;
  /** What runs refer to. */
  readonly styles: readonly TerminalStyle[];
}

/** `null` is the terminal's own colour, a number is of the palette of 256, `#rrggbb` is a colour of its own. */
export type TerminalColour = number | string | null;

export interface TerminalStyle {
  readonly bright?: true;
  readonly dim?: true;
  readonly reverse?: true;
  readonly underline?: true;
  readonly blink?: true;
  /** The host, or the layout, wants it hidden: blank. */
  readonly hidden?: true;
  readonly masked?: true;
  readonly foreground?: TerminalColour;
  readonly background?: TerminalColour;
}

/** Cells of one look in a row. Wide characters take two cells; blanks at the end of a row are left out. */
export type TerminalRun = readonly [text: string, style: number];

/** A row and column count from 1. */
export interface TerminalFrame {
  /** Since the begin of the film. */
  readonly atMs: number;
  readonly rows: number;
  readonly columns: number;
  readonly cursor: { readonly row: number; readonly column: number };
  /** The screen map that it was recognised as; null when none fits. */
  readonly map: string | null;
  readonly lines: readonly (readonly TerminalRun[])[];
  readonly anchors: readonly { readonly row: number; readonly column: number; readonly length: number }[];
  readonly fields: readonly TerminalField[];
  /** What was done on the screen before, in order, so that this one came. */
  readonly before: readonly TerminalAct[];
  /** The wait that ended with this screen. */
  readonly wait: TerminalWait | null;
  /** Other markers of the film: the step of the dialog, the commit, a refusal. */
  readonly notes: readonly string[];
  /** Something is missing before it: it may look otherwise than it did. */
  readonly doubtful?: true;
}

export interface TerminalField {
  readonly name: string;
  readonly kind: 'input' | 'output';
  readonly row: number;
  readonly column: number;
  readonly length: number;
  readonly height: number;
  readonly value: string;
  readonly masked?: true;
}

export type TerminalAct = { readonly typed: string; readonly value: string } | { readonly pressed: string };

export interface TerminalWait {
  readonly end: string;
  readonly condition: string | null;
  readonly why: string;
  readonly afterMs: number;
}

export interface TerminalCommand {
  /** Program and arguments, as the layout makes them of the call's; null when the layout no longer knows it. */
  readonly argv: readonly string[] | null;
  /** The line that was run. */
  readonly line: string;
  readonly stdin: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of what it said that are not here. */
  readonly left: number;
  /** Null when it did not end by itself, or nobody knows. */
  readonly exitCode: number | null;
}
