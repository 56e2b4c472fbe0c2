/** What was said before, as items: the same that apps got when it was said. */
import type { Item } from '../bus/messages.ts';
import type { Archived, PeerMessage } from '../helpdesk/archive.ts';
import type { ChatId, Line, StaffId } from '../helpdesk/model.ts';
import { peerReadingOf, readingOf } from '../helpdesk/reading.ts';
import { escapeLocal } from '../xmpp/jid.ts';
import { STAFF_RESOURCE } from './addressee.ts';

export type MessageItem = Extract<Item, { kind: 'message' }>;

/** Where a tenant's people are. */
interface Place {
  readonly domain: string;
  readonly visitorsDomain: string;
}

export function staffJid(staff: StaffId, domain: string): string {
  return `${escapeLocal(staff)}@${domain}`;
}

/** The one address of a visitor. */
export function visitorJid(chat: ChatId, visitorsDomain: string): string {
  return `${chat}@${visitorsDomain}/chat`;
}

/** A text between staff, for one of the two. */
export function peerItem(message: PeerMessage, reader: StaffId, domain: string): MessageItem {
  const { id, from, to, ref } = message;
  const { body, extras } = peerReadingOf(message, reader);
  const isOwn = from === reader && to !== reader;
  const isNote = from === to;
  const sender = staffJid(from, domain);
  return {
    kind: 'message',
    from: isOwn || isNote ? sender : `${sender}/${STAFF_RESOURCE}`,
    body,
    stanzaId: id,
    ...(extras !== undefined && { extras }),
    ...(isOwn
      ? { own: { to: `${staffJid(to, domain)}/${STAFF_RESOURCE}`, ...(ref !== undefined && { ref }) } }
      : { peer: { ...(ref !== undefined && { id: ref }) } }),
  };
}

/** A line of a chat, for one of its staff. */
export function lineItem(line: Line, chat: ChatId, reader: StaffId, place: Place): MessageItem {
  const { from } = line;
  const visitor = visitorJid(chat, place.visitorsDomain);
  const { body, extras } = readingOf(line, reader, from.is === 'staff' ? from.name : '');
  const isOwn = from.is === 'staff' && from.staff === reader;
  return {
    kind: 'message',
    from: isOwn ? staffJid(reader, place.domain) : visitor,
    body,
    stanzaId: line.id,
    ...(extras !== undefined && { extras }),
    ...(isOwn && { own: { to: visitor, ...(line.ref !== undefined && { ref: line.ref }) } }),
  };
}

/** An entry of a staff user's archive as a message that carries when it was said. */
export function archivedItem(entry: Archived, reader: StaffId, place: Place): MessageItem {
  return entry.is === 'line'
    ? { ...lineItem(entry.line, entry.chat, reader, place), at: entry.line.at }
    : { ...peerItem(entry.message, reader, place.domain), at: entry.message.at };
}
