import { type XmlElement, xml } from './element.ts';

/** [RFC6120 §8.3.3] */
export type StanzaCondition =
  | 'bad-request'
  | 'conflict'
  | 'feature-not-implemented'
  | 'forbidden'
  | 'gone'
  | 'internal-server-error'
  | 'item-not-found'
  | 'jid-malformed'
  | 'not-acceptable'
  | 'not-allowed'
  | 'not-authorized'
  | 'policy-violation'
  | 'recipient-unavailable'
  | 'resource-constraint'
  | 'service-unavailable'
  | 'subscription-required'
  | 'undefined-condition'
  | 'unexpected-request';

export type StanzaErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

/** Answered to the peer; the stream goes on. */
export class StanzaError extends Error {
  readonly type: StanzaErrorType;
  readonly condition: StanzaCondition;
  readonly text: string | undefined;
  readonly specific: XmlElement | undefined;

  constructor(type: StanzaErrorType, condition: StanzaCondition, text?: string, specific?: XmlElement) {
    super(text === undefined ? condition : `${condition}: ${text}`);
    this.name = 'StanzaError';
    this.type = type;
    this.condition = condition;
    this.text = text;
    this.specific = specific;
  }

  toElement(): XmlElement {
    const namespace = 'urn:ietf:params:xml:ns:xmpp-stanzas';
    return xml(
      'error',
      { type: this.type },
      xml(this.condition, namespace),
      this.text === undefined ? undefined : xml('text', { xmlns: namespace, 'xml:lang': 'en' }, this.text),
      this.specific,
    );
  }
}
