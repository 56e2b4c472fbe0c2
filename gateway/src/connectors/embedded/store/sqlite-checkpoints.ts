import type { Checkpoints } from '../../../bus/port.ts';
import type { StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

/** Counts are kept this long at most. */
const COUNT_MS = 24 * 3_600_000;

/** Desks' checkpoints in the helpdesk's database: what is written beside a line is in the same transaction. */
export function createSqliteCheckpoints(database: SqliteDatabase): Checkpoints {
  return {
    load: async (tenant) =>
      new Map(
        database
          .all('SELECT field, value FROM checkpoint WHERE tenant = ?', tenant)
          .map((row) => [String(row['field']), String(row['value'])]),
      ),
    write: (tenant, changes) =>
      database.write(tenant, () => {
        for (const [field, value] of changes) {
          if (value === null) {
            database.run('DELETE FROM checkpoint WHERE tenant = ? AND field = ?', tenant, field);
          } else {
            database.run(
              'INSERT INTO checkpoint (tenant, field, value) VALUES (?, ?, ?) ' +
                'ON CONFLICT DO UPDATE SET value = excluded.value',
              tenant,
              field,
              value,
            );
          }
        }
      }),
    saveCount: (resumption, { tenant, staff, handled }, expires) =>
      database.write(tenant, () => {
        database.run('DELETE FROM stream_count WHERE expires <= ?', expires - COUNT_MS);
        database.run(
          'INSERT INTO stream_count (resumption, tenant, staff, handled, expires) VALUES (?, ?, ?, ?, ?) ' +
            'ON CONFLICT DO UPDATE SET handled = excluded.handled, expires = excluded.expires',
          resumption,
          tenant,
          staff,
          handled,
          expires,
        );
      }),
    findCount: async (resumption, now) => {
      const row = database.get(
        'SELECT tenant, staff, handled FROM stream_count WHERE resumption = ? AND expires > ?',
        resumption,
        now,
      );
      return (
        row && {
          tenant: String(row['tenant']) as TenantId,
          staff: String(row['staff']) as StaffId,
          handled: Number(row['handled']),
        }
      );
    },
  };
}
