import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { migrations } from './migrations.ts';
import { StoreOpenError } from './port.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface SqliteOptions {
  /** How far the database may grow, in pages of 4 KiB. */
  readonly maxPages?: number;
}

interface Write {
  readonly apply: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One database with group commit: what is written in the same run of the event loop is one transaction. Where that
 * fails, each tenant gets one of its own, so that its part stands or falls by itself, also when the disk is full (a
 * savepoint would go with the whole transaction then). A write resolves when it is on the disk.
 */
export class SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #lock: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();
  /** By tenant, in the order in which they came. */
  #waiting = new Map<string, Write[]>();
  #flushing: Promise<void> | undefined;
  #isClosed = false;

  constructor(database: DatabaseSync, lock?: DatabaseSync) {
    this.#database = database;
    this.#lock = lock;
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  /** Only inside `apply` of {@link SqliteDatabase.write}. */
  run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  /**
   * Resolves after COMMIT. When any of a tenant's writes in this run of the event loop fails, all of them do. `apply`
   * may be called again where what was done was undone.
   */
  write(tenant: string, apply: () => void): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('the database is closed'));
    return new Promise((resolve, reject) => {
      const writes = this.#waiting.get(tenant) ?? [];
      this.#waiting.set(tenant, writes);
      writes.push({ apply, resolve, reject });
      this.#flushing ??= new Promise((done) => {
        setImmediate(() => {
          this.#flush();
          done();
        });
      });
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#flushing;
    this.#statements.clear();
    this.#database.close();
    this.#lock?.close();
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = new Map();
    this.#flushing = undefined;
    const together = this.#commit([...batch.values()].flat());
    for (const writes of batch.values()) {
      const outcome = together.is === 'done' || batch.size === 1 ? together : this.#commit(writes);
      for (const write of writes) {
        if (outcome.is === 'done') write.resolve();
        else write.reject(outcome.why);
      }
    }
  }

  /** One transaction: all of it is done, or nothing. */
  #commit(writes: readonly Write[]): { readonly is: 'done' } | { readonly is: 'failed'; readonly why: unknown } {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const write of writes) write.apply();
      this.#database.exec('COMMIT');
      return { is: 'done' };
    } catch (why) {
      this.#rollBack();
      return { is: 'failed', why };
    }
  }

  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch {
      // the next BEGIN fails then, and what it is for is refused
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/**
 * Opens the database in `file` (made, with its folder, if missing; `:memory:` for tests) and brings it to this
 * version's schema.
 *
 * @throws StoreOpenError
 */
export function openSqlite(file: string, options: SqliteOptions = {}): SqliteDatabase {
  const isFile = file !== ':memory:';
  const lock = isFile ? lockBeside(file) : undefined;
  let database: DatabaseSync | undefined;
  try {
    database = isFile ? openFile(file) : new DatabaseSync(file);
    if (options.maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${options.maxPages}`);
    migrate(database);
    return new SqliteDatabase(database, lock);
  } catch (error) {
    database?.close();
    lock?.close();
    throw error;
  }
}

/** Holds a lock that ends with the process, beside the database so that this one can be read by others (backup). */
function lockBeside(database: string): DatabaseSync {
  const folder = dirname(database);
  const file = `${database}.lock`;
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
    lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new StoreOpenError(
        `The data folder ${folder} is in use by another gateway. Stop that one, or use another folder.`,
        { cause: error },
      );
    }
    throw cannotUse(folder, error);
  }
}

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function cannotUse(path: string, error: unknown): StoreOpenError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  return new StoreOpenError(`Cannot read and write ${path} (${code}). Give this user the right to, or use another.`, {
    cause: error,
  });
}

function openFile(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    database = new DatabaseSync(file, { timeout: 5_000 });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
      if ([SQLITE_NOTADB, SQLITE_CORRUPT].includes(error.errcode & 0xff)) {
        throw new StoreOpenError(`${file} is damaged or no database. Put back a copy of it, or move it away.`, {
          cause: error,
        });
      }
    }
    throw cannotUse(file, error);
  }
}

function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > migrations.length) {
    throw new StoreOpenError(
      `The database has schema version ${version}, and this gateway knows up to ${migrations.length}: ` +
        'it was written by a newer gateway. Start that one, or put back a copy from before the upgrade.',
    );
  }
  for (let next = version; next < migrations.length; next++) {
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(migrations[next] ?? '');
      database.exec(`PRAGMA user_version = ${next + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
