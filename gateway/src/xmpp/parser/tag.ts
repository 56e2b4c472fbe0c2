import { StreamError } from '../stream-error.ts';
import { attributeValue, forbidden, notWellFormed } from './character-data.ts';
import { BEYOND_ASCII, FORBIDDEN, LESS_THAN, NAME, OCTET, QUALIFIED_NAME } from './characters.ts';
import { knownName, nextHash } from './known-names.ts';
import { type Octets, part } from './octets.ts';

/** A start tag, before its namespaces are looked at. */
export interface Tag {
  readonly name: string;
  readonly attrs: Record<string, string>;
  /** Some name in it has a prefix. */
  readonly prefixed: boolean;
  /** `<name/>` */
  readonly empty: boolean;
}

const COLON = 0x3a;
const EQUALS = 0x3d;
const SLASH = 0x2f;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/**
 * Reads start tags. Its fields are those of the tag that is being read: one reader serves all streams, as a read is
 * never interrupted.
 */
class TagReader {
  #text = '';
  #octets: Octets = Buffer.alloc(0) as unknown as Octets;
  #at = 0;
  #prefixed = false;

  read(text: string, octets: Octets, from: number, to: number, maxAttributes: number): Tag | undefined {
    this.#text = text;
    this.#octets = octets;
    this.#at = from + 1;
    this.#prefixed = false;
    const name = this.#name();
    const empty = octets[to - 2] === SLASH;
    const attrs = this.#attributes(empty ? to - 2 : to - 1, maxAttributes);
    return attrs && { name, attrs, prefixed: this.#prefixed, empty };
  }

  #attributes(end: number, most: number): Record<string, string> | undefined {
    const attrs: Record<string, string> = {};
    for (let count = 0; ; count++) {
      const before = this.#at;
      this.#space();
      if (this.#at >= end) return attrs;
      if (this.#at === before) throw notWellFormed('White space was expected');
      if (count === most) throw new StreamError('policy-violation', 'Too many attributes');
      const key = this.#name();
      this.#space();
      if (this.#octets[this.#at++] !== EQUALS) throw notWellFormed('"=" was expected');
      this.#space();
      const value = this.#value(end);
      if (value === undefined) return undefined;
      set(attrs, key, value);
    }
  }

  #space(): void {
    for (;;) {
      const octet = this.#octets[this.#at];
      if (octet !== 0x20 && octet !== 0x0a && octet !== 0x09 && octet !== 0x0d) return;
      this.#at++;
    }
  }

  #name(): string {
    const octets = this.#octets;
    const from = this.#at;
    let at = from;
    let hash = 0;
    let colons = 0;
    let ascii = true;
    /** Of the part after a colon, or of all. */
    let length = 0;
    for (; ; at++) {
      const octet = octets[at] ?? 0;
      const kind = NAME[octet] ?? 0;
      if (kind === 0) {
        if (octet !== COLON || length === 0) break;
        colons++;
        length = -1;
      } else if (kind === 2 && length === 0) break;
      else if (kind === 3) ascii = false;
      length++;
      hash = nextHash(hash, octet);
    }
    if (length === 0) throw notWellFormed('A name was expected');
    if (colons > 1) throw notWellFormed('A name with two colons');
    this.#at = at;
    const known = knownName(hash, octets, from, at);
    // nothing else can be bound to the namespace of xml, so there is nothing to look up
    if (colons > 0 && known !== 'xml:lang') this.#prefixed = true;
    if (known !== undefined) return known;
    if (ascii) return part(this.#text, octets, from, at);
    const name = octets.utf8Slice(from, at);
    if (!QUALIFIED_NAME.test(name)) throw notWellFormed('A name was expected');
    return name;
  }

  #value(end: number): string | undefined {
    const octets = this.#octets;
    const quote = octets[this.#at];
    if (quote !== QUOTE && quote !== APOSTROPHE) throw notWellFormed('A quoted value was expected');
    const from = this.#at + 1;
    let at = from;
    let classes = 0;
    for (; at < end; at++) {
      const octet = octets[at] ?? 0;
      if (octet === quote) break;
      classes |= OCTET[octet] ?? 0;
    }
    if ((classes & FORBIDDEN) !== 0) throw forbidden();
    if ((classes & LESS_THAN) !== 0) throw notWellFormed('"<" in a tag');
    if (at >= end) return undefined;
    this.#at = at + 1;
    const raw = (classes & BEYOND_ASCII) === 0 ? part(this.#text, octets, from, at) : octets.utf8Slice(from, at);
    return classes === 0 ? raw : attributeValue(raw, classes);
  }
}

function set(attrs: Record<string, string>, key: string, value: string): void {
  // what is inherited is never a string
  if (typeof attrs[key] === 'string') throw notWellFormed('An attribute is repeated');
  if (key === '__proto__')
    Object.defineProperty(attrs, key, { value, enumerable: true, writable: true, configurable: true });
  else attrs[key] = value;
}

const reader = new TagReader();

/** Reads the start tag from `from` (its `<`) to `to` (after its `>`). `undefined`: that `>` stands in a value. */
export function readTag(
  text: string,
  octets: Octets,
  from: number,
  to: number,
  maxAttributes: number,
): Tag | undefined {
  return reader.read(text, octets, from, to, maxAttributes);
}
