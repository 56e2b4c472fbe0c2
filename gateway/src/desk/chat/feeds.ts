/**
 * How the lines of a chat reach apps. Each app (bare JID and resource) has a feed: the number of the last line it
 * was sent and of the last one it proved. A line that follows the last one is sent at once; whatever is missing
 * before it is read from the helpdesk and sent in order, marked with its original time.
 */
import type { Item } from '../../bus/messages.ts';
import type { Delivery } from '../../bus/port.ts';
import type { ChatId, Line, StaffId } from '../../helpdesk/model.ts';
import { type Reading, readingOf } from '../../helpdesk/reading.ts';
import { staffAddress, visitorFullAddress } from '../contacts/addresses.ts';
import type { Result } from '../calls.ts';
import { lineHasNumber } from './markers.ts';
import {
  type AppSession,
  appOf,
  appsOf,
  authorOf,
  type Desk,
  type Feed,
  IN_NO_APP,
  isAppOf,
  partsOf,
  takesMessages,
  type Talk,
} from '../state.ts';
import type { Turn } from '../turn.ts';

/** Lines of one read: the next ones follow when the app has proved these, so that its queue stays short. */
const PAGE = 50;
/** Older lines than these are not played back. */
const MOST_KNOWN = 400;
const MOST_NEW = 100;

/** Who gets a chat's lines: those who take part, observe, or may take it. Who is invited reads on when they come. */
export function audienceOf(talk: Talk): ReadonlySet<StaffId> {
  if (talk.ended !== undefined) return new Set(talk.ended.staff);
  const { participants, observers } = talk.chat;
  const audience = new Set([...participants, ...observers]);
  for (const { offer } of talk.offers.values()) if (offer.kind === 'request') audience.add(offer.staff);
  return audience;
}

/** This app's feed; a login without a resume begins after the last line that was proved. */
export function feedOf(desk: Desk, talk: Talk, session: AppSession): Feed {
  const app = appOf(session);
  let feed = talk.feeds.get(app);
  if (feed === undefined) {
    const proved = beginningFor(talk, session.staff);
    feed = { session: session.id, sent: proved, proved, tookPart: false };
    talk.feeds.set(app, feed);
    desk.dirty.add(`chat:${talk.chat.id}`);
  } else if (feed.session !== session.id) {
    feed.session = session.id;
    feed.sent = feed.proved;
    delete feed.awaited;
    desk.dirty.add(`chat:${talk.chat.id}`);
  }
  return feed;
}

/** Where an app that the chat does not know begins: after what another one of this staff user's has proved. */
function beginningFor(talk: Talk, staff: StaffId): number {
  let proved = 0;
  for (const [app, known] of talk.feeds) if (isAppOf(app, staff)) proved = Math.max(proved, known.proved);
  const playback = talk.playbacks.get(staff);
  return playback === undefined || proved >= playback.until ? proved : playback.known;
}

/** Who comes into a chat gets what was said before, in all apps: also in those that log in while it is played back. */
export function playBack(desk: Desk, turn: Turn, talk: Talk, staff: StaffId): void {
  const until = talk.chat.lastLine;
  const known = beginningFor(talk, staff);
  if (known < until) talk.playbacks.set(staff, { staff, known, from: Math.max(until - MOST_KNOWN, known), until });
  for (const session of appsOf(desk, staff)) catchUp(desk, turn, talk, session);
  desk.dirty.add(`chat:${talk.chat.id}`);
}

export function proofOfLine(chat: ChatId, number: number): string {
  return `line ${chat} ${number}`;
}

/** A line has been committed: it goes to those who have all before it, the others are caught up. */
export function feedLine(desk: Desk, turn: Turn, talk: Talk, line: Line): void {
  lineHasNumber(talk, line);
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
  const isMarkable = line.from.is === 'visitor' && desk.settings.can.seen;
  for (const { apps, body, extras } of readings(desk, talk, line, others)) {
    const all = isMarkable ? { ...extras, markable: true as const } : extras;
    turn.deliver(apps, { ...base, from, body, ...(all === undefined ? {} : { extras: all }) });
  }
  if (line.from.is !== 'staff') return;
  const staff = desk.staff.get(line.from.staff) ?? { username: line.from.staff };
  const resource = author === undefined || author === IN_NO_APP ? '' : `/${partsOf(author).resource}`;
  for (const { apps, body, extras } of readings(desk, talk, line, own))
    turn.deliver(apps, {
      ...base,
      from: `${staffAddress(desk.settings.place, staff)}${resource}`,
      body,
      own: { to: from, ...(line.ref === undefined ? {} : { ref: line.ref }) },
      ...(extras === undefined ? {} : { extras }),
    });
}

/** The line as it reads to these apps: one reading for all, unless it speaks of a line that some know by another id. */
function readings(
  desk: Desk,
  talk: Talk,
  line: Line,
  sessions: readonly AppSession[],
): readonly ({ readonly apps: readonly AppSession[] } & Reading)[] {
  const { from, extra } = line;
  const name = from.is !== 'staff' ? '' : authorOf(desk, from);
  const read = (apps: readonly AppSession[]) => {
    const [first] = apps;
    return first === undefined ? [] : [{ apps, ...readingOf(line, first.staff, name, talk.label) }];
  };
  const author = extra !== undefined && 'author' in extra ? extra.author?.staff : undefined;
  if (author === undefined) return read(sessions);
  return [
    ...read(sessions.filter(({ staff }) => staff === author)),
    ...read(sessions.filter(({ staff }) => staff !== author)),
  ];
}

/** Who is only asked hears by the offer what becomes of it; who closed the window does not want it back for a notice. */
function wantsNotices(talk: Talk, staff: StaffId): boolean {
  const { participants, observers } = talk.chat;
  const isIn = talk.ended?.staff.includes(staff) ?? (participants.includes(staff) || observers.includes(staff));
  return isIn && !talk.closing.has(staff);
}

/** An app can get messages (again): whatever it misses of its user's chats is sent. */
export function catchUpSession(desk: Desk, turn: Turn, session: AppSession): void {
  for (const talk of desk.talks.values()) {
    const { participants, observers } = talk.chat;
    const isIn = talk.ended?.staff ?? [...participants, ...observers];
    if (!isIn.includes(session.staff)) continue;
    catchUp(desk, turn, talk, session);
  }
}

/** Sees to it that this app gets the lines that it does not have. */
export function catchUp(desk: Desk, turn: Turn, talk: Talk, session: AppSession): void {
  if (!takesMessages(session)) return;
  const isKnown = Array.from(talk.feeds.keys()).some((app) => isAppOf(app, session.staff));
  const wasNew = talk.feeds.get(appOf(session))?.session !== session.id;
  const feed = feedOf(desk, talk, session);
  const playback = talk.playbacks.get(session.staff);
  const most = isKnown ? MOST_KNOWN : MOST_NEW;
  const first = playback?.from ?? (wasNew ? talk.chat.lastLine - most : 0);
  const skipped = first - feed.sent;
  if (skipped > 0) {
    feed.sent = first;
    desk.dirty.add(`chat:${talk.chat.id}`);
    turn.notice(
      [session],
      visitorFullAddress(desk.settings.place, talk.chat.id),
      `${skipped} earlier ${skipped === 1 ? 'line is' : 'lines are'} not shown here.`,
    );
  }
  if (feed.sent < talk.chat.lastLine) fetch(desk, turn, talk);
}

function lagging(desk: Desk, talk: Talk): readonly { session: AppSession; feed: Feed }[] {
  return Array.from(audienceOf(talk))
    .flatMap((staff) => appsOf(desk, staff))
    .map((session) => ({ session, feed: feedOf(desk, talk, session) }))
    .filter(({ feed }) => feed.sent < talk.chat.lastLine && feed.awaited === undefined);
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
  // Refused: those who wait are served by the next line or login.
  if (result.is === 'fault') return;
  const waiting = lagging(desk, talk).filter(({ feed }) => feed.sent >= after);
  const before = waiting.map(({ feed }) => feed.sent);
  const sent = turn.deliveries.length;
  for (const line of result.lines ?? []) {
    const next = waiting.filter(({ feed }) => feed.sent < line.number).map(({ session }) => session);
    deliverLine(desk, turn, talk, line, next, true);
  }
  // The helpdesk has no line for any of them: what it counted is not there to be asked for again.
  if (waiting.every(({ feed }, index) => feed.sent === before[index]))
    for (const { feed } of waiting) feed.sent = talk.chat.lastLine;
  if (result.lines !== undefined && result.lines.length >= PAGE)
    awaitProofs(talk, waiting, turn.deliveries.slice(sent));
  fetch(desk, turn, talk);
}

/** Those who miss still more get it when they have proved the last of these. */
function awaitProofs(
  talk: Talk,
  waiting: readonly { readonly session: AppSession; readonly feed: Feed }[],
  deliveries: readonly Delivery[],
): void {
  for (const { session, feed } of waiting) {
    if (feed.sent >= talk.chat.lastLine) continue;
    const last = deliveries.findLast(({ sessions }) => sessions.includes(session.id))?.item;
    const number = last?.kind === 'message' ? numberIn(last.proof) : undefined;
    if (number !== undefined && number > feed.proved) feed.awaited = number;
  }
}

function numberIn(proof: string | undefined): number | undefined {
  const number = Number(proof?.split(' ')[2]);
  return Number.isInteger(number) ? number : undefined;
}

/** The app has got this line, and so all before it. */
export function lineProved(desk: Desk, turn: Turn, session: AppSession, chat: ChatId, number: number): void {
  const talk = desk.talks.get(chat);
  const feed = talk?.feeds.get(appOf(session));
  if (talk === undefined || feed === undefined || feed.session !== session.id || number <= feed.proved) return;
  feed.proved = Math.min(number, feed.sent);
  desk.dirty.add(`chat:${chat}`);
  const playback = talk.playbacks.get(session.staff);
  if (playback !== undefined && feed.proved >= playback.until) talk.playbacks.delete(session.staff);
  if (feed.awaited === undefined || feed.proved < feed.awaited) return;
  delete feed.awaited;
  fetch(desk, turn, talk);
}
