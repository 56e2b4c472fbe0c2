/** Classes of octets for the scanners: a text of UTF-8 is scanned octet by octet, as Latin-1. [XML 1.0 §2.2, §2.3] */

/** Stops the scan of character data: `<`, and what XML forbids. */
export const FORBIDDEN = 1;
export const LESS_THAN = 2;
export const AMPERSAND = 4;
export const CARRIAGE_RETURN = 8;
export const GREATER_THAN = 16;
export const BEYOND_ASCII = 32;
export const LINE_OR_TAB = 64;
export const BRACKET = 128;

export const OCTET = new Uint8Array(256);
OCTET.fill(FORBIDDEN, 0, 0x20);
OCTET[0x09] = LINE_OR_TAB;
OCTET[0x0a] = LINE_OR_TAB;
OCTET[0x0d] = LINE_OR_TAB | CARRIAGE_RETURN;
OCTET[0x26] = AMPERSAND;
OCTET[0x3c] = LESS_THAN;
OCTET[0x3e] = GREATER_THAN;
OCTET[0x5d] = BRACKET;
OCTET.fill(BEYOND_ASCII, 0x80);

/** 1: may begin a name; 2: may go on with it; 3: beyond ASCII, to be looked at when the name is known. */
export const NAME = new Uint8Array(256);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_') NAME[character.charCodeAt(0)] = 1;
for (const character of '0123456789-.') NAME[character.charCodeAt(0)] = 2;
NAME.fill(3, 0x80);

const START =
  'A-Z_a-z\\u{c0}-\\u{d6}\\u{d8}-\\u{f6}\\u{f8}-\\u{2ff}\\u{370}-\\u{37d}\\u{37f}-\\u{1fff}\\u{200c}-\\u{200d}\\u{2070}-\\u{218f}\\u{2c00}-\\u{2fef}\\u{3001}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{fffd}\\u{10000}-\\u{effff}';
const NCNAME = `[${START}][${START}\\-.0-9\\u{b7}\\u{300}-\\u{36f}\\u{203f}-\\u{2040}]*`;
/** A qualified name in any script. [XML Namespaces 1.0 §4] */
export const QUALIFIED_NAME = new RegExp(`^(?:${NCNAME}:)?${NCNAME}$`, 'u');

/** [XML 1.0 §2.2] */
export function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff);
}
