/** Stops what was scheduled; calling it twice or after the fact does nothing. */
export type Cancel = () => void;

/**
 * Time as an argument. Deadlines that are stored or shown are absolute ({@link Clock.now});
 * durations are measured with {@link Clock.monotonic}, so that a clock step never makes one negative.
 */
export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonic(): number;
  /** Calls `fire` once, `ms` milliseconds from now. */
  after(ms: number, fire: () => void): Cancel;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fire) {
    const timer = setTimeout(fire, Math.min(Math.max(ms, 0), 2_147_483_647));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  readonly #start: number;
  #timers: { at: number; order: number; fire: () => void }[] = [];
  #order = 0;

  constructor(start = Date.UTC(2026, 0, 5, 14, 2)) {
    this.#now = start;
    this.#start = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start;
  }

  after(ms: number, fire: () => void): Cancel {
    const timer = { at: this.#now + Math.max(ms, 0), order: this.#order++, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /**
   * Moves time on by `ms`, firing what becomes due in order. `settle` is awaited before and after each
   * timer, so that what one timer starts is done before the next one fires.
   */
  async advance(ms: number, settle: () => Promise<void> = settled): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.fire();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

/** Resolves when the work that is already queued in this process has run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}
