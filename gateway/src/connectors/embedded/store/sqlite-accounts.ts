import type { TenantId } from '../../../helpdesk/model.ts';
import type { LabAccount, StoreChange } from './port.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

type Listener = (tenant: TenantId) => void;

/** Accounts of lab tenants. One process has the database, so who listens here hears of every change. */
export class SqliteAccounts {
  readonly #database: SqliteDatabase;
  readonly #listeners = new Set<Listener>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  of(tenant: TenantId): readonly LabAccount[] {
    return this.#database.all('SELECT * FROM account WHERE tenant = ? ORDER BY username', tenant).map((row) => ({
      username: String(row['username']),
      name: String(row['name']),
      ...(typeof row['email'] === 'string' && { email: row['email'] }),
      hash: String(row['hash']),
    }));
  }

  concerns(changes: readonly StoreChange[]): boolean {
    return changes.some(({ is }) => is === 'account' || is === 'account-gone');
  }

  tell(tenant: TenantId): void {
    for (const listener of [...this.#listeners]) listener(tenant);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Only inside a write. */
export function addAccount(database: SqliteDatabase, tenant: TenantId, account: LabAccount): void {
  const { username, name, email, hash } = account;
  database.run(
    'INSERT INTO account (tenant, username, name, email, hash) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    tenant,
    username,
    name,
    email ?? null,
    hash,
  );
}

/** Only inside a write. Who gets the name later begins anew. */
export function removeAccount(database: SqliteDatabase, tenant: TenantId, username: string): void {
  database.run('DELETE FROM account WHERE tenant = ? AND username = ?', tenant, username);
  database.run('DELETE FROM staff WHERE tenant = ? AND id = ?', tenant, username);
}
