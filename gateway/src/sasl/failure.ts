import { type XmlElement, xml } from '../xmpp/element.ts';

export const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** [RFC6120 §6.5] */
export type SaslCondition =
  | 'aborted'
  | 'encryption-required'
  | 'incorrect-encoding'
  | 'invalid-authzid'
  | 'invalid-mechanism'
  | 'malformed-request'
  | 'not-authorized';

/** Answered to the peer; the stream goes on, and attempts are counted. */
export class SaslFailure extends Error {
  readonly condition: SaslCondition;

  constructor(condition: SaslCondition) {
    super(condition);
    this.name = 'SaslFailure';
    this.condition = condition;
  }
}

/**
 * One text for all refusals: unknown, wrong and disabled must not be told apart, and many apps show their own words
 * anyway.
 */
export function failureElement(condition: SaslCondition): XmlElement {
  return xml('failure', SASL, xml(condition));
}
