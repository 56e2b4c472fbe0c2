import type { Clock } from '@chat-gateway/runtime';
import { HOLD_TIME } from './limits.ts';

const FIRST_WAIT = 500;

export const delay = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

export type Attempt<T> =
  | { readonly is: 'decided'; readonly value: T }
  /** nobody can say; `retryAfter` in milliseconds, where somebody asked for it */
  | { readonly is: 'soft'; readonly retryAfter?: number };

/**
 * Tries until something is decided, for as long as an app may be kept waiting: apps take a refusal for final, so
 * there is none while nobody knows. `undefined` when the time is over, or nobody waits any more.
 */
export async function hold<T>(
  clock: Clock,
  attempt: () => Promise<Attempt<T>>,
  isWaiting: () => boolean,
): Promise<T | undefined> {
  const end = clock.monotonic() + HOLD_TIME;
  let isLate = false;
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const cancel = clock.after(HOLD_TIME, () => {
    isLate = true;
    resolve(undefined);
  });
  try {
    for (let wait = FIRST_WAIT; ; wait *= 2) {
      const result = await Promise.race([attempt(), late]);
      if (result === undefined || isLate) return undefined;
      if (result.is === 'decided') return result.value;
      const pause = Math.max(wait, result.retryAfter ?? 0);
      if (clock.monotonic() + pause >= end) {
        await late;
        return undefined;
      }
      await delay(clock, pause);
      if (!isWaiting()) return undefined;
    }
  } finally {
    cancel();
  }
}
