import { type BulkItemRow, type BulkPace, type BulkRow, type Selected } from '../contract/bulk.ts';

/** A bulk action and how it goes. */
export type BulkView = BulkRow & BulkPace;

/** One bulk with the first of its translations that failed or were skipped. */
export type BulkStoryView = BulkView & { readonly troubles: readonly BulkItemRow[] };

export interface BulksView {
  readonly rows: readonly BulkView[];
  /** Give it back as `before` for the next page; null at the end. */
  readonly next: number | null;
}

export interface BulkItemsView {
  readonly rows: readonly BulkItemRow[];
  /** Give it back as `after` for the next page; null at the end. */
  readonly next: number | null;
}

/** What a selection holds now. */
export interface BulkSelectionView {
  readonly count: number;
  readonly groups: Selected['groups'];
}
