/** What the stream machine speaks of: its states, what happens to it, and what it wants done. */
import type { StaffId, TenantId } from '../helpdesk/model.ts';
import type { Credentials, Realm } from '../sasl/plain.ts';
import type { XmlElement } from '../xmpp/element.ts';
import type { StanzaCondition, StanzaErrorType } from '../xmpp/stanza-error.ts';
import type { StreamError } from '../xmpp/stream-error.ts';
import type { HeaderAttributes } from './stream-header.ts';

/** Who has logged in on a stream. */
export interface Account extends Realm {
  readonly tenant: TenantId;
  readonly staff: StaffId;
  readonly username: string;
  readonly bareJid: string;
}

/** What the machine looks up; each answers at once. */
export interface StreamWorld {
  /** The gateway's own host name: speaks where no tenant can. */
  readonly hostName: string;
  /** The tenant of a canonical domain, if this connection may have it. */
  realm(domain: string): Realm | undefined;
  /** Features after the login, beside `bind` and `sm`. */
  featuresOf(account: Account): readonly XmlElement[];
  /** XEP-0478, before and after the login. */
  readonly maxBytes: { readonly before: number; readonly after: number };
}

export type StreamState =
  | { readonly is: 'opening'; readonly secured: boolean; readonly tries: number }
  | { readonly is: 'insecure'; readonly realm: Realm; readonly tries: number }
  | { readonly is: 'securing' }
  | {
      readonly is: 'authenticating';
      readonly realm: Realm;
      /** Of the app's header: a claim. */
      readonly from: string | undefined;
      readonly tries: number;
      readonly challenged: boolean;
    }
  | {
      readonly is: 'verifying';
      readonly realm: Realm;
      readonly from: string | undefined;
      readonly tries: number;
      readonly username: string;
    }
  | { readonly is: 'reopening'; readonly account: Account }
  | { readonly is: 'binding'; readonly account: Account }
  | { readonly is: 'claiming'; readonly account: Account; readonly iq: string | undefined }
  | { readonly is: 'bound'; readonly account: Account; readonly by: 'bind' | 'resume'; readonly managed: boolean }
  | { readonly is: 'closed' };

export type StreamEvent =
  | { readonly type: 'header'; readonly attributes: HeaderAttributes }
  | { readonly type: 'element'; readonly element: XmlElement }
  | { readonly type: 'end' }
  | { readonly type: 'secured' }
  | { readonly type: 'verified'; readonly account: Account }
  | { readonly type: 'refused' }
  /** neither yes nor no, for as long as we hold a login */
  | { readonly type: 'undecided'; readonly why: 'unavailable' | 'throttled' | 'crowded' }
  | { readonly type: 'bound'; readonly fullJid: string }
  | { readonly type: 'resumed' }
  | {
      readonly type: 'not-resumed';
      readonly condition: 'item-not-found' | 'bad-request';
      readonly handled: number | undefined;
    }
  | {
      readonly type: 'not-bound';
      readonly condition: StanzaCondition;
      readonly kind: StanzaErrorType;
      readonly specific?: XmlElement;
    }
  /** the parser, the layer above or an administrator ends the stream; `logout`: and the session with it */
  | { readonly type: 'fault'; readonly error: StreamError; readonly logout?: boolean }
  /** the same without an error */
  | { readonly type: 'leave' };

export type StreamAction =
  | { readonly do: 'open'; readonly from: string; readonly to?: string }
  | { readonly do: 'send'; readonly element: XmlElement }
  /** all that came is dropped, the handshake begins */
  | { readonly do: 'start-tls'; readonly domain: string }
  /** the app opens a new stream on the same connection */
  | { readonly do: 'restart' }
  /** nothing more is parsed until the answer is there */
  | { readonly do: 'verify'; readonly credentials: Credentials; readonly realm: Realm }
  | { readonly do: 'bind'; readonly account: Account; readonly resource?: string }
  | { readonly do: 'resume'; readonly account: Account; readonly id: string; readonly h: number }
  | { readonly do: 'enable'; readonly resumable: boolean }
  | { readonly do: 'acknowledged'; readonly h: number }
  | { readonly do: 'acknowledge' }
  | { readonly do: 'stanza'; readonly element: XmlElement }
  /** a stanza came that is answered here: it counts like any other */
  | { readonly do: 'answer'; readonly element: XmlElement }
  | { readonly do: 'nonza'; readonly element: XmlElement }
  /** `logout`: the app has ended its session; otherwise a session on this stream can be resumed */
  | { readonly do: 'close'; readonly error?: StreamError; readonly logout: boolean };

export interface Step {
  readonly state: StreamState;
  readonly actions: readonly StreamAction[];
}
