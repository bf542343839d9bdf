/** A cell of the screen, counted from 1 at the top left, as the manuals of hosts and the status lines of terminals count. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** A rectangle of cells; one row high unless `height` says otherwise, and to the right edge without `width`. */
export interface Region extends Place {
  readonly width?: number;
  readonly height?: number;
}

export function within(place: Place, region: Region, columns: number): boolean {
  const right = region.width === undefined ? columns : region.column + region.width - 1;
  const bottom = region.row + (region.height ?? 1) - 1;
  return place.row >= region.row && place.row <= bottom && place.column >= region.column && place.column <= right;
}

export const describePlace = ({ row, column }: Place): string => `row ${row}, column ${column}`;
