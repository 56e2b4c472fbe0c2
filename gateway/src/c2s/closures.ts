import type { StaffId, TenantId } from '../helpdesk/model.ts';
import type { Clock } from '@chat-gateway/runtime';
import { NEGOTIATION_TIME } from './limits.ts';

interface Closure {
  readonly number: number;
  readonly at: number;
}

/**
 * When accounts were last closed: what was under way then, a password check or a bind, must not end in a session.
 * Forgotten when nothing can be under way any more.
 */
export class Closures {
  readonly #clock: Clock;
  readonly #closed = new Map<string, Closure>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be compared later. */
  get now(): number {
    return this.#count;
  }

  /** Without `staff`: all of a tenant. */
  note(tenant: TenantId, staff?: StaffId): void {
    const at = this.#clock.monotonic();
    for (const [key, closure] of this.#closed) {
      if (at - closure.at < 2 * NEGOTIATION_TIME) break;
      this.#closed.delete(key);
    }
    const key = keyOf(tenant, staff);
    this.#closed.delete(key);
    this.#closed.set(key, { number: ++this.#count, at });
  }

  isClosed(tenant: TenantId, staff: StaffId, since: number): boolean {
    return [keyOf(tenant, staff), keyOf(tenant)].some((key) => (this.#closed.get(key)?.number ?? 0) > since);
  }
}

const keyOf = (tenant: TenantId, staff?: StaffId): string => JSON.stringify([tenant, staff ?? null]);
