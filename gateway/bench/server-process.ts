/** A server in a process of its own, and what the system says that it takes. Linux only: it reads /proc. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of the kernel's CPU accounting. */
const TICKS_PER_SECOND = 100;
const START_WITHIN = 30_000;
const STOP_WITHIN = 10_000;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export interface Command {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** It is up when these accept. */
  readonly ports: readonly number[];
  /** Frees what can be freed before memory is read; the default waits. */
  readonly collect?: (pid: number) => void;
}

const running = new Set<ChildProcess>();
// whatever ends the benchmark ends its servers
process.on('exit', () => {
  for (const child of running) endGroup(child, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #command: Command;
  readonly #pid: number;

  private constructor(command: Command, child: ChildProcess, pid: number) {
    this.#command = command;
    this.#child = child;
    this.#pid = pid;
  }

  static async start(command: Command): Promise<ServerProcess> {
    const child = spawn(command.command, command.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...command.env },
      // its own group: its children end with it
      detached: true,
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4_000);
      });
    }
    const gone = once(child, 'exit');
    const end = performance.now() + START_WITHIN;
    for (const port of command.ports) {
      while (!(await accepts(port))) {
        if (performance.now() > end || child.exitCode !== null) {
          endGroup(child, 'SIGKILL');
          await gone;
          throw new Error(`${command.name} did not start:\n${said}`);
        }
        await sleep(100);
      }
    }
    if (child.pid === undefined) throw new Error(`${command.name} has no process`);
    return new ServerProcess(command, child, child.pid);
  }

  /** Seconds of CPU, user and system, of all its threads so far. */
  cpu(): number {
    const stat = readFileSync(`/proc/${this.#pid}/stat`, 'latin1');
    // the name in brackets may hold spaces
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Bytes of memory after it has tidied up: the least of some seconds. */
  async memory(): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 4; round++) {
      this.#command.collect?.(this.#pid);
      await sleep(500);
      least = Math.min(least, this.#resident());
    }
    return least;
  }

  #resident(): number {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${this.#pid}/status`, 'latin1')) ?? [];
    return Number(kilobytes) * 1_024;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    endGroup(this.#child, 'SIGTERM');
    const late = new AbortController();
    await Promise.race([gone, sleep(STOP_WITHIN, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    endGroup(this.#child, 'SIGKILL');
    await gone;
  }
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}
