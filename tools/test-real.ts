/** Runs the suites that need real servers (`*.real.test.ts` would run with the others: these are `*.real.ts`). */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const files = globSync('{gateway,runtime,operator}/**/*.real.ts', {
  cwd: root,
  exclude: (path) => path.includes('node_modules'),
});
if (files.length === 0) {
  console.log('test:real: no part of the gateway needs a real server yet (SQLite is tested by npm test).');
} else {
  const run = spawnSync(process.execPath, ['--test', ...files], { cwd: root, stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
}
