import type { ReadStream } from 'node:tty';
import { loadConfigFile } from '../config/file-source.ts';
import { ConfigError, problemLine, problemReport } from '../config/problem.ts';
import { type Command, readArguments } from './arguments.ts';
import { explainFailure } from './explain-failure.ts';
import { Failure } from './failure.ts';
import { helpText } from './help.ts';
import { askPassword, PromptError } from './password-prompt.ts';
import { configurationFor, start, type Started, type Surroundings } from './start.ts';

/** Exit statuses (sysexits.h). */
export const EXIT = { ok: 0, failed: 1, usage: 64, software: 70, config: 78 } as const;

export interface Terminal extends Surroundings {
  readonly stdin: ReadStream | (AsyncIterable<Buffer | string> & { readonly isTTY?: false });
  readonly complain: (text: string) => void;
}

/** A finished command has a status; a started gateway goes on until it is stopped. */
export type Outcome = { readonly status: number } | { readonly started: Started };

function tellConfigError(error: ConfigError, { complain }: Terminal): Outcome {
  if (error.onlyFiles) {
    for (const problem of error.problems) complain(`gateway: ${problemLine(problem)}\n`);
    return { status: EXIT.failed };
  }
  const { length } = error.problems;
  complain(`${problemReport(error.source, error.problems)}\n`);
  complain(`gateway: ${error.source} has ${length === 1 ? 'one problem' : `${length} problems`}.\n`);
  return { status: EXIT.config };
}

async function runStart(command: Extract<Command, { do: 'start' }>, terminal: Terminal): Promise<Outcome> {
  const { file, overrides } = command;
  let config;
  try {
    const made = await configurationFor(file, overrides, terminal);
    config = made.config;
    return { started: await start({ ...made, overrides, ...(file === undefined ? {} : { file }) }, terminal) };
  } catch (error) {
    if (error instanceof ConfigError) return tellConfigError(error, terminal);
    const line =
      config === undefined ? (error instanceof Failure ? error.message : undefined) : explainFailure(error, config);
    if (line === undefined) throw error;
    terminal.complain(`gateway: ${line}\n`);
    return { status: EXIT.failed };
  }
}

async function checkConfig(file: string, terminal: Terminal): Promise<Outcome> {
  try {
    const { tenants } = await loadConfigFile(file, terminal);
    const staff = tenants.reduce((sum, { helpdesk }) => sum + helpdesk.staff.length, 0);
    terminal.say(`${file} is right. Tenants: ${tenants.length}, staff users: ${staff}.\n`);
    return { status: EXIT.ok };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return tellConfigError(error, terminal);
  }
}

async function hash(terminal: Terminal): Promise<Outcome> {
  try {
    const password = await askPassword(terminal.stdin, terminal.complain);
    terminal.say(`${await terminal.hashPassword(password)}\n`);
    return { status: EXIT.ok };
  } catch (error) {
    if (!(error instanceof PromptError)) throw error;
    terminal.complain(`gateway: no hash was made: ${error.message}.\n`);
    return { status: EXIT.failed };
  }
}

/** Does what the command line asks for. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<Outcome> {
  const command = readArguments(argv);
  switch (command.do) {
    case 'start':
      return runStart(command, terminal);
    case 'check-config':
      return checkConfig(command.file, terminal);
    case 'hash':
      return hash(terminal);
    case 'help':
      terminal.say(helpText);
      return { status: EXIT.ok };
    case 'version':
      terminal.say(`${terminal.version}\n`);
      return { status: EXIT.ok };
    case 'refuse':
      terminal.complain(`gateway: ${command.problem}. ${command.hint}\n`);
      return { status: EXIT.usage };
  }
}
