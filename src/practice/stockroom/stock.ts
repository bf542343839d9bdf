import { type Ledger } from '../terminal/ledger.ts';

/** What the stockroom keeps. `onHand` is what lies there; reservations are taken off it. */
export interface StockItem {
  readonly sku: string;
  readonly description: string;
  readonly onHand: number;
  readonly bin: string;
  readonly supplier: string;
  readonly counted: string;
}

/** A reservation that waits for its confirmation. */
export interface Draft {
  readonly ref: string;
  readonly sku: string;
  readonly quantity: number;
  readonly customer: string;
}

/** A reservation that was really made. */
export interface StockroomEntry extends Draft {
  readonly kind: 'reserve';
  /** The confirmation number: R and six digits. */
  readonly number: string;
  readonly user: string;
  readonly atMs: number;
}

const things = ['HEX BOLT', 'LOCK NUT', 'WASHER', 'WOOD SCREW', 'THREADED ROD', 'ANCHOR', 'RIVET', 'CLEVIS PIN'];
const suppliers = ['NORTH FORGE', 'DELTA METALS', 'HOLM & SONS'];

/** Forty-eight items, always the same: SKU-1001 to SKU-1048. Nothing is left of SKU-1013, and three of SKU-1017. */
export const stock: readonly StockItem[] = Array.from({ length: 48 }, (_, n) => {
  const id = 1001 + n;
  return {
    sku: `SKU-${id}`,
    description: `${things[n % things.length]} M${4 + (n % 6) * 2}`,
    onHand: id === 1013 ? 0 : id === 1017 ? 3 : 40 + ((n * 37) % 160),
    bin: `${'ABCDEF'[n % 6]}${String(10 + n).padStart(3, '0')}`,
    supplier: suppliers[n % suppliers.length] as string,
    counted: `2026-0${1 + (n % 9)}-15`,
  };
});

/** Null when somebody else has taken too much of it meanwhile. */
export function reserve(ledger: Ledger<StockroomEntry>, draft: Draft, user: string): StockroomEntry | null {
  const item = itemOf(draft.sku);
  if (item === undefined || availableOf(ledger.entries, item) < draft.quantity) return null;
  const number = `R${String(ledger.entries.length + 1).padStart(6, '0')}`;
  return ledger.add({ kind: 'reserve', number, ...draft, user, atMs: Date.now() });
}

export function itemOf(sku: string): StockItem | undefined {
  return stock.find((item) => item.sku === sku.toUpperCase());
}

export function reserved(ledger: readonly StockroomEntry[], sku: string): number {
  return ledger.reduce((sum, entry) => sum + (entry.sku === sku ? entry.quantity : 0), 0);
}

export const availableOf = (ledger: readonly StockroomEntry[], item: StockItem): number => item.onHand - reserved(ledger, item.sku);
