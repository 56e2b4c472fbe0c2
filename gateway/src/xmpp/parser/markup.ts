import { StreamError } from '../stream-error.ts';
import { forbidden, notWellFormed } from './character-data.ts';
import type { TokenKind } from './scanner.ts';

/** Where something stands: before anything else of a stream, between first-level elements, in one of them. */
export type Place = 'start' | 'between' | 'inside';

/** What begins with the `<` at `at`; refuses what XMPP forbids. [RFC6120 §11.1] */
export function markupAt(text: string, at: number, end: number, place: Place): TokenKind {
  if (at + 1 >= end) return 'lead';
  switch (text[at + 1]) {
    case '/':
      return 'end-tag';
    case '?':
      return declarationAt(text, at, end, place);
    case '!':
      if (at + 2 >= end) return 'lead';
      if (text[at + 2] === '[') return sectionAt(text, at, end, place);
      if (text[at + 2] === '-' && at + 3 >= end) return 'lead';
      if (/^<!(?:--|[A-Z])/.test(text.slice(at, at + 4))) throw new StreamError('restricted-xml');
      throw notWellFormed('A markup declaration');
    case '\0':
      throw noText(0, place === 'start');
    default:
      return 'start-tag';
  }
}

function declarationAt(text: string, at: number, end: number, place: Place): TokenKind {
  const target = text.slice(at + 2, Math.min(at + 6, end));
  if (target.length < 4 && 'xml'.startsWith(target)) return 'lead';
  if (!/^xml[ \t\r\n?]/.test(target)) throw new StreamError('restricted-xml');
  if (place === 'start') return 'declaration';
  throw notWellFormed('An XML declaration that is not at the start');
}

function sectionAt(text: string, at: number, end: number, place: Place): TokenKind {
  const opening = text.slice(at, Math.min(at + 9, end));
  if (!'<![CDATA['.startsWith(opening)) throw notWellFormed('A markup declaration');
  if (opening.length < 9) return 'lead';
  if (place !== 'inside') throw textBetween();
  return 'section';
}

export function textBetween(): StreamError {
  return new StreamError('bad-format', 'Text between stanzas');
}

/** [RFC6120 §11.6]: at the very start, the octets of a byte order mark or of half a character tell of UTF-16. */
export function noText(octet: number, veryFirst: boolean): StreamError {
  if (veryFirst && (octet === 0 || octet >= 0xfe)) return new StreamError('unsupported-encoding');
  return octet < 0x80 ? forbidden() : notWellFormed('Octets that are no UTF-8');
}
