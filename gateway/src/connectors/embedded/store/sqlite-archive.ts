/**
 * Archives of staff users. Each holds what came to them in the order in which it came: a line that was said before
 * they took part has its place where they joined, so that an app that asks for what is newer than the last it knows
 * misses nothing.
 */
import type { ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { ChatLine } from '../chat/chat.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** A position is the time in milliseconds times this, or the next one that is free. */
export const PER_MS = 1_024;

export type Kind = 'line' | 'peer';

/** Only inside a write, after the line is there. Lines of this chat that this archive lacks come with it. */
export function addToArchive(
  database: SqliteDatabase,
  tenant: TenantId,
  staff: StaffId,
  chat: ChatId,
  line: ChatLine,
): void {
  const last = Number(
    database.get(
      `SELECT max(number) AS last FROM archive WHERE tenant = ? AND staff = ? AND kind = 'line' AND other = ?`,
      tenant,
      staff,
      chat,
    )?.['last'] ?? 0,
  );
  const earlier =
    last + 1 < line.number
      ? database.all(
          'SELECT number, at FROM line WHERE tenant = ? AND chat = ? AND number > ? AND number < ? ORDER BY number',
          tenant,
          chat,
          last,
          line.number,
        )
      : [];
  let position = nextPosition(database, tenant, staff, line.at);
  for (const { number, at } of earlier) {
    putInArchive(database, tenant, staff, position++, 'line', chat, Number(number), Number(at));
  }
  putInArchive(database, tenant, staff, position, 'line', chat, line.number, line.at);
}

/** Only inside a write: the place of what comes now. */
export function nextPosition(database: SqliteDatabase, tenant: TenantId, staff: StaffId, at: number): number {
  const sql = 'SELECT max(position) AS last FROM archive WHERE tenant = ? AND staff = ?';
  return Math.max(at * PER_MS, Number(database.get(sql, tenant, staff)?.['last'] ?? -1) + 1);
}

/** Only inside a write. */
export function putInArchive(
  database: SqliteDatabase,
  tenant: TenantId,
  staff: StaffId,
  position: number,
  kind: Kind,
  other: string,
  number: number,
  at: number,
): void {
  database.run(
    'INSERT INTO archive (tenant, staff, position, kind, other, number, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    tenant,
    staff,
    position,
    kind,
    other,
    number,
    at,
  );
}
