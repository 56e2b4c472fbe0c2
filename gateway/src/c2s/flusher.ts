export interface Flushable {
  /** Its turn comes: for the flusher. */
  isScheduled: boolean;
  flush(): void;
}

/** Writes in one go, at the end of this turn of the event loop, what was made in it. One for all of an edge. */
export class Flusher {
  #dirty: Flushable[] = [];

  schedule(who: Flushable): void {
    if (who.isScheduled) return;
    who.isScheduled = true;
    if (this.#dirty.length === 0) setImmediate(this.#flush);
    this.#dirty.push(who);
  }

  readonly #flush = (): void => {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const one of dirty) {
      one.isScheduled = false;
      one.flush();
    }
  };
}
