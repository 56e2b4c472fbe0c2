import type { Clock } from '@chat-gateway/runtime';
import type { InboxEntry } from '../bus/messages.ts';
import { type Bus, BusUnavailableError, BusyError } from '../bus/port.ts';

/** Waits between attempts to store an entry that nobody could store. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;

interface Waiting {
  readonly entry: InboxEntry;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * One session's way to its desk. What cannot be stored now is kept and written again, in its order; the app's
 * stanza is not counted until then, so a session that is over needs no more of it.
 */
export class ActQueue {
  readonly #bus: Bus;
  readonly #clock: Clock;
  /** What could not be stored, oldest first; what comes later waits behind it. */
  #waiting: Waiting[] = [];
  #wait = FIRST_WAIT;
  #retrying = false;

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  put(entry: InboxEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { entry, resolve, reject };
      if (this.#waiting.length > 0) this.#waiting.push(waiting);
      else this.#store(waiting);
    });
  }

  get length(): number {
    return this.#waiting.length;
  }

  #store(waiting: Waiting): void {
    this.#bus.put(waiting.entry).then(waiting.resolve, (cause: unknown) => {
      if (cause instanceof BusyError || cause instanceof BusUnavailableError) this.#hold(waiting);
      else waiting.reject(cause);
    });
  }

  #hold(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (this.#retrying) return;
    this.#retrying = true;
    this.#clock.after(this.#wait, () => {
      void this.#retry();
    });
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  async #retry(): Promise<void> {
    const first = this.#waiting[0];
    if (first !== undefined) {
      try {
        await this.#bus.put(first.entry);
        first.resolve();
      } catch (cause) {
        if (cause instanceof BusyError || cause instanceof BusUnavailableError) {
          this.#clock.after(this.#wait, () => {
            void this.#retry();
          });
          this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
          return;
        }
        first.reject(cause);
      }
      this.#waiting.shift();
    }
    this.#wait = FIRST_WAIT;
    this.#retrying = false;
    const rest = this.#waiting;
    this.#waiting = [];
    for (const waiting of rest) this.#store(waiting);
  }
}
