/** What a connection is given: what is known of it, and what it works with. */
import type { Connection } from './connection.ts';
import type { Deadlines } from './deadlines.ts';
import type { Handshakes } from './handshakes.ts';
import type { NegotiationServices } from './negotiation.ts';
import type { TlsContexts } from './tls-contexts.ts';

export type Transport =
  /** plain first, TLS when the app asks for it, and nothing else before */
  | 'starttls'
  /** TLS from the first byte */
  | 'direct-tls'
  /** secured already: for tests and tools in the same process */
  | 'secured';

export interface ConnectionInfo {
  readonly remoteAddress?: string | undefined;
  readonly transport: Transport;
  /** Server name of the handshake, where `transport` is `secured`. */
  readonly serverName?: string | undefined;
}

export interface ConnectionServices extends NegotiationServices {
  readonly deadlines: Deadlines;
  readonly handshakes: Handshakes;
  readonly hostName: string;
  readonly contexts: TlsContexts | undefined;
  readonly closed: (connection: Connection) => void;
}
