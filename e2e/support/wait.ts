import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  /** Milliseconds; default 15 s. */
  readonly within?: number;
  /** What the person at the client would see now: it goes into the error. */
  readonly screen?: () => string | Promise<string>;
}

const INTERVAL = 50;

/** Waits until `probe` gives something else than `undefined` and `false`; the error says what was waited for, and shows the screen. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { within = 15_000, screen }: Patience = {},
): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) {
      const seen = screen === undefined ? '' : `\n--- the screen was:\n${await screen()}\n---`;
      throw new Error(`not seen within ${within} ms: ${what}${seen}`);
    }
    await pause(INTERVAL);
  }
}
