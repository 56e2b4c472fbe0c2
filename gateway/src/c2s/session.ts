/**
 * The seam between the stream (connection, SASL, bind, stream management) and what is said over it
 * (features, delivery rules). The stream numbers, acknowledges, resumes and closes; the layer above
 * never sees a socket.
 */
import type { Act, Availability, DeskSignal, Item, SessionId } from '../bus/messages.ts';
import type { SessionRecord } from '../bus/port.ts';
import type { Tenant } from '../config/tenants.ts';
import type { StaffId } from '../helpdesk/model.ts';
import type { XmlElement } from '../xmpp/element.ts';
import type { StreamError } from '../xmpp/stream-error.ts';
import type { Memory } from './memory.ts';

/** A bound stream with its resumed successors. */
export interface Session {
  readonly id: SessionId;
  readonly tenant: Tenant;
  readonly staff: StaffId;
  /** Canonical, escaped. */
  readonly bareJid: string;
  readonly resource: string;
  readonly fullJid: string;
  /** Names this session to others, who cannot tell its `id` from it: ids that are shown are made of it. */
  readonly publicId: string;
  /** What routing knows of it now. */
  readonly record: SessionRecord;
  /** What features keep per session, keyed by the feature's own symbol; made at first use. */
  readonly memory: Memory;
  /**
   * Writes after everything that is already queued. A message, presence or IQ is numbered (XEP-0198).
   * `keep`: written again after a resume in this process (answers to IQs); without it, it is state.
   */
  send(element: XmlElement, keep?: 'keep'): void;
  /** Durable or not as the act is; `of` is the stanza that caused it. Resolves when stored. */
  put(act: Act, of?: Inbound): Promise<void>;
  signal(signal: DeskSignal): void;
  /** What came of a stanza is kept, and would be kept twice: that the stanza is handled must be known after a crash. */
  countMatters(): void;
  /** The proof marks of what this app was given and has not proved. */
  underWay(): ReadonlySet<string>;
  /** Changes what routing knows of this session. */
  note(change: { readonly availability?: Availability | null; readonly carbons?: boolean }): void;
  /** Ends the stream: with an error or cleanly. */
  close(error?: StreamError): void;
}

/** A stanza from the app. */
export interface Inbound {
  /** `from` is checked and stamped with the full JID; `to`, where present, is a valid JID in canonical form. */
  readonly element: XmlElement;
  /** Unique for good: `<session>:<number on the stream>`. */
  readonly entryId: string;
}

/** Everything above the stream, shared by all sessions of an edge. */
export interface SessionLayer {
  /** Stream features after authentication, beside `bind` and `sm`: legacy session, roster versioning, caps, CSI. */
  streamFeatures(tenant: Tenant): readonly XmlElement[];
  /**
   * A stanza, one at a time in the order of the stream (the next one is given without waiting for the promise).
   * Resolved: it is handled and what it causes is stored, so it may be counted in `<a h/>`. Stanza errors are
   * answered inside; a thrown {@link StreamError} closes the stream; anything else is `internal-server-error`
   * to the stanza and one log line.
   */
  stanza(session: Session, inbound: Inbound): void | Promise<void>;
  /** A first-level element that is no stanza and not of the stream itself (CSI). False: not known. */
  nonza(session: Session, element: XmlElement): boolean;
  /**
   * The stanza that an item is for this app; `undefined`: nothing to write (now). Called in order, and not for items of
   * kind `stanza`, which are written as they are.
   */
  render(session: Session, item: Item): XmlElement | undefined;
  /** The app has proved that it got items with these marks. Those that its desk is to hear of are returned. */
  proved(session: Session, proofs: readonly string[]): readonly string[];
  /** The session goes on over a new connection. */
  resumed(session: Session): void;
  /** The session is over; nothing more can be sent. */
  closed(session: Session): void;
}
