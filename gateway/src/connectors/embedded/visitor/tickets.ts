/**
 * A visitor's right to a chat. Chat and token follow from the id of the message that starts it, by a secret of
 * the tenant's: the same start gives the same ticket on every pod, and nobody can guess one.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ChatId } from '../../../helpdesk/model.ts';
import type { Ticket } from '../visitor-site.ts';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export function ticketOf(secret: string, messageId: string): Ticket {
  const part = (what: string) => createHmac('sha256', secret).update(`${what} ${messageId}`).digest();
  return { chat: base32(part('chat')) as ChatId, token: part('token').toString('base64url') };
}

/** 130 bits. */
function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    held += 8;
    while (held >= 5 && text.length < 26) {
      held -= 5;
      text += BASE32[(bits >> held) & 31] ?? '';
    }
  }
  return text;
}

/** What the store keeps of a token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function isToken(token: string, hash: string): boolean {
  return timingSafeEqual(createHash('sha256').update(token).digest(), Buffer.from(hash, 'hex'));
}
