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
