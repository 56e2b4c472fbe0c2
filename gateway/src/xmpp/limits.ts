/** What one stream may make us hold or do before it is ended with `policy-violation`. */
export interface ParserLimits {
  /** Octets of a first-level element, or of the stream header. White space between elements is free. */
  readonly elementBytes: number;
  /** Elements in a first-level element, itself included. */
  readonly elements: number;
  /** Octets of one tag, hence of any name and any attribute's value. */
  readonly tagBytes: number;
  /** First-level elements are at depth 1. */
  readonly depth: number;
  /** Per element, namespace declarations included. */
  readonly attributes: number;
  /** Child elements of one element. */
  readonly children: number;
}

/** Until the stream is authenticated: what SASL, STARTTLS and their headers need, with room. */
export const PRE_AUTH_LIMITS: ParserLimits = {
  elementBytes: 8_192,
  elements: 32,
  tagBytes: 8_192,
  depth: 32,
  attributes: 32,
  children: 128,
};

/** Told to apps as `max-bytes` (XEP-0478); an avatar in an IQ fits. [RFC6120 §13.12] */
export const MAX_STANZA_BYTES = 262_144;

export const POST_AUTH_LIMITS: ParserLimits = {
  elementBytes: MAX_STANZA_BYTES,
  // the smallest element has 4 octets and costs us a hundred times that
  elements: 4_096,
  tagBytes: 65_536,
  depth: 32,
  attributes: 32,
  children: 128,
};
