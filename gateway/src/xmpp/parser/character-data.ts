import { StreamError } from '../stream-error.ts';
import {
  AMPERSAND,
  BEYOND_ASCII,
  CARRIAGE_RETURN,
  GREATER_THAN,
  LINE_OR_TAB,
  QUALIFIED_NAME,
  isCharacter,
} from './characters.ts';

const PREDEFINED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const NUMBER = /^#(?:([0-9]+)|x([0-9a-fA-F]+))$/;

export function notWellFormed(text?: string): StreamError {
  return new StreamError('not-well-formed', text);
}

export function forbidden(): StreamError {
  return notWellFormed('A character that XML forbids');
}

function referred(name: string): string {
  const predefined = PREDEFINED.get(name);
  if (predefined !== undefined) return predefined;
  const number = NUMBER.exec(name);
  if (number !== null) {
    const code = number[1] === undefined ? Number.parseInt(number[2] ?? '', 16) : Number(number[1]);
    if (!isCharacter(code)) throw notWellFormed('A reference to a character that XML forbids');
    return String.fromCodePoint(code);
  }
  // [RFC6120 §11.1]
  if (QUALIFIED_NAME.test(name)) throw new StreamError('restricted-xml', 'An entity that is not predefined');
  throw notWellFormed('An ampersand that begins no reference');
}

function resolved(raw: string): string {
  let out = '';
  let from = 0;
  for (let at = raw.indexOf('&'); at >= 0; at = raw.indexOf('&', from)) {
    const end = raw.indexOf(';', at);
    if (end < 0) throw notWellFormed('An ampersand that begins no reference');
    out += raw.slice(from, at) + referred(raw.slice(at + 1, end));
    from = end + 1;
  }
  return out + raw.slice(from);
}

function checked(raw: string, classes: number): void {
  if ((classes & BEYOND_ASCII) !== 0 && (raw.includes('\ufffe') || raw.includes('\uffff'))) throw forbidden();
}

/** What a text between tags says; `classes` are those of its octets. */
export function characterData(raw: string, classes: number): string {
  checked(raw, classes);
  if ((classes & GREATER_THAN) !== 0 && raw.includes(']]>')) throw notWellFormed('"]]>" outside of a CDATA section');
  const lines = (classes & CARRIAGE_RETURN) === 0 ? raw : raw.replace(/\r\n?/g, '\n');
  return (classes & AMPERSAND) === 0 ? lines : resolved(lines);
}

/** What a CDATA section says. */
export function sectionData(raw: string, classes: number): string {
  checked(raw, classes);
  return (classes & CARRIAGE_RETURN) === 0 ? raw : raw.replace(/\r\n?/g, '\n');
}

/** What an attribute's value says. [XML 1.0 §3.3.3] */
export function attributeValue(raw: string, classes: number): string {
  checked(raw, classes);
  const spaced = (classes & LINE_OR_TAB) === 0 ? raw : raw.replace(/\r\n|[\t\n\r]/g, ' ');
  return (classes & AMPERSAND) === 0 ? spaced : resolved(spaced);
}
