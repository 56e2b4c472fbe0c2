/** One viewer's roster: all contacts that exist for them, and what a change of it is on the wire. */
import { createHash } from 'node:crypto';
import type { RosterItem } from '../../bus/messages.ts';
import type { Staff } from '../../helpdesk/model.ts';
import {
  colleagueContact,
  type Contact,
  gatewayContact,
  type PresenceItem,
  type VisitorView,
  visitorContacts,
} from './contacts.ts';
import type { Desk, Talk } from '../state.ts';

/** Contacts by bare JID. */
export type Projection = ReadonlyMap<string, Contact>;

export type PushedItem = RosterItem | { readonly jid: string; readonly removed: true };

export interface Difference {
  readonly pushes: readonly PushedItem[];
  /** Of contacts that stay or come: sent after the pushes. */
  readonly presences: readonly PresenceItem[];
  /** Of contacts that go: sent before the pushes. */
  readonly farewells: readonly PresenceItem[];
}

export function viewOf(talk: Talk): VisitorView {
  const offered = new Set(Array.from(talk.offers.values(), ({ offer }) => offer.staff));
  return { chat: talk.chat, label: talk.label, offered };
}

export function projection(desk: Desk, viewer: Staff): Projection {
  const contacts = new Map<string, Contact>();
  const add = (contact: Contact | undefined) => {
    if (contact !== undefined) contacts.set(contact.item.jid, contact);
  };
  add(gatewayContact(desk.settings.place));
  for (const staff of desk.staff.values()) if (staff.id !== viewer.id) add(colleagueContact(desk, staff));
  for (const talk of desk.talks.values())
    if (talk.ended === undefined) add(visitorContacts(desk, viewOf(talk)).for(viewer));
  return contacts;
}

function unavailable({ presence }: Contact): PresenceItem {
  return { kind: 'presence', from: presence.from, show: 'unavailable' };
}

/** The change of one contact; absent: not in the roster. */
export function contactDifference(before: Contact | undefined, after: Contact | undefined): Difference {
  if (after === undefined) {
    if (before === undefined) return { pushes: [], presences: [], farewells: [] };
    return {
      pushes: [{ jid: before.item.jid, removed: true }],
      presences: [],
      farewells: before.presence.show === 'unavailable' ? [] : [unavailable(before)],
    };
  }
  const isNew = before === undefined;
  return {
    pushes: isNew || !isSame(before.item, after.item) ? [after.item] : [],
    presences: isNew
      ? after.presence.show === 'unavailable'
        ? []
        : [after.presence]
      : isSame(before.presence, after.presence)
        ? []
        : [after.presence],
    farewells: [],
  };
}

/** What leads from one roster to the other. */
export function difference(before: Projection, after: Projection): Difference {
  const parts = Array.from(new Set([...before.keys(), ...after.keys()]), (jid) =>
    contactDifference(before.get(jid), after.get(jid)),
  );
  return {
    pushes: parts.flatMap(({ pushes }) => pushes),
    presences: parts.flatMap(({ presences }) => presences),
    farewells: parts.flatMap(({ farewells }) => farewells),
  };
}

function isSame(a: RosterItem | PresenceItem, b: RosterItem | PresenceItem): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

const RANGE = 1n << 128n;

/**
 * A roster's version is the sum of its items: the same for the same roster, also over a restart, and changed by
 * one item without a look at the others. [RFC6121 §2.6]
 */
export function itemSum(item: RosterItem): bigint {
  let sum = sums.get(item);
  if (sum === undefined) sums.set(item, (sum = newSum(item)));
  return sum;
}

const sums = new WeakMap<RosterItem, bigint>();

function newSum(item: RosterItem): bigint {
  const digest = createHash('sha256')
    .update(JSON.stringify([item.jid, item.name, item.groups]))
    .digest('hex');
  return BigInt(`0x${digest.slice(0, 32)}`);
}

/** The viewer's own item counts too: so all who see the same have the same version, and get one push. */
export function rosterSum(desk: Desk, viewer: Staff, contacts: Projection): bigint {
  let sum = itemSum(colleagueContact(desk, viewer).item);
  for (const { item } of contacts.values()) sum += itemSum(item);
  return sum % RANGE;
}

export function changedSum(sum: bigint, before: RosterItem | undefined, after: RosterItem | undefined): bigint {
  const changed = sum - (before === undefined ? 0n : itemSum(before)) + (after === undefined ? 0n : itemSum(after));
  return ((changed % RANGE) + RANGE) % RANGE;
}

export function versionOf(sum: bigint): string {
  return sum.toString(36);
}
