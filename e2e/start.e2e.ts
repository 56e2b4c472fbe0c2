import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bareEnvironment } from './support/program.ts';
import { until } from './support/wait.ts';

const ROOT = join(import.meta.dirname, '..');
const LISTENERS = ['xmpp', 'xmpp-tls', 'web', 'web-tls', 'operations'];

/** `npm start` as in a terminal: with its children it is a process group of its own. */
async function npmStart(
  t: TestContext,
): Promise<{ readonly pid: number; ended(): Promise<unknown[]>; output(): string }> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-gateway-start-'));
  const ports = LISTENERS.flatMap((name) => [`--${name}-port`, '0']);
  const child = spawn('npm', ['start', '--', '--data-dir', join(folder, 'data'), ...ports], {
    cwd: ROOT,
    env: bareEnvironment(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = child.pid ?? -1;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = once(child, 'exit');
  t.after(async () => {
    if (isGroup(pid)) process.kill(-pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const screen = (): string => output;
  await until('the first screen and its log', () => output.includes('Ctrl+C stops') && output.includes('"started"'), {
    screen,
  });
  return { pid, ended: () => ended, output: screen };
}

function isGroup(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

const ways = {
  'SIGTERM to npm, as a service manager sends it': (pid: number) => process.kill(pid, 'SIGTERM'),
  'Ctrl+C, which the terminal sends to all of them': (pid: number) => process.kill(-pid, 'SIGINT'),
};

for (const [way, stop] of Object.entries(ways)) {
  test(`npm start: ${way}, ends it with exit 0 and leaves nothing running`, async (t) => {
    const started = await npmStart(t);
    const begin = performance.now();
    stop(started.pid);
    assert.deepEqual(await started.ended(), [0, null], started.output());
    assert.ok(performance.now() - begin < 10_000);
    await until('no process is left', () => !isGroup(started.pid), { within: 2_000 });
  });
}
