/** A desk begins: from its checkpoint, from the sessions that are there, and from the helpdesk as it is now. */
import type { SessionRecord } from '../bus/port.ts';
import type { Chat, Offer, OfferEnd, StaffId } from '../helpdesk/model.ts';
import type { Snapshot } from '../helpdesk/port.ts';
import { endAtLogout, GIVE_BACK_AFTER, OFFLINE_AFTER, reviewAvailability } from './people/availability.ts';
import { chatChanged, REMEMBER_ENDED, setDirectory } from './chat/chats.ts';
import { readFields } from './checkpoint.ts';
import { audienceOf, catchUp } from './chat/feeds.ts';
import { offerEnded, offerOpened, UNSEEN_AFTER } from './chat/offers.ts';
import { projection, rosterSum } from './contacts/roster.ts';
import { greet } from './people/sessions.ts';
import {
  appsOf,
  type Desk,
  emptyDesk,
  forgetPerson,
  newSession,
  partsOf,
  personOf,
  type Settings,
  type Talk,
} from './state.ts';
import { resumeStream } from './people/streams.ts';
import type { Turn } from './turn.ts';
import { cancelLeaving } from './chat/window.ts';

export function restore(
  settings: Settings,
  fields: ReadonlyMap<string, string>,
  sessions: readonly SessionRecord[],
  now: number,
): Desk {
  const desk = emptyDesk(settings);
  readFields(desk, fields, now);
  for (const record of sessions) {
    const session = newSession(record.id, record.staff, record.resource);
    session.attached = record.attached;
    session.availability = record.availability;
    // Whether it has asked for its roster is not kept: an app that has not does nothing with a push.
    session.asked = true;
    session.greeted = record.availability !== null;
    resumeStream(desk, session, now);
    desk.sessions.set(record.id, session);
    personOf(desk, record.staff, now).sessions.add(record.id);
  }
  return desk;
}

/** What has changed since the checkpoint is told as if it happened now; deadlines go on from where they were. */
export function started(desk: Desk, turn: Turn, snapshot: Snapshot): void {
  setDirectory(desk, snapshot.teams, snapshot.staff);
  for (const staff of remembered(desk)) if (!desk.staff.has(staff)) forgetPerson(desk, staff);
  for (const person of desk.persons.values()) {
    const viewer = person.sessions.size > 0 ? desk.staff.get(person.staff) : undefined;
    if (viewer !== undefined) person.rosterSum = rosterSum(desk, viewer, projection(desk, viewer));
  }
  takeChats(desk, turn, snapshot.chats);
  takeOffers(desk, turn, snapshot);
  takeDeadlines(desk);
  for (const person of desk.persons.values()) {
    reviewAvailability(desk, turn, person.staff, true);
    if (person.absence === undefined) endAtLogout(desk, person);
  }
  for (const session of desk.sessions.values()) if (session.availability !== null) greet(desk, turn, session);
  for (const talk of desk.talks.values())
    for (const session of Array.from(audienceOf(talk)).flatMap((staff) => appsOf(desk, staff)))
      catchUp(desk, turn, talk, session);
}

/** Of whom the checkpoint has something. */
function remembered(desk: Desk): ReadonlySet<StaffId> {
  const found = new Set(desk.persons.keys());
  for (const { ended, feeds, lateUntil } of desk.talks.values()) {
    for (const staff of [...(ended?.staff ?? []), ...lateUntil.keys()]) found.add(staff);
    for (const app of feeds.keys()) found.add(partsOf(app).staff);
  }
  return found;
}

function takeChats(desk: Desk, turn: Turn, chats: readonly Chat[]): void {
  const open = new Set(chats.map(({ id }) => id));
  for (const talk of Array.from(desk.talks.values()))
    if (talk.ended === undefined && !open.has(talk.chat.id))
      chatChanged(desk, turn, { ...talk.chat, phase: { is: 'ended', at: turn.now, why: 'staff' } });
  for (const chat of chats) {
    const talk = desk.talks.get(chat.id);
    // Lines that were said in between are told by nobody: they are read.
    if (talk !== undefined) talk.chat = { ...talk.chat, lastLine: chat.lastLine };
    chatChanged(desk, turn, chat);
  }
}

function takeOffers(desk: Desk, turn: Turn, { offers }: Snapshot): void {
  const open = new Set(offers.map(({ id }) => id));
  for (const talk of desk.talks.values()) {
    for (const [id, known] of Array.from(talk.offers)) {
      if (!open.has(id)) offerEnded(desk, turn, known.offer, endOf(talk, known.offer, turn.now));
      // After a restart the apps come back within seconds: they get the chance to prove it.
      else if (!known.seen) {
        known.unseenAt = Math.max(known.unseenAt, turn.now + UNSEEN_AFTER);
        desk.deadlines.set({ is: 'unseen', chat: talk.chat.id, offer: id }, known.unseenAt);
      }
    }
  }
  for (const offer of offers) offerOpened(desk, turn, offer, 'may-come-back');
}

/** How an offer ended that nobody has told of: as far as can be seen. */
function endOf({ chat, ended }: Talk, { kind, staff, until }: Offer, now: number): OfferEnd {
  if (ended !== undefined) return { is: 'chat-ended' };
  if (chat.participants.includes(staff)) return { is: 'accepted' };
  const [by] = chat.participants;
  if (kind === 'request' && by !== undefined) return { is: 'taken', by };
  return until <= now ? { is: 'timed-out' } : { is: 'withdrawn' };
}

function takeDeadlines(desk: Desk): void {
  for (const { staff, absence } of desk.persons.values()) {
    if (absence === undefined) continue;
    const after = absence.stage === 'offline' ? GIVE_BACK_AFTER : OFFLINE_AFTER;
    desk.deadlines.set({ is: 'absence', staff }, absence.since + after);
  }
  for (const talk of desk.talks.values()) {
    const { ended, chat } = talk;
    if (ended !== undefined) desk.deadlines.set({ is: 'forget', chat: chat.id }, ended.at + REMEMBER_ENDED);
    for (const { staff, session, until } of Array.from(talk.leaving.values()))
      if (desk.sessions.has(session)) desk.deadlines.set({ is: 'window', chat: chat.id, staff }, until);
      else cancelLeaving(desk, talk, staff);
  }
}
