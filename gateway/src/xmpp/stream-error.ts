import { type XmlElement, xml } from './element.ts';

/** [RFC6120 §4.9.3] */
export type StreamCondition =
  | 'bad-format'
  | 'bad-namespace-prefix'
  | 'conflict'
  | 'connection-timeout'
  | 'host-gone'
  | 'host-unknown'
  | 'improper-addressing'
  | 'internal-server-error'
  | 'invalid-from'
  | 'invalid-namespace'
  | 'invalid-xml'
  | 'not-authorized'
  | 'not-well-formed'
  | 'policy-violation'
  | 'reset'
  | 'resource-constraint'
  | 'restricted-xml'
  | 'system-shutdown'
  | 'undefined-condition'
  | 'unsupported-encoding'
  | 'unsupported-feature'
  | 'unsupported-stanza-type'
  | 'unsupported-version';

/** Told to the peer, then the stream is closed. */
export class StreamError extends Error {
  readonly condition: StreamCondition;
  readonly text: string | undefined;
  /** Application-specific condition, such as XEP-0198 `handled-count-too-high`. */
  readonly specific: XmlElement | undefined;

  constructor(condition: StreamCondition, text?: string, specific?: XmlElement) {
    super(text === undefined ? condition : `${condition}: ${text}`);
    this.name = 'StreamError';
    this.condition = condition;
    this.text = text;
    this.specific = specific;
  }

  toElement(): XmlElement {
    const namespace = 'urn:ietf:params:xml:ns:xmpp-streams';
    return xml(
      'stream:error',
      {},
      xml(this.condition, namespace),
      this.text === undefined ? undefined : xml('text', { xmlns: namespace, 'xml:lang': 'en' }, this.text),
      this.specific,
    );
  }
}
