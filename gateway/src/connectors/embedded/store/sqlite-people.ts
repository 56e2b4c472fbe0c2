import type { StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { KnownPerson } from './port.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { filePeerMessages } from './sqlite-peer-messages.ts';

export function peopleOf(database: SqliteDatabase, tenant: TenantId): readonly KnownPerson[] {
  return database.all('SELECT staff, name, account, gone FROM person WHERE tenant = ?', tenant).map((row) => ({
    id: String(row['staff']) as StaffId,
    name: String(row['name']),
    account: String(row['account']),
    gone: row['gone'] === 1,
  }));
}

function hasAnything(database: SqliteDatabase, tenant: TenantId, staff: StaffId): boolean {
  filePeerMessages(database, tenant);
  return database.get('SELECT 1 FROM archive WHERE tenant = ? AND staff = ? LIMIT 1', tenant, staff) !== undefined;
}

/** Only inside a write. `isAnother`: nothing that was the former person's is to be read by this one. */
export function putPerson(database: SqliteDatabase, tenant: TenantId, person: KnownPerson, isAnother: boolean): void {
  const { id, name, account, gone } = person;
  if (gone && !hasAnything(database, tenant, id)) {
    // test suites come and go with thousands of names
    database.run('DELETE FROM person WHERE tenant = ? AND staff = ?', tenant, id);
    database.run('DELETE FROM staff WHERE tenant = ? AND id = ?', tenant, id);
    return;
  }
  database.run(
    'INSERT INTO person (tenant, staff, name, account, gone) VALUES (?, ?, ?, ?, ?) ' +
      'ON CONFLICT DO UPDATE SET name = excluded.name, account = excluded.account, gone = excluded.gone',
    tenant,
    id,
    name,
    account,
    gone ? 1 : 0,
  );
  if (!isAnother) return;
  filePeerMessages(database, tenant);
  database.run(
    'UPDATE person SET archive_from = ' +
      '(SELECT coalesce(max(position) + 1, 0) FROM archive WHERE archive.tenant = ? AND archive.staff = ?) ' +
      'WHERE tenant = ? AND staff = ?',
    tenant,
    id,
    tenant,
    id,
  );
  database.run('UPDATE peer_message SET waits = NULL WHERE tenant = ? AND recipient = ? AND waits = 1', tenant, id);
  // in chats that go on, what the other one said is not this one's
  database.run(
    'UPDATE line SET staff = ? WHERE tenant = ? AND staff = ? AND chat IN ' +
      `(SELECT id FROM chat INDEXED BY chat_open WHERE tenant = ? AND phase <> 'ended')`,
    `${id} (former)`,
    tenant,
    id,
    tenant,
  );
  database.run('DELETE FROM staff WHERE tenant = ? AND id = ?', tenant, id);
}
