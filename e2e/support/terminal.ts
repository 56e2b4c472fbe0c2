import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bareEnvironment, start } from './program.ts';
import type { Surroundings } from './surroundings.ts';
import { until } from './wait.ts';

const run = promisify(execFile);

/** A terminal with a program in it, and a person at its keys. */
export interface Terminal {
  /** Types letters, without Enter. */
  readonly type: (text: string) => Promise<void>;
  /** Presses keys, by tmux's names for them. */
  readonly press: (...keys: readonly string[]) => Promise<void>;
  readonly screen: () => Promise<string>;
  /** The screen with its colours, as escape sequences. */
  readonly colours: () => Promise<string>;
  /** Whether the cursor is shown. */
  readonly cursor: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

export interface TerminalOptions {
  readonly surroundings: Surroundings;
  /** The home folder of the person. */
  readonly home: string;
  /** A shell command. */
  readonly command: string;
  /** Put before the terminal itself, so that all in it runs so. */
  readonly as?: readonly string[];
}

export async function openTerminal({ surroundings, home, command, as = [] }: TerminalOptions): Promise<Terminal> {
  await mkdir(home, { recursive: true });
  const socket = join(home, 'tmux');
  const configuration = join(home, 'tmux.conf');
  await writeFile(configuration, 'set -g history-limit 5000\nset -g escape-time 0\n');
  const server = start([...surroundings.command, ...as, 'tmux', '-S', socket, '-f', configuration, '-D'], {
    env: bareEnvironment(home, { TERM: 'screen-256color' }),
    log: join(home, 'tmux.log'),
  });
  // -N: never a server of the machine, on which the client would see other certificates
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await run('tmux', ['-N', '-S', socket, ...args], { env: bareEnvironment(home) })).stdout;
  await until('the terminal', () =>
    tmux('new-session', '-d', '-x', '200', '-y', '60', command).then(
      () => true,
      () => false,
    ),
  );
  return {
    async type(text) {
      await tmux('send-keys', '-l', text);
    },
    async press(...keys) {
      await tmux('send-keys', ...keys);
    },
    screen: () => tmux('capture-pane', '-p').catch((error: unknown) => String(error)),
    colours: () => tmux('capture-pane', '-p', '-e'),
    cursor: async () => (await tmux('display-message', '-p', '#{cursor_flag}')).trim() === '1',
    stop: () => server.kill(),
  };
}
