import type { Cancel, Clock, Logger } from '@chat-gateway/runtime';
import type { ChatHint } from '../../bus/port.ts';
import type { Limits } from '../../config/schema.ts';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { ChatId, TenantId } from '../../helpdesk/model.ts';
import type { HelpdeskEvent } from '../../helpdesk/port.ts';
import type { Directory } from './staff/directory.ts';
import { Floor } from './floor.ts';
import { QueueFull } from './queue-full.ts';
import type { Rules } from './rules.ts';
import type { EmbeddedStore, StoreChange, StoredTenant } from './store/port.ts';
import { Turn } from './turn.ts';

export interface LiveFloorDeps {
  readonly tenant: TenantId;
  readonly store: EmbeddedStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: Pick<Limits, 'waitingChatsPerTenant'>;
  readonly wake: (chat: ChatId, hint: ChatHint) => void;
}

const RELOAD_PAUSE_MS = 1_000;
/** A timer that is this late, or early, was not: the process was frozen, or the clock was set. */
const FROZEN_MS = 5_000;

/**
 * A floor that lives: turns change it, are stored, and only then told. Where storing fails, the floor is read
 * again from the store, since nothing of what was not stored is true any more.
 */
export class LiveFloor {
  readonly #deps: LiveFloorDeps;
  readonly #listener: (event: HelpdeskEvent) => void;
  #floor: Floor;
  #isOpen = true;
  /** Set while the floor is read again. */
  #reloading: Promise<void> | undefined;
  readonly #storing = new Set<Promise<void>>();
  readonly #queueFull: QueueFull;
  #timer: Cancel | undefined;
  #timerAt = Infinity;

  constructor(
    deps: LiveFloorDeps,
    stored: StoredTenant,
    directory: Directory,
    rules: Rules,
    listener: (event: HelpdeskEvent) => void,
  ) {
    this.#deps = deps;
    this.#listener = listener;
    this.#queueFull = new QueueFull(deps.limits.waitingChatsPerTenant);
    const now = deps.clock.now();
    this.#floor = new Floor(stored, directory, rules, now);
    // what became due while nobody ran happens after the snapshot
    this.wakeAt(now);
  }

  get now(): Floor {
    return this.#floor;
  }

  /** Resolves when nothing more is stored or told. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#timer?.();
    await Promise.allSettled(this.#storing);
  }

  /** Changes the floor in one step. Resolves when that is stored and told. @throws HelpdeskError */
  async turn(work: (turn: Turn, floor: Floor) => void): Promise<void> {
    while (this.#reloading !== undefined) await this.#reloading;
    if (!this.#isOpen) throw new HelpdeskError({ is: 'unreachable' });
    const floor = this.#floor;
    const turn = new Turn(floor, this.#deps.clock.now());
    try {
      work(turn, floor);
    } catch (error) {
      if (error instanceof HelpdeskError) throw error;
      this.#deps.log.error({ tenant: this.#deps.tenant, err: error }, 'embedded helpdesk: a turn failed');
      this.#reload();
      throw new HelpdeskError({ is: 'unreachable' }, { cause: error });
    }
    for (const chat of turn.open) this.wakeAt(floor.deadlineOf(chat));
    const stored = this.#store(turn.changes()).then(() => {
      this.tell([...turn.events, ...this.#queueFull.news(this.#floor)]);
      for (const [chat, hint] of turn.hints) this.#deps.wake(chat, hint);
    });
    this.#storing.add(stored);
    try {
      await stored;
    } finally {
      this.#storing.delete(stored);
    }
  }

  tell(events: readonly HelpdeskEvent[]): void {
    for (const event of events) {
      try {
        this.#listener(event);
      } catch (error) {
        const { tenant, log } = this.#deps;
        log.error({ tenant, event: event.type, err: error }, 'embedded helpdesk: a listener failed');
      }
    }
  }

  /** Something may become due then. */
  wakeAt(at: number): void {
    if (at >= this.#timerAt || !this.#isOpen) return;
    this.#timer?.();
    this.#timerAt = at;
    this.#timer = this.#deps.clock.after(at - this.#deps.clock.now(), () => {
      this.#timerAt = Infinity;
      const now = this.#deps.clock.now();
      if (Math.abs(now - at) > FROZEN_MS) this.#floor.stoodStill(now);
      this.#lapse().catch(() => {
        this.wakeAt(this.#deps.clock.now() + RELOAD_PAUSE_MS);
      });
    });
  }

  async #lapse(): Promise<void> {
    await this.turn((turn) => {
      turn.lapse();
    });
    const now = this.#deps.clock.now();
    const next = this.#floor.deadline();
    // what is due again at once can only be a mistake: it must not stop the process
    this.wakeAt(next > now ? next : now + RELOAD_PAUSE_MS);
  }

  async #store(changes: readonly StoreChange[]): Promise<void> {
    const { store, tenant, log } = this.#deps;
    try {
      await store.write(tenant, changes);
    } catch (error) {
      if (this.#reloading === undefined) {
        log.error({ tenant, err: error }, 'embedded helpdesk: the store refused a write; reading its state again');
        this.#reload();
      }
      throw new HelpdeskError({ is: 'unreachable' }, { cause: error });
    }
  }

  #reload(): void {
    this.#reloading ??= this.#loadAgain().finally(() => {
      this.#reloading = undefined;
    });
  }

  async #loadAgain(): Promise<void> {
    const { store, tenant, clock, log } = this.#deps;
    while (this.#isOpen) {
      try {
        const stored = await store.load(tenant);
        const { directory, rules } = this.#floor;
        this.#floor = new Floor(stored, directory, rules, clock.now(), this.#floor);
        this.wakeAt(clock.now() + RELOAD_PAUSE_MS);
        return;
      } catch (error) {
        log.error({ tenant, err: error }, 'embedded helpdesk: the store cannot be read');
        await new Promise<void>((resolve) => {
          clock.after(RELOAD_PAUSE_MS, resolve);
        });
      }
    }
  }
}
