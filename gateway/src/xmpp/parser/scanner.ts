import { forbidden, notWellFormed } from './character-data.ts';
import { BRACKET, FORBIDDEN, GREATER_THAN, LESS_THAN, OCTET } from './characters.ts';
import type { Octets } from './octets.ts';

/** What a run of octets up to the next boundary is. `lead` is a `<` that is not yet known to be any of the others. */
export type TokenKind = 'none' | 'lead' | 'text' | 'start-tag' | 'end-tag' | 'section' | 'declaration';

const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/**
 * Finds where a token ends, and goes on where it stopped when more octets come: no octet is looked for twice, however
 * the token is cut.
 */
export class Scanner {
  kind: TokenKind = 'none';
  /** Of a text or section: the classes of its octets so far. */
  classes = 0;
  #quote = 0;
  #brackets = 0;

  begin(kind: TokenKind): void {
    this.kind = kind;
    this.classes = 0;
    this.#quote = 0;
    this.#brackets = 0;
  }

  /** Where the token that goes on at `from` ends, or -1 where it does not before `to`. */
  end(octets: Octets, from: number, to: number): number {
    switch (this.kind) {
      case 'text':
        return this.#endOfText(octets, from, to);
      case 'start-tag':
        return this.#endOfStartTag(octets, from, to);
      case 'section':
        return this.#endOfSection(octets, from, to);
      case 'end-tag':
      case 'declaration':
        return endAtGreaterThan(octets, from, to);
      case 'none':
      case 'lead':
        return -1;
    }
  }

  #endOfText(octets: Octets, from: number, to: number): number {
    let seen = this.classes;
    for (let at = from; at < to; at++) {
      const found = OCTET[octets[at] ?? 0] ?? 0;
      if (found === 0) continue;
      if (found === LESS_THAN) {
        this.classes = seen;
        return at;
      }
      if (found === FORBIDDEN) throw forbidden();
      seen |= found;
    }
    this.classes = seen;
    return -1;
  }

  #endOfStartTag(octets: Octets, from: number, to: number): number {
    let quote = this.#quote;
    for (let at = from; at < to; at++) {
      const code = octets[at] ?? 0;
      const found = OCTET[code] ?? 0;
      if (found === FORBIDDEN) throw forbidden();
      if (found === LESS_THAN) throw notWellFormed('"<" in a tag');
      if (quote !== 0) {
        if (code === quote) quote = 0;
      } else if (code === QUOTE || code === APOSTROPHE) quote = code;
      else if (found === GREATER_THAN) return at + 1;
    }
    this.#quote = quote;
    return -1;
  }

  #endOfSection(octets: Octets, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const found = OCTET[octets[at] ?? 0] ?? 0;
      if (found === BRACKET) {
        this.#brackets++;
        continue;
      }
      if (found === FORBIDDEN) throw forbidden();
      if (found === GREATER_THAN && this.#brackets >= 2) return at + 1;
      this.#brackets = 0;
      this.classes |= found;
    }
    return -1;
  }
}

function endAtGreaterThan(octets: Octets, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const found = OCTET[octets[at] ?? 0] ?? 0;
    if (found === GREATER_THAN) return at + 1;
    if (found === FORBIDDEN) throw forbidden();
    if (found === LESS_THAN) throw notWellFormed('"<" in a tag');
  }
  return -1;
}
