import type { Ban, ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { Banned } from './port.ts';
import type { Row, SqliteDatabase } from './sqlite-database.ts';

/** Only inside a write. */
export function addBan(database: SqliteDatabase, tenant: TenantId, ban: Omit<Ban, 'id' | 'of'>, who: Banned): void {
  database.run(
    'INSERT INTO ban (tenant, number, at, until, visitor, staff, why, chat, address, email) ' +
      'SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ? FROM ban WHERE tenant = ?',
    tenant,
    ban.at,
    ban.until,
    ban.visitor,
    ban.by,
    ban.why ?? null,
    ban.chat ?? null,
    who.address ?? null,
    who.email ?? null,
    tenant,
  );
}

/** Only inside a write. */
export function liftBan(database: SqliteDatabase, tenant: TenantId, number: number, at: number): void {
  const sql = 'UPDATE ban SET lifted_at = ? WHERE tenant = ? AND number = ? AND lifted_at IS NULL';
  database.run(sql, at, tenant, number);
}

export function bansOf(database: SqliteDatabase, tenant: TenantId, now: number, limit: number): readonly Ban[] {
  const sql =
    'SELECT * FROM ban INDEXED BY ban_until WHERE tenant = ? AND until > ? AND lifted_at IS NULL ' +
    'ORDER BY number DESC LIMIT ?';
  return database.all(sql, tenant, now, limit).map(readBan);
}

/** `named`: its number, or the chat in which it was said. */
export function banOf(
  database: SqliteDatabase,
  tenant: TenantId,
  named: number | string,
  now: number,
): Ban | undefined {
  const sql =
    typeof named === 'number'
      ? 'SELECT * FROM ban WHERE tenant = ? AND until > ? AND lifted_at IS NULL AND number = ?'
      : 'SELECT * FROM ban INDEXED BY ban_until WHERE tenant = ? AND until > ? AND lifted_at IS NULL AND chat = ? LIMIT 1';
  const row = database.get(sql, tenant, now, named);
  return row && readBan(row);
}

export function isBanned(database: SqliteDatabase, tenant: TenantId, who: Banned, now: number): boolean {
  const by = (field: 'address' | 'email', value: string) => {
    const sql = `SELECT 1 FROM ban INDEXED BY ban_${field} WHERE tenant = ? AND ${field} = ? AND until > ? AND lifted_at IS NULL`;
    return database.get(sql, tenant, value, now) !== undefined;
  };
  return (
    (who.address !== undefined && by('address', who.address)) || (who.email !== undefined && by('email', who.email))
  );
}

function readBan(row: Row): Ban {
  const of = [row['address'], row['email']].filter((known) => typeof known === 'string');
  return {
    id: String(row['number']),
    at: Number(row['at']),
    until: Number(row['until']),
    visitor: String(row['visitor']),
    by: String(row['staff']) as StaffId,
    ...(typeof row['why'] === 'string' && { why: row['why'] }),
    ...(of.length > 0 && { of }),
    ...(typeof row['chat'] === 'string' && { chat: row['chat'] as ChatId }),
  };
}
