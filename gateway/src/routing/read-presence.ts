import type { Availability, Show } from '../bus/messages.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { cut, ownChildText } from './children.ts';

export const LONGEST_STATUS = 1_000;
const LONGEST_NODE = 500;
const shows: ReadonlySet<string> = new Set(['chat', 'away', 'xa', 'dnd']);

function showOf(text: string | undefined): Show {
  const show = text?.trim() ?? '';
  if (show === '') return 'available';
  if (shows.has(show)) return show as Show;
  throw new StanzaError('modify', 'bad-request', 'A show is one of away, chat, dnd and xa.');
}

function priorityOf(text: string | undefined): number {
  const digits = text?.trim() ?? '';
  if (digits === '') return 0;
  const priority = /^[+-]?\d{1,3}$/u.test(digits) ? Number(digits) : Number.NaN;
  if (priority >= -128 && priority <= 127) return priority;
  throw new StanzaError('modify', 'bad-request', 'A priority is a number from -128 to 127.');
}

/**
 * Reads an available presence [RFC6121 §4.7.2].
 * @throws StanzaError `bad-request` for what the schema forbids
 */
export function readPresence(stanza: XmlElement): Availability {
  const status = ownChildText(stanza, 'status')?.trim();
  const node = stanza.getChild('c', 'http://jabber.org/protocol/caps')?.attrs.node;
  return {
    show: showOf(ownChildText(stanza, 'show')),
    priority: priorityOf(ownChildText(stanza, 'priority')),
    ...(status !== undefined && status !== '' && { status: cut(status, LONGEST_STATUS) }),
    ...(node !== undefined && node !== '' && { capsNode: cut(node, LONGEST_NODE) }),
  };
}
