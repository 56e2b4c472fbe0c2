import type { Cancel, Clock } from '@chat-gateway/runtime';

/** Something that wants to be looked at at a certain time. */
export interface Due {
  /** Where its deadline is; for {@link Deadlines}. */
  slot: number | undefined;
  /** May set itself a new deadline. `now` is monotonic. */
  due(now: number): void;
}

/** How late a deadline may be noticed, in milliseconds. */
export const GRAIN = 250;

/** Deadlines of everything an edge holds, with one timer for all: the timer waits for the earliest slot only. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #slots = new Map<number, Set<Due>>();
  #size = 0;
  #armed: number | undefined;
  #cancel: Cancel | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Replaces the deadline that `who` had. `at` is monotonic; it is called at that time or up to a {@link GRAIN} later. */
  set(who: Due, at: number): void {
    const slot = Math.ceil(at / GRAIN);
    const before = who.slot;
    if (before === slot) return;
    if (before === undefined) this.#size++;
    else this.#leave(who, before);
    who.slot = slot;
    const members = this.#slots.get(slot);
    if (members === undefined) this.#slots.set(slot, new Set([who]));
    else members.add(who);
    if (this.#armed === undefined || slot < this.#armed) this.#arm(slot);
  }

  clear(who: Due): void {
    const { slot } = who;
    if (slot === undefined) return;
    who.slot = undefined;
    this.#size--;
    this.#leave(who, slot);
    if (this.#slots.size === 0) this.#disarm();
  }

  /** Deadlines that are set: for tests and metrics. */
  get size(): number {
    return this.#size;
  }

  #leave(who: Due, slot: number): void {
    const members = this.#slots.get(slot);
    members?.delete(who);
    if (members?.size === 0) this.#slots.delete(slot);
  }

  #arm(slot: number): void {
    this.#cancel?.();
    this.#armed = slot;
    this.#cancel = this.#clock.after(slot * GRAIN - this.#clock.monotonic(), () => {
      this.#fire();
    });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armed = undefined;
  }

  #fire(): void {
    this.#armed = undefined;
    const now = this.#clock.monotonic();
    // a timer may fire a little early: the slot it was armed for is looked at anyway
    const upTo = Math.round(now / GRAIN);
    for (const [slot, members] of [...this.#slots]) {
      if (slot > upTo) continue;
      this.#slots.delete(slot);
      for (const who of members) who.slot = undefined;
      this.#size -= members.size;
      for (const who of members) who.due(now);
    }
    let earliest: number | undefined;
    for (const slot of this.#slots.keys()) if (earliest === undefined || slot < earliest) earliest = slot;
    if (earliest === undefined) this.#disarm();
    else if (this.#armed === undefined || earliest !== this.#armed) this.#arm(earliest);
  }
}
