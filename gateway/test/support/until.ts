import { setImmediate as turn } from 'node:timers/promises';

/** Waits for a value that is neither `undefined` nor `false`; fails with what was seen after five seconds. */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  otherwise: () => string,
): Promise<T> {
  const end = process.hrtime.bigint() + 5_000_000_000n;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (process.hrtime.bigint() > end) throw new Error(otherwise());
    await turn();
  }
}
