/**
 * The two commands of the README in a new Debian 12: `npm ci && npm start`, with a login from outside of that
 * root, then `npm ci && npm test`. Run by `npm run e2e:fresh`, as root.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startXmppJs } from '../drivers/xmpp-js.ts';
import { bareEnvironment, start } from '../support/program.ts';
import { makeSurroundings } from '../support/surroundings.ts';
import { until } from '../support/wait.ts';
import { type FreshRoot, makeFreshRoot } from './root.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const SCREEN_WITHIN = 3_000;

async function step<T>(name: string, act: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  const result = await act();
  console.log(`${name}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return result;
}

async function mustRun(command: readonly string[]): Promise<void> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env: bareEnvironment('/root') });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`exit ${code}: ${command.at(-1)}`);
}

/** The process id of the gateway inside, for its network. */
async function gatewayPid(unshare: number): Promise<number> {
  const children = await readFile(`/proc/${unshare}/task/${unshare}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

/** Starts from nothing (no certificate, no passwords); resolves with the milliseconds until the screen was there. */
async function tryStart(root: FreshRoot): Promise<number> {
  const begin = performance.now();
  const program = start(root.inside('rm -rf data; exec npm start', { network: 'none' }), {
    env: bareEnvironment('/root'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let screen = '';
  program.child.stdout?.setEncoding('utf8').on('data', (text: string) => (screen += text));
  try {
    const found = await until(
      'the first screen',
      () => {
        if (!program.running()) throw new Error(`npm start has ended:\n${screen}`);
        return /jesse@localhost[^]*Password\s+(\S+)[^]*Ctrl\+C stops/u.exec(screen) ?? undefined;
      },
      { within: 20_000, screen: () => screen },
    );
    const took = performance.now() - begin;
    console.log(`${screen}\nnpm start: its screen came after ${Math.round(took)} ms`);
    await logIn(root, await gatewayPid(program.pid), found[1] ?? '');
    return took;
  } finally {
    await program.kill();
  }
}

/** The best of three: other work on this machine is not the gateway's. */
async function startsInTime(root: FreshRoot): Promise<void> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    if ((await tryStart(root)) <= SCREEN_WITHIN) return;
  }
  throw new Error(`no screen within ${SCREEN_WITHIN} ms in three starts`);
}

/** A client that is not in the root, but on its network. */
async function logIn(root: FreshRoot, pid: number, password: string): Promise<void> {
  const folder = join(root.path, 'tmp', 'client');
  await mkdir(folder, { recursive: true });
  const trusted = join(folder, 'gateway.pem');
  await writeFile(trusted, await readFile(join(root.path, 'root', 'chat-gateway', 'data', 'tls', 'self-signed.crt')));
  const { command } = await makeSurroundings(folder, { names: [], trusted: [] });
  const account = { jid: 'jesse@localhost', password, server: 'localhost', port: 5222 };
  const surroundings = { command: ['nsenter', '--target', String(pid), '--net', '--', ...command] };
  const app = await startXmppJs(account, { folder, surroundings, trusted });
  try {
    await app.seesLogin();
    console.log('a login from outside of the root: done');
  } finally {
    await app.stop();
  }
}

const root = await step('a new Debian', () => makeFreshRoot(REPOSITORY));
try {
  console.log(`Node: ${root.node}`);
  await step('npm ci', () => mustRun(root.inside('npm ci')));
  await step('npm start', () => startsInTime(root));
  await step('npm ci, again', () => mustRun(root.inside('npm ci')));
  await step('npm test', () => mustRun(root.inside('npm test', { network: 'none' })));
} finally {
  await root.remove();
}
