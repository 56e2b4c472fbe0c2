import { nearest } from '../config/form.ts';
import type { Config } from '../config/schema.ts';

type ListenerName = keyof Config['listeners'];

/** What the command line changes of the configuration. */
export interface Overrides {
  readonly dataDir?: string;
  readonly logLevel?: Config['logLevel'];
  readonly ports: Readonly<Partial<Record<ListenerName, number>>>;
}

export type Command =
  | { readonly do: 'start'; readonly file?: string; readonly overrides: Overrides }
  | { readonly do: 'check-config'; readonly file: string }
  | { readonly do: 'hash' }
  | { readonly do: 'help' }
  | { readonly do: 'version' }
  /** `hint` says what may be meant */
  | { readonly do: 'refuse'; readonly problem: string; readonly hint: string };

/** Options that change the port of a listener. */
export const portOptions: Readonly<Record<ListenerName, string>> = {
  xmpp: '--xmpp-port',
  xmppTls: '--xmpp-tls-port',
  web: '--web-port',
  webTls: '--web-tls-port',
  operations: '--operations-port',
};

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const valued = ['--config', '--data-dir', '--log-level', ...Object.values(portOptions)];
const known = [...valued, '--help', '--version'];
const TRY_HELP = 'See "gateway --help".';

function refuse(problem: string, hint = TRY_HELP): Command {
  return { do: 'refuse', problem, hint };
}

interface Split {
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

/** Tells words from options with their values (`--name value` or `--name=value`). */
function split(argv: readonly string[]): Split | Command {
  const words: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    if (!argument.startsWith('-') || argument === '-') {
      words.push(argument);
      continue;
    }
    const equals = argument.indexOf('=');
    const written = equals < 0 ? argument : argument.slice(0, equals);
    const name = written === '-h' ? '--help' : written === '-V' ? '--version' : written;
    if (!known.includes(name)) {
      const meant = nearest(name, known);
      return refuse(`unknown option ${name}`, meant === undefined ? TRY_HELP : `Did you mean ${meant}? ${TRY_HELP}`);
    }
    if (options.has(name)) return refuse(`${name} is given twice`);
    const value = !valued.includes(name) ? '' : equals < 0 ? argv[++index] : argument.slice(equals + 1);
    if (value === undefined || (valued.includes(name) && value === '')) return refuse(`${name} needs a value`);
    options.set(name, value);
  }
  return { words, options };
}

function overridesOf(options: ReadonlyMap<string, string>): Overrides | Command {
  const ports: Partial<Record<ListenerName, number>> = {};
  for (const [listener, option] of Object.entries(portOptions) as [ListenerName, string][]) {
    const text = options.get(option);
    if (text === undefined) continue;
    if (!/^\d{1,5}$/u.test(text) || Number(text) > 65_535)
      return refuse(`${option} ${text} is no port`, 'A port is a number from 0 (any free one) to 65535.');
    ports[listener] = Number(text);
  }
  const dataDir = options.get('--data-dir');
  const level = options.get('--log-level');
  const logLevel = LOG_LEVELS.find((one) => one === level);
  if (level !== undefined && logLevel === undefined)
    return refuse(`--log-level ${level} is unknown`, `It is one of ${LOG_LEVELS.join(', ')}.`);
  return { ports, ...(dataDir === undefined ? {} : { dataDir }), ...(logLevel === undefined ? {} : { logLevel }) };
}

function startOf(options: ReadonlyMap<string, string>): Command {
  const overrides = overridesOf(options);
  if ('do' in overrides) return overrides;
  const file = options.get('--config');
  return { do: 'start', overrides, ...(file === undefined ? {} : { file }) };
}

/** Reads the command line (without the program's own name). */
export function readArguments(argv: readonly string[]): Command {
  const read = split(argv);
  if ('do' in read) return read;
  const { words, options } = read;
  if (options.has('--help') || words[0] === 'help') return { do: 'help' };
  if (options.has('--version') || words[0] === 'version') return { do: 'version' };
  const [first = 'start', second, ...rest] = words;
  const command = ['config', 'staff'].includes(first) && second !== undefined ? `${first} ${second}` : first;
  switch (command) {
    case 'start':
      return second === undefined ? startOf(options) : refuse(`what is "${second}"?`, 'Options begin with "--".');
    case 'config check': {
      const file = rest[0] ?? options.get('--config');
      if (file === undefined || rest.length > 1)
        return refuse('"config check" takes one file', 'For example: gateway config check gateway.yaml');
      return { do: 'check-config', file };
    }
    case 'staff hash':
      // a password on the command line can be read by every user of the machine
      return rest.length === 0
        ? { do: 'hash' }
        : refuse('"staff hash" takes no arguments', 'It asks for the password.');
    default: {
      const commands = ['start', 'config check', 'staff hash'];
      const meant = nearest(command, commands);
      return refuse(`unknown command "${command}"`, meant === undefined ? TRY_HELP : `Did you mean "${meant}"?`);
    }
  }
}
