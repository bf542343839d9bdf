import { GatehouseError } from '../../../contract/errors.ts';

/** Where something stands in a copybook. */
export interface Position {
  /** The member, where it came by COPY. */
  readonly member: string;
  readonly line: number;
  /** 1-based, tabs expanded. */
  readonly column: number;
}

/** A copybook that cannot be read, with the place where that is seen. */
export class CopybookMistake extends GatehouseError {
  readonly line: number;
  readonly column: number;

  constructor({ member, line, column }: Position, message: string) {
    super('LAYOUT_MISSING', `copybook ${member}, line ${line}, column ${column}: ${message}`);
    this.name = 'CopybookMistake';
    this.line = line;
    this.column = column;
  }
}

/** A piece of a copybook as a message may show it. */
export const quoted = (text: string): string => `'${text.slice(0, 40).replaceAll(/[^\x20-\x7e]/g, '?')}'`;
