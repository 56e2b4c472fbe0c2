import type { PeerMessage } from '../../../helpdesk/archive.ts';
import type { LineExtra, StaffId, TenantId } from '../../../helpdesk/model.ts';
import { putInArchive, takeFromArchive } from './sqlite-archive.ts';
import type { Row, SqliteDatabase } from './sqlite-database.ts';

/** Texts that are forgotten in one transaction. */
const FORGOTTEN_AT_ONCE = 1_000;

/** Only inside a write. */
export function addPeerMessage(
  database: SqliteDatabase,
  tenant: TenantId,
  { id, at, from, to, text, ref, extra }: PeerMessage,
  waits = false,
): void {
  if (database.get('SELECT 1 FROM peer_message WHERE tenant = ? AND id = ?', tenant, id) !== undefined) {
    if (waits) database.run('UPDATE peer_message SET waits = 1 WHERE tenant = ? AND id = ?', tenant, id);
    return;
  }
  const newest = 'SELECT max(number) AS last FROM peer_message WHERE tenant = ?';
  const number = Number(database.get(newest, tenant)?.['last'] ?? 0) + 1;
  database.run(
    'INSERT INTO peer_message (tenant, number, id, at, author, recipient, text, ref, extra, waits) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    tenant,
    number,
    id,
    at,
    from,
    to,
    text,
    ref ?? null,
    extra === undefined ? null : JSON.stringify(extra),
    waits ? 1 : null,
  );
  putInArchive(database, tenant, { staff: from, kind: 'peer', other: to, number, at }, at);
  if (to !== from) putInArchive(database, tenant, { staff: to, kind: 'peer', other: from, number, at }, at);
}

export function waitingPeerMessages(
  database: SqliteDatabase,
  tenant: TenantId,
  staff: StaffId,
  limit: number,
): readonly PeerMessage[] {
  const sql =
    'SELECT * FROM peer_message INDEXED BY peer_message_waiting WHERE tenant = ? AND recipient = ? AND waits = 1 ' +
    'ORDER BY number LIMIT ?';
  return database.all(sql, tenant, staff, limit).map(peerMessageOf);
}

/** Only inside a write. */
export function peerMessageArrived(database: SqliteDatabase, tenant: TenantId, staff: StaffId, id: string): void {
  const sql = 'UPDATE peer_message SET waits = NULL WHERE tenant = ? AND id = ? AND recipient = ?';
  database.run(sql, tenant, id, staff);
}

export function peerMessageOf(row: Row): PeerMessage {
  return {
    id: String(row['id']),
    at: Number(row['at']),
    from: String(row['author']) as StaffId,
    to: String(row['recipient']) as StaffId,
    text: String(row['text']),
    ...(typeof row['ref'] === 'string' && { ref: row['ref'] }),
    // only addPeerMessage writes this column
    ...(typeof row['extra'] === 'string' && { extra: JSON.parse(row['extra']) as LineExtra }),
  };
}

export async function forgetPeerMessages(database: SqliteDatabase, before: number): Promise<boolean> {
  const sql = 'SELECT tenant, number, at, author, recipient FROM peer_message WHERE at < ? ORDER BY at LIMIT ?';
  const old = database.all(sql, before, FORGOTTEN_AT_ONCE);
  if (old.length === 0) return false;
  await database.write('', () => {
    for (const row of old) {
      const tenant = String(row['tenant']) as TenantId;
      const [author, recipient] = [String(row['author']) as StaffId, String(row['recipient']) as StaffId];
      const [number, at] = [Number(row['number']), Number(row['at'])];
      takeFromArchive(database, tenant, { staff: author, kind: 'peer', other: recipient, number, at });
      takeFromArchive(database, tenant, { staff: recipient, kind: 'peer', other: author, number, at });
      database.run('DELETE FROM peer_message WHERE tenant = ? AND number = ?', tenant, number);
    }
  });
  return old.length === FORGOTTEN_AT_ONCE;
}
