import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The installed version of a Debian package. */
export async function debianVersion(name: string): Promise<string> {
  const { stdout } = await run('dpkg-query', ['--show', '--showformat=${Version}', name]);
  return stdout;
}

/** The version of an npm package that the tests use. */
export async function npmVersion(name: string): Promise<string> {
  const file = join(import.meta.dirname, '..', '..', 'node_modules', name, 'package.json');
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
  return version;
}
