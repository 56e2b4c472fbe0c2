/** What features keep of a session, each by a symbol of its own. */
export interface Memory {
  get(key: symbol): unknown;
  set(key: symbol, value: unknown): void;
  delete(key: symbol): void;
  clear(): void;
}

/** Keys and values in turn. Shared while there is nothing: never changed. */
const NOTHING: unknown[] = [];

/** Few features keep something: a list is smaller than a map, and found faster among thousands of sessions. */
export class SessionMemory implements Memory {
  #kept = NOTHING;

  get(key: symbol): unknown {
    const kept = this.#kept;
    for (let at = 0; at < kept.length; at += 2) if (kept[at] === key) return kept[at + 1];
    return undefined;
  }

  set(key: symbol, value: unknown): void {
    const kept = this.#kept;
    for (let at = 0; at < kept.length; at += 2) {
      if (kept[at] !== key) continue;
      kept[at + 1] = value;
      return;
    }
    // no larger than it must be: what is spread or pushed has room for more
    this.#kept = kept.length === 0 ? [key, value] : [...kept, key, value].slice();
  }

  delete(key: symbol): void {
    const kept = this.#kept;
    for (let at = 0; at < kept.length; at += 2) {
      if (kept[at] !== key) continue;
      this.#kept = kept.length === 2 ? NOTHING : kept.toSpliced(at, 2);
      return;
    }
  }

  clear(): void {
    this.#kept = NOTHING;
  }
}
