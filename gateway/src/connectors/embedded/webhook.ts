/**
 * Left messages on their way to the tenant's webhook: tried until they are taken, for a day at most, over
 * restarts too. The address is the platform's own setting; one that a tenant may choose must also be kept
 * away from private networks.
 */
import { createHmac } from 'node:crypto';
import type { Cancel, Clock, Logger } from '@chat-gateway/runtime';
import type { LeftMessage, TenantId } from '../../helpdesk/model.ts';
import type { Delivery, EmbeddedStore } from './store/port.ts';

export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

export interface WebhookDeps {
  readonly tenant: TenantId;
  readonly target: () => WebhookTarget | undefined;
  readonly teamName: (message: LeftMessage) => string;
  readonly store: EmbeddedStore;
  readonly clock: Clock;
  /** Hexadecimal digits of as many random bytes. */
  readonly random: (bytes: number) => string;
  readonly log: Logger;
  readonly fetch: typeof globalThis.fetch;
}

export const WEBHOOK_LIFE_MS = 24 * 3_600_000;
const DEADLINE_MS = 5_000;
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 3_600_000;
const AT_ONCE = 4;

export class WebhookQueue {
  readonly #deps: WebhookDeps;
  readonly #waiting = new Map<string, Delivery>();
  readonly #running = new Map<string, AbortController>();
  #timer: Cancel | undefined;
  #isClosed = false;

  constructor(deps: WebhookDeps, waiting: readonly Delivery[]) {
    this.#deps = deps;
    for (const delivery of waiting) this.#waiting.set(delivery.message, delivery);
    this.#next();
  }

  /** To be called when the message and its delivery are stored. */
  add(delivery: Delivery): void {
    this.#waiting.set(delivery.message, delivery);
    this.#next();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.();
    for (const request of this.#running.values()) request.abort();
  }

  #next(): void {
    this.#timer?.();
    if (this.#isClosed) return;
    const now = this.#deps.clock.now();
    let wake = Infinity;
    for (const delivery of this.#waiting.values()) {
      if (this.#running.has(delivery.message)) continue;
      if (delivery.nextAt > now) wake = Math.min(wake, delivery.nextAt);
      else if (this.#running.size < AT_ONCE) void this.#deliver(delivery);
    }
    if (wake !== Infinity) {
      this.#timer = this.#deps.clock.after(wake - now, () => {
        this.#next();
      });
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { tenant, store, clock, log } = this.#deps;
    const { message } = delivery;
    const request = new AbortController();
    this.#running.set(message, request);
    try {
      const outcome = await this.#post(delivery, request);
      if (this.#isClosed) return;
      if (outcome === 'taken' || outcome === 'gone' || clock.now() >= delivery.expires) {
        if (outcome !== 'taken') log.warn({ tenant, message, outcome }, 'webhook: a left message was given up');
        this.#waiting.delete(message);
        await store.write(tenant, [{ is: 'delivered', message }]);
        return;
      }
      const later = { ...delivery, attempts: delivery.attempts + 1, nextAt: clock.now() + this.#pause(delivery) };
      log.warn({ tenant, message, attempts: later.attempts, outcome }, 'webhook: a left message was not taken');
      this.#waiting.set(message, later);
      await store.write(tenant, [{ is: 'delivery', delivery: later }]);
    } catch {
      // what is in memory is tried on; after a restart the message may be posted once more, with the same id
      log.error({ tenant, message }, 'webhook: the outcome could not be stored');
    } finally {
      this.#running.delete(message);
      this.#next();
    }
  }

  /** Doubles from try to try, with up to a quarter more. */
  #pause({ attempts }: Delivery): number {
    const pause = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempts, 16), LAST_RETRY_MS);
    return pause + Math.floor((pause / 4) * (Number.parseInt(this.#deps.random(2), 16) / 0x1_00_00));
  }

  async #post({ message: id, attempts }: Delivery, request: AbortController): Promise<string> {
    const { tenant, store, clock, teamName } = this.#deps;
    const target = this.#deps.target();
    const message = await store.leftMessage(tenant, id).catch(() => 'unreadable' as const);
    if (message === 'unreadable') return message;
    if (target === undefined || message === undefined) return 'gone';
    const body = JSON.stringify({
      type: 'left-message',
      tenant,
      id,
      at: new Date(message.at).toISOString(),
      team: { id: message.team, name: teamName(message) },
      name: message.name,
      email: message.email,
      text: message.text,
    });
    const stop = clock.after(DEADLINE_MS, () => {
      request.abort();
    });
    try {
      const response = await this.#deps.fetch(target.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Chat-Gateway',
          'x-chat-gateway-delivery': `${tenant}/${id}`,
          'x-chat-gateway-attempt': String(attempts + 1),
          'x-chat-gateway-signature': `sha256=${createHmac('sha256', target.secret).update(body).digest('hex')}`,
        },
        body,
        redirect: 'manual',
        signal: request.signal,
      });
      await response.body?.cancel();
      return response.ok ? 'taken' : `status ${response.status}`;
    } catch {
      return request.signal.aborted ? 'timed out' : 'unreachable';
    } finally {
      stop();
    }
  }
}
