import { execFile, type StdioOptions } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { AppPlace } from '../drivers/staff-app.ts';
import { bareEnvironment, type Program, start } from './program.ts';
import { until } from './wait.ts';

const run = promisify(execFile);
const PICTURES = join(import.meta.dirname, '..', '..', 'artifacts', 'clients');
const READER = join(import.meta.dirname, 'read-screen.py');
const SIZE = { width: 1280, height: 900 };

/** A screen, a window manager and a session bus, for one app. */
export interface Desktop {
  readonly folder: string;
  /** Starts a program on it. */
  start(command: readonly string[], env?: Readonly<Record<string, string>>): Program;
  /** Runs a program to its end and gives what it wrote. */
  run(command: readonly string[]): Promise<string>;
  /** A method of the session bus. */
  call(destination: string, path: string, method: string, args?: readonly string[]): Promise<string>;
  /** What all windows show, from top to bottom of each, as a screen reader finds it. */
  read(): Promise<readonly string[]>;
  /** Titles of the windows that are shown. */
  windows(): Promise<readonly string[]>;
  /** Brings the window with this title to the front; what is typed next goes there. */
  activate(title: string): Promise<void>;
  type(text: string): Promise<void>;
  /** A key by its X name, also `ctrl+w`. */
  press(key: string): Promise<void>;
  /** At this place of the window; negative numbers count from its other end. */
  click(title: string, x: number, y: number): Promise<void>;
  /** Keeps a picture of the screen as it is now. */
  keep(state: string): Promise<void>;
  stop(): Promise<void>;
}

export async function openDesktop({ folder: home, surroundings }: AppPlace, app: string): Promise<Desktop> {
  const folder = join(home, 'desktop');
  const runtime = join(folder, 'run');
  await mkdir(runtime, { recursive: true, mode: 0o700 });
  const display = await startScreen(folder);
  const bus = `unix:path=${join(runtime, 'bus')}`;
  const env = bareEnvironment(folder, {
    DISPLAY: display.name,
    DBUS_SESSION_BUS_ADDRESS: bus,
    XDG_RUNTIME_DIR: runtime,
    GDK_BACKEND: 'x11',
    LANG: 'en_GB.UTF-8',
    LC_ALL: 'C.UTF-8',
  });
  const programs: Program[] = [];
  const begin = (
    command: readonly string[],
    more: Readonly<Record<string, string>> = {},
    stdio?: StdioOptions,
  ): Program => {
    const name = command[0] ?? 'program';
    const program = start([...surroundings.command, ...command], {
      env: { ...env, ...more },
      cwd: folder,
      log: join(folder, `${basename(name)}.log`),
      ...(stdio === undefined ? {} : { stdio }),
    });
    programs.push(program);
    return program;
  };
  begin(['dbus-daemon', '--session', '--nofork', '--nopidfile', `--address=${bus}`]);
  begin(['openbox', '--sm-disable']);

  const runHere: Desktop['run'] = async (command) => {
    const [program = '', ...args] = [...surroundings.command, ...command];
    const { stdout } = await run(program, args, { env, cwd: folder, timeout: 20_000, killSignal: 'SIGKILL' });
    return stdout;
  };
  const xdotool = (...args: readonly string[]): Promise<string> =>
    run('xdotool', args, { env, timeout: 20_000 }).then(({ stdout }) => stdout);
  const call: Desktop['call'] = (destination, path, method, args = []) =>
    runHere(['gdbus', 'call', '--session', '-d', destination, '-o', path, '-m', method, ...args]);
  const idsOf = async (title: string): Promise<string[]> =>
    (await xdotool('search', '--onlyvisible', '--name', title).catch(() => '')).split('\n').filter(Boolean);

  const idOf = (title: string): Promise<string> =>
    until(`a window "${title}"`, async () => (await idsOf(title)).at(-1));

  await until('the session bus', () =>
    call('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus.GetId').then(
      () => true,
      () => false,
    ),
  );
  // away from what would show something under the pointer
  await xdotool('mousemove', '1', '1');
  // before any app starts: an app looks for the accessibility bus once
  const enable = ['org.a11y.Status', 'IsEnabled', '<true>'];
  await call('org.a11y.Bus', '/org/a11y/bus', 'org.freedesktop.DBus.Properties.Set', enable);
  const reader = begin(['/usr/bin/python3', READER], {}, ['pipe', 'pipe', 'pipe']);
  const screens: string[] = [];
  let asked = 0;
  if (reader.child.stdout !== null)
    createInterface({ input: reader.child.stdout }).on('line', (line) => screens.push(line));
  reader.child.stdin?.on('error', () => undefined);
  return {
    folder,
    start: (command, more) => begin(command, more),
    run: runHere,
    async read() {
      asked += 1;
      reader.child.stdin?.write('\n');
      const line = await until('the screen reader answers', () => screens[asked - 1]);
      return JSON.parse(line) as string[];
    },
    call,
    async windows() {
      const ids = await idsOf('.');
      return Promise.all(
        ids.map((id) =>
          xdotool('getwindowname', id).then(
            (name) => name.trim(),
            () => '',
          ),
        ),
      );
    },
    async activate(title) {
      await xdotool('windowactivate', '--sync', await idOf(title));
    },
    async type(text) {
      await xdotool('type', '--delay', '20', '--', text);
    },
    async press(key) {
      await xdotool('key', '--', key);
    },
    async click(title, x, y) {
      const id = await idOf(title);
      const geometry = await xdotool('getwindowgeometry', '--shell', id);
      const size = (name: string): number => Number(new RegExp(`^${name}=(\\d+)$`, 'mu').exec(geometry)?.[1]);
      const from = (end: number, place: number): string => String(place < 0 ? end + place : place);
      await xdotool('mousemove', '--window', id, from(size('WIDTH'), x), from(size('HEIGHT'), y), 'click', '1');
    },
    async keep(state) {
      const file = join(
        PICTURES,
        `${app}-${state
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/gu, '-')
          .replace(/-$/u, '')}.png`,
      );
      await mkdir(PICTURES, { recursive: true });
      await run('import', ['-window', 'root', file], { env, timeout: 20_000 });
    },
    async stop() {
      for (const program of programs.reverse()) await program.kill();
      await display.stop();
    },
  };
}

/** The X server chooses the number of its display itself, and says it. */
async function startScreen(folder: string): Promise<{ readonly name: string; stop(): Promise<void> }> {
  const geometry = `${SIZE.width}x${SIZE.height}x24`;
  const server = start(['Xvfb', '-displayfd', '3', '-screen', '0', geometry, '-nolisten', 'tcp', '-noreset'], {
    env: bareEnvironment(folder),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    log: join(folder, 'xvfb.log'),
  });
  let number = '';
  (server.child.stdio[3] as Readable).on('data', (bytes: Buffer) => (number += bytes.toString()));
  await until('the screen', () => {
    if (!server.running()) throw new Error('the X server has ended');
    return number.endsWith('\n');
  });
  return {
    name: `:${number.trim()}`,
    async stop() {
      // asked to, it removes its lock file
      server.child.kill('SIGTERM');
      await server.ended.catch(() => undefined);
    },
  };
}
