import type { SQLInputValue } from 'node:sqlite';
import type { StaffId, TenantId } from '../../../helpdesk/model.ts';
import { ALL, PER_DAY, PER_MS } from './sqlite-archive.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Conditions, all of which hold, with their values. */
export class Where {
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

/** Counts one by one. */
export function countOf(database: SqliteDatabase, where: Where): number {
  const row = database.get(`SELECT count(*) AS entries FROM archive WHERE ${where.sql}`, ...where.values);
  return Number(row?.['entries']);
}

export interface Days {
  readonly tenant: TenantId;
  readonly staff: StaffId;
  /** Whose entries are counted: a colleague's, or {@link ALL}. */
  readonly counted: string;
  /** Where the archive begins for who reads it. */
  readonly from: number;
}

/** By how many milliseconds an entry is at most later in the archive than it was said. */
export function latenessOf(database: SqliteDatabase, { tenant, staff, counted }: Days): number {
  const sql = 'SELECT max(lateness) AS lateness FROM archive_day WHERE tenant = ? AND staff = ? AND other = ?';
  return Number(database.get(sql, tenant, staff, counted)?.['lateness'] ?? 0);
}

/**
 * Counts what was said from `start` to `end` and has a position below `below`, without looking at each. By its
 * position an entry was said then or up to the greatest lateness before, so that only those at both ends are in doubt.
 * `matches`: the conditions, which the few of them are held against.
 */
export function countByDays(
  database: SqliteDatabase,
  days: Days,
  matches: Where,
  { start, end, below }: { start: number | undefined; end: number | undefined; below: number | undefined },
): number {
  const top = below ?? Number.MAX_SAFE_INTEGER;
  const late = start === undefined && end === undefined ? 0 : latenessOf(database, days);
  const sureFrom = Math.max(days.from, start === undefined ? 0 : (start + late) * PER_MS);
  const sureTo = Math.min(top, end === undefined ? top : (end + 1) * PER_MS);
  const oneByOne = (from: number, to: number) =>
    from < to ? countOf(database, matches.copy().and('position >= ? AND position < ?', from, to)) : 0;
  const lastTo = Math.min(top, end === undefined ? top : (end + 1 + late) * PER_MS);
  const firstFrom = Math.max(days.from, start === undefined ? 0 : start * PER_MS);
  if (sureFrom >= sureTo) return oneByOne(firstFrom, lastTo);
  const sure = rankOf(database, days, sureTo) - rankOf(database, days, sureFrom);
  return oneByOne(firstFrom, sureFrom) + sure + oneByOne(sureTo, lastTo);
}

/** How many entries have a position below this one. */
function rankOf(database: SqliteDatabase, { tenant, staff, counted }: Days, position: number): number {
  const day = Math.floor(position / PER_DAY);
  const whole =
    'SELECT sum(entries) AS entries FROM archive_day WHERE tenant = ? AND staff = ? AND other = ? AND day < ?';
  const before = Number(database.get(whole, tenant, staff, counted, day)?.['entries'] ?? 0);
  const onThatDay = new Where().and(
    'tenant = ? AND staff = ? AND position >= ? AND position < ?',
    tenant,
    staff,
    day * PER_DAY,
    position,
  );
  if (counted !== ALL) onThatDay.and(`kind = 'peer' AND other = ?`, counted);
  return before + countOf(database, onThatDay);
}
