import type { Clock } from '@chat-gateway/runtime';
import type { InboxEntry } from '../bus/messages.ts';
import { type Bus, BusUnavailableError, BusyError } from '../bus/port.ts';

/** Waits between attempts to store an entry that nobody could store. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;
/** The id of an entry that was perhaps stored is known for this long. */
export const GIVE_UP = 600_000;

interface Waiting {
  readonly entry: InboxEntry;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** Shared by all sessions that have nothing waiting. */
const NONE: readonly Waiting[] = [];

const isSoft = (cause: unknown): boolean => cause instanceof BusyError || cause instanceof BusUnavailableError;

/**
 * One session's way to its desk. What cannot be stored now is kept and written again, in its order; the stanza that
 * it comes from is not counted until then.
 */
export class ActQueue {
  readonly #bus: Pick<Bus, 'put'>;
  readonly #clock: Clock;
  /** What could not be stored, oldest first; what comes later waits behind it. */
  #waiting = NONE;
  #wait = FIRST_WAIT;
  #isRetrying = false;

  constructor(bus: Pick<Bus, 'put'>, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  put(entry: InboxEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { entry, since: this.#clock.monotonic(), resolve, reject };
      if (this.#waiting.length > 0) this.#waiting = [...this.#waiting, waiting];
      else this.#store(waiting);
    });
  }

  #store(waiting: Waiting): void {
    this.#bus.put(waiting.entry).then(waiting.resolve, (cause: unknown) => {
      if (!isSoft(cause)) {
        waiting.reject(cause);
        return;
      }
      this.#waiting = [...this.#waiting, waiting];
      if (!this.#isRetrying) this.#later();
    });
  }

  #later(): void {
    this.#isRetrying = true;
    this.#clock.after(this.#wait, () => {
      void this.#retry();
    });
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  /** Tries the first one; when it is stored, all others go at once. */
  async #retry(): Promise<void> {
    const first = this.#waiting[0];
    if (first !== undefined) {
      try {
        await this.#bus.put(first.entry);
        first.resolve();
      } catch (cause) {
        if (isSoft(cause) && this.#clock.monotonic() - first.since < GIVE_UP) {
          this.#later();
          return;
        }
        first.reject(cause);
      }
    }
    this.#wait = FIRST_WAIT;
    this.#isRetrying = false;
    const rest = this.#waiting.slice(1);
    this.#waiting = NONE;
    for (const waiting of rest) this.#store(waiting);
  }
}
