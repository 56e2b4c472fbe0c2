export interface Flushable {
  flush(): void;
}

/** Writes in one go, at the end of this turn of the event loop, what was made in it. One for all of an edge. */
export class Flusher {
  #dirty = new Set<Flushable>();
  #scheduled = false;

  schedule(who: Flushable): void {
    this.#dirty.add(who);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const dirty = this.#dirty;
      this.#dirty = new Set();
      for (const one of dirty) one.flush();
    });
  }
}
