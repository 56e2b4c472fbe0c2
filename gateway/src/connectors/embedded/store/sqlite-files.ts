import type { TenantId } from '../../../helpdesk/model.ts';
import type { FileStore, KeptFile, NewFile, Room } from './file-store.ts';
import type { Row, SqliteDatabase } from './sqlite-database.ts';

/** Pieces that one transaction takes away. */
const PIECES_AT_ONCE = 8;
/** A group of its own: what fails of a file fails nothing of a chat. */
const GROUP = 'files';

/**
 * Files in SQLite. Pieces are written one at a time, whatever number of uploads there is: each transaction holds up
 * the process for as long as one piece takes.
 */
export function createSqliteFiles(database: SqliteDatabase): FileStore {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const done = last.then(act, act);
    last = done;
    return done;
  };
  /** What `apply` gives, once it is stored. */
  const write = async <Result>(apply: () => Result): Promise<Result> => {
    let result: { readonly of: Result } | undefined;
    await database.write(GROUP, () => {
      result = { of: apply() };
    });
    if (result === undefined) throw new Error('a write was not applied');
    return result.of;
  };

  return {
    reserve: (tenant, file, room) => write(() => reserve(database, tenant, file, room)),
    claim: (tenant, put, now, until) =>
      write(() => {
        const row = database.get(
          `UPDATE file SET state = 'upload', put = NULL, expires = ? ` +
            `WHERE tenant = ? AND put = ? AND state = 'slot' AND expires > ? RETURNING *`,
          until,
          tenant,
          put,
          now,
        );
        return row && keptOf(row);
      }),
    append: (file, from, bytes) =>
      inTurn(() =>
        write(() => {
          const sql =
            'INSERT INTO file_piece (file, start, bytes) ' +
            `SELECT number, ?, ? FROM file WHERE number = ? AND state = 'upload' RETURNING file`;
          return database.get(sql, from, bytes, file) !== undefined;
        }),
      ),
    finish: (file, expires) =>
      write(() => {
        const sql = `UPDATE file SET state = 'whole', expires = ? WHERE number = ? AND state = 'upload' RETURNING number`;
        return database.get(sql, expires, file) !== undefined;
      }),
    find: async (tenant, id, now) => {
      const sql = `SELECT * FROM file WHERE tenant = ? AND id = ? AND state = 'whole' AND expires > ?`;
      const row = database.get(sql, tenant, id, now);
      return row && keptOf(row);
    },
    piece: async (file, at) => {
      const sql = 'SELECT start, bytes FROM file_piece WHERE file = ? AND start <= ? ORDER BY start DESC LIMIT 1';
      const row = database.get(sql, file, at);
      return row && { from: Number(row['start']), bytes: row['bytes'] as Uint8Array };
    },
    remove: async (file) => {
      await write(() => {
        hide(database, file);
      });
      for (let isMore = true; isMore;) {
        isMore = await inTurn(() => write(() => removePieces(database, file)));
      }
    },
    expired: async (now, limit) =>
      database
        .all('SELECT number FROM file WHERE expires <= ? ORDER BY expires LIMIT ?', now, limit)
        .map((row) => Number(row['number'])),
  };
}

function keptOf(row: Row): KeptFile {
  return {
    number: Number(row['number']),
    name: String(row['name']),
    type: String(row['type']),
    ...(typeof row['asked_type'] === 'string' && { askedType: row['asked_type'] }),
    size: Number(row['size']),
    kind: row['kind'] === 'staff' ? 'staff' : 'visitor',
    bringer: String(row['bringer']),
  };
}

/** Only inside a write. */
function reserve(database: SqliteDatabase, tenant: TenantId, file: NewFile, room: Room) {
  const { kind, bringer, size } = file;
  const kinds = database.all('SELECT kind, bytes FROM file_room WHERE tenant = ?', tenant);
  const used = (of: readonly Row[]) => of.reduce((sum, row) => sum + Number(row['bytes']), 0);
  if (used(kinds) + size > room.ofTenant) return 'tenant-full';
  if (used(kinds.filter((row) => row['kind'] === kind)) + size > room.ofKind) return 'tenant-full';
  const own = database.get(
    `SELECT coalesce(sum(size), 0) AS bytes FROM file ` +
      `WHERE tenant = ? AND kind = ? AND bringer = ? AND at >= ? AND state <> 'gone'`,
    tenant,
    kind,
    bringer,
    room.since,
  );
  if (Number(own?.['bytes']) + size > room.ofBringer) return 'bringer-full';
  database.run(
    'INSERT INTO file (tenant, id, put, state, kind, bringer, at, expires, name, type, asked_type, size) ' +
      `VALUES (?, ?, ?, 'slot', ?, ?, ?, ?, ?, ?, ?, ?)`,
    tenant,
    file.id,
    file.put,
    kind,
    bringer,
    file.at,
    file.until,
    file.name,
    file.type,
    file.askedType ?? null,
    size,
  );
  database.run(
    'INSERT INTO file_room (tenant, kind, bytes) VALUES (?, ?, ?) ' +
      'ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes',
    tenant,
    kind,
    size,
  );
  return 'reserved';
}

/** Only inside a write. The sweep finds it until its last byte is gone. */
function hide(database: SqliteDatabase, file: number): void {
  const row = database.get(
    `UPDATE file SET state = 'gone', put = NULL, expires = 0 WHERE number = ? AND state <> 'gone' ` +
      'RETURNING tenant, kind, size',
    file,
  );
  if (row === undefined) return;
  database.run(
    'UPDATE file_room SET bytes = bytes - ? WHERE tenant = ? AND kind = ?',
    Number(row['size']),
    String(row['tenant']),
    String(row['kind']),
  );
}

/** Only inside a write. True: there is more. */
function removePieces(database: SqliteDatabase, file: number): boolean {
  const pieces = database.all('SELECT start FROM file_piece WHERE file = ? LIMIT ?', file, PIECES_AT_ONCE + 1);
  for (const piece of pieces.slice(0, PIECES_AT_ONCE)) {
    database.run('DELETE FROM file_piece WHERE file = ? AND start = ?', file, Number(piece['start']));
  }
  if (pieces.length > PIECES_AT_ONCE) return true;
  database.run('DELETE FROM file WHERE number = ?', file);
  return false;
}
