import { canonicalDomain } from './domain.ts';
import { canonicalLocal } from './localpart.ts';

export { canonicalDomain } from './domain.ts';
export { escapeLocal, unescapeLocal } from './localpart.ts';

declare const brand: unique symbol;

/** A parsed address in canonical form: compare its strings. */
export interface Jid {
  /** Escaped as on the wire (XEP-0106), lower case; empty where there is none. */
  readonly local: string;
  /** Lower-case A-labels, no final dot. */
  readonly domain: string;
  /** Empty where there is none. */
  readonly resource: string;
  readonly bare: string;
  /** `bare` where there is no resource. */
  readonly full: string;
  readonly [brand]?: never;
}

/** Octets of each part; with the two separators this also bounds the whole. [RFC7622 §3.1] */
const MAX_PART_OCTETS = 1023;
const MAX_JID_OCTETS = 3071;

const PLAIN_RESOURCE = /^[\x20-\x7e]{1,1023}$/;
/**
 * The FreeformClass without what is ignored when displayed, and without joiners: two resources that look
 * the same would be two. [RFC8264 §4.3]
 */
const FREEFORM = /^[[\p{L}\p{N}\p{M}\p{S}\p{P} ]--[\p{DI}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]]+$/v;

/** OpaqueString: case and compatibility forms are kept. [RFC7622 §3.4, RFC8265 §4.2] */
function canonicalResource(text: string): string | undefined {
  if (PLAIN_RESOURCE.test(text)) return text;
  if (text.length > MAX_PART_OCTETS) return undefined;
  const canonical = text.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  return FREEFORM.test(canonical) && Buffer.byteLength(canonical) <= MAX_PART_OCTETS ? canonical : undefined;
}

function address(local: string, domain: string, resource: string): Jid {
  const bare = local === '' ? domain : `${local}@${domain}`;
  return { local, domain, resource, bare, full: resource === '' ? bare : `${bare}/${resource}` };
}

/** The address of these parts (an empty one is absent), or `undefined` where one of them is malformed. */
export function makeJid(local: string, domain: string, resource = ''): Jid | undefined {
  const canonical = {
    local: local === '' ? '' : canonicalLocal(local),
    domain: canonicalDomain(domain),
    resource: resource === '' ? '' : canonicalResource(resource),
  };
  if (canonical.local === undefined || canonical.domain === undefined || canonical.resource === undefined)
    return undefined;
  return address(canonical.local, canonical.domain, canonical.resource);
}

/** Reads an address as it is written in a `to` or `from`; `undefined` where it is malformed. [RFC7622 §3.1] */
export function parseJid(text: string): Jid | undefined {
  if (text.length > MAX_JID_OCTETS) return undefined;
  const slash = text.indexOf('/');
  const bare = slash < 0 ? text : text.slice(0, slash);
  const resource = slash < 0 ? '' : text.slice(slash + 1);
  const at = bare.indexOf('@');
  // a separator with nothing beside it: "@domain", "domain/"
  if (at === 0 || (slash >= 0 && resource === '')) return undefined;
  return at < 0 ? makeJid('', bare, resource) : makeJid(bare.slice(0, at), bare.slice(at + 1), resource);
}
