/**
 * A feature is a value: one file per XEP or RFC section, which declares itself to these hooks and knows no
 * other feature. Order is the catalogue's order.
 */
import type { Item } from '../bus/messages.ts';
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
  readonly to: Addressee;
  /** The one child of the IQ. */
  readonly payload: XmlElement;
}

/** An element is the payload of the result, nothing is an empty result, a thrown StanzaError is the answer. */
export type IqAnswer = XmlElement | undefined | void;

export interface Hooks {
  onIq(
    type: 'get' | 'set',
    namespace: string,
    name: string,
    handler: (request: IqRequest) => IqAnswer | Promise<IqAnswer>,
  ): void;
  /** A first-level element that is no stanza. */
  onNonza(namespace: string, name: string, handler: (session: Session, element: XmlElement) => void): void;
  /** Looks at what is about to be written for an item; `undefined` holds it back. */
  onRender(handler: (session: Session, item: Item, stanza: XmlElement) => XmlElement | undefined): void;
  onResumed(handler: (session: Session) => void): void;
  onClosed(handler: (session: Session) => void): void;
}

/** Who announces a disco feature. */
export type Entity = 'domain' | 'account' | 'visitor' | 'gateway' | 'staff';

export interface Feature {
  readonly name: string;
  /** Document and version, such as `XEP-0199 2.0.1`. */
  readonly spec: string;
  /** Disco features, by who has them. */
  readonly disco?: Readonly<Partial<Record<Entity, readonly string[]>>>;
  /** Stream features after authentication. */
  readonly stream?: () => readonly XmlElement[];
  readonly setup?: (hooks: Hooks) => void;
}

export function defineFeature(feature: Feature): Feature {
  return feature;
}
