import { StreamError } from '../stream-error.ts';
import { attributeValue, notWellFormed } from './character-data.ts';
import { BEYOND_ASCII, NAME, OCTET, QUALIFIED_NAME } from './characters.ts';
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

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;

function afterSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Where the name that begins at `from` ends; throws where none begins. */
function afterName(text: string, from: number): number {
  let at = from;
  // 0 after a colon or at the start: what comes must be able to begin a name
  let length = 0;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    const kind = NAME[code] ?? 0;
    if (kind === 0) {
      if (code !== COLON || length === 0) break;
      length = 0;
    } else {
      if (length === 0 && kind === 2) break;
      length++;
    }
  }
  if (length === 0) throw notWellFormed('A name was expected');
  return at;
}

function name(text: string, octets: Octets, from: number, to: number): string {
  const ascii = part(text, octets, from, to);
  const colon = ascii.indexOf(':');
  if (colon >= 0 && ascii.includes(':', colon + 1)) throw notWellFormed('A name with two colons');
  for (let at = from; at < to; at++) {
    if (text.charCodeAt(at) < 0x80) continue;
    const decoded = octets.utf8Slice(from, to);
    if (!QUALIFIED_NAME.test(decoded)) throw notWellFormed('A name was expected');
    return decoded;
  }
  return ascii;
}

function set(attrs: Record<string, string>, key: string, value: string): void {
  // what is inherited is never a string
  if (typeof attrs[key] === 'string') throw notWellFormed('An attribute is repeated');
  if (key === '__proto__')
    Object.defineProperty(attrs, key, { value, enumerable: true, writable: true, configurable: true });
  else attrs[key] = value;
}

/** Reads the start tag that is `text` from `from` (a `<`) to `to` (after its `>`). */
export function readTag(text: string, octets: Octets, from: number, to: number, maxAttributes: number): Tag {
  let at = afterName(text, from + 1);
  const tagName = name(text, octets, from + 1, at);
  let prefixed = tagName.includes(':');
  const attrs: Record<string, string> = {};
  const empty = text.charCodeAt(to - 2) === SLASH;
  const end = empty ? to - 2 : to - 1;
  for (let count = 0; ; count++) {
    const next = afterSpace(text, at);
    if (next >= end) break;
    if (next === at) throw notWellFormed('White space was expected');
    if (count === maxAttributes) throw new StreamError('policy-violation', 'Too many attributes');
    at = afterName(text, next);
    const key = name(text, octets, next, at);
    prefixed ||= key.includes(':');
    at = afterSpace(text, at);
    if (text.charCodeAt(at) !== EQUALS) throw notWellFormed('"=" was expected');
    at = afterSpace(text, at + 1);
    const quote = text.charCodeAt(at);
    if (quote !== QUOTE && quote !== APOSTROPHE) throw notWellFormed('A quoted value was expected');
    const start = ++at;
    let classes = 0;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) break;
      classes |= OCTET[code] ?? 0;
    }
    if (at >= end) throw notWellFormed('A value without an end');
    const raw = (classes & BEYOND_ASCII) === 0 ? part(text, octets, start, at) : octets.utf8Slice(start, at);
    set(attrs, key, classes === 0 ? raw : attributeValue(raw, classes));
    at++;
  }
  return { name: tagName, attrs, prefixed, empty };
}
