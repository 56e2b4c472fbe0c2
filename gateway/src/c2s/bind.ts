/** Resource binding. [RFC6120 §7] */
import { type XmlElement, xml } from '../xmpp/element.ts';
import { makeJid, parseJid } from '../xmpp/jid.ts';
import { type StanzaCondition, StanzaError, type StanzaErrorType } from '../xmpp/stanza-error.ts';
import { isStanza } from './stream-management.ts';

const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';

export type BindElement =
  | { readonly is: 'ok'; readonly iq: string; readonly resource?: string }
  | { readonly is: 'bad'; readonly iq: string | undefined };

/** What a first-level element asks for, if it asks to bind a resource. */
export function bindRequest(element: XmlElement, account: { readonly bareJid: string }): BindElement | undefined {
  const isIq = isStanza(element) && element.getName() === 'iq';
  const bind = isIq ? element.getChild('bind', BIND) : undefined;
  if (bind === undefined) return undefined;
  const iq = element.attrs['id'];
  if (iq === undefined || iq === '' || element.attrs['type'] !== 'set') return { is: 'bad', iq };
  if (element.getChildElements().length !== 1) return { is: 'bad', iq };
  const asked = bind.getChildText('resource', BIND) ?? '';
  if (asked === '') return { is: 'ok', iq };
  const own = parseJid(account.bareJid);
  const resource = own === undefined ? undefined : makeJid(own.local, own.domain, asked)?.resource;
  return resource === undefined ? { is: 'bad', iq } : { is: 'ok', iq, resource };
}

export function bindResult(iq: string | undefined, fullJid: string): XmlElement {
  return xml('iq', { type: 'result', id: iq }, xml('bind', BIND, xml('jid', {}, fullJid)));
}

export function bindRefusal(
  iq: string | undefined,
  type: StanzaErrorType,
  condition: StanzaCondition,
  specific?: XmlElement,
): XmlElement {
  const text = specific?.is('resource-limit-exceeded') ? TOO_MANY : undefined;
  return xml('iq', { type: 'error', id: iq }, new StanzaError(type, condition, text, specific).toElement());
}

const TOO_MANY = 'As many of your apps are connected as may be. Close one of them first.';

/** [XEP-0205 §4.2] */
export const tooManyResources = (): XmlElement => xml('resource-limit-exceeded', 'urn:xmpp:errors');
