/** Who has seen what, both ways (XEP-0333). State, not a message: it is lost without harm. */
import type { ChatId, Line, StaffId } from '../../helpdesk/model.ts';
import { staffAddress, visitorFullAddress } from '../contacts/addresses.ts';
import { type AppSession, appsOf, type Desk, type Talk } from '../state.ts';
import type { Turn } from '../turn.ts';

/** Lines per chat of which an app wants to know when they were seen. */
const MOST_AWAITED = 50;

/** An app wants to know when the visitor has seen this line, which it knows as `ref`. */
export function awaitSeen(talk: Talk, staff: StaffId, line: string, ref: string): void {
  const [oldest] = talk.unseen.keys();
  if (talk.unseen.size >= MOST_AWAITED && oldest !== undefined) talk.unseen.delete(oldest);
  talk.unseen.set(line, { staff, ref });
}

/** The line has its place in the chat. */
export function lineHasNumber(talk: Talk, { id, number }: Line): void {
  const awaited = talk.unseen.get(id);
  if (awaited !== undefined) awaited.number = number;
}

/** The visitor's page has shown the lines up to this one: each author is told of the last one of theirs. */
export function visitorHasSeen(desk: Desk, turn: Turn, chat: ChatId, upTo: number): void {
  const talk = desk.talks.get(chat);
  if (talk === undefined) return;
  const newest = new Map<StaffId, { readonly ref: string; readonly number: number }>();
  for (const [line, { staff, ref, number }] of talk.unseen) {
    if (number === undefined || number > upTo) continue;
    talk.unseen.delete(line);
    if (number > (newest.get(staff)?.number ?? 0)) newest.set(staff, { ref, number });
  }
  const from = visitorFullAddress(desk.settings.place, chat);
  for (const [staff, { ref }] of newest) {
    const apps = appsOf(desk, staff).filter(({ attached }) => attached);
    turn.deliver(apps, { kind: 'marker', from, of: ref });
  }
}

/** An app has shown a line. Of who only observes or is asked, the visitor learns nothing. */
export function shownInApp(desk: Desk, turn: Turn, session: AppSession, chat: ChatId, line: string): void {
  const { staff, resource } = session;
  const talk = desk.talks.get(chat);
  const known = desk.staff.get(staff);
  if (talk === undefined || talk.ended !== undefined || known === undefined) return;
  if (!talk.chat.participants.includes(staff)) return;
  turn.seen.push({ chat, staff, line });
  const { place } = desk.settings;
  const others = appsOf(desk, staff).filter((one) => one !== session && one.attached);
  const from = `${staffAddress(place, known)}/${resource}`;
  turn.deliver(others, { kind: 'marker', from, of: line, own: { to: visitorFullAddress(place, chat) } });
}
