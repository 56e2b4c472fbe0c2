/**
 * How the lines of a chat reach apps. Each app (bare JID and resource) has a feed: the number of the last line it
 * was sent and of the last one it proved. A line that follows the last one is sent at once; whatever is missing
 * before it is read from the helpdesk and sent in order, marked with its original time.
 */
import type { Item } from '../bus/messages.ts';
import type { ChatId, Line, StaffId } from '../helpdesk/model.ts';
import { marked } from '../text/mark.ts';
import { staffAddress, visitorFullAddress } from './addresses.ts';
import type { Result } from './calls.ts';
import { type AppSession, appOf, appsOf, type Desk, type Feed, nameOf, takesMessages, type Talk } from './state.ts';
import type { Turn } from './turn.ts';

const PAGE = 100;
/** Older lines than these are not played back: below the cap of an app's queue. */
const MOST_KNOWN = 400;
const MOST_NEW = 100;

/** Who gets a chat's lines: those who take part and those who are asked to. */
export function audienceOf(talk: Talk): ReadonlySet<StaffId> {
  if (talk.ended !== undefined) return new Set(talk.ended.staff);
  return new Set([...talk.chat.participants, ...Array.from(talk.offers.values(), ({ offer }) => offer.staff)]);
}

/** This app's feed; a login without a resume begins after the last line that was proved. */
export function feedOf(desk: Desk, talk: Talk, session: AppSession): Feed {
  const app = appOf(session);
  let feed = talk.feeds.get(app);
  if (feed === undefined) {
    let proved = 0;
    for (const [other, known] of talk.feeds)
      if (other.startsWith(`${session.staff}/`)) proved = Math.max(proved, known.proved);
    feed = { session: session.id, sent: proved, proved, tookPart: false };
    talk.feeds.set(app, feed);
    desk.dirty.add(`chat:${talk.chat.id}`);
  } else if (feed.session !== session.id) {
    feed.session = session.id;
    feed.sent = feed.proved;
    desk.dirty.add(`chat:${talk.chat.id}`);
  }
  return feed;
}

export function proofOfLine(chat: ChatId, number: number): string {
  return `line ${chat} ${number}`;
}

/** A line has been committed: it goes to those who have all before it, the others are caught up. */
export function feedLine(desk: Desk, turn: Turn, talk: Talk, line: Line): void {
  const next: AppSession[] = [];
  for (const staff of audienceOf(talk)) {
    for (const session of appsOf(desk, staff)) {
      const feed = feedOf(desk, talk, session);
      if (feed.sent === line.number - 1) next.push(session);
      else if (feed.sent < line.number) fetch(desk, turn, talk);
    }
  }
  deliverLine(desk, turn, talk, line, next, false);
}

function deliverLine(
  desk: Desk,
  turn: Turn,
  talk: Talk,
  line: Line,
  sessions: readonly AppSession[],
  isLate: boolean,
): void {
  if (sessions.length === 0) return;
  const author = talk.pending.get(line.id) ?? talk.recent.find(({ line: id }) => id === line.id)?.app;
  const others: AppSession[] = [];
  const own: AppSession[] = [];
  for (const session of sessions) {
    feedOf(desk, talk, session).sent = line.number;
    if (line.from.is === 'notice' && !wantsNotices(talk, session.staff)) continue;
    if (line.from.is !== 'staff' || line.from.staff !== session.staff) others.push(session);
    else if (author !== appOf(session)) own.push(session);
  }
  desk.dirty.add(`chat:${talk.chat.id}`);
  const from = visitorFullAddress(desk.settings.place, talk.chat.id);
  const base = {
    kind: 'message',
    stanzaId: line.id,
    proof: proofOfLine(talk.chat.id, line.number),
    ...(isLate ? { at: line.at } : {}),
  } satisfies Partial<Item>;
  turn.deliver(others, { ...base, from, body: bodyOf(desk, line) });
  if (own.length === 0 || line.from.is !== 'staff') return;
  const staff = desk.staff.get(line.from.staff) ?? { username: line.from.staff };
  const resource = author === undefined ? '' : author.slice(author.indexOf('/'));
  turn.deliver(own, {
    ...base,
    from: `${staffAddress(desk.settings.place, staff)}${resource}`,
    body: line.text,
    own: { to: from },
  });
}

/** Who is only asked hears by the offer what becomes of it; who closed the window does not want it back for a notice. */
function wantsNotices(talk: Talk, staff: StaffId): boolean {
  const takesPart = talk.ended?.staff.includes(staff) ?? talk.chat.participants.includes(staff);
  return takesPart && !talk.closing.has(staff);
}

/** As others than its author read it. */
function bodyOf(desk: Desk, line: Line): string {
  switch (line.from.is) {
    case 'visitor':
      return line.text;
    case 'staff':
      return marked(
        `${desk.staff.has(line.from.staff) ? nameOf(desk, line.from.staff) : line.from.name}: ${line.text}`,
      );
    case 'notice':
      return marked(line.text);
  }
}

/** An app can get messages (again): whatever it misses of its user's chats is sent. */
export function catchUpSession(desk: Desk, turn: Turn, session: AppSession): void {
  for (const talk of desk.talks.values()) {
    const isOver = talk.ended?.staff.includes(session.staff) === true;
    if (!isOver && !talk.chat.participants.includes(session.staff)) continue;
    catchUp(desk, turn, talk, session);
  }
}

/** Sees to it that this app gets the lines that it does not have. */
export function catchUp(desk: Desk, turn: Turn, talk: Talk, session: AppSession): void {
  if (!takesMessages(session)) return;
  const isKnown = Array.from(talk.feeds.keys()).some((app) => app.startsWith(`${session.staff}/`));
  const wasNew = talk.feeds.get(appOf(session))?.session !== session.id;
  const feed = feedOf(desk, talk, session);
  const missing = talk.chat.lastLine - feed.sent;
  if (missing <= 0) return;
  const most = isKnown ? MOST_KNOWN : MOST_NEW;
  if (wasNew && missing > most) {
    feed.sent = talk.chat.lastLine - most;
    const skipped = missing - most;
    turn.notice(
      [session],
      visitorFullAddress(desk.settings.place, talk.chat.id),
      `${skipped} earlier ${skipped === 1 ? 'line is' : 'lines are'} not shown here.`,
    );
  }
  fetch(desk, turn, talk);
}

function lagging(desk: Desk, talk: Talk): readonly { session: AppSession; feed: Feed }[] {
  return Array.from(audienceOf(talk))
    .flatMap((staff) => appsOf(desk, staff))
    .map((session) => ({ session, feed: feedOf(desk, talk, session) }))
    .filter(({ feed }) => feed.sent < talk.chat.lastLine);
}

/** One read at a time per chat serves all who miss something. */
function fetch(desk: Desk, turn: Turn, talk: Talk): void {
  if (talk.fetching) return;
  const after = Math.min(...lagging(desk, talk).map(({ feed }) => feed.sent));
  if (!Number.isFinite(after)) return;
  talk.fetching = true;
  turn.call({ is: 'history', chat: talk.chat.id, after, limit: PAGE }, { is: 'feed' });
}

export function fetched(desk: Desk, turn: Turn, chat: ChatId, after: number, result: Result): void {
  const talk = desk.talks.get(chat);
  if (talk === undefined) return;
  talk.fetching = false;
  // Those who wait are served by the next line or login.
  if (result.is === 'fault') return;
  const waiting = lagging(desk, talk).filter(({ feed }) => feed.sent >= after);
  const before = waiting.map(({ feed }) => feed.sent);
  for (const line of result.lines ?? []) {
    const next = waiting.filter(({ feed }) => feed.sent < line.number).map(({ session }) => session);
    deliverLine(desk, turn, talk, line, next, true);
  }
  // The helpdesk has no line for any of them: what it counted is not there to be asked for again.
  if (waiting.every(({ feed }, index) => feed.sent === before[index]))
    for (const { feed } of waiting) feed.sent = talk.chat.lastLine;
  fetch(desk, turn, talk);
}

/** The app has got this line, and so all before it. */
export function lineProved(desk: Desk, session: AppSession, chat: ChatId, number: number): void {
  const feed = desk.talks.get(chat)?.feeds.get(appOf(session));
  if (feed === undefined || feed.session !== session.id || number <= feed.proved) return;
  feed.proved = Math.min(number, feed.sent);
  desk.dirty.add(`chat:${chat}`);
}
