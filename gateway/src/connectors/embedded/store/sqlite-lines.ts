import type { ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { Author, ChatLine, KeptExtra } from '../chat/chat.ts';
import type { LineName } from './port.ts';
import type { Row, SqliteDatabase } from './sqlite-database.ts';

/** Only inside a write. */
export function addLine(database: SqliteDatabase, tenant: TenantId, chat: ChatId, line: ChatLine): void {
  const { number, id, at, from, text, ref, extra } = line;
  database.run(
    'INSERT INTO line (tenant, chat, number, id, at, author, staff, name, message_id, text, for_staff, ref, extra) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    tenant,
    chat,
    number,
    id,
    at,
    from.is,
    from.is === 'staff' ? from.staff : null,
    from.is === 'staff' ? from.name : null,
    from.is === 'visitor' ? from.messageId : null,
    text,
    from.is === 'notice' ? (from.forStaff ?? null) : null,
    ref ?? null,
    extra === undefined ? null : JSON.stringify(extra),
  );
}

export function findLine(
  database: SqliteDatabase,
  tenant: TenantId,
  chat: ChatId,
  name: LineName,
): ChatLine | undefined {
  const row =
    'id' in name
      ? database.get(
          'SELECT * FROM line INDEXED BY line_id WHERE tenant = ? AND id = ? AND chat = ?',
          tenant,
          name.id,
          chat,
        )
      : database.get(
          // an app that uses an id twice means the later one
          'SELECT * FROM line INDEXED BY line_ref WHERE tenant = ? AND chat = ? AND staff = ? AND ref = ? ' +
            'ORDER BY number DESC LIMIT 1',
          tenant,
          chat,
          name.staff,
          name.ref,
        );
  return row && lineOf(row);
}

export function isTakenBack(database: SqliteDatabase, tenant: TenantId, chat: ChatId, id: string): boolean {
  const sql =
    `SELECT 1 FROM line INDEXED BY line_about WHERE tenant = ? AND chat = ? AND extra ->> 'of' = ? ` +
    `AND extra IS NOT NULL AND extra ->> 'is' = 'retraction' LIMIT 1`;
  return database.get(sql, tenant, chat, id) !== undefined;
}

/** True of what its author took back, and of its corrections. Only staff can take something back. */
const TAKEN_BACK =
  `line.author = 'staff' AND EXISTS (SELECT 1 FROM line AS later INDEXED BY line_about ` +
  `WHERE later.tenant = line.tenant AND later.chat = line.chat AND later.extra IS NOT NULL ` +
  `AND later.extra ->> 'of' = iif(line.extra ->> 'is' = 'correction', line.extra ->> 'of', line.id) ` +
  `AND later.extra ->> 'is' = 'retraction') AS taken_back`;

/** Lines as they are given out: what was taken back is a line without a text. */
export function linesAfter(
  database: SqliteDatabase,
  tenant: TenantId,
  chat: ChatId,
  after: number,
  limit: number,
): ChatLine[] {
  const sql = `SELECT *, ${TAKEN_BACK} FROM line WHERE tenant = ? AND chat = ? AND number > ? ORDER BY number LIMIT ?`;
  return database.all(sql, tenant, chat, after, limit).map(givenOf);
}

/** The same of one line. */
export function lineAt(database: SqliteDatabase, tenant: TenantId, chat: ChatId, number: number): ChatLine | undefined {
  const sql = `SELECT *, ${TAKEN_BACK} FROM line WHERE tenant = ? AND chat = ? AND number = ?`;
  const row = database.get(sql, tenant, chat, number);
  return row && givenOf(row);
}

function givenOf(row: Row): ChatLine {
  const line = lineOf(row);
  if (row['taken_back'] !== 1) return line;
  const { extra, ...rest } = line;
  return { ...rest, text: '', takenBack: true, ...(extra?.is === 'correction' && { extra }) };
}

/** As it was written. */
function lineOf(row: Row): ChatLine {
  return {
    number: Number(row['number']),
    id: String(row['id']),
    at: Number(row['at']),
    from: authorOf(row),
    text: String(row['text']),
    // only addLine writes this column
    ...(typeof row['extra'] === 'string' && { extra: JSON.parse(row['extra']) as KeptExtra }),
    ...(typeof row['ref'] === 'string' && { ref: row['ref'] }),
  };
}

function authorOf(row: Row): Author {
  switch (row['author']) {
    case 'visitor':
      return { is: 'visitor', messageId: String(row['message_id']) };
    case 'staff':
      return { is: 'staff', staff: String(row['staff']) as StaffId, name: String(row['name']) };
    default:
      return { is: 'notice', ...(typeof row['for_staff'] === 'string' && { forStaff: row['for_staff'] }) };
  }
}
