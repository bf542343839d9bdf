import { type Customer, type CustomerFile, type MainframeEntry, customerFields } from './customers.ts';
import { type InputField, type OutputText } from './screen-map.ts';

export type MainframeScreen = 'sign-on' | 'already-on' | 'menu' | 'blank' | 'enquiry' | 'choose' | 'update' | 'list' | 'find' | 'wait' | 'broadcast';

/** What a session has in its hands, from screen to screen. */
export interface Work {
  user: string;
  /** Of the inputs of the screen that stands. */
  values: Record<string, string>;
  /** Looked up, or being changed. */
  customer: Customer | null;
  page: number;
  ref: string;
  /** Where the session that is still standing was used from. */
  heldFrom: string;
  /** Of a message from operations. */
  notice: string;
  /** Of the terminal, in the size that the screen uses. */
  rows: number;
  columns: number;
  readonly customers: CustomerFile;
  readonly ledger: readonly MainframeEntry[];
}

export interface Draft {
  readonly ref: string;
  readonly customer: string;
  readonly changes: MainframeEntry['changes'];
}

export type Step =
  | { readonly does: 'show'; readonly screen: MainframeScreen; readonly message?: string }
  /** The screen stands, with a message and the cursor in a field. */
  | { readonly does: 'remark'; readonly message: string; readonly cursorIn?: string }
  /** The screen is painted again with what has changed on it. */
  | { readonly does: 'repaint'; readonly message?: string }
  | { readonly does: 'sign-on'; readonly user: string; readonly password: string }
  | { readonly does: 'commit'; readonly draft: Draft }
  | { readonly does: 'resume' | 'begin-anew' | 'log-off' };

export interface Screen {
  readonly code: string;
  readonly title: string;
  readonly keys: string;
  /** Uses the bigger of the terminal's two sizes. */
  readonly alternate?: true;
  readonly inputs: readonly InputField[];
  texts(work: Work): readonly OutputText[];
  press(aid: string, work: Work): Step;
}

const show = (screen: MainframeScreen, message?: string): Step => ({ does: 'show', screen, ...(message === undefined ? {} : { message }) });
const remark = (message: string, cursorIn?: string): Step => ({ does: 'remark', message, ...(cursorIn === undefined ? {} : { cursorIn }) });
const noUse = (aid: string): Step => remark(`CU001W ${aid.toUpperCase()} HAS NO USE HERE`);
const at = (row: number, column: number, text: string): OutputText => ({ row, column, text });
const bright = (row: number, column: number, text: string): OutputText => ({ row, column, text, bright: true });
const valueColumn = 24;
const input = (name: string, row: number, length: number, more: Partial<InputField> = {}): InputField => ({
  name,
  row,
  column: valueColumn,
  length,
  ...more,
});
const labels: Readonly<Record<(typeof customerFields)[number], string>> = {
  name: 'NAME . . . . . . . .',
  street: 'STREET . . . . . . .',
  city: 'CITY . . . . . . . .',
  phone: 'PHONE  . . . . . . .',
  limit: 'CREDIT LIMIT . . . .',
};
const rowOfField = (n: number): number => 6 + n * 2;
const rowsOfList = (rows: number): number => rows - 8;
const pagesOf = (work: Work): number => Math.ceil(work.customers.all.length / rowsOfList(work.rows));

export const screens: Readonly<Record<MainframeScreen, Screen>> = {
  'sign-on': {
    code: 'CU01',
    title: 'SIGN ON',
    keys: 'ENTER=SIGN ON',
    inputs: [input('user', 8, 10), input('password', 10, 32, { hidden: true })],
    texts: () => [bright(5, 2, 'CUSTOMER FILE. AUTHORISED USE ONLY.'), at(8, 2, 'USERID . . . . . . .'), at(10, 2, 'PASSWORD . . . . . .')],
    press: (aid, { values }) => (aid === 'Enter' ? { does: 'sign-on', user: values['user'] ?? '', password: values['password'] ?? '' } : noUse(aid)),
  },
  'already-on': {
    code: 'CU02',
    title: 'ALREADY SIGNED ON',
    keys: 'PF5=GO ON IN IT  PF6=END IT AND SIGN ON ANEW  PF3=LEAVE IT',
    inputs: [],
    texts: ({ user, heldFrom }) => [bright(5, 2, `USERID ${user.toUpperCase()} IS ALREADY SIGNED ON AT ${heldFrom.toUpperCase()}`)],
    press: (aid) => {
      const does = ({ PF5: 'resume', PF6: 'begin-anew', PF3: 'log-off' } as const)[aid];
      return does === undefined ? noUse(aid) : { does };
    },
  },
  menu: {
    code: 'CU10',
    title: 'CUSTOMER MENU',
    keys: 'ENTER=GO ON  PF3=LOG OFF  CLEAR=COMMAND',
    inputs: [input('option', 14, 1, { numeric: true })],
    texts: () => [
      at(5, 8, '1  CUSTOMER ENQUIRY'),
      at(6, 8, '2  CUSTOMER UPDATE'),
      at(7, 8, '3  CUSTOMER LIST'),
      at(8, 8, '4  FIND AN UPDATE'),
      at(9, 8, '9  LOG OFF'),
      at(14, 2, 'OPTION . . . . . . .'),
    ],
    press: (aid, { values }) => {
      if (aid === 'PF3') return { does: 'log-off' };
      if (aid === 'Clear') return show('blank');
      if (aid !== 'Enter') return noUse(aid);
      if (values['option'] === '9') return { does: 'log-off' };
      const screen = ({ '1': 'enquiry', '2': 'choose', '3': 'list', '4': 'find' } as const)[values['option'] ?? ''];
      return screen === undefined ? remark('CU010E NO SUCH OPTION', 'option') : show(screen);
    },
  },
  // No fields and no text: the terminal is unformatted, and what is typed is a transaction's name.
  blank: {
    code: '',
    title: '',
    keys: '',
    inputs: [],
    texts: () => [],
    press: (aid, { values }) => {
      const typed = (values['command'] ?? '').trim().toUpperCase();
      if (aid !== 'Enter') return show('blank');
      if (typed === 'CUST') return show('menu');
      return typed === 'LOGOFF' ? { does: 'log-off' } : show('blank', `CU003E TRANSACTION ${typed.slice(0, 8)} IS NOT KNOWN, CUST IS`);
    },
  },
  enquiry: {
    code: 'CU20',
    title: 'CUSTOMER ENQUIRY',
    keys: 'ENTER=LOOK UP  PF3=MENU',
    inputs: [input('number', 4, 8, { numeric: true, always: true })],
    texts: ({ customer }) => [
      at(4, 2, 'CUSTOMER . . . . . .'),
      ...(customer === null
        ? []
        : customerFields.flatMap((field, n) => [at(rowOfField(n), 2, labels[field]), at(rowOfField(n), valueColumn, customer[field])])),
    ],
    press: (aid, work) => lookUp(aid, work) ?? { does: 'repaint' },
  },
  choose: {
    code: 'CU30',
    title: 'CUSTOMER UPDATE',
    keys: 'ENTER=CHANGE  PF3=MENU',
    inputs: [input('number', 4, 8, { numeric: true, always: true })],
    texts: () => [at(4, 2, 'CUSTOMER . . . . . .')],
    press: (aid, work) => lookUp(aid, work) ?? show('update'),
  },
  update: {
    code: 'CU31',
    title: 'CUSTOMER UPDATE',
    keys: 'ENTER=CHECK  PF5=SAVE  PF3=CANCEL',
    inputs: [
      input('name', rowOfField(0), 30),
      input('street', rowOfField(1), 30),
      input('city', rowOfField(2), 20),
      input('phone', rowOfField(3), 15),
      input('limit', rowOfField(4), 7, { numeric: true }),
      input('ref', rowOfField(5), 12),
    ],
    texts: ({ customer }) => [
      at(4, 2, 'CUSTOMER . . . . . .'),
      at(4, valueColumn, customer?.number ?? ''),
      ...customerFields.map((field, n) => at(rowOfField(n), 2, labels[field])),
      at(rowOfField(5), 2, 'REFERENCE  . . . . .'),
    ],
    press: (aid, work) => {
      if (aid === 'PF3' || aid === 'Clear') return show('menu', 'CU032I NOTHING WAS SAVED');
      return aid === 'Enter' || aid === 'PF5' ? check(aid, work) : noUse(aid);
    },
  },
  list: {
    code: 'CU40',
    title: 'CUSTOMER LIST',
    keys: 'PF7=BACKWARD  PF8=FORWARD  PF3=MENU',
    alternate: true,
    inputs: [],
    texts: (work) => {
      const size = rowsOfList(work.rows);
      const pages = pagesOf(work);
      work.page = Math.min(work.page, pages - 1);
      return [
        bright(3, 2, tableRow(['NUMBER', 'NAME', 'CITY', 'LIMIT', ...(work.columns > 80 ? ['STREET', 'PHONE'] : [])])),
        ...work.customers.all
          .slice(work.page * size, (work.page + 1) * size)
          .map(({ number, name, city, limit, street, phone }, n) =>
            at(4 + n, 2, tableRow([number, name, city, limit, ...(work.columns > 80 ? [street, phone] : [])])),
          ),
        bright(work.rows - 4, 2, work.page === pages - 1 ? 'BOTTOM' : 'MORE...'),
        at(work.rows - 4, 60, `PAGE ${work.page + 1} OF ${pages}`),
      ];
    },
    press: (aid, work) => {
      if (aid === 'PF3' || aid === 'Clear') return show('menu');
      if (aid !== 'PF7' && aid !== 'PF8') return noUse(aid);
      const page = work.page + (aid === 'PF8' ? 1 : -1);
      if (page < 0) return remark('CU040I THIS IS THE FIRST PAGE');
      if (page >= pagesOf(work)) return remark('CU041I THIS IS THE LAST PAGE');
      work.page = page;
      return { does: 'repaint' };
    },
  },
  find: {
    code: 'CU50',
    title: 'FIND AN UPDATE',
    keys: 'ENTER=FIND  PF3=MENU',
    inputs: [input('ref', 4, 12, { always: true })],
    texts: ({ ref, ledger }) => {
      const found = ref === '' ? [] : ledger.filter((entry) => entry.ref === ref).slice(0, 12);
      const heading = bright(6, 2, tableRow(['UPDATE', 'REFERENCE', 'CUSTOMER']));
      return [
        at(4, 2, 'REFERENCE  . . . . .'),
        ...(found.length === 0 ? [] : [heading]),
        ...found.map((entry, n) => at(7 + n, 2, tableRow([entry.number, entry.ref, entry.customer]))),
      ];
    },
    press: (aid, work) => {
      if (aid === 'PF3' || aid === 'Clear') return show('menu');
      if (aid !== 'Enter') return noUse(aid);
      work.ref = work.values['ref'] ?? '';
      if (work.ref === '') return remark('CU050E ENTER A REFERENCE', 'ref');
      const count = work.ledger.filter((entry) => entry.ref === work.ref).length;
      return { does: 'repaint', message: count === 0 ? 'CU051I NO UPDATE WITH THIS REFERENCE' : `CU052I ${count} FOUND` };
    },
  },
  wait: { code: 'CU03', title: 'ONE MOMENT PLEASE', keys: '', inputs: [], texts: () => [bright(11, 30, 'PLEASE WAIT...')], press: noUse },
  broadcast: {
    code: 'CU04',
    title: 'MESSAGE FROM OPERATIONS',
    keys: 'PRESS ANY KEY',
    inputs: [],
    texts: ({ notice }) => [bright(9, 4, notice.slice(0, 72))],
    press: noUse,
  },
};

/** Puts the customer into the session's hands; a step when it cannot. */
function lookUp(aid: string, work: Work): Step | null {
  if (aid === 'PF3' || aid === 'Clear') return show('menu');
  if (aid !== 'Enter') return noUse(aid);
  const number = work.values['number'] ?? '';
  if (number === '') return remark('CU020E ENTER A CUSTOMER NUMBER', 'number');
  work.customer = work.customers.find(number) ?? null;
  return work.customer === null ? { does: 'repaint', message: `CU021E CUSTOMER ${number} DOES NOT EXIST` } : null;
}

function check(aid: string, { values, customer }: Work): Step {
  if (customer === null) return show('menu');
  if ((values['name'] ?? '') === '') return remark('CU036E THE NAME IS MISSING', 'name');
  if (!/^\d{1,7}$/.test(values['limit'] ?? '')) return remark('CU037E THE CREDIT LIMIT IS NOT A NUMBER', 'limit');
  const ref = values['ref'] ?? '';
  if (ref === '') return remark('CU033E THE REFERENCE IS MISSING', 'ref');
  const changes = Object.fromEntries(
    customerFields.filter((field) => (values[field] ?? '') !== customer[field]).map((field) => [field, values[field] ?? '']),
  );
  if (Object.keys(changes).length === 0) return remark('CU034E NOTHING IS CHANGED', 'name');
  return aid === 'Enter' ? remark('CU030I CHECKED. PF5 SAVES') : { does: 'commit', draft: { ref, customer: customer.number, changes } };
}

function tableRow(cells: readonly string[]): string {
  const widths = [10, 26, 16, 10, 30, 16];
  return cells
    .map((cell, n) => cell.padEnd(widths[n] as number))
    .join('')
    .trimEnd();
}
