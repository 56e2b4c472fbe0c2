import { HelpdeskError } from '../../../helpdesk/errors.ts';

/** Checks are work of a thread each; the rest of the thread pool stays free for files and names. */
const AT_ONCE = 3;
const WAITING_IN_ALL = 1_024;
const WAITING_PER_TENANT = 256;

/**
 * Runs password checks, a few at a time, the tenants in turn: one whose staff all log in at once, or whose
 * passwords are guessed, delays others by a check at most.
 */
export class HashingQueue {
  readonly #waiting = new Map<string, (() => void)[]>();
  #count = 0;
  #running = 0;

  /** @throws HelpdeskError `unreachable` when too many wait: the login is held and tried again. */
  async run<T>(tenant: string, check: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await this.#turn(tenant);
    else this.#running++;
    try {
      return await check();
    } finally {
      this.#next();
    }
  }

  #turn(tenant: string): Promise<void> {
    const mine = this.#waiting.get(tenant) ?? [];
    if (mine.length >= WAITING_PER_TENANT || this.#count >= WAITING_IN_ALL) {
      return Promise.reject(new HelpdeskError({ is: 'unreachable' }));
    }
    this.#count++;
    this.#waiting.set(tenant, mine);
    return new Promise((resolve) => {
      mine.push(resolve);
    });
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#running--;
      return;
    }
    const [tenant, queue] = first;
    const go = queue.shift();
    this.#count--;
    // to the end of the line
    this.#waiting.delete(tenant);
    if (queue.length > 0) this.#waiting.set(tenant, queue);
    go?.();
  }
}
