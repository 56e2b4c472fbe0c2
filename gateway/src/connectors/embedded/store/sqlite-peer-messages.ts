import type { PeerMessage } from '../../../helpdesk/archive.ts';
import type { LineExtra, StaffId, TenantId } from '../../../helpdesk/model.ts';
import { type Coming, putInArchive, takeFromArchive } from './sqlite-archive.ts';
import type { Row, SqliteDatabase } from './sqlite-database.ts';

/** Texts that are forgotten in one transaction. */
const FORGOTTEN_AT_ONCE = 1_000;
/** Texts that wait at most to come into the archives. */
const FILED_AT_ONCE = 1_000;

/** Only inside a write. */
export function addPeerMessage(
  database: SqliteDatabase,
  tenant: TenantId,
  { id, at, from, to, text, ref, extra }: PeerMessage,
  waits = false,
): void {
  if (database.get('SELECT 1 FROM peer_message WHERE tenant = ? AND id = ?', tenant, id) !== undefined) return;
  const number = newestOf(database, tenant) + 1;
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
  if (number % FILED_AT_ONCE === 0) filePeerMessages(database, tenant);
}

function newestOf(database: SqliteDatabase, tenant: TenantId): number {
  const sql = 'SELECT max(number) AS last FROM peer_message WHERE tenant = ?';
  // a number that was given is not given again, though its text may be forgotten
  return Math.max(Number(database.get(sql, tenant)?.['last'] ?? 0), filedOf(database, tenant));
}

function filedOf(database: SqliteDatabase, tenant: TenantId): number {
  return Number(database.get('SELECT number FROM archive_filed WHERE tenant = ?', tenant)?.['number'] ?? 0);
}

/** Are there texts that are not in the archives of their people yet? */
export function haveToBeFiled(database: SqliteDatabase, tenant: TenantId): boolean {
  return newestOf(database, tenant) > filedOf(database, tenant);
}

/**
 * Only inside a write. Puts the texts that are new into the archives, those of each staff user together: one by one,
 * they would be the most expensive part of a message. Before anything else comes into an archive, or one is read.
 */
export function filePeerMessages(database: SqliteDatabase, tenant: TenantId): void {
  const filed = filedOf(database, tenant);
  const sql = 'SELECT number, at, author, recipient FROM peer_message WHERE tenant = ? AND number > ? ORDER BY number';
  const archives = new Map<StaffId, Coming[]>();
  let last = filed;
  for (const row of database.all(sql, tenant, filed)) {
    const [author, recipient] = [String(row['author']) as StaffId, String(row['recipient']) as StaffId];
    const at = Number(row['at']);
    last = Number(row['number']);
    for (const staff of new Set([author, recipient])) {
      const archive = archives.get(staff) ?? [];
      archives.set(staff, archive);
      archive.push({ kind: 'peer', other: staff === author ? recipient : author, number: last, at, came: at });
    }
  }
  if (last === filed) return;
  for (const [staff, entries] of archives) putInArchive(database, tenant, staff, entries);
  database.run(
    'INSERT INTO archive_filed (tenant, number) VALUES (?, ?) ON CONFLICT DO UPDATE SET number = excluded.number',
    tenant,
    last,
  );
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

/** Does the same text, with the same id of its author's app, wait already since then? */
export function waitsAlready(
  database: SqliteDatabase,
  tenant: TenantId,
  { id, from, to, text, ref, extra }: PeerMessage,
  since: number,
): boolean {
  if (ref === undefined) return false;
  const sql =
    'SELECT 1 FROM peer_message INDEXED BY peer_message_waiting WHERE tenant = ? AND recipient = ? AND waits = 1 ' +
    'AND author = ? AND ref = ? AND at >= ? AND id <> ? AND text = ? AND extra IS ? LIMIT 1';
  const more = extra === undefined ? null : JSON.stringify(extra);
  return database.get(sql, tenant, to, from, ref, since, id, text, more) !== undefined;
}

/** How many there are, and their bytes; no more than so many are counted. */
export function waitingPeerSize(database: SqliteDatabase, tenant: TenantId, staff: StaffId, most: number) {
  const sql =
    'SELECT count(*) AS texts, coalesce(sum(size), 0) AS bytes FROM (SELECT octet_length(text) AS size ' +
    'FROM peer_message INDEXED BY peer_message_waiting WHERE tenant = ? AND recipient = ? AND waits = 1 LIMIT ?)';
  const row = database.get(sql, tenant, staff, most);
  return { texts: Number(row?.['texts']), bytes: Number(row?.['bytes']) };
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
    for (const tenant of new Set(old.map((row) => String(row['tenant']) as TenantId)))
      filePeerMessages(database, tenant);
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
