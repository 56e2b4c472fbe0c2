import type { Archived, ArchivePage, ArchiveQuery } from '../../../helpdesk/archive.ts';
import type { ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import { portLine } from '../port-line.ts';
import { ALL, archiveFrom, PER_MS, positionOf } from './sqlite-archive.ts';
import { countByDays, countOf, type Days, latenessOf, Where } from './sqlite-archive-count.ts';
import type { Row, SqliteDatabase } from './sqlite-database.ts';
import { lineAt } from './sqlite-lines.ts';
import { peerMessageOf } from './sqlite-peer-messages.ts';

export function archivePage(
  database: SqliteDatabase,
  tenant: TenantId,
  staff: StaffId,
  query: ArchiveQuery,
): ArchivePage | undefined {
  const { with: other, start, end } = query;
  const from = archiveFrom(database, tenant, staff);
  if (from === undefined) return { entries: [], complete: true, count: 0, index: 0 };
  const counted = other?.is === 'staff' ? other.staff : ALL;
  const days: Days = { tenant, staff, counted, from };
  const matches = new Where().and('tenant = ? AND staff = ? AND position >= ?', tenant, staff, from);
  if (other?.is === 'chat') matches.and(`kind = 'line' AND other = ?`, other.chat);
  if (other?.is === 'staff') matches.and(`kind = 'peer' AND other = ?`, other.staff);
  // nothing has its place before the time at which it was said, and nothing much later
  if (start !== undefined) matches.and('at >= ? AND position >= ?', start, start * PER_MS);
  if (end !== undefined) {
    const late = latenessOf(database, { ...days, counted: ALL });
    matches.and('at <= ? AND position < ?', end, (end + 1 + late) * PER_MS);
  }
  if (query.ids !== undefined) {
    const positions = [...new Set(query.ids)].map((id) => placeOf(database, tenant, { staff, from }, id));
    if (positions.includes(undefined)) return undefined;
    // as places of their own, they would be another statement for each number of ids
    matches.and('position IN (SELECT value FROM json_each(?))', JSON.stringify(positions));
  }

  const wanted = matches.copy();
  for (const [id, comparison] of [
    [query.newerThan, '>'],
    [query.olderThan, '<'],
    [query.after, '>'],
    [query.before, '<'],
  ] as const) {
    if (id === undefined) continue;
    const place = placeOf(database, tenant, { staff, from }, id) ?? placeByTime(database, tenant, id, comparison);
    if (place === undefined) return undefined;
    wanted.and(`position ${comparison} ?`, place);
  }
  const rows = database.all(
    `SELECT * FROM archive ${indexOf(other)} WHERE ${wanted.sql} ORDER BY position ${query.fromEnd ? 'DESC' : 'ASC'} LIMIT ?`,
    ...wanted.values,
    query.limit + 1,
  );
  const isMore = rows.length > query.limit;
  const found = rows.slice(0, query.limit);
  if (query.fromEnd) found.reverse();

  /** Those of a chat and those that are named are few. */
  const count = (below?: number) =>
    other?.is === 'chat' || query.ids !== undefined
      ? countOf(database, below === undefined ? matches : matches.copy().and('position < ?', below))
      : countByDays(database, days, matches, { start, end, below });
  const [first] = found;
  return {
    entries: found.flatMap((row) => entryOf(database, tenant, row) ?? []),
    complete: !isMore,
    count: count(),
    index: first === undefined ? 0 : count(Number(first['position'])),
  };
}

/** Named, since the planner would rather go through all that there is. */
function indexOf(other: ArchiveQuery['with']): string {
  return other === undefined ? '' : 'INDEXED BY archive_other';
}

/** Where something with this id is in the archive of this staff user. */
function placeOf(
  database: SqliteDatabase,
  tenant: TenantId,
  { staff, from }: { readonly staff: StaffId; readonly from: number },
  id: string,
): number | undefined {
  const lines = 'SELECT chat, number, at FROM line INDEXED BY line_id WHERE tenant = ? AND id = ? LIMIT 10';
  for (const row of database.all(lines, tenant, id)) {
    const [other, number, at] = [String(row['chat']), Number(row['number']), Number(row['at'])];
    const place = positionOf(database, tenant, { staff, kind: 'line', other, number, at }, from);
    if (place !== undefined) return place;
  }
  const row = database.get('SELECT * FROM peer_message WHERE tenant = ? AND id = ?', tenant, id);
  if (row === undefined) return undefined;
  const other = String(row['author'] === staff ? row['recipient'] : row['author']);
  const [number, at] = [Number(row['number']), Number(row['at'])];
  return positionOf(database, tenant, { staff, kind: 'peer', other, number, at }, from);
}

/**
 * Where a line would be that this archive does not have: apps also know the lines of requests that somebody else
 * took, and ask for what is newer.
 */
function placeByTime(
  database: SqliteDatabase,
  tenant: TenantId,
  id: string,
  comparison: '<' | '>',
): number | undefined {
  const at = database.get('SELECT at FROM line INDEXED BY line_id WHERE tenant = ? AND id = ? LIMIT 1', tenant, id)?.[
    'at'
  ];
  if (typeof at !== 'number') return undefined;
  return comparison === '>' ? at * PER_MS - 1 : at * PER_MS;
}

function entryOf(database: SqliteDatabase, tenant: TenantId, row: Row): Archived | undefined {
  const { other, number } = row;
  if (row['kind'] === 'line') {
    const chat = String(other) as ChatId;
    const line = lineAt(database, tenant, chat, Number(number));
    return line && { is: 'line', chat, line: portLine(line) };
  }
  const sql = 'SELECT * FROM peer_message WHERE tenant = ? AND number = ?';
  const message = database.get(sql, tenant, Number(number));
  return message && { is: 'peer', message: peerMessageOf(message) };
}
