import type { Extras, Item } from '../bus/messages.ts';
import type { Session } from '../c2s/session.ts';
import { MARK } from '../text/mark.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { StanzaError, type StanzaErrorType } from '../xmpp/stanza-error.ts';
import {
  CHAT_STATES,
  CORRECTION,
  FALLBACK,
  MARKERS,
  OUT_OF_BAND,
  REACTIONS,
  RECEIPTS,
  REPLY,
  RETRACTION,
  STANZA_IDS,
} from './read-message.ts';

const DELAY = 'urn:xmpp:delay';
const CARBONS = 'urn:xmpp:carbons:2';
const FORWARD = 'urn:xmpp:forward:0';
export const ARCHIVE = 'urn:xmpp:mam:2';

/** The app that an item is for. */
export interface Reader {
  readonly bareJid: string;
  readonly fullJid: string;
  readonly domain: string;
  readonly carbons: boolean;
  /**
   * COMPAT(libpurple, it names a conversation after the `from` of its last message, and BitlBee finds the contact
   * of that name: it shows typing only if both come from the bare JID. profanity shows none from a bare JID.)
   */
  readonly namesByBareJid: boolean;
}

/** The node of libpurple's capabilities, in Pidgin, Finch, Adium and BitlBee alike. */
const LIBPURPLE = 'http://pidgin.im/';

export function isLibpurple(session: Session): boolean {
  return session.record.availability?.capsNode === LIBPURPLE;
}

export function readerOf(session: Session): Reader {
  const { carbons } = session.record;
  return {
    bareJid: session.bareJid,
    fullJid: session.fullJid,
    domain: session.tenant.domain,
    carbons,
    namesByBareJid: isLibpurple(session),
  };
}

function contactOf(from: string, reader: Reader): string {
  return reader.namesByBareJid ? bareOf(from) : from;
}

type MessageItem = Extract<Item, { kind: 'message' }>;
type ItemOf<Kind extends Item['kind']> = Extract<Item, { kind: Kind }>;

export function bareOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? jid : jid.slice(0, slash);
}

/** [XEP-0082 §3.2] */
export function dateTime(at: number): string {
  return new Date(at).toISOString();
}

/** The whole body is there for apps that do not know this [XEP-0428 §2]. */
function fallback(of: string): XmlElement {
  return xml('fallback', { xmlns: FALLBACK, for: of }, xml('body'));
}

function extraPayloads(extras: Extras, contact: string): (XmlElement | undefined | false)[] {
  const { replaces, retracts, reacts, answers, url, markable } = extras;
  return [
    replaces !== undefined && xml('replace', { xmlns: CORRECTION, id: replaces }),
    ...(retracts === undefined ? [] : [xml('retract', { xmlns: RETRACTION, id: retracts }), fallback(RETRACTION)]),
    ...(reacts === undefined
      ? []
      : [
          xml(
            'reactions',
            { xmlns: REACTIONS, id: reacts.to },
            ...reacts.with.map((emoji) => xml('reaction', {}, emoji)),
          ),
          fallback(REACTIONS),
        ]),
    // COMPAT(Dino, it reads no reply without `to`)
    answers !== undefined && xml('reply', { xmlns: REPLY, to: contact, id: answers }),
    url !== undefined && xml('x', OUT_OF_BAND, xml('url', {}, url)),
    markable && xml('markable', MARKERS),
  ];
}

/** `contact`: whose window it is in. */
function payloads(item: MessageItem, reader: Reader, contact: string): (XmlElement | undefined | false)[] {
  const { peer, own } = item;
  return [
    xml('body', {}, item.body),
    // Without a state in it, libpurple takes the contact for one that has no typing notices [XEP-0085 §5.1].
    xml('active', CHAT_STATES),
    peer?.receipt && xml('request', RECEIPTS),
    ...extraPayloads({ ...item.extras, ...peer }, contact),
    own?.ref !== undefined && xml('origin-id', { xmlns: STANZA_IDS, id: own.ref }),
    item.passing ? undefined : xml('stanza-id', { xmlns: STANZA_IDS, by: reader.bareJid, id: item.stanzaId }),
  ];
}

function delay(item: MessageItem, reader: Reader): XmlElement | undefined {
  return item.at === undefined
    ? undefined
    : xml('delay', { xmlns: DELAY, from: reader.domain, stamp: dateTime(item.at) });
}

/** The id by which the apps of its author, and of whom it was sent to, know a message. */
function idOf({ own, peer, stanzaId }: MessageItem): string {
  return own?.ref ?? peer?.id ?? stanzaId;
}

/** A message as it was, in a copy [XEP-0297 §3]. */
function forwarded(item: MessageItem, reader: Reader, from: string, to: string, stamp: XmlElement | undefined) {
  const attributes = { xmlns: 'jabber:client', type: 'chat', from, to, id: idOf(item) };
  const contact = item.own === undefined ? from : to;
  return xml('forwarded', FORWARD, stamp, xml('message', attributes, ...payloads(item, reader, contact)));
}

/** A copy of what another app of this staff user sent or got [XEP-0280 §6, §7]. */
function carbon(item: MessageItem, reader: Reader, direction: 'sent' | 'received', from: string, to: string) {
  return copy(reader, direction, forwarded(item, reader, from, to, delay(item, reader)));
}

function copy(reader: Reader, direction: 'sent' | 'received', content: XmlElement): XmlElement {
  return xml('message', { type: 'chat', from: reader.bareJid, to: reader.fullJid }, xml(direction, CARBONS, content));
}

/** What an app has asked its archive for [XEP-0313 §4.2]; `at` of the item is when it was said. */
export function renderArchived(item: MessageItem, reader: Reader, query: string | undefined): XmlElement {
  const [from, to] = item.own === undefined ? [item.from, reader.bareJid] : [bareOf(item.from), item.own.to];
  const stamp = xml('delay', { xmlns: DELAY, stamp: dateTime(item.at ?? 0) });
  return xml(
    'message',
    { from: reader.bareJid, to: reader.fullJid },
    xml('result', { xmlns: ARCHIVE, queryid: query, id: item.stanzaId }, forwarded(item, reader, from, to, stamp)),
  );
}

/** An own line as a message of the contact's: it may not look like one of theirs. */
function asTheirs(item: MessageItem, to: string): MessageItem {
  const { reacts, ...extras } = item.extras ?? {};
  return {
    ...item,
    from: to,
    own: { to },
    body: item.body.startsWith(MARK) ? item.body : `${MARK} You: ${item.body}`,
    extras: reacts === undefined ? extras : { ...extras, answers: reacts.to },
  };
}

/**
 * The stanza of a text. A staff user's own line from another app is a carbon where the app has them on, else a
 * message in the contact's window, marked; a copy of what went to another app is for apps with carbons only.
 */
export function renderMessage(item: MessageItem, reader: Reader): XmlElement | undefined {
  const { own, peer } = item;
  if (peer?.copyOf !== undefined) {
    return reader.carbons ? carbon(item, reader, 'received', item.from, peer.copyOf.to) : undefined;
  }
  if (own !== undefined && reader.carbons) return carbon(item, reader, 'sent', item.from, own.to);
  const shown = own === undefined ? item : asTheirs(item, own.to);
  return xml(
    'message',
    {
      type: peer?.headline ? 'headline' : 'chat',
      from: contactOf(shown.from, reader),
      to: reader.fullJid,
      id: idOf(item),
    },
    ...payloads(shown, reader, shown.from),
    delay(item, reader),
  );
}

const errorTypes: Readonly<Record<ItemOf<'refusal'>['condition'], StanzaErrorType>> = {
  'item-not-found': 'cancel',
  forbidden: 'auth',
  'not-acceptable': 'modify',
  'service-unavailable': 'cancel',
  'resource-constraint': 'wait',
};

export function renderRefusal(item: ItemOf<'refusal'>, reader: Reader): XmlElement {
  const error = new StanzaError(errorTypes[item.condition], item.condition, item.text);
  return xml('message', { type: 'error', from: item.from, to: reader.fullJid, id: item.of }, error.toElement());
}

/** [XEP-0184 §5.3] */
export function renderReceipt(item: ItemOf<'receipt'>, reader: Reader): XmlElement {
  return xml(
    'message',
    { type: 'chat', from: item.from, to: reader.fullJid },
    xml('received', { xmlns: RECEIPTS, id: item.of }),
  );
}

/** Markers count for what came before as well [XEP-0333 §4.2]. */
export function renderMarker(item: ItemOf<'marker'>, reader: Reader): XmlElement | undefined {
  const { from, of, own } = item;
  const displayed = xml('displayed', { xmlns: MARKERS, id: of });
  if (own === undefined)
    return xml('message', { type: 'chat', from: contactOf(from, reader), to: reader.fullJid }, displayed);
  if (!reader.carbons) return undefined;
  const message = xml('message', { xmlns: 'jabber:client', type: 'chat', from, to: own.to }, displayed);
  return copy(reader, 'sent', xml('forwarded', FORWARD, message));
}

/** A chat state alone [XEP-0085 §5.2]. */
export function renderChatState(item: ItemOf<'chat-state'>, reader: Reader): XmlElement {
  return xml(
    'message',
    { type: 'chat', from: contactOf(item.from, reader), to: reader.fullJid },
    xml(item.state, CHAT_STATES),
  );
}

/** [RFC6121 §4.7] */
export function renderPresence(item: ItemOf<'presence'>, reader: Reader): XmlElement {
  const { show } = item;
  return xml(
    'presence',
    { type: show === 'unavailable' ? show : undefined, from: item.from, to: reader.fullJid },
    show !== 'available' && show !== 'unavailable' && xml('show', {}, show),
    item.status !== undefined && item.status !== '' && xml('status', {}, item.status),
    item.priority !== undefined && show !== 'unavailable' && xml('priority', {}, String(item.priority)),
  );
}
