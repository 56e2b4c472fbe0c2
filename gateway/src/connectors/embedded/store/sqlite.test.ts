import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChatId, StaffId, TenantId } from '../../../helpdesk/model.ts';
import { archiveContract } from './contract-archive.ts';
import { linesContract } from './contract-lines.ts';
import { storeContract, type StoreSubject } from './contract-suite.ts';
import { migrations } from './migrations.ts';
import { type StoreChange, StoreOpenError } from './port.ts';
import { createSqliteCheckpoints } from './sqlite-checkpoints.ts';
import { openSqlite } from './sqlite-database.ts';
import { createSqliteStore } from './sqlite-store.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  folders.push(folder);
  return join(folder, 'data', 'gateway.sqlite');
}

function subject(file: string): StoreSubject {
  const database = openSqlite(file);
  return {
    store: createSqliteStore(database),
    checkpoints: createSqliteCheckpoints(database),
    reopen: async () => {
      await database.close();
      return subject(file);
    },
    close: () => database.close(),
  };
}

describe('the SQLite store', () => {
  storeContract({ describe, it }, async () => subject(newFile()));
  linesContract({ describe, it }, async () => subject(newFile()));
  archiveContract({ describe, it }, async () => subject(newFile()));
});

describe('texts between staff', () => {
  it('are in the archives, however many came since they were last read, and after a crash', async () => {
    const file = newFile();
    const first = subject(file);
    const acme = 'acme.test' as TenantId;
    const [jesse, varun] = ['jesse' as StaffId, 'varun' as StaffId];
    const texts = Array.from({ length: 2_500 }, (_none, index): StoreChange => {
      const message = { id: `m${index}`, at: index, from: jesse, to: varun, text: 'x' };
      return { is: 'peer-message', message };
    });
    await first.store.write(acme, texts);
    const second = await first.reopen();
    for (const staff of [jesse, varun]) {
      const page = await second.store.archivePage(acme, staff, { limit: 2, fromEnd: true });
      assert.deepEqual([page?.count, page?.index], [2_500, 2_498]);
      assert.deepEqual(
        page?.entries.map((entry) => entry.is === 'peer' && entry.message.id),
        ['m2498', 'm2499'],
      );
    }
    await second.close();
  });
});

describe('the SQLite store, in memory', () => {
  archiveContract({ describe, it }, async () => subject(':memory:'));
});

const acme = 'acme.test' as TenantId;
const clearly = (pattern: RegExp) => (error: unknown) =>
  error instanceof StoreOpenError && pattern.test(error.message) && !error.message.includes('\n');

describe('writes of one run of the event loop', () => {
  it('are done once each, or all of a tenant not at all, whatever fails', async () => {
    const write = fc.record({ tenant: fc.constantFrom('a', 'b', 'c'), fails: fc.integer({ min: 0, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(write, { minLength: 1, maxLength: 6 }), { maxLength: 5 }), async (runs) => {
        const database = openSqlite(':memory:');
        const add = 'INSERT INTO call (tenant, id, at) VALUES (?, ?, 1)';
        const stored = new Set<string>();
        let next = 0;
        for (const run of runs) {
          const ids = run.map(({ tenant, fails }) => ({ tenant, id: `c${next++}`, fails: fails === 0 }));
          const outcomes = await Promise.allSettled(
            ids.map(({ tenant, id, fails }) =>
              database.write(tenant, () => {
                database.run(add, tenant, id);
                // its key is taken now
                if (fails) database.run(add, tenant, id);
              }),
            ),
          );
          const failed = new Set(ids.filter(({ fails }) => fails).map(({ tenant }) => tenant));
          assert.deepEqual(
            outcomes.map(({ status }) => status),
            ids.map(({ tenant }) => (failed.has(tenant) ? 'rejected' : 'fulfilled')),
          );
          for (const { tenant, id } of ids) if (!failed.has(tenant)) stored.add(`${tenant} ${id}`);
        }
        const rows = database
          .all('SELECT tenant, id FROM call')
          .map(({ tenant, id }) => `${String(tenant)} ${String(id)}`);
        assert.deepEqual(rows.toSorted(), [...stored].toSorted());
        await database.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe('the database file', () => {
  it('is for its owner alone, as what lies beside it', async () => {
    const file = newFile();
    const database = openSqlite(file);
    await database.write('t', () => {
      database.run('INSERT INTO call (tenant, id, at) VALUES (?, ?, ?)', 't', 'a', 1);
    });
    const folder = join(file, '..');
    assert.equal(statSync(folder).mode & 0o077, 0);
    const files = readdirSync(folder);
    assert.ok(files.includes('gateway.sqlite-wal'));
    for (const name of files) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    await database.close();
  });

  it('is opened by one gateway at a time', async () => {
    const file = newFile();
    const database = openSqlite(file);
    assert.throws(() => openSqlite(file), clearly(/in use by another gateway/u));
    await database.close();
    await openSqlite(file).close();
  });

  it('is free again after its gateway was killed, with all that was committed', async () => {
    const file = newFile();
    const child = fork(join(import.meta.dirname, '..', 'testing', 'hold-database.ts'), [file]);
    await once(child, 'message');
    assert.throws(() => openSqlite(file), clearly(/in use by another gateway/u));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const database = openSqlite(file);
    assert.equal(await createSqliteStore(database).knowsCall(acme, 'committed'), true);
    await database.close();
  });

  it('can be read by others meanwhile, for a backup', async () => {
    const file = newFile();
    const database = openSqlite(file);
    const reader = new DatabaseSync(file, { readOnly: true });
    assert.equal(reader.prepare('SELECT count(*) AS calls FROM call').get()?.['calls'], 0);
    reader.close();
    await database.close();
  });

  it('of a newer gateway is refused and left as it is', async () => {
    const file = newFile();
    await openSqlite(file).close();
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    assert.throws(() => openSqlite(file), clearly(/newer gateway/u));
    assert.throws(() => openSqlite(file), clearly(/newer gateway/u), 'the lock was given back');
  });

  it('that is no database is refused', async () => {
    const file = newFile();
    await openSqlite(file).close();
    writeFileSync(file, 'this is no database, but long enough to be looked at closely'.repeat(100));
    assert.throws(() => openSqlite(file), clearly(/damaged/u));
  });

  it('in a place that is no folder, or gives no rights, is refused', () => {
    assert.throws(() => openSqlite('/dev/null/gateway.sqlite'), clearly(/ENOTDIR|EEXIST/u));
  });

  it('F35 that is full refuses what is too large as a whole, takes the rest, and goes on', async () => {
    const database = openSqlite(':memory:', { maxPages: 60 });
    const store = createSqliteStore(database);
    const checkpoints = createSqliteCheckpoints(database);
    const big = 'x'.repeat(300_000);
    await checkpoints.write(acme, new Map([['seat', 'small']]));
    const outcomes = await Promise.allSettled([
      store.write(acme, [{ is: 'call', id: 'with it', at: 1 }]),
      checkpoints.write(acme, new Map([['seat', big]])),
      store.write('other.test' as TenantId, [{ is: 'call', id: 'beside it', at: 1 }]),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected', 'fulfilled'],
    );
    assert.equal(await store.knowsCall(acme, 'with it'), false);
    assert.equal(await store.knowsCall('other.test' as TenantId, 'beside it'), true);
    assert.deepEqual(await checkpoints.load(acme), new Map([['seat', 'small']]));
    await store.write(acme, [{ is: 'call', id: 'later', at: 1 }]);
    assert.equal(await store.knowsCall(acme, 'later'), true);
    await database.close();
  });

  it('closes after what was asked for is committed, and takes nothing more', async () => {
    const file = newFile();
    const database = openSqlite(file);
    const store = createSqliteStore(database);
    const written = store.write(acme, [{ is: 'call', id: 'last', at: 1 }]);
    await database.close();
    await written;
    await assert.rejects(store.write(acme, []));
    const again = openSqlite(file);
    assert.equal(await createSqliteStore(again).knowsCall(acme, 'last'), true);
    await again.close();
  });
});

describe('a database from before there were archives', () => {
  it('gives each staff user what was said in their chats, up to their last words', async () => {
    const file = newFile();
    mkdirSync(join(file, '..'), { recursive: true });
    const old = new DatabaseSync(file);
    for (const entry of migrations.slice(0, 3)) old.exec(entry);
    old.exec('PRAGMA user_version = 3');
    const insert = old.prepare(
      'INSERT INTO line (tenant, chat, number, id, at, author, staff, name, message_id, text) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const said = (chat: string, number: number, at: number, staff: string | null) =>
      insert.run(
        acme,
        chat,
        number,
        `${chat}.${number}`,
        at,
        staff === null ? 'visitor' : 'staff',
        staff,
        staff,
        staff === null ? `${chat}-${number}` : null,
        'x',
      );
    said('one', 1, 10, null);
    said('one', 2, 10, 'jesse');
    said('two', 1, 10, null);
    said('one', 3, 20, 'varun');
    said('one', 4, 30, null);
    said('two', 2, 40, 'jesse');
    old.close();
    const opened = subject(file);
    const { store } = opened;
    const read = async (staff: string) => {
      const page = await store.archivePage(acme, staff as StaffId, { limit: 10 });
      return [page?.count, page?.entries.map((entry) => entry.is === 'line' && entry.line.id)];
    };
    assert.deepEqual(await read('jesse'), [4, ['one.1', 'one.2', 'two.1', 'two.2']]);
    assert.deepEqual(await read('varun'), [3, ['one.1', 'one.2', 'one.3']]);
    assert.deepEqual(await read('mia'), [0, []]);
    const line = { number: 5, id: 'one.5', at: 50, from: { is: 'notice' as const }, text: 'x' };
    await store.write(acme, [{ is: 'line', chat: 'one' as ChatId, line, readers: ['jesse' as StaffId] }]);
    const after = await store.archivePage(acme, 'jesse' as StaffId, { limit: 10, after: 'two.2' });
    assert.deepEqual(
      after?.entries.map((entry) => entry.is === 'line' && entry.line.id),
      ['one.3', 'one.4', 'one.5'],
    );
    assert.deepEqual([after?.count, after?.index], [7, 4]);
    await opened.close();
  });
});
