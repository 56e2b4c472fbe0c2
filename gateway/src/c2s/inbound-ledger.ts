import { after, steps } from './stream-management.ts';

/** A stanza in its place on the stream. */
export interface Place {
  readonly number: number;
  /** 0 for the first stanza with this number; grows when an app puts another one in the place of one that is lost. */
  readonly version: number;
  /** Handled and stored, or answered. */
  settle(): void;
}

class Known implements Place {
  readonly #ledger: InboundLedger;
  readonly number: number;
  readonly version: number;
  readonly name: string;
  readonly id: string | undefined;
  readonly bytes: number;
  settled = false;

  constructor(
    ledger: InboundLedger,
    number: number,
    version: number,
    name: string,
    id: string | undefined,
    bytes: number,
  ) {
    this.#ledger = ledger;
    this.number = number;
    this.version = version;
    this.name = name;
    this.id = id;
    this.bytes = bytes;
  }

  settle(): void {
    this.#ledger.settle(this);
  }
}

/** Who keeps a ledger: told after each change of what is handled or open. */
export interface LedgerOwner {
  settled(ledger: InboundLedger): void;
}

/** Shared by all streams that have nothing open: never changed. */
const NONE: Known[] = [];

/**
 * Which of an app's stanzas are handled: `h` counts those whose predecessors are handled too. What an app sends
 * again after a resume is found here and not handled twice. [XEP-0198 §4, §5]
 */
export class InboundLedger {
  #handled: number;
  #read: number;
  /** From `handled + 1` on, without gaps. */
  #open = NONE;
  /** Handled since the resume and not sent again yet, from `read + 1` to `handled`. */
  #ahead = NONE;
  #unsettled = 0;
  #unsettledBytes = 0;
  readonly #owner: LedgerOwner;

  constructor(handled: number, owner: LedgerOwner) {
    this.#handled = handled;
    this.#read = handled;
    this.#owner = owner;
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
    this.#ahead = NONE;
  }

  /** Takes the next stanza; `undefined` when it is one that is being handled, or was, from before the resume. */
  read(name: string, id: string | undefined, bytes: number): Place | undefined {
    this.#read = after(this.#read);
    const overtaken = this.#ahead.length === 0 ? undefined : this.#ahead.shift();
    const index = overtaken === undefined ? steps(this.#handled, this.#read) - 1 : undefined;
    const before = index === undefined ? overtaken : this.#open[index];
    if (before !== undefined && before.name === name && before.id === id) return undefined;
    const known = new Known(this, this.#read, before === undefined ? 0 : before.version + 1, name, id, bytes);
    if (before !== undefined && !before.settled) this.#leave(before);
    // its number is counted already where another stanza with that number was handled
    if (index !== undefined) {
      // nearly always of one: an array that grows by itself has room for seventeen
      if (this.#open.length === 0) this.#open = [known];
      else this.#open[index] = known;
    }
    this.#unsettled++;
    this.#unsettledBytes += bytes;
    return known;
  }

  /** For its places. */
  settle(known: Known): void {
    if (known.settled) return;
    this.#leave(known);
    while (this.#open[0]?.settled === true) {
      const [first] = this.#open;
      if (this.#open.length === 1) this.#open = NONE;
      else this.#open.shift();
      if (this.#ahead.length > 0 || this.#handled === this.#read) this.#overtake(first);
      this.#handled = after(this.#handled);
    }
    this.#owner.settled(this);
  }

  #overtake(known: Known): void {
    if (this.#ahead.length === 0) this.#ahead = [known];
    else this.#ahead.push(known);
  }

  #leave(known: Known): void {
    known.settled = true;
    this.#unsettled--;
    this.#unsettledBytes -= known.bytes;
  }
}
