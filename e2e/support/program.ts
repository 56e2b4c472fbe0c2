import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** The few variables a program gets: none of those that name certificates, which would hide a mistake of trust. */
export function bareEnvironment(home: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ...more,
  };
}

export interface ProgramOptions {
  readonly env: Record<string, string>;
  readonly cwd?: string;
  readonly stdio?: StdioOptions;
  /** Gets what the program writes to stderr. */
  readonly log?: string;
}

/** A child process that ends with the test process, however that one ends. */
export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  running(): boolean;
  /** Ends it at once and waits for that. */
  kill(): Promise<void>;
}

export function start(command: readonly string[], options: ProgramOptions): Program {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    env: options.env,
    cwd: options.cwd,
    stdio: options.stdio ?? ['ignore', 'ignore', 'pipe'],
  });
  if (child.stderr !== null) {
    if (options.log === undefined) child.stderr.resume();
    else child.stderr.pipe(createWriteStream(options.log, { flags: 'a' }));
  }
  let running = true;
  const ended = Promise.race([
    once(child, 'exit').then(([code, signal]: (number | string | null)[]) => code ?? signal ?? 'unknown'),
    once(child, 'error').then(([error]: Error[]) => {
      throw new Error(`cannot run ${command[0]}; e2e/install installs what is needed`, { cause: error });
    }),
  ]).finally(() => (running = false));
  ended.catch(() => undefined);
  return {
    child,
    pid: child.pid ?? -1,
    ended,
    running: () => running,
    async kill() {
      child.kill('SIGKILL');
      await ended.catch(() => undefined);
    },
  };
}
