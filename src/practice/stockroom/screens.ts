import { type Canvas, look } from './canvas.ts';
import { type Key, type KeyName } from './keys.ts';
import { type Draft, type StockItem, type StockroomEntry, availableOf, itemOf, stock } from './stock.ts';

export type StockroomScreen = 'sign-on' | 'already-on' | 'news' | 'menu' | 'enquiry' | 'reserve' | 'confirm' | 'reserved' | 'list' | 'find' | 'wait';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly row: number;
  readonly length: number;
  readonly hidden?: true;
  readonly upper?: true;
}

/** What a session has in its hands, from screen to screen. */
export interface Work {
  user: string;
  /** Of the fields of the screen that stands. */
  values: Record<string, string>;
  item: StockItem | null;
  draft: Draft | null;
  last: StockroomEntry | null;
  page: number;
  ref: string;
  /** Where the session that is still standing was used from. */
  heldFrom: string;
  readonly news: string;
  /** Of the terminal. */
  rows: number;
  readonly ledger: readonly StockroomEntry[];
}

/** What an attention key leads to. */
export type Step =
  | { readonly does: 'show'; readonly screen: StockroomScreen; readonly message?: string; readonly keeps?: true }
  | { readonly does: 'sign-on'; readonly user: string; readonly password: string }
  | { readonly does: 'commit'; readonly draft: Draft }
  | { readonly does: 'resume' | 'begin-anew' | 'log-off' };

export interface Screen {
  readonly code: string;
  readonly title: string;
  readonly keys: string;
  readonly fields: readonly Field[];
  body(page: Canvas, work: Work): void;
  /** What the key does here; null when it does nothing. */
  press(key: Key, work: Work): Step | null;
}

/** Fields stand behind their labels. */
export const fieldColumn = 26;
const firstRow = 3;

const show = (screen: StockroomScreen, message?: string): Step => ({ does: 'show', screen, ...(message === undefined ? {} : { message }) });
/** The screen stands as it was typed. */
const refuse = (screen: StockroomScreen, message: string): Step => ({ does: 'show', screen, message, keeps: true });
const isBack = (name: KeyName | 'char'): boolean => name === 'f3' || name === 'escape';
const nothing = (): void => undefined;

const rowsOfList = (rows: number): number => rows - 9;
const pagesOfList = (rows: number): number => Math.ceil(stock.length / rowsOfList(rows));

function moves(name: Key['name'], char: string | undefined): number {
  if (name === 'f8' || name === 'page-down' || char === 'n' || char === 'N') return 1;
  return name === 'f7' || name === 'page-up' || char === 'p' || char === 'P' ? -1 : 0;
}

export const screens: Readonly<Record<StockroomScreen, Screen>> = {
  'sign-on': {
    code: 'SR01',
    title: 'SIGN ON',
    keys: 'Enter=Sign on',
    fields: [
      { name: 'user', label: 'User', row: 8, length: 10, upper: true },
      { name: 'password', label: 'Password', row: 10, length: 32, hidden: true },
    ],
    body: (page) => void page.put(5, 4, 'Welcome to the stockroom. Authorised use only.', look.bold),
    press: ({ name }, { values }) =>
      name === 'enter' ? { does: 'sign-on', user: values['user']?.trim() ?? '', password: values['password'] ?? '' } : null,
  },
  'already-on': {
    code: 'SR02',
    title: 'ALREADY LOGGED ON',
    keys: 'Enter=Go on',
    fields: [{ name: 'choice', label: 'Your choice', row: 12, length: 1 }],
    body: (page, { user, heldFrom }) =>
      void page
        .put(4, 4, `User ${user} is already logged on from ${heldFrom}.`, look.bold)
        .put(6, 4, '1. Go on in that session')
        .put(7, 4, '2. End it and sign on anew')
        .put(8, 4, '3. Leave it alone and disconnect'),
    press: ({ name }, { values }) => {
      if (isBack(name)) return { does: 'log-off' };
      if (name !== 'enter') return null;
      const does = ({ '1': 'resume', '2': 'begin-anew', '3': 'log-off' } as const)[values['choice'] ?? ''];
      return does === undefined ? refuse('already-on', 'SR-002 Choose 1, 2 or 3') : { does };
    },
  },
  news: {
    code: 'SR05',
    title: 'NEWS',
    keys: 'Press any key to continue',
    fields: [],
    body: (page, { news }) => void page.put(firstRow + 2, 4, news, look.bold),
    press: () => show('menu'),
  },
  menu: {
    code: 'SR10',
    title: 'MAIN MENU',
    keys: 'Enter=Go on  F3=Log off',
    fields: [{ name: 'choice', label: 'Your choice', row: 14, length: 1 }],
    body: (page) =>
      ['1. Stock enquiry', '2. Reservation', '3. Stock list', '4. Find a reservation', '9. Log off'].forEach((text, n) =>
        page.put(firstRow + 2 + n, 8, text),
      ),
    press: ({ name }, { values }) => {
      if (isBack(name)) return { does: 'log-off' };
      if (name !== 'enter') return null;
      const choice = values['choice'] ?? '';
      if (choice === '9') return { does: 'log-off' };
      const screen = ({ '1': 'enquiry', '2': 'reserve', '3': 'list', '4': 'find' } as const)[choice];
      return screen === undefined ? refuse('menu', 'SR-010 No such choice') : show(screen);
    },
  },
  enquiry: {
    code: 'SR20',
    title: 'STOCK ENQUIRY',
    keys: 'Enter=Look up  F3=Menu',
    fields: [{ name: 'sku', label: 'SKU', row: firstRow + 1, length: 10, upper: true }],
    body: (page, { item, ledger }) => {
      if (item === null) return;
      const available = availableOf(ledger, item);
      const lines = { Description: item.description, 'On hand': item.onHand, Reserved: item.onHand - available, Available: available, Bin: item.bin };
      Object.entries(lines).forEach(([label, value], n) => putLabel(page, firstRow + 4 + n, label).put(firstRow + 4 + n, fieldColumn, String(value)));
    },
    press: ({ name }, work) => {
      if (isBack(name)) return show('menu');
      if (name !== 'enter') return null;
      const sku = work.values['sku']?.trim() ?? '';
      work.item = itemOf(sku) ?? null;
      if (sku === '') return refuse('enquiry', 'SR-020 Enter a SKU');
      return work.item === null ? refuse('enquiry', `SR-021 Unknown SKU ${sku}`) : { does: 'show', screen: 'enquiry', keeps: true };
    },
  },
  reserve: {
    code: 'SR30',
    title: 'RESERVATION',
    keys: 'Enter=Check  F3=Menu',
    fields: [
      { name: 'ref', label: 'Reference', row: firstRow + 1, length: 20 },
      { name: 'sku', label: 'SKU', row: firstRow + 3, length: 10, upper: true },
      { name: 'quantity', label: 'Quantity', row: firstRow + 5, length: 4 },
      { name: 'customer', label: 'Customer', row: firstRow + 7, length: 30 },
    ],
    body: nothing,
    press: ({ name }, work) => {
      if (isBack(name)) return show('menu');
      if (name !== 'enter') return null;
      const [ref, sku, quantity, customer] = ['ref', 'sku', 'quantity', 'customer'].map((field) => work.values[field]?.trim() ?? '') as [
        string,
        string,
        string,
        string,
      ];
      if (ref === '') return refuse('reserve', 'SR-030 Enter a reference');
      const item = itemOf(sku);
      if (item === undefined) return refuse('reserve', `SR-031 Unknown SKU ${sku}`);
      if (!/^[1-9]\d{0,3}$/.test(quantity)) return refuse('reserve', 'SR-032 The quantity is a number from 1 to 9999');
      const available = availableOf(work.ledger, item);
      if (Number(quantity) > available) return refuse('reserve', `SR-033 Only ${available} available of ${item.sku}`);
      work.draft = { ref, sku: item.sku, quantity: Number(quantity), customer };
      return show('confirm');
    },
  },
  confirm: {
    code: 'SR31',
    title: 'CONFIRM RESERVATION',
    keys: 'F6=Confirm  F3=Cancel',
    fields: [],
    body: (page, { draft }) => {
      if (draft === null) return;
      page.box(firstRow, 2, 11, 60);
      Object.entries({ Reference: draft.ref, SKU: draft.sku, Quantity: draft.quantity, Customer: draft.customer }).forEach(([label, value], n) =>
        putLabel(page, firstRow + 2 + n * 2, label).put(firstRow + 2 + n * 2, fieldColumn, String(value), look.bold),
      );
    },
    press: ({ name }, { draft }) =>
      name === 'f6' && draft !== null ? { does: 'commit', draft } : isBack(name) ? show('menu', 'SR-034 Nothing was reserved') : null,
  },
  reserved: {
    code: 'SR32',
    title: 'RESERVATION CONFIRMED',
    keys: 'Enter=Menu',
    fields: [],
    body: (page, { last }) => {
      if (last === null) return;
      putLabel(page, firstRow + 1, 'Confirmation').put(firstRow + 1, fieldColumn, last.number, look.bold | look.reverse);
      Object.entries({ Reference: last.ref, SKU: last.sku, Quantity: last.quantity }).forEach(([label, value], n) =>
        putLabel(page, firstRow + 3 + n, label).put(firstRow + 3 + n, fieldColumn, String(value)),
      );
    },
    press: ({ name }) => (name === 'enter' || isBack(name) ? show('menu') : null),
  },
  list: {
    code: 'SR40',
    title: 'STOCK LIST',
    keys: 'N,F8=Next  P,F7=Previous  F3=Menu',
    fields: [],
    body: (page, work) => {
      const size = rowsOfList(page.rows);
      const wide = page.columns >= 132;
      const pages = pagesOfList(page.rows);
      // The terminal may have grown since the page was chosen.
      work.page = Math.min(work.page, pages - 1);
      const heading = tableRow(['SKU', 'DESCRIPTION', 'ON HAND', 'AVAILABLE', 'BIN', ...(wide ? ['SUPPLIER', 'COUNTED ON'] : [])]);
      page.put(firstRow, 2, heading.padEnd(page.columns - 4), look.reverse);
      stock.slice(work.page * size, (work.page + 1) * size).forEach((item, n) => {
        const narrow = [item.sku, item.description, String(item.onHand), String(availableOf(work.ledger, item)), item.bin];
        page.put(firstRow + 1 + n, 2, tableRow(wide ? [...narrow, item.supplier, item.counted] : narrow));
      });
      page.put(page.rows - 4, 2, work.page === pages - 1 ? 'Bottom' : 'More...', look.bold);
      page.put(page.rows - 4, page.columns - 16, `Page ${work.page + 1} of ${pages}`);
    },
    press: ({ name, char }, work) => {
      if (isBack(name)) return show('menu');
      const by = moves(name, char);
      if (by === 0) return null;
      if (by < 0 && work.page === 0) return refuse('list', 'SR-040 This is the first page');
      if (by > 0 && work.page >= pagesOfList(work.rows) - 1) return refuse('list', 'SR-041 This is the last page');
      work.page += by;
      return { does: 'show', screen: 'list', keeps: true };
    },
  },
  find: {
    code: 'SR50',
    title: 'FIND A RESERVATION',
    keys: 'Enter=Find  F3=Menu',
    fields: [{ name: 'ref', label: 'Reference', row: firstRow + 1, length: 20 }],
    body: (page, { ref, ledger }) => {
      if (ref === '') return;
      const found = ledger.filter((entry) => entry.ref === ref);
      page.put(firstRow + 3, 2, tableRow(['NUMBER', 'REFERENCE', 'QUANTITY', 'SKU']).padEnd(page.columns - 4), look.reverse);
      found
        .slice(0, rowsOfList(page.rows) - 3)
        .forEach((entry, n) => page.put(firstRow + 4 + n, 2, tableRow([entry.number, entry.ref, String(entry.quantity), entry.sku])));
    },
    press: ({ name }, work) => {
      if (isBack(name)) return show('menu');
      if (name !== 'enter') return null;
      work.ref = work.values['ref']?.trim() ?? '';
      if (work.ref === '') return refuse('find', 'SR-050 Enter a reference');
      const count = work.ledger.filter((entry) => entry.ref === work.ref).length;
      return refuse('find', count === 0 ? 'SR-051 No reservation with this reference' : `SR-052 ${count} found`);
    },
  },
  wait: {
    code: 'SR03',
    title: 'ONE MOMENT PLEASE',
    keys: '',
    fields: [],
    body: (page) => void page.put(11, 30, 'Please wait...', look.bold),
    press: () => null,
  },
};

/** A label with leader dots, as such screens have them; its field stands at `fieldColumn`. */
export function putLabel(page: Canvas, row: number, label: string): Canvas {
  page.put(row, 4, label).put(row, fieldColumn - 2, ':');
  for (let column = 4 + label.length + 2 - (label.length % 2); column < fieldColumn - 3; column += 2) page.put(row, column, '.');
  return page;
}

function tableRow(cells: readonly string[]): string {
  const widths = [10, 22, 9, 11, 8, 18, 12];
  return cells.map((cell, n) => (n === 2 || n === 3 ? `${cell.padStart((widths[n] as number) - 2)}  ` : cell.padEnd(widths[n] as number))).join('');
}
