import type { Clock } from '@chat-gateway/runtime';
import type { TenantId } from '../helpdesk/model.ts';
import { TokenBucket } from './token-bucket.ts';

/** Failed logins of one login name from one address: so many at once, then one a minute. */
const PER_NAME = { burst: 10, perSecond: 1 / 60 };
/** Of all names from one address: an office may have one address for hundreds of people. */
const PER_ADDRESS = { burst: 100, perSecond: 1 / 6 };
/** Binds of one account: so many at once, then one a second. */
const PER_ACCOUNT = { burst: 20, perSecond: 1 };
/** Keys that are remembered of each kind. */
const REMEMBERED = 20_000;

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

class Buckets {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  has(key: string, now: number): boolean {
    return this.#buckets.get(key)?.has(1, now) ?? true;
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

/**
 * Who fails too often is slowed down, by address alone and by address and login name: never a login name alone, so
 * that nobody can lock out somebody else. Where the address is not known (`''`: a balancer that does not say), only
 * names are left.
 */
export class LoginThrottle {
  readonly #clock: Clock;
  readonly #names = new Buckets(PER_NAME);
  readonly #addresses = new Buckets(PER_ADDRESS);
  readonly #accounts = new Buckets(PER_ACCOUNT);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isThrottled(address: string, tenant: TenantId, username: string): boolean {
    const now = this.#clock.monotonic();
    return (
      (address !== '' && !this.#addresses.has(address, now)) ||
      !this.#names.has(nameKey(address, tenant, username), now)
    );
  }

  failed(address: string, tenant: TenantId, username: string): void {
    const now = this.#clock.monotonic();
    if (address !== '') this.#addresses.take(address, now);
    this.#names.take(nameKey(address, tenant, username), now);
  }

  /** How long a bind of this account has to wait, in milliseconds. */
  bindDelay(bareJid: string): number {
    return this.#accounts.take(bareJid, this.#clock.monotonic());
  }
}

const nameKey = (address: string, tenant: TenantId, username: string): string =>
  JSON.stringify([address, tenant, username.toLowerCase()]);
