const MAX_OCTETS = 1023;
const PLAIN = /^[a-z0-9!#$%()*+,\-.;=?[\\\]^_`{|}~]{1,1023}$/;
/**
 * The IdentifierClass after case mapping, without the characters that RFC 7622 takes out and without those
 * that need a context rule: an account is not worth the doubt. [RFC8264 §4.2, RFC7622 §3.3.1]
 */
const IDENTIFIER =
  /^[[\p{L}\p{Nd}\p{Mn}\p{Mc}\x21-\x7e\u06fd\u06fe\u0f0b\u3007]--[\u302e\p{Lu}\p{Lt}\p{DI}\x22\x26\x27\x2f\x3a\x3c\x3e\x40\u0640\u07fa\u3031-\u3035\u303b\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]--\u302f]+$/v;
/** Two sets of digits that look alike do not mix. [RFC5892 A.8, A.9] */
const ARABIC_DIGITS = /[\u0660-\u0669]/;
const EXTENDED_ARABIC_DIGITS = /[\u06f0-\u06f9]/;
const WIDE_OR_NARROW = /[\u3000\uff01-\uffee]/g;

/** Width, case and normal form of UsernameCaseMapped, in its order. [RFC8265 §3.3] */
function mapped(text: string): string {
  return text
    .replace(WIDE_OR_NARROW, (character) => character.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC');
}

/** The localpart that is compared and routed by, or `undefined` where it is malformed. Takes it as on the wire. */
export function canonicalLocal(text: string): string | undefined {
  if (PLAIN.test(text)) return text;
  if (text.length > MAX_OCTETS) return undefined;
  const canonical = mapped(text);
  // what a compatibility form folds to could pass for another account
  if (!IDENTIFIER.test(canonical) || canonical.normalize('NFKC') !== canonical) return undefined;
  if (ARABIC_DIGITS.test(canonical) && EXTENDED_ARABIC_DIGITS.test(canonical)) return undefined;
  return Buffer.byteLength(canonical) <= MAX_OCTETS ? canonical : undefined;
}

/** [XEP-0106 §3.2] */
const ESCAPES = new Map([
  [' ', '\\20'],
  ['"', '\\22'],
  ['&', '\\26'],
  ["'", '\\27'],
  ['/', '\\2f'],
  [':', '\\3a'],
  ['<', '\\3c'],
  ['>', '\\3e'],
  ['@', '\\40'],
  ['\\', '\\5c'],
]);
const CHARACTERS = new Map(Array.from(ESCAPES, ([character, escape]) => [escape, character]));
/** A backslash is escaped only where what follows would make it an escape. [XEP-0106 §4.3] */
const TO_ESCAPE = /[ "&'/:<>@]|\\(?=2[0267f]|3[ace]|40|5c)/g;
const TO_UNESCAPE = /\\(?:2[0267f]|3[ace]|40|5c)/g;

/**
 * The localpart of a helpdesk's username: in canonical case and escaped. Spaces at its ends are dropped, as an
 * escaped one may not stand there. Whether the whole is a valid localpart is `makeJid`'s to say.
 */
export function escapeLocal(username: string): string {
  const canonical = mapped(username);
  let start = 0;
  let end = canonical.length;
  while (canonical[start] === ' ') start++;
  while (end > start && canonical[end - 1] === ' ') end--;
  return canonical.slice(start, end).replace(TO_ESCAPE, (character) => ESCAPES.get(character) ?? character);
}

/** The username that a localpart stands for. An escaped space at an end is no escape, so it stays as it is. */
export function unescapeLocal(local: string): string {
  return local.replace(TO_UNESCAPE, (escape, at: number) =>
    escape === '\\20' && (at === 0 || at + escape.length === local.length)
      ? escape
      : (CHARACTERS.get(escape) ?? escape),
  );
}
