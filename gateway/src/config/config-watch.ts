import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Cancel, Clock, Logger } from '@chat-gateway/runtime';
import type { LiveTenants } from './live-tenants.ts';
import { ConfigError, problemLine } from './problem.ts';
import { cannedFilesState } from './canned-files.ts';
import type { Config } from './schema.ts';

/** How often the file is looked at. Asking works on every file system and through every way of replacing a file. */
const LOOK_EVERY = 1_000;

const NOTHING: readonly string[] = [];

export interface WatchOptions {
  readonly file: string;
  /** The configuration that the gateway runs with. */
  readonly running: Config;
  readonly load: () => Promise<Config>;
  readonly tenants: LiveTenants;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ConfigWatch {
  /** Reads the file and what it names now, changed or not. Never rejects. */
  reload(): Promise<void>;
  stop(): void;
}

/** Of the file, and of files and folders that it names. */
async function stateWith(file: string, names: readonly string[]): Promise<string> {
  const states = await Promise.all([state(file), ...Array.from(new Set(names), cannedFilesState)]);
  return states.join('\n');
}

async function state(file: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
  } catch {
    return 'missing';
  }
}

/** The parts of a configuration that only a restart takes over. */
function needsRestart(before: Config, after: Config): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof Config)[]);
  return [...keys].filter((key) => key !== 'tenants' && !isDeepStrictEqual(before[key], after[key]));
}

/** Certificates are looked at by who shows them. */
const namedBy = ({ tenants }: Config): readonly string[] => tenants.flatMap(({ canned }) => canned.from ?? []);

/**
 * Takes over the tenants of the file when it changes. A file with problems changes nothing; if they are those of files
 * that it names, it is read again when these change.
 */
export async function watchConfig(options: WatchOptions): Promise<ConfigWatch> {
  const { file, running, load, tenants, clock, log } = options;
  /** Of the configuration that was taken over last, and of one that was refused since. */
  let names = { taken: namedBy(running), refused: NOTHING };
  /** What was told of the configuration that was refused last, while it is read once more. */
  let told: string | undefined;
  let loaded = await stateWith(file, names.taken);
  let seen = loaded;
  let cancel: Cancel | undefined;
  let stopped = false;

  async function reload(): Promise<void> {
    try {
      const config = await load();
      // the gateway has been stopped while the file was read
      if (stopped) return;
      told = undefined;
      follow({ taken: namedBy(config), refused: NOTHING });
      const { added, changed, removed } = tenants.apply(config.tenants);
      const counts = { added: added.length, changed: changed.length, removed: removed.length };
      log.info({ file, ...counts }, 'configuration taken over');
      const restart = needsRestart(running, config);
      if (restart.length > 0) log.warn({ file, fields: restart }, 'these changes need a restart');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const problems = error.problems.map(problemLine);
      const text = problems.join('\n');
      if (text !== told) log.warn({ file, problems }, 'the changed configuration has problems: the old one is kept');
      told = follow({ taken: names.taken, refused: error.names }) ? text : undefined;
    }
  }

  /** What is named now and was not looked at before may have changed while it was read: then it is read once more. */
  function follow(now: typeof names): boolean {
    const isNew = !isDeepStrictEqual(names, now);
    names = now;
    if (isNew) loaded = seen = '';
    return isNew;
  }

  async function look(): Promise<void> {
    const now = await stateWith(file, [...names.taken, ...names.refused]);
    // the same twice: nobody is still writing it
    const settled = now === seen;
    seen = now;
    if (!settled || now === loaded) return;
    loaded = now;
    await reload();
  }

  function schedule(): void {
    if (stopped) return;
    cancel = clock.after(LOOK_EVERY, () => {
      look()
        .catch((error: unknown) => {
          log.error({ file, err: error }, 'the configuration could not be looked at');
        })
        .finally(schedule);
    });
  }
  schedule();

  return {
    reload,
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
