/** No more often than this is told what was shown. */
const EVERY_MS = 1_000;

/** Tells the helpdesk which lines its visitor has seen: those that were in sight while the page was looked at. */
export class SeenReport {
  #inSight = 0;
  #told = 0;
  #isResting = false;

  /**
   * @param {object} deps
   * @param {() => boolean} deps.isLookedAt
   * @param {(line: number) => Promise<unknown>} deps.tell
   * @param {(ms: number, fire: () => void) => () => void} deps.after
   */
  constructor(deps) {
    this.deps = deps;
  }

  /** A line is in sight. @param {number} line */
  shown(line) {
    this.#inSight = Math.max(this.#inSight, line);
    this.look();
  }

  /** The page may be looked at again, or the connection be back. */
  look() {
    if (this.#isResting || this.#inSight <= this.#told || !this.deps.isLookedAt()) return;
    const before = this.#told;
    const line = this.#inSight;
    this.#told = line;
    this.#isResting = true;
    this.deps.tell(line).catch(() => {
      // told with what comes next, or when the connection is back
      if (this.#told === line) this.#told = before;
    });
    this.deps.after(EVERY_MS, () => {
      this.#isResting = false;
      if (this.#inSight > line) this.look();
    });
  }
}
