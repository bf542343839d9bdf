import { Canvas, look } from './canvas.ts';
import { type Form } from './form.ts';
import { type StockroomScreen, type Work, screens } from './screens.ts';

const minRows = 24;
const minColumns = 80;
/** A window may claim any size; more than this is left blank. */
const maxRows = 60;
const maxColumns = 132;

export interface PageParts {
  readonly rows: number;
  readonly columns: number;
  readonly screen: StockroomScreen;
  readonly work: Work;
  readonly form: Form | null;
  readonly message: string;
  /** A message over the screen. */
  readonly overlay: string | null;
  /** A clock where the user's name would be. */
  readonly clock: boolean;
}

/** The whole screen: title bar, rules, fields, body, message line and key line. */
export function composePage({ screen, work, form, message, overlay, clock, ...size }: PageParts): Canvas {
  const rows = Math.min(size.rows, maxRows);
  const columns = Math.min(size.columns, maxColumns);
  const page = new Canvas(rows, columns);
  if (rows < minRows || columns < minColumns) return page.put(0, 0, `Terminal too small: ${minColumns} by ${minRows} is needed`);
  const { code, title, keys, body } = screens[screen];
  page.put(0, 0, ` ${code}`.padEnd(columns), look.reverse).put(0, Math.floor((columns - title.length) / 2), title, look.reverse);
  page.put(0, columns - 13, clock ? new Date().toISOString().slice(11, 23) : work.user.toUpperCase().padStart(12), look.reverse);
  page.rule(1).rule(rows - 3);
  form?.draw(page);
  body(page, work);
  page.put(rows - 2, 1, message, look.bold).put(rows - 1, 1, keys);
  if (overlay !== null) putOverlay(page, overlay);
  return page;
}

function putOverlay(page: Canvas, text: string): void {
  const width = Math.min(page.columns - 4, Math.max(30, text.length + 6));
  const left = Math.floor((page.columns - width) / 2);
  page
    .box(9, left, 6, width)
    .put(10, left + 2, 'MESSAGE FROM OPERATIONS', look.reverse)
    .put(11, left + 2, text.slice(0, width - 4), look.bold)
    .put(13, left + 2, 'Press any key');
  page.cursor = { row: 13, column: left + 16 };
}
