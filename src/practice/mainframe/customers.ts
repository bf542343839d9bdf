export interface Customer {
  readonly number: string;
  readonly name: string;
  readonly street: string;
  readonly city: string;
  readonly phone: string;
  /** Whole currency units. */
  readonly limit: string;
}

export type CustomerField = Exclude<keyof Customer, 'number'>;
export const customerFields: readonly CustomerField[] = ['name', 'street', 'city', 'phone', 'limit'];

/** An update that was really saved. */
export interface MainframeEntry {
  readonly kind: 'update';
  /** U and six digits. */
  readonly number: string;
  readonly ref: string;
  readonly customer: string;
  readonly changes: Readonly<Partial<Record<CustomerField, string>>>;
  readonly user: string;
  readonly atMs: number;
}

const names = ['MILLER TOOLS', 'HARBOUR FREIGHT', 'OLD MILL BAKERY', 'LINDEN CLINIC', 'QUARRY & CO', 'STATION HOTEL', 'VALE DAIRY'];
const streets = ['HIGH STREET', 'STATION ROAD', 'CHURCH LANE', 'MARKET SQUARE', 'MILL BANK'];
const cities = ['LEEDS', 'YORK', 'HULL', 'DERBY'];

/** Forty customers, always the same at the start: 00010001 to 00010040. */
export class CustomerFile {
  readonly #customers: Map<string, Customer>;

  constructor(updates: readonly MainframeEntry[]) {
    this.#customers = new Map(
      Array.from({ length: 40 }, (_, n) => {
        const number = String(10_001 + n).padStart(8, '0');
        return [
          number,
          {
            number,
            name: `${names[n % names.length]} ${n + 1}`,
            street: `${n + 1} ${streets[n % streets.length]}`,
            city: cities[n % cities.length] as string,
            phone: `01${String(130_000_000 + n * 7_919)}`,
            limit: String(1_000 + (n % 9) * 500),
          },
        ];
      }),
    );
    for (const { customer, changes } of updates) this.change(customer, changes);
  }

  get all(): readonly Customer[] {
    return [...this.#customers.values()];
  }

  find(number: string): Customer | undefined {
    return this.#customers.get(number.padStart(8, '0'));
  }

  change(number: string, changes: MainframeEntry['changes']): void {
    const customer = this.#customers.get(number);
    if (customer !== undefined) this.#customers.set(number, { ...customer, ...changes });
  }
}
