/** Writes what is made from the code; with --check it only says what would change, and fails then. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { features } from '../gateway/src/features/catalogue.ts';
import { xepsDocument } from '../gateway/src/features/xeps-doc.ts';
import { configurationDoc } from './configuration-doc.ts';
import { limitsDoc } from './limits-doc.ts';

const root = resolve(import.meta.dirname, '..');

const generated: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': () => configurationDoc(root),
  'docs/limits.md': limitsDoc,
  'docs/xeps.md': () => xepsDocument(features),
};

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, make] of Object.entries(generated)) {
  const file = join(root, path);
  const text = await format(make(), { ...(await resolveConfig(file)), filepath: file });
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale.push(path);
  if (!check) writeFileSync(file, text);
}
if (stale.length > 0) console.log(`${check ? 'not as the code says' : 'written'}: ${stale.join(', ')}`);
if (check && stale.length > 0) {
  console.log('Run "npm run generate" and commit what it writes.');
  process.exitCode = 1;
}
