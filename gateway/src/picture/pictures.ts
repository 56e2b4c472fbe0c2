import { hash } from 'node:crypto';
import { identicon, sign } from './identicon.ts';

export interface Picture {
  readonly type: 'image/png';
  /** Base 64. */
  readonly data: string;
  /** SHA-1 of the file, hexadecimal. */
  readonly sha1: string;
}

/** Pictures that are kept: about 1 KiB each, and 0.1 ms to draw again. */
export const KEPT = 2_000;

function pictureOf(file: Buffer): Picture {
  return { type: 'image/png', data: file.toString('base64'), sha1: hash('sha1', file) };
}

/**
 * Pictures by what they are drawn from, the last used of them. What is drawn follows from the text and from nothing
 * else, so that tenants can share one.
 */
export class Pictures {
  /** The contact `Chat Gateway`’s. */
  readonly sign = pictureOf(sign());
  /** The one used last is last. */
  readonly #kept = new Map<string, Picture>();

  of(text: string): Picture {
    const known = this.#kept.get(text);
    const picture = known ?? pictureOf(identicon(text));
    if (known !== undefined) this.#kept.delete(text);
    this.#kept.set(text, picture);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return picture;
  }

  get count(): number {
    return this.#kept.size;
  }
}
