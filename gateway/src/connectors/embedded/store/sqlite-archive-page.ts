import type { SQLInputValue } from 'node:sqlite';
import type { Archived, ArchivePage, ArchiveQuery } from '../../../helpdesk/archive.ts';
import type { ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import { portLine } from '../port-line.ts';
import { type Kind, PER_MS } from './sqlite-archive.ts';
import type { Row, SqliteDatabase } from './sqlite-database.ts';
import { lineOf } from './sqlite-lines.ts';
import { peerMessageOf } from './sqlite-peer-messages.ts';

/** Conditions of a query, all of which hold, with their values. */
class Where {
  readonly #conditions: string[] = [];
  readonly #values: SQLInputValue[] = [];

  and(condition: string, ...values: SQLInputValue[]): this {
    this.#conditions.push(condition);
    this.#values.push(...values);
    return this;
  }

  copy(): Where {
    const copy = new Where();
    copy.#conditions.push(...this.#conditions);
    copy.#values.push(...this.#values);
    return copy;
  }

  get sql(): string {
    return this.#conditions.join(' AND ');
  }

  get values(): readonly SQLInputValue[] {
    return this.#values;
  }
}

export function archivePage(
  database: SqliteDatabase,
  tenant: TenantId,
  staff: StaffId,
  query: ArchiveQuery,
): ArchivePage | undefined {
  const matches = new Where().and('tenant = ? AND staff = ?', tenant, staff);
  if (query.with !== undefined) {
    const { with: other } = query;
    if (other.is === 'chat') matches.and(`kind = 'line' AND other = ?`, other.chat);
    else matches.and(`kind = 'peer' AND other = ?`, other.staff);
  }
  // nothing has its place before the time at which it was said
  if (query.start !== undefined) matches.and('at >= ? AND position >= ?', query.start, query.start * PER_MS);
  if (query.end !== undefined) matches.and('at <= ?', query.end);
  if (query.ids !== undefined) {
    const positions = [...new Set(query.ids)].map((id) => placeOf(database, tenant, staff, id)?.position);
    if (positions.includes(undefined)) return undefined;
    // bound one by one, they would be another statement for each number of ids
    matches.and('position IN (SELECT value FROM json_each(?))', JSON.stringify(positions));
  }

  const wanted = matches.copy();
  for (const [id, comparison] of [
    [query.after, '>'],
    [query.before, '<'],
  ] as const) {
    if (id === undefined) continue;
    const place: Place | undefined =
      placeOf(database, tenant, staff, id) ?? placeByTime(database, tenant, id, comparison);
    if (place === undefined) return undefined;
    wanted.and(`position ${comparison} ?`, place.position);
    // within one chat, and with one colleague, numbers go as positions do, and an index has them
    const isWith = query.with?.is === 'chat' ? query.with.chat : query.with?.staff;
    if (isWith !== undefined && place.within?.other === isWith) {
      wanted.and(`number ${comparison} ?`, place.within.number);
    }
  }
  const order = query.with === undefined ? 'position' : 'number';
  const rows = database.all(
    `SELECT * FROM archive WHERE ${wanted.sql} ORDER BY ${order} ${query.fromEnd ? 'DESC' : 'ASC'} LIMIT ?`,
    ...wanted.values,
    query.limit + 1,
  );
  const isMore = rows.length > query.limit;
  const found = rows.slice(0, query.limit);
  if (query.fromEnd) found.reverse();

  const count = countOf(database, matches);
  const [first] = found;
  const before = first && matches.copy().and(`${order} < ?`, Number(first[order]));
  return {
    entries: found.flatMap((row) => entryOf(database, tenant, row) ?? []),
    complete: !isMore,
    count,
    index: before === undefined ? 0 : countOf(database, before),
  };
}

function countOf(database: SqliteDatabase, where: Where): number {
  return Number(
    database.get(`SELECT count(*) AS entries FROM archive WHERE ${where.sql}`, ...where.values)?.['entries'],
  );
}

interface Place {
  readonly position: number;
  /** Absent: it is not in this archive. */
  readonly within?: { readonly other: string; readonly number: number };
}

/** Where something with this id is in the archive of this staff user. */
function placeOf(database: SqliteDatabase, tenant: TenantId, staff: StaffId, id: string): Place | undefined {
  const at = (kind: Kind, other: string, number: number): Place | undefined => {
    const sql = 'SELECT position FROM archive WHERE tenant = ? AND staff = ? AND kind = ? AND other = ? AND number = ?';
    const position = database.get(sql, tenant, staff, kind, other, number)?.['position'];
    return typeof position === 'number' ? { position, within: { other, number } } : undefined;
  };
  for (const row of database.all('SELECT chat, number FROM line WHERE tenant = ? AND id = ? LIMIT 10', tenant, id)) {
    const place = at('line', String(row['chat']), Number(row['number']));
    if (place !== undefined) return place;
  }
  const row = database.get('SELECT * FROM peer_message WHERE tenant = ? AND id = ?', tenant, id);
  if (row === undefined) return undefined;
  const other = row['author'] === staff ? row['recipient'] : row['author'];
  return at('peer', String(other), Number(row['number']));
}

/**
 * Where a line would be that this archive does not have: apps also know the lines of requests that somebody else
 * took, and ask for what is newer.
 */
function placeByTime(database: SqliteDatabase, tenant: TenantId, id: string, comparison: '<' | '>'): Place | undefined {
  const at = database.get('SELECT at FROM line WHERE tenant = ? AND id = ? LIMIT 1', tenant, id)?.['at'];
  if (typeof at !== 'number') return undefined;
  return { position: comparison === '>' ? at * PER_MS - 1 : at * PER_MS };
}

function entryOf(database: SqliteDatabase, tenant: TenantId, row: Row): Archived | undefined {
  const { other, number } = row;
  if (row['kind'] === 'line') {
    const sql = 'SELECT * FROM line WHERE tenant = ? AND chat = ? AND number = ?';
    const line = database.get(sql, tenant, String(other), Number(number));
    return line && { is: 'line', chat: String(other) as ChatId, line: portLine(lineOf(line)) };
  }
  const sql = 'SELECT * FROM peer_message WHERE tenant = ? AND number = ?';
  const message = database.get(sql, tenant, Number(number));
  return message && { is: 'peer', message: peerMessageOf(message) };
}
