import { createHash } from 'node:crypto';
import type { Ticket } from '../connectors/embedded/visitor-site.ts';
import type { ChatId } from '../helpdesk/model.ts';
import { Refusal } from './refusal.ts';

const WRITTEN = /^([a-z0-9]{16,64})\.([A-Za-z0-9_-]{16,200})$/u;

export function writeTicket(ticket: Ticket): string {
  return `${ticket.chat}.${ticket.token}`;
}

export function readTicket(written: string): Ticket | undefined {
  const [, chat, token] = WRITTEN.exec(written) ?? [];
  return chat === undefined || token === undefined ? undefined : { chat: chat as ChatId, token };
}

/** Reads `Authorization: Ticket …`. A ticket that is not of our form says nothing about any chat. @throws Refusal */
export function ticketOf(authorization: string | undefined): Ticket {
  const [scheme, written, ...more] = (authorization ?? '').split(' ');
  const ticket =
    scheme?.toLowerCase() === 'ticket' && written !== undefined && more.length === 0 ? readTicket(written) : undefined;
  if (ticket === undefined) throw new Refusal('no-ticket', 'This needs the ticket of a chat.');
  return ticket;
}

/** What limits count by: not the chat alone, whose number staff see, and not the token itself. */
export function ticketKey(ticket: Ticket): string {
  return createHash('sha256').update(writeTicket(ticket)).digest('base64url');
}
