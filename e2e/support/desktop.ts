import { execFile, type StdioOptions } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { AppPlace } from '../drivers/staff-app.ts';
import { bareEnvironment, type Program, start } from './program.ts';
import { openScreen, type Screen } from './screen.ts';
import { until } from './wait.ts';

const run = promisify(execFile);
const READER = join(import.meta.dirname, 'read-screen.py');
const BUS = ['org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus.GetId'] as const;
const SWITCH_ON = ['org.a11y.Status', 'IsEnabled', '<true>'];

/** A screen, a window manager, a session bus and a screen reader, for one app. */
export interface Desktop extends Screen {
  /** Home of the programs on it. */
  readonly folder: string;
  start(command: readonly string[], env?: Readonly<Record<string, string>>): Program;
  /** Calls a method on the session bus; arguments and answer are in GVariant's text form. */
  call(destination: string, path: string, method: string, args?: readonly string[]): Promise<string>;
  /** What all windows show, from top to bottom of each, as a screen reader finds it. */
  read(): Promise<readonly string[]>;
  /** The same, with where it is. */
  places(): Promise<readonly Place[]>;
}

/** Something that is shown, and where in its window. */
export interface Place {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Opens a desktop and begins on it; it is closed again if that fails, else by who stops what was begun. */
export async function onDesktop<T>(
  { folder: home, surroundings }: AppPlace,
  app: string,
  begin: (desktop: Desktop) => Promise<T>,
): Promise<T> {
  const folder = join(home, 'desktop');
  const runtime = join(folder, 'run');
  await mkdir(runtime, { recursive: true, mode: 0o700 });
  const screen = await openScreen(folder, app);
  const address = `unix:path=${join(runtime, 'bus')}`;
  const env = bareEnvironment(folder, {
    DISPLAY: screen.display,
    DBUS_SESSION_BUS_ADDRESS: address,
    XDG_RUNTIME_DIR: runtime,
    GDK_BACKEND: 'x11',
  });
  const programs: Program[] = [];
  const startHere = (command: readonly string[], more: Readonly<Record<string, string>> = {}, stdio?: StdioOptions) => {
    const program = start([...surroundings.command, ...command], {
      env: { ...env, ...more },
      cwd: folder,
      log: join(folder, `${basename(command[0] ?? 'program')}.log`),
      ...(stdio === undefined ? {} : { stdio }),
    });
    programs.push(program);
    return program;
  };
  const call: Desktop['call'] = async (destination, path, method, args = []) => {
    const gdbus = ['gdbus', 'call', '--session', '-d', destination, '-o', path, '-m', method, ...args];
    const [program = '', ...rest] = [...surroundings.command, ...gdbus];
    const options = { env, cwd: folder, timeout: 20_000, killSignal: 'SIGKILL' } as const;
    return (await run(program, rest, options)).stdout;
  };
  const stop = async (): Promise<void> => {
    for (const program of programs.toReversed()) await program.kill();
    await screen.stop();
  };

  try {
    startHere(['dbus-daemon', '--session', '--nofork', '--nopidfile', `--address=${address}`]);
    startHere(['openbox', '--sm-disable']);
    await until('the session bus', () =>
      call(...BUS).then(
        () => true,
        () => false,
      ),
    );
    // before any app starts: it looks once whether somebody reads its screen
    await call('org.a11y.Bus', '/org/a11y/bus', 'org.freedesktop.DBus.Properties.Set', SWITCH_ON);
    const reader = readerOf(startHere(['/usr/bin/python3', READER], {}, ['pipe', 'pipe', 'pipe']));
    const read = async (): Promise<readonly string[]> => (await reader('')) as string[];
    const places = async (): Promise<readonly Place[]> =>
      ((await reader('places')) as [string, number, number, number, number][]).map(([text, x, y, width, height]) => ({
        text,
        x,
        y,
        width,
        height,
      }));
    return await begin({
      ...screen,
      folder,
      start: (command, more) => startHere(command, more),
      call,
      read,
      places,
      stop,
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One line to it is one question, one line from it one answer. */
function readerOf({ child }: Program): (question: string) => Promise<unknown> {
  const answers: string[] = [];
  let asked = 0;
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => answers.push(line));
  child.stdin?.on('error', () => undefined);
  return async (question) => {
    const mine = asked;
    asked += 1;
    child.stdin?.write(`${question}\n`);
    return JSON.parse(await until('the screen reader answers', () => answers[mine]));
  };
}
