/** What people and browsers write, made fit to be stored and shown. Lengths count characters (code points). */
import { withoutMarks } from './mark.ts';

/** Longest line of a chat, in characters. */
export const MAX_TEXT = 4_000;
/** Longest name, e-mail address or form field, in characters. */
export const MAX_FIELD = 200;

const LINE_ENDS = /\r\n|[\v\f\r\u0085\u2028\u2029]/gu;
/** XML 1.0 has no place for U+FFFE and U+FFFF. */
const CONTROLS = /[[\p{Cc}\ufffe\uffff]--[\t\n]]/gv;
/** What shows as nothing, and what turns the direction of writing; the joiners that scripts and emoji need stay. */
const UNSEEN = /[[\p{Cf}\p{DI}\ufffe\uffff]--[\u200c\u200d\p{VS}]]/gv;
const SPACES = /[\s\p{Z}\p{Cc}\u2800]+/gu;
const JOINERS_AT_ENDS = /^[\s\u200c\u200d\p{VS}]+|(?<![\s\u200c\u200d])[\s\u200c\u200d]+$/gu;

/** The first `length` characters. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  let end = 0;
  let count = 0;
  for (const character of text) {
    if (count++ === length) break;
    end += character.length;
  }
  return text.slice(0, end);
}

export function isLongerThan(text: string, length: number): boolean {
  return cut(text, length).length < text.length;
}

/** True when nothing of it can be seen. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{Z}\p{Cc}\p{Cf}\p{DI}\u2800]/u.test(text);
}

/** Text of several lines: every line end is `\n`, no mark, no control characters but tab, no half characters. */
export function cleanText(text: string, length: number = MAX_TEXT): string {
  // Nobody waits for what is cut off anyway to be looked at.
  const start = cut(text, length * 8).toWellFormed();
  return cut(withoutMarks(start.replace(LINE_ENDS, '\n').replace(CONTROLS, '')), length);
}

/** One line: a name, an address, a field of a form. Empty when nothing in it can be seen. */
export function cleanLine(text: string, length: number = MAX_FIELD): string {
  const start = cut(text, length * 8).toWellFormed();
  const line = start.replace(UNSEEN, '').replace(SPACES, ' ').replace(JOINERS_AT_ENDS, '');
  return cut(withoutMarks(line), length).trimEnd();
}
