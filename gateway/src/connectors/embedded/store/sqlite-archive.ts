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
/** Positions of a day: entries are counted by days, so that nobody has to count them one by one. */
export const PER_DAY = 86_400_000 * PER_MS;
/** Stands for everybody where entries are counted. */
export const ALL = '';

export type Kind = 'line' | 'peer';

export interface Entry {
  readonly staff: StaffId;
  readonly kind: Kind;
  /** The chat, or the colleague. */
  readonly other: string;
  readonly number: number;
  /** When it was said. */
  readonly at: number;
}

/** The first position of the archive that is theirs who has the username now; `undefined`: nobody has it. */
export function archiveFrom(database: SqliteDatabase, tenant: TenantId, staff: StaffId): number | undefined {
  const row = database.get('SELECT gone, archive_from FROM person WHERE tenant = ? AND staff = ?', tenant, staff);
  return row?.['gone'] === 1 ? undefined : Number(row?.['archive_from'] ?? 0);
}

/** Only inside a write, after the line is there. Lines of this chat that this archive lacks come with it. */
export function addToArchive(
  database: SqliteDatabase,
  tenant: TenantId,
  staff: StaffId,
  chat: ChatId,
  line: ChatLine,
): void {
  const newest =
    'SELECT number FROM archive INDEXED BY archive_other WHERE tenant = ? AND staff = ? ' +
    `AND kind = 'line' AND other = ? AND position >= ? ORDER BY position DESC LIMIT 1`;
  const from = archiveFrom(database, tenant, staff) ?? 0;
  const last = Number(database.get(newest, tenant, staff, chat, from)?.['number'] ?? 0);
  const entry = (number: number, at: number) =>
    ({ kind: 'line', other: chat, number, at, came: line.at }) satisfies Coming;
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
  putInArchive(database, tenant, staff, [
    ...earlier.map((row) => entry(Number(row['number']), Number(row['at']))),
    entry(line.number, line.at),
  ]);
}

export interface Coming extends Omit<Entry, 'staff'> {
  /** When it comes to this archive. */
  readonly came: number;
}

/** Only inside a write. */
export function putInArchive(
  database: SqliteDatabase,
  tenant: TenantId,
  staff: StaffId,
  entries: readonly Coming[],
): void {
  const newest = 'SELECT max(position) AS last FROM archive WHERE tenant = ? AND staff = ?';
  let position = Number(database.get(newest, tenant, staff)?.['last'] ?? -1);
  const counts = new Map<string, { other: string; day: number; entries: number; lateness: number }>();
  for (const { kind, other, number, at, came } of entries) {
    position = Math.max(came * PER_MS, position + 1);
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
    const day = Math.floor(position / PER_DAY);
    const lateness = Math.floor(position / PER_MS) - at;
    for (const counted of countedAs(kind, other)) {
      const key = `${day} ${counted}`;
      const before = counts.get(key);
      counts.set(key, {
        other: counted,
        day,
        entries: (before?.entries ?? 0) + 1,
        lateness: Math.max(before?.lateness ?? 0, lateness),
      });
    }
  }
  for (const { other, day, entries: more, lateness } of counts.values()) {
    database.run(
      'INSERT INTO archive_day (tenant, staff, other, day, entries, lateness) VALUES (?, ?, ?, ?, ?, ?) ' +
        'ON CONFLICT DO UPDATE SET entries = entries + excluded.entries, lateness = max(lateness, excluded.lateness)',
      tenant,
      staff,
      other,
      day,
      more,
      lateness,
    );
  }
}

function countedAs(kind: Kind, other: string): readonly string[] {
  return kind === 'peer' ? [ALL, other] : [ALL];
}

/** Only inside a write. */
export function takeFromArchive(database: SqliteDatabase, tenant: TenantId, entry: Entry): void {
  const { staff, kind, other } = entry;
  const position = positionOf(database, tenant, entry);
  if (position === undefined) return;
  database.run('DELETE FROM archive WHERE tenant = ? AND staff = ? AND position = ?', tenant, staff, position);
  const day = Math.floor(position / PER_DAY);
  for (const counted of countedAs(kind, other)) {
    const sql = 'UPDATE archive_day SET entries = entries - 1 WHERE tenant = ? AND staff = ? AND other = ? AND day = ?';
    database.run(sql, tenant, staff, counted, day);
  }
}

/** Where this is in the archive, not before `from`; nothing is there before it was said. */
export function positionOf(
  database: SqliteDatabase,
  tenant: TenantId,
  { staff, kind, other, number, at }: Entry,
  from = 0,
): number | undefined {
  const sql =
    'SELECT position FROM archive INDEXED BY archive_other WHERE tenant = ? AND staff = ? AND kind = ? AND other = ? ' +
    'AND position >= ? AND number = ? ORDER BY position LIMIT 1';
  const position = database.get(sql, tenant, staff, kind, other, Math.max(at * PER_MS, from), number)?.['position'];
  return typeof position === 'number' ? position : undefined;
}
