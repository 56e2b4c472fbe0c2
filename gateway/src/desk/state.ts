/**
 * A tenant's live state. One desk owns it and changes it in steps, one event at a time. What must survive a restart
 * is written as fields (`checkpoint.ts`); the rest is known again from the helpdesk or from the apps.
 */
import type { Availability, ChatState, SessionId } from '../bus/messages.ts';
import type { CannedText } from '../config/schema.ts';
import type { Chat, ChatId, Offer, Staff, StaffId, StaffStatus, Team, TeamId } from '../helpdesk/model.ts';
import type { Place } from './contacts/addresses.ts';
import type { Stage } from './calls.ts';
import { Deadlines } from './deadlines.ts';

/** What only some helpdesks can do. */
export type Ability =
  | 'leftMessages'
  | 'markDone'
  | 'invite'
  | 'transfer'
  | 'join'
  | 'observe'
  | 'note'
  | 'notes'
  | 'tag'
  | 'push'
  | 'ban'
  | 'bans'
  | 'liftBan'
  | 'mail'
  /** corrections, retractions, reactions, replies, files */
  | 'extras'
  /** tells the visitor what staff have seen */
  | 'seen';

export interface Settings {
  readonly place: Place;
  readonly windowClose: { readonly enabled: boolean; readonly grace: number };
  /** What this helpdesk can do beside the verbs that all can. */
  readonly can: Readonly<Record<Ability, boolean>>;
  /** Commands that this tenant has switched off. */
  readonly off: ReadonlySet<string>;
  /** Texts that staff send by their names. */
  readonly canned: readonly CannedText[];
  /** What addresses of this tenant's files begin with; absent: it has none. */
  readonly filesAt?: string;
}

/** One app of a staff user. Its tables are made at first use: most apps are idle. */
export interface AppSession {
  readonly id: SessionId;
  readonly staff: StaffId;
  readonly resource: string;
  /** The same for streams that are one (`streams.ts`). */
  stream: string;
  /** False while the connection is gone and may come back. */
  attached: boolean;
  /** What the app itself said; `null`: not available. */
  availability: Availability | null;
  /** What the app said whose place this one has, until it speaks for itself. */
  inherited?: Availability;
  /** It has asked for its roster. */
  asked: boolean;
  /** It has been sent its contacts' presence. */
  greeted: boolean;
  /** Full JIDs that went while the connection was gone. */
  missed: Set<string> | undefined;
  /** Its last chat state, by chat. */
  states: Map<ChatId, ChatState> | undefined;
  /** Chats in which it has shown that a person types there. */
  touched: Set<ChatId> | undefined;
  /** Its last reply that looked like a machine's, by chat. */
  suspects: Map<ChatId, string> | undefined;
}

export interface Override {
  readonly status: Exclude<StaffStatus, 'offline'>;
  readonly text?: string;
  /** The app in which it was said: a person is there. */
  readonly app?: string;
}

/** What a desk knows of a staff user beside what the helpdesk says. */
export interface Person {
  readonly staff: StaffId;
  readonly sessions: Set<SessionId>;
  /** Has been available since the last absence that was seen through. */
  present: boolean;
  absence?: { readonly since: number; stage?: Stage };
  override?: Override;
  /** The status asked for last: nothing is asked twice. */
  asked?: string;
  /** What colleagues still see while a dropped connection may come back. */
  held?: StaffStatus;
  /** Sum of the roster's items; kept while somebody looks at it. */
  rosterSum?: bigint;
  /** By resource, the stream over which something was said; `until`: how long an app that was cut off may come back. */
  streams?: Map<string, { readonly stream: string; until?: number }>;
  lastActAt: number;
  commands: { tokens: number; at: number };
}

/** How far one app (bare JID and resource) has a chat. */
export interface Feed {
  session: SessionId;
  /** Number of the last line that was sent to it, or is its own. */
  sent: number;
  /** Number of the last line that it proved. */
  proved: number;
  /** It has written or typed in this chat. */
  tookPart: boolean;
  /** Older lines go on when it has proved that it got those up to this number. */
  awaited?: number;
}

/** A window was closed: this staff user's part ends then unless there is a sign of life. */
export interface Leaving {
  readonly staff: StaffId;
  readonly session: SessionId;
  readonly until: number;
}

/** What was said before somebody came into a chat: the lines after `from`, up to `until`. */
export interface Playback {
  readonly staff: StaffId;
  /** Lines up to this one were known to them before. */
  readonly known: number;
  readonly from: number;
  readonly until: number;
}

export interface OpenOffer {
  readonly offer: Offer;
  seen: boolean;
  /** When it counts as not seen. */
  unseenAt: number;
}

/** A line that an app has said. */
export interface Recent {
  readonly line: string;
  readonly app: string;
  readonly fingerprint?: string;
}

/** A chat with what the desk keeps beside it. */
export interface Talk {
  chat: Chat;
  /** The visitor's name in rosters and notices: no other contact has it. */
  readonly label: string;
  /** Id of the line that is the question. */
  question?: string;
  readonly offers: Map<string, OpenOffer>;
  /** By app ({@link appOf}). */
  readonly feeds: Map<string, Feed>;
  recent: readonly Recent[];
  readonly leaving: Map<StaffId, Leaving>;
  /** Of those who are new and of whom no app has proved all of it. */
  readonly playbacks: Map<StaffId, Playback>;
  /** Those who have handed the chat over and are still in it. */
  readonly handedOver: Set<StaffId>;
  /** Those whose wish to hand the chat over is on its way to the helpdesk, and whether that has failed already. */
  readonly handingOver: Map<StaffId, 'asked' | 'failed'>;
  /** When the chat ended, and who took part or observed then. */
  ended?: { readonly at: number; readonly staff: readonly StaffId[] };
  /** Number of the last line that is a notice of the helpdesk's. */
  noticeLine?: number;
  /** Those whose wish to observe is on its way to the helpdesk: they are silent from then on. */
  readonly toObserve: Set<StaffId>;
  /** Those whose request went to somebody else, and how long a text of theirs is taken for a reply to it; 0: it was. */
  readonly lateUntil: Map<StaffId, number>;
  /** Those who observed and were stopped, and how long a text of theirs is taken for one that was not to be sent. */
  readonly silentUntil: Map<StaffId, number>;
  /** What may bring a staff user into the chat and is on its way to the helpdesk: the session of each, in order. */
  readonly accepting: Map<StaffId, readonly SessionId[]>;
  /** Ends on their way that a closed window asked for. */
  readonly closing: Set<StaffId>;
  /** Lines that are on their way to the helpdesk, with the app that wrote each. */
  readonly pending: Map<string, string>;
  /** By line, those that an app wants to be told of when the visitor has seen them: its author, as the app knows it. */
  readonly unseen: Map<string, { readonly staff: StaffId; readonly ref: string; number?: number }>;
  /** A read of older lines is under way. */
  fetching: boolean;
  /** Staff users who type now. */
  readonly typing: Set<StaffId>;
  visitorActiveAt: number;
}

/** What a command of a menu has answered so far. */
export interface Reply {
  readonly texts: string[];
  failed: boolean;
  /** Calls that are not answered yet. */
  open: number;
}

/** What every staff user should know of, as far as it goes on. */
export interface Trouble {
  /** The helpdesk has not answered since then. */
  awaySince?: number;
  /** Apps that were told so. */
  readonly told: Set<SessionId>;
  /** As many chats wait as may. */
  queueFull?: true;
  /** Apps that were told that what they write is held back, because too much is pending. */
  readonly held: Set<SessionId>;
}

export interface Desk {
  settings: Settings;
  teams: Map<TeamId, Team>;
  staff: Map<StaffId, Staff>;
  /** Names of staff as they are shown: no two the same. */
  staffNames: Map<StaffId, string>;
  readonly talks: Map<ChatId, Talk>;
  readonly sessions: Map<SessionId, AppSession>;
  readonly persons: Map<StaffId, Person>;
  readonly deadlines: Deadlines;
  /** Commands of menus that wait for the helpdesk, by their `ask`. */
  readonly replies: Map<string, Reply>;
  /** What the helpdesk cannot do now, beside what it never can. */
  readonly trouble: Trouble;
  /** Fields that were changed since the last commit. */
  readonly dirty: Set<string>;
}

export function emptyDesk(settings: Settings): Desk {
  return {
    settings,
    teams: new Map(),
    staff: new Map(),
    staffNames: new Map(),
    talks: new Map(),
    sessions: new Map(),
    persons: new Map(),
    deadlines: new Deadlines(),
    replies: new Map(),
    trouble: { told: new Set(), held: new Set() },
    dirty: new Set(),
  };
}

export function newTalk(chat: Chat, label: string): Talk {
  return {
    chat,
    label,
    offers: new Map(),
    feeds: new Map(),
    leaving: new Map(),
    playbacks: new Map(),
    handedOver: new Set(),
    handingOver: new Map(),
    toObserve: new Set(),
    lateUntil: new Map(),
    silentUntil: new Map(),
    recent: [],
    accepting: new Map(),
    closing: new Set(),
    pending: new Map(),
    unseen: new Map(),
    fetching: false,
    typing: new Set(),
    visitorActiveAt: chat.waitingSince,
  };
}

export function personOf(desk: Desk, staff: StaffId, now: number): Person {
  let person = desk.persons.get(staff);
  if (person === undefined) {
    person = { staff, sessions: new Set(), present: false, lastActAt: now, commands: { tokens: 10, at: now } };
    desk.persons.set(staff, person);
  }
  return person;
}

/** Who is staff no more leaves nothing behind: somebody else may get the name. */
export function forgetPerson(desk: Desk, staff: StaffId): void {
  for (const talk of desk.talks.values()) forgetIn(desk, talk, staff);
  const person = desk.persons.get(staff);
  if (person === undefined) return;
  desk.persons.delete(staff);
  desk.deadlines.clear({ is: 'absence', staff });
  desk.dirty.add(`person:${staff}`);
  if (person.sessions.size === 0) return;
  // their streams are about to be closed
  for (const session of person.sessions) personOf(desk, staff, person.lastActAt).sessions.add(session);
}

function forgetIn(desk: Desk, talk: Talk, staff: StaffId): void {
  for (const app of talk.feeds.keys()) if (isAppOf(app, staff)) talk.feeds.delete(app);
  talk.recent = talk.recent.filter(({ app }) => !isAppOf(app, staff));
  for (const [line, { staff: author }] of talk.unseen) if (author === staff) talk.unseen.delete(line);
  talk.lateUntil.delete(staff);
  talk.silentUntil.delete(staff);
  talk.playbacks.delete(staff);
  talk.handedOver.delete(staff);
  if (talk.ended !== undefined) talk.ended = { ...talk.ended, staff: talk.ended.staff.filter((one) => one !== staff) };
  desk.dirty.add(`chat:${talk.chat.id}`).add(`said:${talk.chat.id}`);
}

export function newSession(id: SessionId, staff: StaffId, resource: string): AppSession {
  return {
    id,
    staff,
    resource,
    stream: id,
    attached: true,
    availability: null,
    asked: false,
    greeted: false,
    missed: undefined,
    states: undefined,
    touched: undefined,
    suspects: undefined,
  };
}

/** How the names of this staff user's apps begin. A slash may be in their id, and in a resource, too. */
function appsPrefix(staff: StaffId): string {
  return `${staff.replaceAll('/', '\0')}/`;
}

export function appOf(session: Pick<AppSession, 'staff' | 'resource'>): string {
  return appsPrefix(session.staff) + session.resource;
}

export function isAppOf(app: string, staff: StaffId): boolean {
  return app.startsWith(appsPrefix(staff));
}

/** In place of the app in which a line was written. */
export const IN_NO_APP = '';

/** What {@link appOf} was made of. */
export function partsOf(app: string): Pick<AppSession, 'staff' | 'resource'> {
  const slash = app.indexOf('/');
  return { staff: app.slice(0, slash).replaceAll('\0', '/') as StaffId, resource: app.slice(slash + 1) };
}

export function sessionsOf(desk: Desk, staff: StaffId): readonly AppSession[] {
  const found: AppSession[] = [];
  for (const id of desk.persons.get(staff)?.sessions ?? []) {
    const session = desk.sessions.get(id);
    if (session !== undefined) found.push(session);
  }
  return found;
}

/** Apps that get messages: available, and not with a negative priority. [RFC6121 §8.5.2.1.1] */
export function appsOf(desk: Desk, staff: StaffId): readonly AppSession[] {
  return sessionsOf(desk, staff).filter(takesMessages);
}

export function takesMessages(session: AppSession): boolean {
  return session.availability !== null && session.availability.priority >= 0;
}

/** Teams whose left messages this staff user reads. */
export function teamsRead(desk: Desk, staff: Staff): readonly TeamId[] {
  return staff.permissions.includes('all-teams') ? Array.from(desk.teams.keys()) : staff.teams;
}

export function nameOf(desk: Desk, staff: StaffId): string {
  return desk.staffNames.get(staff) ?? desk.staff.get(staff)?.name ?? 'a colleague';
}

/** Who said a line, also when they are staff no more. */
export function authorOf(desk: Desk, { staff, name }: { readonly staff: StaffId; readonly name: string }): string {
  return desk.staff.has(staff) ? nameOf(desk, staff) : name;
}

export function teamNameOf(desk: Desk, team: TeamId): string {
  return desk.teams.get(team)?.name ?? 'another team';
}
