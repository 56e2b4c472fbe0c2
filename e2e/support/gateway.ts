import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerCertificate } from './certificates.ts';
import { configuration, jesse, type Ports, type RingStrategy, varun } from './helpdesk.ts';
import { freePorts } from './ports.ts';
import { bareEnvironment, type Program, start } from './program.ts';
import { until } from './wait.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'gateway', 'src', 'main.ts');

/** The gateway as a real process, on free ports, with a data folder of its own. */
export interface Gateway {
  readonly ports: Ports;
  /** Starts it (again), and resolves when it says that it is ready. */
  start(): Promise<void>;
  /** As a crash does. */
  kill(): Promise<void>;
  /** Asks it to stop, and gives its exit code (or signal) and the milliseconds that it took. */
  terminate(): Promise<{ readonly exit: number | string; readonly took: number }>;
  /** What it wrote to stderr. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** As the platform team does it: the password is typed, the hash is printed. */
function hash(password: string, home: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [MAIN, 'staff', 'hash'],
      { env: bareEnvironment(home), cwd: ROOT },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(new Error(`gateway staff hash failed: ${stderr}`, { cause: error }));
      },
    );
    child.stdin?.end(`${password}\n`);
  });
}

export interface GatewayOptions {
  readonly folder: string;
  readonly tls: ServerCertificate;
  readonly tenantTls: ServerCertificate;
  readonly ring: RingStrategy;
}

export async function makeGateway({ folder, tls, tenantTls, ring }: GatewayOptions): Promise<Gateway> {
  await mkdir(folder, { recursive: true });
  const [xmpp = 0, xmppTls = 0, web = 0, webTls = 0, operations = 0] = await freePorts(5);
  const ports: Ports = { xmpp, xmppTls, web, webTls, operations };
  const hashes = new Map(
    await Promise.all(
      [jesse, varun].map(async ({ username, password }) => [username, await hash(password, folder)] as const),
    ),
  );
  const file = join(folder, 'gateway.yaml');
  const logFile = join(folder, 'gateway.log');
  await writeFile(file, configuration({ dataDir: join(folder, 'data'), ports, tls, tenantTls, ring, hashes }));
  const log = (): Promise<string> => readFile(logFile, 'utf8').catch(() => '(no log)');
  const lastLines = async (): Promise<string> => (await log()).split('\n').slice(-40).join('\n');
  let program: Program | undefined;

  const isReady = async (): Promise<boolean> => {
    if (program?.running() === false) throw new Error(`the gateway has ended:\n${await lastLines()}`);
    const response = await fetch(`http://127.0.0.1:${operations}/readyz`).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.status === 200;
  };

  return {
    ports,
    async start() {
      program = start([process.execPath, MAIN, 'start', '--config', file], {
        env: bareEnvironment(folder),
        cwd: ROOT,
        log: logFile,
      });
      await until('the gateway is ready', isReady, { screen: lastLines });
    },
    async kill() {
      await program?.kill();
    },
    async terminate() {
      if (program === undefined) throw new Error('the gateway was not started');
      const begin = performance.now();
      program.child.kill('SIGTERM');
      const exit = await program.ended;
      return { exit, took: performance.now() - begin };
    },
    log,
    async stop() {
      await program?.kill();
    },
  };
}
