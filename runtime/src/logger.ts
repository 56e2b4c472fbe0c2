/** What a log line may hold beside its message: plain facts, never a body, a password, a token or a visitor's address. */
export type Facts = Readonly<Record<string, unknown>>;

/** The shape of pino's logger that we use. */
export interface Logger {
  debug(facts: Facts, message: string): void;
  info(facts: Facts, message: string): void;
  warn(facts: Facts, message: string): void;
  error(facts: Facts, message: string): void;
  child(facts: Facts): Logger;
}

/** For tests and tools that keep quiet. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
