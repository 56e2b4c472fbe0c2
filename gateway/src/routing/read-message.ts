import type { AppMessage, ChatState } from '../bus/messages.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { ownChildText } from './children.ts';

export const CHAT_STATES = 'http://jabber.org/protocol/chatstates';
export const RECEIPTS = 'urn:xmpp:receipts';
export const STANZA_IDS = 'urn:xmpp:sid:0';
export const CORRECTION = 'urn:xmpp:message-correct:0';
const CARBONS = 'urn:xmpp:carbons:2';
const HINTS = 'urn:xmpp:hints';

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
const FALLBACK = 'urn:xmpp:fallback:0';
export type NotWords = 'reaction' | 'retraction';
/** A text beside one of these is made by the app, for apps that do not know it: a reaction, a retraction (two versions). */
const notWords: ReadonlyMap<string, NotWords> = new Map([
  ['urn:xmpp:reactions:0 reactions', 'reaction'],
  ['urn:xmpp:message-retract:1 retract', 'retraction'],
  ['urn:xmpp:message-retract:0 retract', 'retraction'],
  ['urn:xmpp:fasten:0 apply-to', 'retraction'],
]);
/** What a text may stand in for without being words. All else that it may stand for is read as the text. [XEP-0428 §1] */
const standsFor: ReadonlyMap<string, NotWords> = new Map([
  ['urn:xmpp:reactions:0', 'reaction'],
  ['urn:xmpp:message-retract:1', 'retraction'],
  ['urn:xmpp:message-retract:0', 'retraction'],
]);
const OTR = /^\s*\?OTR(?:$|[:,|?v\s])/u;
const BLANK = /^[\s\p{Z}\p{Cc}\p{Cf}\p{DI}\u2800]*$/u;

/** Receipts, corrections and hints of a message, beside what is an {@link AppMessage}. */
export interface ReadMessage {
  readonly message: AppMessage;
  /** XEP-0184: the id of the message that this one is the receipt for. */
  readonly received?: string;
  /** XEP-0280, XEP-0334: no other app of anybody gets a copy. */
  readonly noCopies: boolean;
  /** It says something about another message, and nothing in words. */
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

/**
 * Reads what an app sent into the fields that we understand; everything else in the stanza goes no further.
 * A body of nothing but white space and invisible characters is no body, nor is one that a machine made in place of
 * something else.
 */
export function readMessage(stanza: XmlElement): ReadMessage {
  let state: ChatState | undefined;
  let originId: string | undefined;
  let replaces: string | undefined;
  let received: string | undefined;
  let receipt = false;
  let encrypted = false;
  let noCopies = false;
  let quoted = 0;
  let kind: NotWords | undefined;
  const text = ownChildText(stanza, 'body');
  const body = text === undefined || isBlank(text) ? undefined : text;
  for (const child of stanza.children) {
    if (typeof child === 'string') continue;
    const name = child.getName();
    const namespace = child.getNS() ?? '';
    if (encryptions.has(`${namespace} ${name}`)) encrypted = true;
    else if (notWords.has(`${namespace} ${name}`)) kind = notWords.get(`${namespace} ${name}`);
    else if (namespace === CHAT_STATES) {
      if (state === undefined && states.has(name)) state = name as ChatState;
    } else if (namespace === RECEIPTS) {
      if (name === 'request') receipt = true;
      else if (name === 'received') received = idOf(child.attrs.id);
    } else if (namespace === STANZA_IDS) {
      if (name === 'origin-id') originId = idOf(child.attrs.id);
    } else if (namespace === CORRECTION) {
      if (name === 'replace') replaces = idOf(child.attrs.id);
    } else if (namespace === FALLBACK) {
      if (name !== 'fallback' || body === undefined) continue;
      if (child.attrs.for === 'urn:xmpp:reply:0') quoted = quotation(child, body);
      else if (isAllFallback(child, body)) kind ??= standsFor.get(child.attrs.for ?? '');
    } else if ((namespace === CARBONS && name === 'private') || (namespace === HINTS && name === 'no-copy')) {
      noCopies = true;
    }
  }
  if (body !== undefined && OTR.test(body)) encrypted = true;
  const id = idOf(stanza.attrs.id);
  // The text that stands for an encrypted one is kept, so that its author is told.
  const words = kind !== undefined && !encrypted ? undefined : body;
  const message: AppMessage = {
    ...(id !== undefined && { id }),
    ...(originId !== undefined && { originId }),
    ...(words !== undefined && { body: words }),
    ...(state !== undefined && { state }),
    ...(receipt && { receipt: true as const }),
    ...(replaces !== undefined && { replaces }),
    ...(encrypted && { encrypted: true as const }),
    ...(words !== undefined && quoted > 0 && { quoted }),
  };
  return {
    message,
    ...(received !== undefined && { received }),
    noCopies,
    ...(kind !== undefined && { notWords: kind }),
  };
}
