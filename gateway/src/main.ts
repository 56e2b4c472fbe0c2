#!/usr/bin/env node
/** The program: gives the command line its surroundings, and the process its end. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createLogger, fileSink, systemClock } from '@chat-gateway/runtime';
import { CertificateError } from './c2s/certificate.ts';
import { Failure } from './cli/failure.ts';
import { EXIT, run, type Terminal } from './cli/run.ts';
import { stopOnSignal } from './cli/stopping.ts';
import { hashPassword, parsePasswordHash } from './connectors/embedded/staff/password-hash.ts';
import { StoreOpenError } from './connectors/embedded/store/port.ts';

/** Log lines that are still to be written at the end. */
const FLUSH_WITHIN = 500;

const sink = fileSink(process.stderr.fd);
const wantsColor = (stream: NodeJS.WriteStream) =>
  stream.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
const logFormat = wantsColor(process.stderr) ? 'color' : process.stderr.isTTY ? 'pretty' : 'json';

async function exit(status: number): Promise<never> {
  await sink.close(FLUSH_WITHIN);
  process.exit(status);
}

function surprise(error: unknown): void {
  const log = createLogger({ level: 'error', sink, clock: systemClock, format: logFormat });
  log.error({ err: error }, 'an error of the program: it ends');
  void exit(EXIT.software);
}
process.on('uncaughtException', surprise);
process.on('unhandledRejection', surprise);
// the reader of the screen may go away
process.stdout.on('error', () => undefined);

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'gateway/package.json'), 'utf8')) as { version: string };

const terminal: Terminal = {
  version,
  clock: systemClock,
  random: (bytes) => randomBytes(bytes),
  sink,
  logFormat,
  color: wantsColor(process.stdout),
  say: (text) => {
    process.stdout.write(text);
  },
  complain: (text) => {
    process.stderr.write(text);
  },
  stdin: process.stdin,
  demoDataDir: join(root, 'data'),
  hashPassword,
  isPasswordHash: (text) => parsePasswordHash(text) !== undefined,
  startGateway: async (options) => {
    // the other commands do without the whole gateway
    const { startGateway } = await import('./gateway.ts');
    try {
      return await startGateway(options);
    } catch (error) {
      // these say what to do in one line
      if (error instanceof StoreOpenError || error instanceof CertificateError) throw new Failure(error.message);
      throw error;
    }
  },
};

const outcome = run(process.argv.slice(2), terminal);
const started = outcome.then(
  (end) => ('started' in end ? end.started : undefined),
  () => undefined,
);
const stop = stopOnSignal({
  started,
  clock: systemClock,
  exit: (status) => void exit(status),
  exitNow: (status) => process.exit(status),
  fail: surprise,
});
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('SIGHUP', () => {
  started.then(async (gateway) => gateway?.reload()).catch(surprise);
});
outcome.then(async (end) => {
  if ('status' in end) await exit(end.status);
}, surprise);
