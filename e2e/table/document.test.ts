import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { format, resolveConfig } from 'prettier';
import { type Observation, type PromiseName, promises, type RecordFile } from '../support/record.ts';
import { clientsDocument, missing } from './document.ts';
import { quirks } from './quirks.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EMPTY = ['table chat', 'table guide', 'seen b', 'seen @a', 'quirks']
  .map((name) => `<!-- ${name} --><!-- /${name} -->`)
  .join('\n');
const names = Object.keys(promises) as PromiseName[];

function record(client: string, change: Partial<Record<PromiseName, Observation>> = {}): RecordFile {
  const seen = Object.fromEntries(names.map((name) => [name, { seen: true, how: `how ${client} has ${name}` }]));
  return { client, version: '1.0', date: '2026-01-02', observations: { ...seen, ...change } };
}

const rowsOf = (text: string): string[] => text.split('\n').filter((line) => /1\.0 \|/u.test(line));

describe('the table of clients', () => {
  it('has a row for each client in each table, in the order of their names', () => {
    const rows = rowsOf(clientsDocument(EMPTY, [record('b'), record('@a')], []));
    assert.deepEqual(
      rows.map((row) => row.slice(0, 5)),
      ['| @a ', '| b |', '| @a ', '| b |'],
    );
    assert.equal(`${rows[0]}${rows[2]}`.split('✓').length, names.length + 1);
  });
  it('says what a client cannot show, and why', () => {
    const text = clientsDocument(EMPTY, [record('b', { card: { seen: false, how: 'has no cards' } })], []);
    assert.equal(rowsOf(text)[0]?.split('–').length, 2);
    assert.match(text, /\| card \| – \| has no cards \|/u);
  });
  it('keeps what was seen before of a client that was not run, also after the document was formatted', async () => {
    const first = clientsDocument(EMPTY, [record('b'), record('@a')], []);
    const formatted = await format(first, { parser: 'markdown' });
    const later = { ...record('b'), version: '2.0' };
    const text = clientsDocument(formatted, [later], []);
    assert.match(text, /\| @a \| 1\.0 \|/u);
    assert.match(text, /how @a has card/u);
    assert.match(text, /\| b \| 2\.0 \|/u);
    assert.doesNotMatch(text, /\| b \| 1\.0 \|/u);
  });
  it('does not guess where a client belongs', () => {
    assert.throws(() => clientsDocument(EMPTY, [record('c')], []), /<!-- seen c -->/u);
  });
  it('knows what a record says nothing about', () => {
    const { cut, ...others } = record('b').observations;
    assert.ok(cut);
    assert.deepEqual(missing({ ...record('b'), observations: others }), ['cut']);
  });
});

describe('quirks', () => {
  it('are all there', () => {
    assert.deepEqual(
      quirks.map(({ id }) => id),
      Array.from({ length: 26 }, (_, index) => `Q${index + 1}`),
    );
  });
  for (const { id, tests, why } of quirks) {
    it(`${id} has a test that exists, or a reason`, () => {
      assert.ok(tests.length > 0 || why !== undefined);
      for (const [file, name] of tests) {
        const source = readFileSync(join(ROOT, file), 'utf8');
        assert.ok(source.includes(name), `${file} has no test "${name}"`);
      }
    });
  }
  it('are in docs/clients.md as they are here', async () => {
    const file = join(ROOT, 'docs', 'clients.md');
    const text = readFileSync(file, 'utf8');
    const made = await format(clientsDocument(text, [], quirks), { ...(await resolveConfig(file)), filepath: file });
    assert.ok(made === text, 'run "node e2e/table/write.ts" and commit what it writes');
  });
});
