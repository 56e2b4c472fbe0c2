/** A process that holds a database until it is killed: for a test of what is left then. */
import type { TenantId } from '../../../helpdesk/model.ts';
import { openSqlite } from '../store/sqlite-database.ts';
import { createSqliteStore } from '../store/sqlite-store.ts';

const store = createSqliteStore(openSqlite(process.argv[2] ?? ''));
await store.write('acme.test' as TenantId, [{ is: 'call', id: 'committed', at: 1 }]);
process.send?.('ready');
process.on('message', () => undefined);
