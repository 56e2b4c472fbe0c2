/** What we offer, step by step. */
import { SASL } from '../sasl/failure.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { SILENCE } from './limits.ts';
import { SM } from './stream-management.ts';
import type { Account, StreamWorld } from './stream-state.ts';

export const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';

/** Nothing else before TLS. */
export function tlsFeatures(): XmlElement {
  return xml('stream:features', {}, xml('starttls', TLS, xml('required')));
}

/** XEP-0478; `silence` in milliseconds: then we look whether the app is there. */
const limits = (bytes: number, silence?: number): XmlElement =>
  xml(
    'limits',
    'urn:xmpp:stream-limits:0',
    xml('max-bytes', {}, String(bytes)),
    silence !== undefined && xml('idle-seconds', {}, String(silence / 1_000)),
  );

/** The list is the same for everybody and at all times: apps remember what they used. */
export function loginFeatures(world: StreamWorld): XmlElement {
  return xml(
    'stream:features',
    {},
    xml('mechanisms', SASL, xml('mechanism', {}, 'PLAIN')),
    limits(world.maxBytes.before),
  );
}

/** COMPAT(libpurple, it looks for `bind` before anything else) */
export function boundFeatures(account: Account, world: StreamWorld): XmlElement {
  return xml(
    'stream:features',
    {},
    xml('bind', 'urn:ietf:params:xml:ns:xmpp-bind'),
    xml('sm', SM),
    ...world.featuresOf(account),
    limits(world.maxBytes.after, SILENCE),
  );
}
