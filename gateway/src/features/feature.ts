/**
 * A feature is a value: one file per XEP or RFC section, which declares itself to these hooks and knows no
 * other feature. Order is the catalogue's order.
 */
import type { Clock } from '@chat-gateway/runtime';
import type { Answer, Item, Question, RosterItem } from '../bus/messages.ts';
import type { SessionRecord } from '../bus/port.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { XmlElement } from '../xmpp/element.ts';
import type { Jid } from '../xmpp/jid.ts';

/** Whom an IQ is for, as far as a staff app can address anybody. */
export type Addressee =
  /** the tenant's domain */
  | { readonly is: 'domain' }
  /** no `to`, or the app's own bare JID */
  | { readonly is: 'account' }
  /** one of this staff user's own full JIDs */
  | { readonly is: 'own-app'; readonly jid: Jid }
  | { readonly is: 'colleague'; readonly jid: Jid }
  | { readonly is: 'visitor'; readonly jid: Jid }
  /** the contact `Chat Gateway` */
  | { readonly is: 'gateway'; readonly jid: Jid }
  /** `visitors.<domain>` itself */
  | { readonly is: 'visitors-domain' }
  | { readonly is: 'stranger'; readonly jid: Jid };

export interface IqRequest {
  readonly session: Session;
  readonly inbound: Inbound;
  /** Never a stranger: those are answered before any feature is asked. */
  readonly to: Addressee;
  /** The one child of the IQ. */
  readonly payload: XmlElement;
}

/**
 * An element is the payload of the result, nothing is an empty result, a thrown StanzaError is the answer;
 * `answered`: the handler has answered itself, or the answer comes as an item of the desk.
 */
export type IqAnswer = XmlElement | undefined | void | 'answered';

export interface Hooks {
  readonly onIq: (
    type: 'get' | 'set',
    namespace: string,
    name: string,
    handler: (request: IqRequest) => IqAnswer | Promise<IqAnswer>,
  ) => void;
  /** A first-level element that is no stanza. */
  readonly onNonza: (namespace: string, name: string, handler: (session: Session, element: XmlElement) => void) => void;
  /** Turns items of one kind into stanzas. */
  readonly onItem: <Kind extends Item['kind']>(
    kind: Kind,
    handler: (session: Session, item: Extract<Item, { kind: Kind }>) => XmlElement | undefined,
  ) => void;
  /** Looks at what is about to be written for an item; `undefined` holds it back. */
  readonly onRender: (handler: (session: Session, item: Item, stanza: XmlElement) => XmlElement | undefined) => void;
  readonly onResumed: (handler: (session: Session) => void) => void;
  readonly onClosed: (handler: (session: Session) => void) => void;
}

/** Who announces a disco feature; `app` is another app of the same staff user. */
export type Entity = 'domain' | 'account' | 'visitors-domain' | 'visitor' | 'gateway' | 'staff' | 'app';

/** What service discovery says of an entity. */
export interface EntityInfo {
  readonly identity: { readonly category: string; readonly type: string; readonly name: string };
  /** Sorted. */
  readonly features: readonly string[];
  /** XEP-0115 verification string. */
  readonly ver: string;
}

/** An addressee that is there, and what the desk said of them. */
export interface Found {
  readonly entity: Entity;
  readonly answer: Answer;
}

/** What features are given to work with. */
export interface Services {
  readonly clock: Clock;
  readonly version: string;
  readonly entities: Readonly<Record<Entity, EntityInfo>>;
  /** Sessions of one account (`jid` as its bare JID says). */
  readonly sessionsOf: (session: Session, jid: Jid) => Promise<readonly SessionRecord[]>;
  /** Asks the desk. Rejects with a StanzaError when it does not answer in time. */
  readonly ask: (session: Session, inbound: Inbound, question: Question) => Promise<Answer>;
  /**
   * Who is asked. Rejects with the StanzaError for those who do not exist for this staff user; whether they do
   * is the desk's to say, so it is asked where it must be.
   */
  readonly find: (request: IqRequest) => Promise<Found>;
  /** What this staff user's roster has for a bare JID, as the desk sees it now. */
  readonly rosterItem: (
    session: Session,
    inbound: Inbound,
    jid: string,
  ) => Promise<RosterItem | { jid: string; removed: true }>;
}

export interface Feature {
  readonly name: string;
  /** Document and version, such as `XEP-0199 2.0.1`. */
  readonly spec: string;
  /** What of it there is, for `docs/xeps.md`. */
  readonly scope: string;
  /** Disco features, by who has them. */
  readonly disco?: Readonly<Partial<Record<Entity, readonly string[]>>>;
  /** Stream features after authentication; `entities` as service discovery has them. */
  readonly stream?: (entities: Services['entities']) => readonly XmlElement[];
  readonly setup?: (hooks: Hooks, services: Services) => void;
}

export function defineFeature(feature: Feature): Feature {
  return feature;
}
