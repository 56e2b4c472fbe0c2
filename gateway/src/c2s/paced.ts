import type { Writable } from 'node:stream';

/**
 * Bytes of text whose TLS record fits the first buffer of 1 KiB that Node has for what a connection sends. Once more
 * than that waits in it, Node makes another one of 16 KiB and keeps it for as long as the connection lives.
 */
export const PIECE = 1_000;
/** More at once does not come with every login: it is worth the buffer, and would take too many turns in pieces. */
export const BURST = 16_384;

/** A piece has so many characters, the first of these with which it is none too long: none has more than three bytes. */
const CHARACTERS = [PIECE, PIECE / 2, Math.floor(PIECE / 3)];

/** The beginning of a text that is one piece; whole characters, so that each piece can be encoded by itself. */
function firstPiece(text: string): string {
  let piece = text;
  for (const most of CHARACTERS) {
    if (text.length > most) {
      const last = text.charCodeAt(most - 1);
      piece = text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
    }
    if (Buffer.byteLength(piece) <= PIECE) break;
  }
  return piece;
}

/**
 * What goes out over TLS: in pieces, each when the one before is with the system, so that idle connections stay small.
 * Pieces are text: of bytes, Node would keep 64 KiB at a time while any of it is in use.
 */
export class Paced {
  readonly #to: Writable;
  #behind = '';
  #isEnding = false;

  constructor(to: Writable) {
    this.#to = to;
  }

  /** Bytes or characters that the system has not taken yet. */
  get waiting(): number {
    return this.#to.writableLength + this.#behind.length;
  }

  write(text: string): void {
    if (this.waiting === 0 && Buffer.byteLength(text) <= PIECE) {
      this.#put(text);
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
    const behind = this.#behind;
    if (behind === '') {
      if (this.#isEnding) this.#to.end();
      return;
    }
    const piece = behind.length > BURST || Buffer.byteLength(behind) > BURST ? behind : firstPiece(behind);
    this.#behind = behind.slice(piece.length);
    this.#put(piece);
  }

  /** What is called back is made for each write: an idle connection keeps nothing for it. */
  #put(text: string): void {
    this.#to.write(text, (error) => {
      // what waited cannot be sent any more; the connection hears of it by itself
      if (error === undefined || error === null) this.#next();
    });
  }
}
