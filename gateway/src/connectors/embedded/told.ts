/** What of a chat's change is told to whom. */
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import type { HelpdeskEvent } from '../../helpdesk/port.ts';
import type { ChatState, Invitation } from './chat/chat.ts';
import type { ChatEvent } from './chat/step.ts';
import type { OpenChat } from './floor.ts';

export function participantsOf(chat: ChatState): readonly StaffId[] {
  return chat.is === 'waiting' ? [] : chat.participants;
}

export function offerTo(chat: OpenChat | undefined, staff: StaffId): Invitation | undefined {
  return chat?.is === 'running' ? chat.invitations.find((offer) => offer.staff === staff) : undefined;
}

/** The name by which the event speaks of this staff user, who may be gone from the directory. */
export function nameIn(event: ChatEvent, staff: StaffId): string | undefined {
  const isTheirs = (event.type === 'staff-left' || event.type === 'staff-ended') && event.staff.id === staff;
  return isTheirs ? event.staff.name : undefined;
}

/** Words are lines alone, and who is asked is told by offers. */
export function isOfChat({ type }: ChatEvent): boolean {
  switch (type) {
    case 'visitor-said':
    case 'staff-said':
    case 'invited':
    case 'transferring':
    case 'handing-over':
    case 'asking':
    case 'gave-up':
    case 'offers-over':
      return false;
    default:
      return true;
  }
}

export function chatOf(event: HelpdeskEvent): ChatId | undefined {
  switch (event.type) {
    case 'chat':
      return event.chat.id;
    case 'offer':
    case 'offer-ended':
      return event.offer.chat;
    case 'line':
    case 'typing':
    case 'transfer-failed':
    case 'note':
    case 'seen':
      return event.chat;
    case 'directory':
    case 'left-message':
    case 'queue-full':
      return undefined;
  }
}
