import type { Clock } from '@chat-gateway/runtime';

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Keys kept at once; the one unused for longest goes first. */
const MOST_KEYS = 50_000;

/** Token buckets, one per key. */
export class Buckets {
  readonly #clock: Clock;
  readonly #rate: Rate;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Takes so many; 0 when there were as many, else the milliseconds until there are. */
  take(key: string, amount = 1): number {
    const now = this.#clock.monotonic();
    const { perSecond, burst } = this.#rate;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MOST_KEYS) {
      const oldest = this.#buckets.keys().next();
      if (!oldest.done) this.#buckets.delete(oldest.value);
    }
    // a sum of many small refills may miss a whole token by a rounding error
    if (bucket.tokens < amount - 1e-9) return ((amount - bucket.tokens) / perSecond) * 1000;
    bucket.tokens = Math.max(0, bucket.tokens - amount);
    return 0;
  }

  /** What was taken was not used after all. */
  giveBack(key: string, amount: number): void {
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) bucket.tokens = Math.min(this.#rate.burst, bucket.tokens + amount);
  }
}

/** Things held at once, by key and in all. */
export class Slots {
  readonly #perKey: number;
  readonly #inAll: number;
  readonly #held = new Map<string, number>();
  #count = 0;

  constructor(perKey: number, inAll = Number.POSITIVE_INFINITY) {
    this.#perKey = perKey;
    this.#inAll = inAll;
  }

  /** What gives the slot back, or nothing when there is none left. */
  take(key: string): (() => void) | undefined {
    const held = this.#held.get(key) ?? 0;
    if (held >= this.#perKey || this.#count >= this.#inAll) return undefined;
    this.#held.set(key, held + 1);
    this.#count += 1;
    let mine = true;
    return () => {
      if (!mine) return;
      mine = false;
      this.#count -= 1;
      const left = (this.#held.get(key) ?? 1) - 1;
      if (left > 0) this.#held.set(key, left);
      else this.#held.delete(key);
    };
  }
}
