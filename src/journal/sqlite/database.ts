import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** Searches combine their conditions in very many ways, and each prepared statement takes some kilobytes. */
const mostStatements = 1_000;

export type Row = Record<string, SQLInputValue>;

/**
 * A connection whose statements are prepared once. Statements on the path of an event name their index (`INDEXED BY`): without statistics
 * the planner may take one that reads the whole history instead, and a statement whose index does not serve fails when it is prepared.
 */
export class Database {
  readonly raw: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(raw: DatabaseSync) {
    this.raw = raw;
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  get<T = Row>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#prepare(sql).get(...values) as T | undefined;
  }

  all<T = Row>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#prepare(sql).all(...values) as T[];
  }

  exec(sql: string): void {
    this.raw.exec(sql);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.raw.prepare(sql);
      this.#statements.set(sql, statement);
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined && this.#statements.size > mostStatements) this.#statements.delete(oldest);
    }
    return statement;
  }

  close(): void {
    this.#statements.clear();
    this.raw.close();
  }
}
