import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { TenantId } from '../../../helpdesk/model.ts';
import { fileStoreContract, type FileStoreSubject } from './file-contract.ts';
import { PIECE_BYTES } from './file-store.ts';
import { openSqlite } from './sqlite-database.ts';
import { createSqliteFiles } from './sqlite-files.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  folders.push(folder);
  return join(folder, 'gateway.sqlite');
}

function subject(file: string): FileStoreSubject {
  const database = openSqlite(file);
  return {
    files: createSqliteFiles(database),
    reopen: async () => {
      await database.close();
      return subject(file);
    },
    close: () => database.close(),
  };
}

describe('files in SQLite', () => {
  fileStoreContract({ describe, it }, async () => subject(newFile()));
});

const acme = 'acme.test' as TenantId;
const plenty = { ofTenant: 1e9, ofKind: 1e9, ofBringer: 1e9, since: 0 };

async function claimed(files: FileStoreSubject['files'], name: string, size: number): Promise<number> {
  const place = { id: name, put: name, kind: 'staff', bringer: 'j', at: 0, until: 9, name, type: 't', size } as const;
  await files.reserve(acme, place, plenty);
  return (await files.claim(acme, name, 1, 9))?.number ?? 0;
}

describe('what files cost others', () => {
  it('a transaction holds one piece, whatever number of uploads there is', async () => {
    const database = openSqlite(':memory:');
    const files = createSqliteFiles(database);
    const numbers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => claimed(files, name, 2)));
    let kept = 0;
    const most: number[] = [];
    const appends = Promise.all(numbers.map((number) => files.append(number, 0, new Uint8Array(PIECE_BYTES))));
    for (let turn = 0; turn < 200 && kept < 4; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = Number(database.get('SELECT count(*) AS pieces FROM file_piece')?.['pieces']);
      most.push(now - kept);
      kept = now;
    }
    await appends;
    assert.equal(kept, 4);
    assert.equal(Math.max(...most), 1);
    await database.close();
  });

  it('a file goes a few pieces at a time', async () => {
    const database = openSqlite(':memory:');
    const files = createSqliteFiles(database);
    const number = await claimed(files, 'a', 100);
    for (let at = 0; at < 50; at++) await files.append(number, at, Buffer.from('x'));
    const steps: number[] = [];
    let left = 50;
    const removal = files.remove(number);
    for (let turn = 0; turn < 200 && left > 0; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = Number(database.get('SELECT count(*) AS pieces FROM file_piece')?.['pieces']);
      steps.push(left - now);
      left = now;
    }
    await removal;
    assert.equal(left, 0);
    assert.ok(Math.max(...steps) <= 8, String(Math.max(...steps)));
    await database.close();
  });

  it('a file that cannot be written fails no line of a chat', async () => {
    const database = openSqlite(':memory:');
    const files = createSqliteFiles(database);
    const number = await claimed(files, 'a', 2);
    await files.append(number, 0, Buffer.from('x'));
    const twice = files.append(number, 0, Buffer.from('x'));
    const line = database.write(acme, () => {
      database.run('INSERT INTO call (tenant, id, at) VALUES (?, ?, ?)', acme, 'a', 1);
    });
    await assert.rejects(twice);
    await line;
    await database.close();
  });

  it('old files, places and files of a bringer are found by an index', async () => {
    const database = openSqlite(':memory:');
    const plan = (sql: string) =>
      database
        .all(`EXPLAIN QUERY PLAN ${sql}`)
        .map((row) => String(row['detail']))
        .join('; ');
    assert.match(plan('SELECT number FROM file WHERE expires <= 1 ORDER BY expires LIMIT 9'), /USING .*file_expires/u);
    assert.match(
      plan("SELECT * FROM file WHERE tenant = 'a' AND id = 'b' AND state = 'whole'"),
      /USING INDEX file_id/u,
    );
    assert.match(
      plan("SELECT sum(size) FROM file WHERE tenant = 'a' AND kind = 'staff' AND bringer = 'b' AND at >= 1"),
      /USING INDEX file_bringer/u,
    );
    assert.match(plan('SELECT start FROM file_piece WHERE file = 1 LIMIT 9'), /USING COVERING INDEX/u);
    await database.close();
  });
});
