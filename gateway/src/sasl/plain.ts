/** SASL PLAIN. [RFC4616] */
import { canonicalDomain, escapeLocal, parseJid, unescapeLocal } from '../xmpp/jid.ts';
import { SaslFailure } from './failure.ts';

/** Octets; what a person can type is far below. */
export const MAX_AUTHCID = 1023;
export const MAX_PASSWORD = 1024;
const MAX_AUTHZID = 3071;

export interface PlainMessage {
  readonly authzid: string;
  readonly authcid: string;
  /** Exactly what was typed. */
  readonly password: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SaslFailure('malformed-request');
  }
}

export function decodePlain(bytes: Uint8Array): PlainMessage {
  const first = bytes.indexOf(0);
  const second = first < 0 ? -1 : bytes.indexOf(0, first + 1);
  if (second < 0 || bytes.includes(0, second + 1)) throw new SaslFailure('malformed-request');
  if (first > MAX_AUTHZID || second === first + 1) throw new SaslFailure('malformed-request');
  // an empty or endless password is wrong, not malformed: the app then asks for another one
  const length = bytes.length - second - 1;
  if (second - first - 1 > MAX_AUTHCID || length === 0 || length > MAX_PASSWORD)
    throw new SaslFailure('not-authorized');
  return {
    authzid: text(bytes.subarray(0, first)),
    authcid: text(bytes.subarray(first + 1, second)),
    password: text(bytes.subarray(second + 1)),
  };
}

/** Where somebody logs in: what decides how a login name is read. */
export interface Realm {
  /** Canonical. */
  readonly domain: string;
  readonly usernameDomain?: string | undefined;
}

export interface Credentials {
  /** As the helpdesk knows it: unescaped, without the tenant's own domain. */
  readonly username: string;
  readonly password: string;
}

/** The login name of `authcid`, which may be a local part, an escaped local part or a whole address. */
export function usernameOf(authcid: string, { domain }: Realm): string {
  const at = authcid.lastIndexOf('@');
  const own = at > 0 && canonicalDomain(authcid.slice(at + 1)) === domain;
  return unescapeLocal(own ? authcid.slice(0, at) : authcid);
}

/** The bare JIDs that this login name may call its own. */
function ownAddresses(username: string, { domain, usernameDomain }: Realm): ReadonlySet<string> {
  const names = [username];
  if (usernameDomain !== undefined) {
    const suffix = `@${usernameDomain}`.toLowerCase();
    if (username.toLowerCase().endsWith(suffix)) names.push(username.slice(0, -suffix.length));
    else if (!username.includes('@')) names.push(username + suffix);
  }
  return new Set(names.map((name) => parseJid(`${escapeLocal(name)}@${domain}`)?.bare ?? ''));
}

/** True for the bare JID, in any spelling, of who logs in with this name. */
export function isOwnAddress(address: string, username: string, realm: Realm): boolean {
  const jid = parseJid(address);
  return jid !== undefined && jid.local !== '' && ownAddresses(username, realm).has(jid.bare);
}

/** Nobody acts for somebody else: an authzid is empty or one's own bare JID. [RFC6120 §6.3.8] */
export function readCredentials(bytes: Uint8Array, realm: Realm): Credentials {
  const { authzid, authcid, password } = decodePlain(bytes);
  const username = usernameOf(authcid, realm);
  if (username === '') throw new SaslFailure('malformed-request');
  if (authzid !== '' && (authzid.includes('/') || !isOwnAddress(authzid, username, realm)))
    throw new SaslFailure('invalid-authzid');
  return { username, password };
}
