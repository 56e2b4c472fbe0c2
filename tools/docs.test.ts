import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfigFile } from '../gateway/src/config/file-source.ts';
import { parsePasswordHash } from '../gateway/src/connectors/embedded/staff/password-hash.ts';

const root = resolve(import.meta.dirname, '..');
const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root });

describe('the documents', () => {
  it('have an example configuration that is right', async () => {
    const isPasswordHash = (text: string) => parsePasswordHash(text) !== undefined;
    const config = await loadConfigFile(join(root, 'docs/gateway.example.yaml'), { isPasswordHash });
    assert.equal(config.tenants.length, 1);
  });
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    it(`name only files that exist: ${page}`, () => {
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/gu)].map(([, target]) => target ?? '');
      assert.deepEqual(
        links.filter((target) => !existsSync(resolve(root, dirname(page), target))),
        [],
      );
    });
  }
  it('name only source files that exist: ARCHITECTURE.md', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const paths = [...text.matchAll(/`([\w-]+\/[\w./-]*[\w/])`/gu)].map(([, path]) => path ?? '');
    assert.ok(paths.length > 10);
    assert.deepEqual(
      paths.filter((path) => ![path, `gateway/src/${path}`].some((place) => existsSync(join(root, place)))),
      [],
    );
  });
});
