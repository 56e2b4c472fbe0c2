/**
 * A feature is a value: one file per XEP or RFC section, which declares itself to these hooks and knows no
 * other feature. Order is the catalogue's order.
 */
import type { Clock } from '@chat-gateway/runtime';
import type { Act, Answer, Item, MenuField, Question, RosterItem } from '../bus/messages.ts';
import type { SessionRecord } from '../bus/port.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { Tenant } from '../config/tenants.ts';
import type { Archive } from '../helpdesk/archive.ts';
import type { Files } from '../helpdesk/files.ts';
import type { Lab } from '../helpdesk/lab.ts';
import type { Pictures } from '../picture/pictures.ts';
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
  /** Offers a command; features offer theirs before any app is served. */
  readonly onCommand: (command: AdHocCommand) => void;
  /** Says what there is at a node of service discovery; `undefined`: another feature’s, or nobody’s. */
  readonly onNode: (
    handler: (request: IqRequest, node: string) => DiscoNode | undefined | Promise<DiscoNode | undefined>,
  ) => void;
  /** Says more of an addressee that exists, where it is not the same for every tenant. */
  readonly onInfo: (handler: (request: IqRequest) => MoreInfo | undefined) => void;
  /** Lists more at an addressee that exists. */
  readonly onItems: (handler: (request: IqRequest) => readonly DiscoItem[]) => void;
  readonly onResumed: (handler: (session: Session) => void) => void;
  readonly onClosed: (handler: (session: Session) => void) => void;
}

/** A form of XEP-0004 that an app shows, field by field. */
export interface Form {
  readonly type: string;
  readonly title: string;
  readonly instructions: string;
  readonly fields: readonly FormField[];
}

export interface FormField extends Omit<MenuField, 'kind'> {
  readonly kind: MenuField['kind'] | 'jid-single' | 'jid-multi' | 'text-private';
}

/** Something that is done by filling in one form (XEP-0050). */
export interface AdHocCommand {
  readonly node: string;
  readonly name: string;
  readonly at: 'domain';
  /** For others it does not exist. */
  readonly isFor: (session: Session) => boolean;
  readonly form: Form;
  /** Values by field; those of a form that was not asked for are gone. The note that comes of it, or a StanzaError. */
  readonly run: (session: Session, values: ReadonlyMap<string, readonly string[]>) => Promise<string>;
}

export interface DiscoItem {
  readonly jid: string;
  readonly node?: string;
  readonly name?: string;
}

/** What is told beside {@link EntityInfo}; never of those whose presence tells their verification string. */
export interface MoreInfo {
  readonly identity?: EntityInfo['identity'];
  readonly features: readonly string[];
  /** A form of XEP-0128: its type, and values by field. */
  readonly form?: { readonly type: string; readonly values: Readonly<Record<string, string>> };
}

export interface DiscoNode {
  readonly identity: { readonly category: string; readonly type: string; readonly name: string };
  readonly features: readonly string[];
  readonly items: readonly DiscoItem[];
}

/** Who announces a disco feature; `app` is another app of the same staff user, `lab` the domain of a lab tenant. */
export type Entity = 'domain' | 'lab' | 'account' | 'visitors-domain' | 'visitor' | 'gateway' | 'staff' | 'app';

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

export type MenuCommand = Pick<Extract<Act, { readonly type: 'command' }>, 'at' | 'name' | 'values'>;

/** What features are given to work with. */
export interface Services {
  readonly clock: Clock;
  readonly version: string;
  readonly lab: Lab;
  /** Absent where no tenant takes files. */
  readonly files: Files | undefined;
  readonly pictures: Pictures;
  /** What a tenant's staff said and heard; `undefined`: nothing is kept. */
  readonly archiveOf: (tenant: Tenant) => Archive | undefined;
  /** In the order in which they were offered. */
  readonly commands: readonly AdHocCommand[];
  /** What features say of a node of service discovery. */
  readonly nodeOf: (request: IqRequest, node: string) => Promise<DiscoNode | undefined>;
  readonly infoOf: (request: IqRequest) => readonly MoreInfo[];
  readonly itemsOf: (request: IqRequest) => readonly DiscoItem[];
  readonly entities: Readonly<Record<Entity, EntityInfo>>;
  /** Sessions of one account (`jid` as its bare JID says). */
  readonly sessionsOf: (session: Session, jid: Jid) => Promise<readonly SessionRecord[]>;
  /** Asks the desk. Rejects with a StanzaError when it does not answer in time. */
  readonly ask: (session: Session, inbound: Inbound, question: Question) => Promise<Answer>;
  /** Has the desk run a command of a menu. Rejects with a StanzaError when it does not answer in time. */
  readonly command: (session: Session, inbound: Inbound, command: MenuCommand) => Promise<Answer>;
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
  readonly stream?: (entities: Services['entities'], tenant: Tenant) => readonly XmlElement[];
  readonly setup?: (hooks: Hooks, services: Services) => void;
}

export function defineFeature(feature: Feature): Feature {
  return feature;
}
