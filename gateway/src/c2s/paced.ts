import type { Writable } from 'node:stream';

/**
 * Bytes of text whose TLS record fits the first buffer of 1 KiB that Node has for what a connection sends. Once more
 * than that waits in it, Node makes another one of 16 KiB and keeps it for as long as the connection lives.
 */
export const PIECE = 1_000;
/** More at once does not come with every login: it is worth the buffer, and would take too many turns in pieces. */
export const BURST = 16_384;

/** What goes out over TLS: in pieces, each when the one before is with the system, so that idle connections stay small. */
export class Paced {
  readonly #to: Writable;
  /** Of what is being written in pieces. */
  #rest: Buffer | undefined;
  #behind = '';
  #isEnding = false;

  constructor(to: Writable) {
    this.#to = to;
  }

  /** Bytes or characters that the system has not taken yet. */
  get waiting(): number {
    return this.#to.writableLength + (this.#rest?.length ?? 0) + this.#behind.length;
  }

  write(text: string): void {
    if (this.waiting === 0 && Buffer.byteLength(text) <= PIECE) {
      this.#to.write(text, this.#written);
      return;
    }
    this.#behind += text;
    this.#next();
  }

  /** Ends the stream behind all that waits. */
  end(text: string): void {
    this.#behind += text;
    this.#isEnding = true;
    this.#next();
  }

  #next(): void {
    if (this.#to.writableLength > 0) return;
    if (this.#rest === undefined && this.#behind !== '') {
      this.#rest = Buffer.from(this.#behind);
      this.#behind = '';
    }
    const rest = this.#rest;
    if (rest === undefined) {
      if (this.#isEnding) this.#to.end();
      return;
    }
    const length = rest.length > BURST ? rest.length : PIECE;
    this.#rest = rest.length > length ? rest.subarray(length) : undefined;
    this.#to.write(rest.subarray(0, length), this.#written);
  }

  readonly #written = (error?: Error | null): void => {
    // what waited cannot be sent any more; the connection hears of it by itself
    if (error === undefined || error === null) this.#next();
  };
}
