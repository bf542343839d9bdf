import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Reply } from '../../events.ts';

const rowType = 'test.order.found.v1';
const customerType = 'test.customer.told.v1';

/** What the yard leaves to be picked up, and the events that must come of it, each once. */
export class YardLeavings {
  static readonly types: readonly string[] = [rowType, customerType];
  readonly #root: string;
  readonly #due = new Set<string>();
  #customers: ReadonlyMap<string, string> = new Map();
  #files = 0;
  #extracts = 0;
  /** Records that can become no event. */
  bad = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** Files of each kind that must be in the archive in the end. */
  get files(): Readonly<Record<'left' | 'extracts', number>> {
    return { left: this.#files, extracts: this.#extracts };
  }

  /** A file of so many rows, of which `bad` cannot be read. */
  orders(rows: number, bad = 0): void {
    this.#files += 1;
    const file = this.#files;
    const lines = Array.from({ length: rows }, (_, index) => {
      if (index < rows - bad) this.#due.add(`row F${file}-${index} ${index}`);
      return `F${file}-${index};${index < rows - bad ? index : 'many'}`;
    });
    this.bad += bad;
    this.#put('left', file, `${lines.join('\n')}\nEND;${rows}\n`);
  }

  /** A full extract: what differs from the one before is told. */
  extract(customers: ReadonlyMap<string, string>): void {
    this.#extracts += 1;
    for (const [customer, name] of customers) {
      const before = this.#customers.get(customer);
      if (before !== name) this.#due.add(`${before === undefined ? 'created' : 'updated'} ${customer} ${name}`);
    }
    for (const customer of this.#customers.keys()) if (!customers.has(customer)) this.#due.add(`deleted ${customer} `);
    this.#customers = customers;
    this.#put('extracts', this.#extracts, [...customers].map(([customer, name]) => `${customer};${name}\n`).join(''));
  }

  /** The next extract: a few are new, a few are changed, one is gone. */
  nextExtract(size: number): void {
    const generation = this.#extracts + 1;
    const next = new Map([...this.#customers].slice(1));
    for (const [index, customer] of [...next.keys()].entries()) if (index % 7 === 0) next.set(customer, `n${generation}-${index}`);
    for (let each = next.size; each < size; each += 1) next.set(`C${generation}-${each}`, `n${generation}-${each}`);
    this.extract(next);
  }

  /** What is wrong with the events that came of it. An event may be published again, under its id. */
  wrong(brought: readonly Reply[]): string[] {
    const facts = new Map<string, string>();
    const wrong: string[] = [];
    for (const { id, type, data } of brought) {
      const { order, amount, change, customer, name } = data as Record<string, string>;
      const fact = type === rowType ? `row ${order} ${amount}` : `${change} ${customer} ${name}`;
      const before = facts.get(fact);
      if (before !== undefined && before !== id) wrong.push(`'${fact}' came under two ids`);
      if (!this.#due.has(fact)) wrong.push(`'${fact}' came, and was nowhere`);
      facts.set(fact, id);
    }
    const ids = new Set(facts.values());
    if (ids.size !== facts.size) wrong.push(`${facts.size} facts came under ${ids.size} ids`);
    const missing = [...this.#due].filter((fact) => !facts.has(fact));
    if (missing.length > 0) wrong.push(`${missing.length} of ${this.#due.size} facts never came: ${missing.slice(0, 3).join(', ')}`);
    return wrong.slice(0, 10);
  }

  #put(directory: 'left' | 'extracts', number: number, text: string): void {
    const place = join(this.#root, directory);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, '.yard'), text);
    renameSync(join(place, '.yard'), join(place, `${String(number).padStart(5, '0')}.csv`));
  }
}
