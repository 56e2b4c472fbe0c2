/** The methods behind `toString`, without its checks: they are called for every name and value. */
export interface Octets extends Buffer {
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
}

export function octetsOf(chunk: Uint8Array): Octets {
  return (Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)) as Octets;
}

export function joined(...parts: readonly Uint8Array[]): Octets {
  return Buffer.concat(parts) as Octets;
}

/** Octets that are not parsed yet. Grows by doubling, so that single octets cost no more than a few each. */
export class OctetQueue {
  #octets = Buffer.allocUnsafe(256);
  length = 0;

  append(octets: Uint8Array): void {
    const length = this.length + octets.length;
    if (length > this.#octets.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#octets.length * 2));
      larger.set(this.#octets.subarray(0, this.length));
      this.#octets = larger;
    }
    this.#octets.set(octets, this.length);
    this.length = length;
  }

  /** All of them; the queue is not used after. */
  taken(): Octets {
    return octetsOf(this.#octets.subarray(0, this.length));
  }
}

/** V8 copies what is shorter; a longer slice keeps the whole text that it was cut from. */
const COPIED = 13;
const SMALL_TEXT = 1024;

/**
 * A part of a text whose characters are the octets beside it. From a large text it is copied, or one kept name
 * would hold 64 KiB.
 */
export function part(text: string, octets: Octets, from: number, to: number): string {
  return to - from < COPIED || text.length <= SMALL_TEXT ? text.slice(from, to) : octets.latin1Slice(from, to);
}
