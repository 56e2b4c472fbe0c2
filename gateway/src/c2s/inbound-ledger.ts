import { after, steps } from './stream-management.ts';

interface Known {
  readonly name: string;
  readonly id: string | undefined;
  readonly bytes: number;
  /** Grows when an app puts another stanza in the place of one that it never heard of again. */
  readonly version: number;
  settled: boolean;
}

/** A stanza in its place on the stream. */
export interface Place {
  readonly number: number;
  /** 0 for the first stanza with this number. */
  readonly version: number;
  /** Handled and stored, or answered. */
  readonly settle: () => void;
}

/**
 * Which of an app's stanzas are handled: `h` counts those whose predecessors are handled too. What an app sends
 * again after a resume is found here and not handled twice. [XEP-0198 §4, §5]
 */
export class InboundLedger {
  #handled: number;
  #read: number;
  /** From `handled + 1` on, without gaps. */
  readonly #open: Known[] = [];
  /** Handled since the resume and not sent again yet, from `read + 1` to `handled`. */
  #ahead: Known[] = [];
  #unsettled = 0;
  #unsettledBytes = 0;
  readonly #settled: () => void;

  /** `settled` is called after each change of what is handled or open. */
  constructor(handled: number, settled: () => void) {
    this.#handled = handled;
    this.#read = handled;
    this.#settled = settled;
  }

  get handled(): number {
    return this.#handled;
  }

  get unsettled(): number {
    return this.#unsettled;
  }

  get unsettledBytes(): number {
    return this.#unsettledBytes;
  }

  /** The app begins again behind what we say that we have handled. */
  resume(): void {
    this.#read = this.#handled;
    this.#ahead = [];
  }

  /** Takes the next stanza; `undefined` when it is one that is being handled, or was, from before the resume. */
  read(name: string, id: string | undefined, bytes: number): Place | undefined {
    this.#read = after(this.#read);
    const overtaken = this.#ahead.shift();
    const index = overtaken === undefined ? steps(this.#handled, this.#read) - 1 : undefined;
    const before = index === undefined ? overtaken : this.#open[index];
    if (before !== undefined && before.name === name && before.id === id) return undefined;
    const known: Known = { name, id, bytes, settled: false, version: before === undefined ? 0 : before.version + 1 };
    if (before !== undefined && !before.settled) this.#leave(before);
    // its number is counted already where another stanza with that number was handled
    if (index !== undefined) this.#open[index] = known;
    this.#unsettled++;
    this.#unsettledBytes += bytes;
    return {
      number: this.#read,
      version: known.version,
      settle: () => {
        this.#settle(known);
      },
    };
  }

  #settle(known: Known): void {
    if (known.settled) return;
    this.#leave(known);
    while (this.#open[0]?.settled === true) {
      const first = this.#open.shift();
      if (first !== undefined && (this.#ahead.length > 0 || this.#handled === this.#read)) this.#ahead.push(first);
      this.#handled = after(this.#handled);
    }
    this.#settled();
  }

  #leave(known: Known): void {
    known.settled = true;
    this.#unsettled--;
    this.#unsettledBytes -= known.bytes;
  }
}
