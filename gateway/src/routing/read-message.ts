import type { AppMessage, ChatState, Extras } from '../bus/messages.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { ownChildText } from './children.ts';
import { readReactions } from './reactions.ts';

export const CHAT_STATES = 'http://jabber.org/protocol/chatstates';
export const RECEIPTS = 'urn:xmpp:receipts';
export const STANZA_IDS = 'urn:xmpp:sid:0';
export const CORRECTION = 'urn:xmpp:message-correct:0';
export const RETRACTION = 'urn:xmpp:message-retract:1';
export const REACTIONS = 'urn:xmpp:reactions:0';
export const REPLY = 'urn:xmpp:reply:0';
export const MARKERS = 'urn:xmpp:chat-markers:0';
export const OUT_OF_BAND = 'jabber:x:oob';
export const FALLBACK = 'urn:xmpp:fallback:0';
const OLD_RETRACTION = 'urn:xmpp:message-retract:0';
const FASTENING = 'urn:xmpp:fasten:0';
const CARBONS = 'urn:xmpp:carbons:2';
const HINTS = 'urn:xmpp:hints';
const CLIENT = 'jabber:client';

/** What is longer is no id that an app makes; it is treated as absent. */
export const LONGEST_ID = 1_024;

const states: ReadonlySet<string> = new Set<ChatState>(['active', 'composing', 'paused', 'inactive', 'gone']);
/** OMEMO, OpenPGP, legacy PGP, and the note that a body stands in for one of them. */
const encryptions = new Set([
  'eu.siacs.conversations.axolotl encrypted',
  'urn:xmpp:omemo:1 encrypted',
  'urn:xmpp:omemo:2 encrypted',
  'urn:xmpp:openpgp:0 openpgp',
  'jabber:x:encrypted x',
  'urn:xmpp:eme:0 encryption',
]);
export type NotWords = 'reaction' | 'retraction';
/** A text beside one of these is made by the app, for apps that do not know it: a reaction, a retraction (two versions). */
const notWords: ReadonlyMap<string, NotWords> = new Map([
  [`${REACTIONS} reactions`, 'reaction'],
  [`${RETRACTION} retract`, 'retraction'],
  [`${OLD_RETRACTION} retract`, 'retraction'],
  [`${FASTENING} apply-to`, 'retraction'],
]);
/** What a text may stand in for without being words. All else that it may stand for is read as the text. [XEP-0428 §1] */
const standsFor: ReadonlyMap<string, NotWords> = new Map([
  [REACTIONS, 'reaction'],
  [RETRACTION, 'retraction'],
  [OLD_RETRACTION, 'retraction'],
]);
const OTR = /^\s*\?OTR(?:$|[:,|?v\s])/u;
const BLANK = /^[\s\p{Z}\p{Cc}\p{Cf}\p{DI}\u2800]*$/u;

/** Receipts, markers and hints of a message, beside what is an {@link AppMessage}. */
export interface ReadMessage {
  readonly message: AppMessage;
  /** XEP-0184: the id of the message that this one is the receipt for. */
  readonly received?: string;
  /** XEP-0333: the id of the newest message that was shown. */
  readonly displayed?: string;
  /** XEP-0280, XEP-0334: no other app of anybody gets a copy. */
  readonly noCopies: boolean;
  /** XEP-0334: nobody keeps it. */
  readonly noStore: boolean;
  /** It says something about another message, and nothing in words; which one is not to be made out. */
  readonly notWords?: NotWords;
}

/** Nothing but white space and invisible characters. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

const idOf = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || text.length > LONGEST_ID ? undefined : text;

/** Position in UTF-16 units of the `count`th character: clauses count code points [XEP-0426 §3]. */
function offsetOf(text: string, count: number): number {
  let offset = 0;
  for (let passed = 0; passed < count && offset < text.length; passed++) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

/** How much of the body's start is there for apps without replies [XEP-0461 §3, XEP-0428 §3]. */
function quotation(fallback: XmlElement, body: string): number {
  const range = fallback.getChild('body', FALLBACK);
  if (range === undefined) return 0;
  const { start, end } = range.attrs;
  if (start === undefined && end === undefined) return body.length;
  if (Number(start ?? 0) !== 0 || end === undefined || !/^\d{1,9}$/u.test(end)) return 0;
  return offsetOf(body, Number(end));
}

/** The whole text is there only for apps that do not know what it stands for [XEP-0428 §2]. */
function isAllFallback(fallback: XmlElement, body: string): boolean {
  const range = fallback.getChild('body', FALLBACK);
  if (range === undefined) return fallback.getChild('subject', FALLBACK) === undefined;
  const { start = '0', end } = range.attrs;
  if (!/^\d{1,9}$/u.test(start)) return false;
  const isBlankBefore = isBlank(body.slice(0, offsetOf(body, Number(start))));
  if (end === undefined) return isBlankBefore;
  return isBlankBefore && /^\d{1,9}$/u.test(end) && isBlank(body.slice(offsetOf(body, Number(end))));
}

/** The id of the message that is taken back [XEP-0424 §3], in the form before version 0.4 too. */
function retracted(child: XmlElement): string | undefined {
  if (child.getNS() !== FASTENING) return child.getNS() === RETRACTION ? idOf(child.attrs.id) : undefined;
  return child.getChild('retract', OLD_RETRACTION) === undefined ? undefined : idOf(child.attrs.id);
}

const noStoring: ReadonlySet<string> = new Set(['no-store', 'no-permanent-store']);

/** What is there of one message, found child by child. */
interface Found {
  noCopies: boolean;
  noStore: boolean;
  received?: string | undefined;
  displayed?: string | undefined;
  state?: ChatState;
  originId?: string | undefined;
  replaces?: string | undefined;
  retracts?: string | undefined;
  reacts?: Extras['reacts'] | undefined;
  answers?: string | undefined;
  url?: string;
  receipt?: true;
  markable?: true;
  encrypted?: true;
  quoted: number;
  notWords?: NotWords | undefined;
}

function look(child: XmlElement, found: Found, body: string | undefined): void {
  const namespace = child.getNS() ?? '';
  // what nearly every message has is known by its namespace alone
  if (namespace === CLIENT) return;
  const name = child.getName();
  if (namespace === CHAT_STATES) {
    if (found.state === undefined && states.has(name)) found.state = name as ChatState;
    return;
  }
  const full = `${namespace} ${name}`;
  if (encryptions.has(full)) found.encrypted = true;
  else if (notWords.has(full)) {
    found.notWords = notWords.get(full);
    if (found.notWords === 'reaction') found.reacts ??= readReactions(child, idOf(child.attrs.id));
    else found.retracts ??= retracted(child);
  } else if (namespace === RECEIPTS) {
    if (name === 'request') found.receipt = true;
    else if (name === 'received') found.received = idOf(child.attrs.id);
  } else if (namespace === MARKERS) {
    // `received` and `acknowledged` of older versions say nothing that we pass on.
    if (name === 'markable') found.markable = true;
    else if (name === 'displayed') found.displayed = idOf(child.attrs.id);
  } else if (namespace === STANZA_IDS) {
    if (name === 'origin-id') found.originId = idOf(child.attrs.id);
  } else if (namespace === CORRECTION) {
    if (name === 'replace') found.replaces = idOf(child.attrs.id);
  } else if (namespace === REPLY) {
    if (name === 'reply') found.answers = idOf(child.attrs.id);
  } else if (namespace === OUT_OF_BAND) {
    const url = name === 'x' ? child.getChildText('url', OUT_OF_BAND)?.trim() : undefined;
    // Only an address that its reader sees is carried.
    if (url !== undefined && isAddress(url) && body?.trim() === url) found.url = url;
  } else if (namespace === FALLBACK) {
    if (name !== 'fallback' || body === undefined) return;
    if (child.attrs.for === REPLY) found.quoted = quotation(child, body);
    else if (isAllFallback(child, body)) found.notWords ??= standsFor.get(child.attrs.for ?? '');
  } else if (namespace === HINTS && noStoring.has(name)) found.noStore = true;
  else if (full === `${CARBONS} private` || full === `${HINTS} no-copy`) found.noCopies = true;
}

const LONGEST_ADDRESS = 2_000;

function isAddress(url: string): boolean {
  return url.length <= LONGEST_ADDRESS && /^https?:\/\/[^\s<>"]+$/iu.test(url);
}

/** What it says about another message; only one thing, the one that is hardest to take for something else. */
function extrasOf(found: Found, hasWords: boolean): Extras {
  const { retracts, reacts, replaces, answers, url, markable } = found;
  if (found.encrypted) return replaces === undefined ? {} : { replaces };
  if (found.notWords === 'retraction') return retracts === undefined ? {} : { retracts };
  if (found.notWords === 'reaction') return reacts === undefined ? {} : { reacts };
  const extras: { -readonly [Key in keyof Extras]: Extras[Key] } = {};
  if (!hasWords) return extras;
  if (replaces !== undefined) extras.replaces = replaces;
  if (answers !== undefined) extras.answers = answers;
  if (url !== undefined) extras.url = url;
  if (markable) extras.markable = markable;
  return extras;
}

/**
 * Reads what an app sent into the fields that we understand; everything else in the stanza goes no further.
 * A body of nothing but white space and invisible characters is no body, nor is one that a machine made in place of
 * something else.
 */
export function readMessage(stanza: XmlElement): ReadMessage {
  const found: Found = { noCopies: false, noStore: false, quoted: 0 };
  const text = ownChildText(stanza, 'body');
  const body = text === undefined || isBlank(text) ? undefined : text;
  for (const child of stanza.children) if (typeof child !== 'string') look(child, found, body);
  if (body !== undefined && OTR.test(body)) found.encrypted = true;
  const id = idOf(stanza.attrs.id);
  const { state, originId, receipt, encrypted, quoted, received, displayed, noCopies, noStore } = found;
  // The text that stands for an encrypted one is kept, so that its author is told.
  const words = found.notWords !== undefined && !encrypted ? undefined : body;
  const extras = extrasOf(found, words !== undefined);
  const isUnclear = !encrypted && extras.retracts === undefined && extras.reacts === undefined;
  const message: { -readonly [Key in keyof AppMessage]: AppMessage[Key] } = extras;
  if (id !== undefined) message.id = id;
  if (originId !== undefined) message.originId = originId;
  if (words !== undefined) message.body = words;
  if (state !== undefined) message.state = state;
  if (receipt) message.receipt = receipt;
  if (encrypted) message.encrypted = encrypted;
  if (words !== undefined && quoted > 0) message.quoted = quoted;
  return {
    message,
    ...(received !== undefined && { received }),
    ...(displayed !== undefined && { displayed }),
    noCopies,
    noStore,
    ...(isUnclear && found.notWords !== undefined && { notWords: found.notWords }),
  };
}

/** It is said, and kept where messages are kept; the rest is state. */
export function isSaid({ body, retracts, reacts }: AppMessage): boolean {
  return body !== undefined || retracts !== undefined || reacts !== undefined;
}
