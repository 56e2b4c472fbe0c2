import type { Clock } from '@chat-gateway/runtime';
import type { TenantId } from '../helpdesk/model.ts';
import { HOLD_TIME } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Failed logins of one login name from one address: so many at once, then one a minute. */
export const FAILURES_PER_NAME: Rate = { burst: 10, perSecond: 1 / 60 };
/** Of all names from one address: an office may have one address for hundreds of people. */
export const FAILURES_PER_ADDRESS: Rate = { burst: 100, perSecond: 1 / 6 };
/** Binds of one account: so many at once, then one a second. */
export const BINDS_PER_ACCOUNT: Rate = { burst: 20, perSecond: 1 };
/** Keys that are remembered of each kind. */
const REMEMBERED = 20_000;

class Buckets {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  has(key: string, tokens: number, now: number): boolean {
    return this.#buckets.get(key)?.has(tokens, now) ?? tokens <= this.#rate.burst;
  }

  take(key: string, now: number): number {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#rate.perSecond, this.#rate.burst, now);
    // the newest last: the oldest is forgotten first
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const [oldest, other] of this.#buckets) {
      if (this.#buckets.size <= REMEMBERED && !other.isFull(now)) break;
      if (oldest === key) break;
      this.#buckets.delete(oldest);
    }
    return bucket.take(1, now);
  }
}

/** What counts failures, and the attempts under way that may become some. */
class Attempts {
  readonly failures: Buckets;
  readonly #underWay = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(rate: Rate) {
    this.failures = new Buckets(rate);
  }

  /** One more could fail like all those under way, and would still be within the rate. */
  hasRoom(key: string, now: number): boolean {
    return this.failures.has(key, (this.#underWay.get(key) ?? 0) + 1, now);
  }

  begin(key: string): void {
    this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
  }

  end(key: string): void {
    const left = (this.#underWay.get(key) ?? 0) - 1;
    if (left > 0) this.#underWay.set(key, left);
    else this.#underWay.delete(key);
    this.wake(key);
  }

  /** The next one that waits looks again. */
  wake(key: string): void {
    const waiting = this.#waiting.get(key);
    const [first] = waiting ?? [];
    if (first === undefined) return;
    // another end in the same turn is for the next one
    waiting?.delete(first);
    first();
  }

  /** Resolves when one of those under way has ended, or after `ms`. */
  async change(key: string, clock: Clock, ms: number): Promise<void> {
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting);
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.add(resolve);
    const cancel = clock.after(ms, resolve);
    await promise;
    cancel();
    waiting.delete(resolve);
    if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
  }
}

/** A password check that may be made; its end must be told. */
export interface Attempt {
  end(how: 'failed' | 'otherwise'): void;
}

/**
 * Who fails too often is slowed down, by address alone and by address and login name: never a login name alone, so
 * that nobody can lock out somebody else. Where the address is not known (`''`: a balancer that does not say), only
 * names are left.
 */
export class LoginThrottle {
  readonly #clock: Clock;
  readonly #names = new Attempts(FAILURES_PER_NAME);
  readonly #addresses = new Attempts(FAILURES_PER_ADDRESS);
  readonly #accounts = new Buckets(BINDS_PER_ACCOUNT);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * `undefined`: not now. Where others of the same kind are under way that use up what is left if they fail, it waits
   * for them: guesses side by side are no more than guesses one after the other. `name` is the canonical one; without it
   * only addresses count.
   */
  async attempt(address: string, tenant: TenantId, name: string | undefined): Promise<Attempt | undefined> {
    const clock = this.#clock;
    const kinds: { readonly attempts: Attempts; readonly key: string }[] = [];
    if (name !== undefined) kinds.push({ attempts: this.#names, key: nameKey(address, tenant, name) });
    if (address !== '') kinds.push({ attempts: this.#addresses, key: address });
    const end = clock.monotonic() + HOLD_TIME;
    let before: (typeof kinds)[number] | undefined;
    for (;;) {
      const now = clock.monotonic();
      const isOver = !kinds.every(({ attempts, key }) => attempts.failures.has(key, 1, now));
      const crowded = kinds.find(({ attempts, key }) => !attempts.hasRoom(key, now));
      if (crowded === undefined && !isOver) break;
      // what this one cannot use is for the next one
      if (isOver || crowded !== before) before?.attempts.wake(before.key);
      if (isOver || crowded === undefined || now >= end) return undefined;
      before = crowded;
      await crowded.attempts.change(crowded.key, clock, end - now);
    }
    for (const { attempts, key } of kinds) attempts.begin(key);
    return {
      end: (how) => {
        const now = clock.monotonic();
        for (const { attempts, key } of kinds) {
          if (how === 'failed') attempts.failures.take(key, now);
          attempts.end(key);
        }
      },
    };
  }

  /** How long a bind of this account has to wait, in milliseconds. */
  bindDelay(bareJid: string): number {
    return this.#accounts.take(bareJid, this.#clock.monotonic());
  }
}

/** Names that differ only after so much count as one: most of them are nobody's, and keys are remembered. */
const LONGEST_NAME = 512;

const nameKey = (address: string, tenant: TenantId, name: string): string =>
  JSON.stringify([address, tenant, name.slice(0, LONGEST_NAME)]);
