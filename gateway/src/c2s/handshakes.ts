/** Each costs about a millisecond, mostly for its signature. */
export const HANDSHAKES_PER_TURN = 8;

/**
 * Lets only so many handshakes begin in one turn of the event loop, in the order in which they came: a flood of them
 * slows down logins, not the streams that are open.
 */
export class Handshakes {
  #waiting: (() => void)[] = [];
  #isRunning = false;

  /** How many wait: for tests and metrics. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** `begin` must do nothing where nobody waits for it any more. */
  enter(begin: () => void): void {
    this.#waiting.push(begin);
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    for (const begin of this.#waiting.splice(0, HANDSHAKES_PER_TURN)) begin();
    if (this.#waiting.length > 0) setImmediate(this.#turn);
    else this.#isRunning = false;
  };
}
