/** What one contact is in the rosters of those who see it. */
import type { Item, RosterItem, Show } from '../../bus/messages.ts';
import type { Chat, Staff, StaffId, StaffStatus } from '../../helpdesk/model.ts';
import {
  GATEWAY_NAME,
  gatewayAddress,
  gatewayFullAddress,
  type Place,
  staffAddress,
  staffFullAddress,
  visitorAddress,
  visitorFullAddress,
} from './addresses.ts';
import type { Desk } from '../state.ts';
import { nameOf, teamNameOf } from '../state.ts';
import { timeOfDay } from './time-of-day.ts';

export type PresenceItem = Extract<Item, { readonly kind: 'presence' }>;

export interface Contact {
  readonly item: RosterItem;
  readonly presence: PresenceItem;
}

export const WAITING_GROUP = 'Visitors (Waiting)';
export const CHATTING_GROUP = 'Visitors (Chatting)';
const RESERVED = new Set([WAITING_GROUP, CHATTING_GROUP, GATEWAY_NAME].map((name) => name.toLowerCase()));

/** Programs compare groups without case: a team of such a name would sit among the visitors. */
export function groupOfTeam(name: string): string {
  return RESERVED.has(name.toLowerCase()) ? `${name} (team)` : name;
}

/** A chat as those see it who may. */
export interface VisitorView {
  readonly chat: Chat;
  readonly label: string;
  /** Staff users who are being asked. */
  readonly offered: ReadonlySet<StaffId>;
}

/** A visitor exists for the staff of the chat's team and for those whom the chat has to do with. */
export function maySee(viewer: Staff, { chat, offered }: Pick<VisitorView, 'chat' | 'offered'>): boolean {
  if (chat.phase.is === 'ended') return false;
  return (
    viewer.permissions.includes('all-teams') ||
    viewer.teams.includes(chat.team) ||
    chat.participants.includes(viewer.id) ||
    chat.observers.includes(viewer.id) ||
    offered.has(viewer.id)
  );
}

/** The chat as one line of text. Who observes is known to those alone who observe too. */
export function stateOf(desk: Desk, chat: Chat, viewer: StaffId): string {
  const observers = chat.observers.includes(viewer) ? chat.observers.map((staff) => nameOf(desk, staff)) : [];
  return stateText(desk, chat, observers);
}

function stateText(desk: Desk, chat: Chat, observers: readonly string[]): string {
  const { timeZone } = desk.settings.place;
  const observed = observers.length === 0 ? '' : `, observed by ${observers.join(', ')}`;
  const away = `${observed}${chat.visitorPresent || chat.phase.is === 'ended' ? '' : ', away from the page'}`;
  switch (chat.phase.is) {
    case 'waiting':
      return `waiting since ${timeOfDay(chat.waitingSince, timeZone)} for ${teamNameOf(desk, chat.team)}${away}`;
    case 'running': {
      const names = chat.participants.map((staff) => nameOf(desk, staff)).join(', ');
      return `with ${names} since ${timeOfDay(chat.phase.since, timeZone)}${away}`;
    }
    case 'ended':
      return `ended at ${timeOfDay(chat.phase.at, timeZone)}`;
  }
}

/**
 * | chat | show |
 * |---|---|
 * | the visitor's page is away | `away` |
 * | waiting | `chat`: free to talk |
 * | running, with the viewer | `available` |
 * | running, and the viewer is asked to take part | `chat` |
 * | running, with others, observed or not | `dnd` |
 */
function showOf(chat: Chat, part: Part): Show {
  if (!chat.visitorPresent) return 'away';
  if (chat.phase.is === 'waiting' || part === 'asked' || part === 'asked-observer') return 'chat';
  return part === 'takes-part' ? 'available' : 'dnd';
}

/** What a viewer has to do with a chat. */
type Part = 'takes-part' | 'asked' | 'asked-observer' | 'observes' | 'none';

/** The same two objects for all who see the chat, so that a fan-out is made once. */
export interface VisitorContacts {
  for(viewer: Staff): Contact | undefined;
}

export function visitorContacts(desk: Desk, view: VisitorView): VisitorContacts {
  const { place } = desk.settings;
  const { chat, label } = view;
  const item: RosterItem = {
    jid: visitorAddress(place, chat.id),
    name: label,
    groups: [chat.phase.is === 'waiting' ? WAITING_GROUP : CHATTING_GROUP],
  };
  const from = visitorFullAddress(place, chat.id);
  const made = new Map<Part, Contact>();
  const contactFor = (part: Part): Contact => {
    let contact = made.get(part);
    if (contact === undefined) {
      const isObserver = part === 'observes' || part === 'asked-observer';
      const observers = isObserver ? chat.observers.map((staff) => nameOf(desk, staff)) : [];
      const status = stateText(desk, chat, observers);
      contact = { item, presence: { kind: 'presence', from, show: showOf(chat, part), status, caps: 'visitor' } };
      made.set(part, contact);
    }
    return contact;
  };
  return { for: (viewer) => (maySee(viewer, view) ? contactFor(partOf(view, viewer.id)) : undefined) };
}

function partOf({ chat, offered }: VisitorView, viewer: StaffId): Part {
  if (chat.participants.includes(viewer)) return 'takes-part';
  const isObserver = chat.observers.includes(viewer);
  if (offered.has(viewer)) return isObserver ? 'asked-observer' : 'asked';
  return isObserver ? 'observes' : 'none';
}

const SHOWS: Readonly<Record<StaffStatus, Show | 'unavailable'>> = {
  online: 'available',
  away: 'away',
  busy: 'dnd',
  offline: 'unavailable',
};

/** Made once for all rosters that it is in, until something of it changes. */
export function colleagueContact(desk: Desk, staff: Staff): Contact {
  const { place } = desk.settings;
  const { teams } = desk;
  const status = desk.persons.get(staff.id)?.held ?? staff.status;
  const name = nameOf(desk, staff.id);
  const known = colleagues.get(staff);
  if (known?.name === name && known.status === status && known.teams === teams && known.place === place)
    return known.contact;
  const contact = newColleague(desk, staff, name, status);
  colleagues.set(staff, { name, status, teams, place, contact });
  return contact;
}

interface KnownColleague {
  readonly name: string;
  readonly status: StaffStatus;
  readonly teams: Desk['teams'];
  readonly place: Place;
  readonly contact: Contact;
}
const colleagues = new WeakMap<Staff, KnownColleague>();

function newColleague(desk: Desk, staff: Staff, name: string, status: StaffStatus): Contact {
  const { place } = desk.settings;
  const groups = new Map<string, string>();
  for (const id of staff.teams) {
    const team = desk.teams.get(id);
    if (team !== undefined && !groups.has(team.name.toLowerCase()))
      groups.set(team.name.toLowerCase(), groupOfTeam(team.name));
  }
  return {
    item: { jid: staffAddress(place, staff), name, groups: Array.from(groups.values()) },
    presence: {
      kind: 'presence',
      from: staffFullAddress(place, staff),
      show: SHOWS[status],
      ...(staff.statusText === undefined || status === 'offline' ? {} : { status: staff.statusText }),
      ...(status === 'offline' ? {} : { caps: 'staff' as const }),
    },
  };
}

export function gatewayContact(place: Place): Contact {
  return {
    item: { jid: gatewayAddress(place), name: GATEWAY_NAME, groups: [GATEWAY_NAME] },
    presence: {
      kind: 'presence',
      from: gatewayFullAddress(place),
      show: 'available',
      status: 'Write $help for what you can do.',
      caps: 'gateway',
    },
  };
}
