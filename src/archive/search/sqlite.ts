import sqlite, { type Database, type QueryResult } from 'node-sqlite3-wasm';
import { LegendaError } from '../../errors.js';

/** A value of a column. */
export type Value = number | bigint | string | Uint8Array | null;

/**
 * A SQLite database: the only place that knows the package. Its errors are `DatabaseError`s.
 *
 * The package's file system never rolls a transaction back that a killed process left: it takes its own lock for that of a
 * living writer and ignores the journal. A database must not be written where it is read; see `publish.ts`.
 */
export class IndexDatabase implements Disposable {
  readonly #database: Database;
  readonly #path: string;

  private constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
  }

  /** @throws DatabaseError when there is none and `readOnly`, or it cannot be opened */
  static open(path: string, { readOnly = false } = {}): IndexDatabase {
    return attempt(path, () => {
      const database = new sqlite.Database(path, { readOnly });
      return new IndexDatabase(path, database);
    });
  }

  exec(sql: string): void {
    attempt(this.#path, () => this.#database.exec(sql));
  }

  all(sql: string, values: readonly Value[] = []): Record<string, Value>[] {
    return attempt(this.#path, () => this.#database.all(sql, [...values]).map(plain));
  }

  get(sql: string, values: readonly Value[] = []): Record<string, Value> | undefined {
    return this.all(sql, values)[0];
  }

  /** A statement to run many times; dispose it. */
  prepare(sql: string): Prepared {
    const statement = attempt(this.#path, () => this.#database.prepare(sql));
    return {
      run: (...values) => attempt(this.#path, () => statement.run([...values])),
      [Symbol.dispose]() {
        try {
          statement.finalize();
        } catch {
          // it is gone all the same: the error is that of its last run, again
        }
      },
    };
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

export interface Prepared extends Disposable {
  run(...values: readonly Value[]): void;
}

/** What SQLite complains of. */
export class DatabaseError extends LegendaError {
  override name = 'DatabaseError';
  /** Whether it is about what is in the file, rather than about room or rights. */
  readonly damaged: boolean;
  /** In SQLite's words. */
  readonly reason: string;

  constructor(path: string, cause: Error) {
    super(`${path}: ${cause.message}`, { cause });
    this.reason = cause.message;
    this.damaged = /malformed|not a database|corrupt|no such (?:table|column)|could not open/i.test(cause.message);
  }
}

const plain = (row: QueryResult): Record<string, Value> => row as Record<string, Value>;

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof sqlite.SQLite3Error) throw new DatabaseError(path, error);
    throw error;
  }
}
