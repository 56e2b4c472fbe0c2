import type { ChatId, Note, StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Only inside a write. */
export function addNote(database: SqliteDatabase, tenant: TenantId, chat: ChatId, note: Note): void {
  database.run(
    'INSERT INTO note (tenant, chat, number, at, staff, name, text) ' +
      'SELECT ?, ?, coalesce(max(number), 0) + 1, ?, ?, ?, ? FROM note WHERE tenant = ? AND chat = ?',
    tenant,
    chat,
    note.at,
    note.staff,
    note.name,
    note.text,
    tenant,
    chat,
  );
}

export function notesOf(database: SqliteDatabase, tenant: TenantId, chat: ChatId): readonly Note[] {
  return database
    .all('SELECT at, staff, name, text FROM note WHERE tenant = ? AND chat = ? ORDER BY number', tenant, chat)
    .map((row) => ({
      at: Number(row['at']),
      staff: String(row['staff']) as StaffId,
      name: String(row['name']),
      text: String(row['text']),
    }));
}
