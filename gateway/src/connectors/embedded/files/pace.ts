import type { Clock } from '@chat-gateway/runtime';

interface Pace {
  readonly burst: number;
  readonly perMinute: number;
}

/** Keys kept at once; the one unused for longest goes first. */
const MOST_KEYS = 20_000;

/** How many of something there may be at once and then in a minute, for each key. */
export class Paces {
  readonly #clock: Clock;
  readonly #left = new Map<string, { count: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one; 0 when there was one, else the milliseconds until there is. */
  take(key: string, { burst, perMinute }: Pace): number {
    const now = this.#clock.monotonic();
    const known = this.#left.get(key) ?? { count: burst, at: now };
    const count = Math.min(burst, known.count + ((now - known.at) / 60_000) * perMinute);
    // many small sums may miss a whole one by a rounding error
    const isThere = count >= 1 - 1e-9;
    this.#left.delete(key);
    this.#left.set(key, { count: isThere ? Math.max(0, count - 1) : count, at: now });
    if (this.#left.size > MOST_KEYS) {
      for (const oldest of this.#left.keys()) {
        this.#left.delete(oldest);
        break;
      }
    }
    return isThere ? 0 : Math.ceil(((1 - count) / perMinute) * 60_000);
  }
}
