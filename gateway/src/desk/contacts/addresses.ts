import type { ChatId, Staff } from '../../helpdesk/model.ts';
import { escapeLocal } from '../../xmpp/jid.ts';

/** Where a tenant's people are. */
export interface Place {
  readonly domain: string;
  readonly visitorsDomain: string;
  /** IANA name; absent: the host's. */
  readonly timeZone?: string;
}

export const GATEWAY_NAME = 'Chat Gateway';

export function gatewayAddress(place: Place): string {
  return `gateway@${place.visitorsDomain}`;
}

export function gatewayFullAddress(place: Place): string {
  return `${gatewayAddress(place)}/gateway`;
}

export function visitorAddress(place: Place, chat: ChatId): string {
  return `${chat}@${place.visitorsDomain}`;
}

/** Programs bind a conversation to the full JID: it stays the same for the chat's life. */
export function visitorFullAddress(place: Place, chat: ChatId): string {
  return `${visitorAddress(place, chat)}/chat`;
}

export function staffAddress(place: Place, staff: Pick<Staff, 'username'>): string {
  return `${escapeLocal(staff.username)}@${place.domain}`;
}

/** What colleagues see of a staff user: the helpdesk's word, not that of one app. */
export function staffFullAddress(place: Place, staff: Pick<Staff, 'username'>): string {
  return `${staffAddress(place, staff)}/helpdesk`;
}
