/** What every stanza must be before anybody looks at what it says. [RFC6120 §8] */
import { type XmlElement, xml } from '../xmpp/element.ts';
import { parseJid } from '../xmpp/jid.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { StreamError } from '../xmpp/stream-error.ts';

export interface Sender {
  readonly bareJid: string;
  readonly fullJid: string;
  readonly domain: string;
}

export type Checked =
  /** with its addresses in canonical form, `from` being the full JID */
  | { readonly is: 'good' }
  /** a stanza error to answer with, or nothing where an answer to an error would be one too many */
  | { readonly is: 'bad'; readonly answer: XmlElement | undefined };

const good: Checked = { is: 'good' };

/** @throws StreamError when the app speaks for somebody else [RFC6120 §8.1.2.1] */
export function checkStanza(element: XmlElement, sender: Sender): Checked {
  const { attrs } = element;
  const from = attrs['from'];
  if (from !== undefined && from !== sender.fullJid) {
    const jid = parseJid(from);
    if (jid === undefined || (jid.full !== sender.bareJid && jid.full !== sender.fullJid))
      throw new StreamError('invalid-from');
  }
  attrs['from'] = sender.fullJid;
  const to = attrs['to'];
  if (to !== undefined) {
    const jid = parseJid(to);
    if (jid === undefined) {
      // the address cannot be repeated as a sender: the server speaks
      attrs['to'] = sender.domain;
      return { is: 'bad', answer: errorFor(element, new StanzaError('modify', 'jid-malformed')) };
    }
    attrs['to'] = jid.full;
  }
  return element.name === 'iq' ? checkIq(element) : good;
}

const IQ_TYPES: readonly (string | undefined)[] = ['get', 'set', 'result', 'error'];

function checkIq(element: XmlElement): Checked {
  const { type, id } = element.attrs;
  const isRequest = type === 'get' || type === 'set';
  const malformed =
    !IQ_TYPES.includes(type) || id === undefined || id === '' || (isRequest && element.getChildElements().length !== 1);
  if (!malformed) return good;
  return { is: 'bad', answer: errorFor(element, new StanzaError('modify', 'bad-request')) };
}

/** The error of a stanza, with swapped addresses; nothing where it is an answer itself. [RFC6120 §8.3.1] */
export function errorFor(element: XmlElement, error: StanzaError): XmlElement | undefined {
  const { type, id, from, to } = element.attrs;
  if (type === 'error' || (element.name === 'iq' && type === 'result')) return undefined;
  return xml(element.name, { type: 'error', id, to: from, from: to }, error.toElement());
}
