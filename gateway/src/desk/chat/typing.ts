/** Who types now, both ways. State, not a message: it is lost without harm. */
import type { ChatState } from '../../bus/messages.ts';
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import { visitorFullAddress } from '../contacts/addresses.ts';
import { feedOf } from './feeds.ts';
import { seenByTyping } from './offers.ts';
import { type AppSession, appsOf, type Desk, personOf, sessionsOf, type Talk } from '../state.ts';
import type { Turn } from '../turn.ts';
import { cancelLeaving, windowClosed } from './window.ts';

/** How long an app that says nothing more is taken to type. */
const TYPING_FOR = 30_000;

export function stateFromApp(desk: Desk, turn: Turn, session: AppSession, chat: ChatId, state: ChatState): void {
  const talk = desk.talks.get(chat);
  if (talk === undefined || talk.ended !== undefined) return;
  const isTheirs = talk.chat.participants.includes(session.staff);
  const before = session.states?.get(chat);
  (session.states ??= new Map()).set(chat, state);
  if (state === 'composing' || state === 'paused' || (state === 'active' && !isTheirs)) {
    (session.touched ??= new Set()).add(chat);
    personOf(desk, session.staff, turn.now).lastActAt = turn.now;
  }
  if (isTheirs || talk.chat.observers.includes(session.staff)) {
    if (state === 'gone') windowClosed(desk, turn, talk, session, before);
    else if (state !== 'inactive') cancelLeaving(desk, talk, session.staff);
  }
  // Of those who do not take part nothing is told; only that a person is there.
  if (!isTheirs) {
    if (state !== 'gone' && state !== 'inactive') seenByTyping(desk, talk, session);
    return;
  }
  if (state === 'composing') {
    const feed = feedOf(desk, talk, session);
    if (!feed.tookPart) {
      feed.tookPart = true;
      desk.dirty.add(`chat:${chat}`);
    }
    talk.typing.add(session.staff);
    desk.deadlines.set({ is: 'typing', chat, staff: session.staff }, turn.now + TYPING_FOR);
    turn.typing.push({ chat, staff: session.staff, on: true });
  } else if (!sessionsOf(desk, session.staff).some((other) => other.states?.get(chat) === 'composing')) {
    stopTyping(desk, turn, talk, session.staff);
  }
}

/** Whatever was typed has been sent, also where it is for nobody to read. COMPAT(Gajim, its texts have no state) */
export function textSent(desk: Desk, turn: Turn, session: AppSession, talk: Talk): void {
  const chat = talk.chat.id;
  if (session.states?.get(chat) !== 'composing') return;
  session.states.set(chat, 'active');
  if (!sessionsOf(desk, session.staff).some((other) => other.states?.get(chat) === 'composing'))
    stopTyping(desk, turn, talk, session.staff);
}

export function stopTyping(desk: Desk, turn: Turn, talk: Talk, staff: StaffId): void {
  if (!talk.typing.delete(staff)) return;
  desk.deadlines.clear({ is: 'typing', chat: talk.chat.id, staff });
  turn.typing.push({ chat: talk.chat.id, staff, on: false });
}

/** An app that is gone types nowhere. */
export function stopTypingOf(desk: Desk, turn: Turn, session: AppSession): void {
  const states = Array.from(session.states ?? []);
  session.states?.clear();
  for (const [chat, state] of states) {
    const talk = state === 'composing' ? desk.talks.get(chat) : undefined;
    const inOther = sessionsOf(desk, session.staff).some((other) => other.states?.get(chat) === 'composing');
    if (talk !== undefined && !inOther) stopTyping(desk, turn, talk, session.staff);
  }
  session.touched?.clear();
}

export function visitorTypes(desk: Desk, turn: Turn, chat: ChatId, on: boolean): void {
  const talk = desk.talks.get(chat);
  if (talk === undefined || talk.ended !== undefined) return;
  talk.visitorActiveAt = turn.now;
  if (on) cancelLeaving(desk, talk);
  const { participants, observers } = talk.chat;
  const apps = [...participants, ...observers].flatMap((staff) => appsOf(desk, staff)).filter((app) => app.attached);
  turn.deliver(apps, {
    kind: 'chat-state',
    from: visitorFullAddress(desk.settings.place, chat),
    // "paused" stays on the screen of some programs; "active" takes the notice away in all.
    state: on ? 'composing' : 'active',
  });
}
