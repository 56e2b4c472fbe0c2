import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';

/** [RFC1035 §2.3.4] */
const MAX_LENGTH = 253;
const LABEL = '(?!-)[a-z0-9-]{1,63}(?<!-)';
const LABELS = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
/** Most domains are canonical as they come: ASCII, no A-label, and not the spelling of an address. */
const PLAIN = new RegExp(`^(?:${LABEL}\\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$`);
/** What `domainToASCII` would take for a path, a port, a percent escape and the like, and what nobody sees. */
const NO_DOMAIN = /[\0-,/:-@[-`{-\x7f]|[\s\p{C}\p{Z}\p{DI}]/u;

function canonicalIPv6(text: string): string | undefined {
  const inner = text.slice(1, -1);
  if (!text.endsWith(']') || !isIPv6(inner) || inner.includes('%')) return undefined;
  return domainToASCII(text) || undefined;
}

/** An A-label must stand for something: "xn--a" decodes to nothing. */
function hasBrokenLabel(domain: string): boolean {
  return domain.includes('xn--') && /(?:^|\.)xn--/.test(domainToUnicode(domain));
}

/**
 * A domainpart in the form that tenants are found by: lower-case A-labels without a final dot, or an address
 * literal (IPv6 in brackets). `undefined` where it is none; never throws. [RFC7622 §3.2]
 */
export function canonicalDomain(text: string): string | undefined {
  if (text.length <= MAX_LENGTH && PLAIN.test(text) && !text.includes('xn--')) return text;
  if (text.length > MAX_LENGTH + 1) return undefined;
  if (text.startsWith('[')) return canonicalIPv6(text);
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name === '' || NO_DOMAIN.test(name)) return undefined;
  const domain = domainToASCII(name);
  if (domain.length > MAX_LENGTH || !LABELS.test(domain)) return undefined;
  // "127.1" and "0x7f.1" are other spellings of an address, and no domain
  if (isIPv4(domain) && domain !== name) return undefined;
  return hasBrokenLabel(domain) ? undefined : domain;
}
