import { pino } from 'pino';
import type { Clock } from './clock.ts';
import type { LineSink } from './line-sink.ts';
import type { Facts, Logger } from './logger.ts';
import { prettyLine } from './pretty-line.ts';
import { redacted } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly sink: LineSink;
  readonly clock: Clock;
  /** `json` for machines: a line is an object; `pretty` and `color` for a person at a terminal. */
  readonly format: 'json' | 'pretty' | 'color';
}

function wrap(inner: pino.Logger): Logger {
  return {
    debug(facts: Facts, message: string) {
      if (inner.isLevelEnabled('debug')) inner.debug(redacted(facts), message);
    },
    info(facts: Facts, message: string) {
      if (inner.isLevelEnabled('info')) inner.info(redacted(facts), message);
    },
    warn(facts: Facts, message: string) {
      if (inner.isLevelEnabled('warn')) inner.warn(redacted(facts), message);
    },
    error(facts: Facts, message: string) {
      inner.error(redacted(facts), message);
    },
    child: (facts) => wrap(inner.child(redacted(facts))),
  };
}

/** The program's logger. What it is handed passes {@link redacted} before it is written. */
export function createLogger({ level, sink, clock, format }: LoggerOptions): Logger {
  const destination = {
    write(line: string) {
      sink.write(format === 'json' ? line : prettyLine(line, format === 'color'));
    },
  };
  return wrap(
    pino(
      { level, base: null, serializers: { err: (facts: unknown) => facts }, timestamp: () => `,"time":${clock.now()}` },
      destination,
    ),
  );
}
