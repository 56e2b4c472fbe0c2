import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { bareEnvironment, start } from './program.ts';
import { until } from './wait.ts';

const run = promisify(execFile);
const PICTURES = join(import.meta.dirname, '..', '..', 'artifacts', 'clients');
const SIZE = '1280x900x24';

/** A screen that nobody sits at, and hands for its keys and its mouse. Windows are named by a pattern of their title. */
export interface Screen {
  /** As in the variable DISPLAY. */
  readonly display: string;
  /** Titles of the windows that are shown. */
  windows(): Promise<readonly string[]>;
  /** Brings a window to the front: what is typed next goes there. */
  activate(title: string): Promise<void>;
  type(text: string): Promise<void>;
  /** A key by its X name, also `ctrl+w`. */
  press(key: string): Promise<void>;
  /** At this place of the window; negative numbers count from its other end. */
  click(title: string, x: number, y: number): Promise<void>;
  /** Moves the pointer there, and leaves it. */
  point(title: string, x: number, y: number): Promise<void>;
  /** Keeps a picture of the screen as it is now. */
  keep(state: string): Promise<void>;
  stop(): Promise<void>;
}

export async function openScreen(folder: string, app: string): Promise<Screen> {
  const server = start(['Xvfb', '-displayfd', '3', '-screen', '0', SIZE, '-nolisten', 'tcp', '-noreset'], {
    env: bareEnvironment(folder),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    log: join(folder, 'xvfb.log'),
  });
  // it chooses the number of its display itself, and says it
  let number = '';
  (server.child.stdio[3] as Readable).on('data', (bytes: Buffer) => (number += bytes.toString()));
  try {
    await until('the screen', () => {
      if (!server.running()) throw new Error('the X server has ended');
      return number.endsWith('\n');
    });
  } catch (error) {
    await server.kill();
    throw error;
  }
  const display = `:${number.trim()}`;
  const env = bareEnvironment(folder, { DISPLAY: display });
  const xdotool = async (...args: readonly string[]): Promise<string> =>
    (await run('xdotool', args, { env, timeout: 20_000 })).stdout.trim();

  const search = async (title: string): Promise<readonly string[]> =>
    (await xdotool('search', '--onlyvisible', '--name', title).catch(() => '')).split('\n').filter(Boolean);
  const find = (title: string): Promise<string> =>
    until(`a window "${title}"`, async () => (await search(title)).at(-1));
  // a window that closes meanwhile has no title
  const titleOf = (id: string): Promise<string> => xdotool('getwindowname', id).catch(() => '');

  const moveTo = async (title: string, x: number, y: number): Promise<readonly string[]> => {
    const id = await find(title);
    const geometry = await xdotool('getwindowgeometry', '--shell', id);
    const size = (name: string): number => Number(new RegExp(`^${name}=(\\d+)$`, 'mu').exec(geometry)?.[1]);
    const place = (from: number, end: number): string => String(from < 0 ? end + from : from);
    return ['mousemove', '--window', id, place(x, size('WIDTH')), place(y, size('HEIGHT'))];
  };

  // away from all that would show something under the pointer
  const corner = ['mousemove', '0', '0'];
  await xdotool(...corner).catch(() => undefined);
  return {
    display,
    windows: async () => Promise.all((await search('.')).map(titleOf)),
    async activate(title) {
      await xdotool('windowactivate', '--sync', await find(title));
    },
    async type(text) {
      await xdotool('type', '--delay', '20', '--', text);
    },
    async press(key) {
      await xdotool('key', '--', key);
    },
    async click(title, x, y) {
      await xdotool(...(await moveTo(title, x, y)), 'click', '1', ...corner);
    },
    async point(title, x, y) {
      await xdotool(...(await moveTo(title, x, y)));
    },
    async keep(state) {
      const name = `${app}-${state
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/gu, '-')
        .replace(/-$/u, '')}.png`;
      await mkdir(PICTURES, { recursive: true });
      await run('import', ['-window', 'root', join(PICTURES, name)], { env, timeout: 20_000 });
    },
    async stop() {
      // asked to, it removes its lock file
      server.child.kill('SIGTERM');
      await server.ended.catch(() => undefined);
    },
  };
}
