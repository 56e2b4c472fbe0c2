/** A desk's state as fields of JSON: what must survive a restart or a move, one field per chat and per staff user. */
import type { SessionId } from '../bus/messages.ts';
import type { Chat, ChatId, StaffId } from '../helpdesk/model.ts';
import {
  type Desk,
  type Leaving,
  newTalk,
  type OpenOffer,
  type Override,
  type Person,
  personOf,
  type Playback,
  type Recent,
  type Talk,
} from './state.ts';
import type { Stage } from './calls.ts';
import { type KeptStreams, keptStreams, restoreStreams } from './people/streams.ts';

interface ChatField {
  /** As last told; without what the helpdesk tells again, while it goes on. */
  readonly chat: Chat;
  readonly label: string;
  readonly question?: string;
  /** By app: session, sent, proved, took part. */
  readonly feeds: Readonly<Record<string, readonly [SessionId, number, number, boolean]>>;
  /** One by itself: as it was written when only one could leave at a time. */
  readonly leaving?: readonly Leaving[] | Leaving;
  readonly playbacks?: readonly Playback[];
  readonly ended?: NonNullable<Talk['ended']>;
  readonly noticeLine?: number;
  readonly lateUntil?: readonly (readonly [StaffId, number])[];
  readonly silentUntil?: readonly (readonly [StaffId, number])[];
  readonly offers: readonly OpenOffer[];
}

interface PersonField {
  readonly present: boolean;
  readonly absence?: { readonly since: number; readonly stage?: Stage };
  readonly override?: Override;
  readonly streams?: KeptStreams;
}

function chatField(talk: Talk): ChatField {
  return {
    chat:
      talk.ended === undefined ? { ...talk.chat, visitor: { name: talk.chat.visitor.name }, question: '' } : talk.chat,
    label: talk.label,
    ...(talk.question === undefined ? {} : { question: talk.question }),
    feeds: Object.fromEntries(
      Array.from(talk.feeds, ([app, { session, sent, proved, tookPart }]) => [app, [session, sent, proved, tookPart]]),
    ),
    ...(talk.leaving.size === 0 ? {} : { leaving: Array.from(talk.leaving.values()) }),
    ...(talk.playbacks.size === 0 ? {} : { playbacks: Array.from(talk.playbacks.values()) }),
    ...(talk.ended === undefined ? {} : { ended: talk.ended }),
    ...(talk.noticeLine === undefined ? {} : { noticeLine: talk.noticeLine }),
    ...(talk.lateUntil.size === 0 ? {} : { lateUntil: Array.from(talk.lateUntil) }),
    ...(talk.silentUntil.size === 0 ? {} : { silentUntil: Array.from(talk.silentUntil) }),
    offers: Array.from(talk.offers.values()),
  };
}

function personField(person: Person): PersonField | undefined {
  const { present, absence, override } = person;
  const streams = keptStreams(person);
  if (!present && absence === undefined && override === undefined && streams.length === 0) return undefined;
  return {
    present,
    ...(absence === undefined ? {} : { absence }),
    ...(override === undefined ? {} : { override }),
    ...(streams.length === 0 ? {} : { streams }),
  };
}

/** The dirty fields as they are now; `null`: to be removed. */
export function changedFields(desk: Desk): Map<string, string | null> {
  const changes = new Map<string, string | null>();
  for (const key of desk.dirty) {
    const field = fieldOf(desk, key);
    changes.set(key, field === undefined ? null : JSON.stringify(field));
  }
  return changes;
}

function fieldOf(desk: Desk, key: string): unknown {
  const separator = key.indexOf(':');
  const id = key.slice(separator + 1);
  switch (key.slice(0, separator)) {
    case 'chat': {
      const talk = desk.talks.get(id as ChatId);
      return talk === undefined ? undefined : chatField(talk);
    }
    case 'said': {
      const recent = desk.talks.get(id as ChatId)?.recent ?? [];
      return recent.length === 0 ? undefined : recent;
    }
    case 'person': {
      const person = desk.persons.get(id as StaffId);
      return person === undefined ? undefined : personField(person);
    }
    default:
      return undefined;
  }
}

/** Puts back what {@link changedFields} has written. A field that cannot be read is left out and removed. */
export function readFields(desk: Desk, fields: ReadonlyMap<string, string>, now: number): void {
  // Chats come before what was said in them.
  for (const key of Array.from(fields.keys()).sort()) {
    try {
      readField(desk, key, JSON.parse(fields.get(key) ?? ''), now);
    } catch {
      desk.dirty.add(key);
    }
  }
}

function readField(desk: Desk, key: string, field: unknown, now: number): void {
  const separator = key.indexOf(':');
  const id = key.slice(separator + 1);
  if (key.startsWith('chat:')) {
    const { chat, label, feeds, offers, leaving = [], playbacks = [], ...more } = field as ChatField;
    const { lateUntil = [], silentUntil = [], ...rest } = more;
    const until = { lateUntil: new Map(lateUntil), silentUntil: new Map(silentUntil) };
    const talk: Talk = { ...newTalk(chat, label), ...rest, ...until };
    for (const [app, [session, sent, proved, tookPart]] of Object.entries(feeds))
      talk.feeds.set(app, { session, sent, proved, tookPart });
    for (const one of [leaving].flat()) talk.leaving.set(one.staff, one);
    for (const one of playbacks) talk.playbacks.set(one.staff, one);
    for (const open of offers) talk.offers.set(open.offer.id, { ...open });
    desk.talks.set(chat.id, talk);
  } else if (key.startsWith('person:')) {
    const { streams = [], ...rest } = field as PersonField;
    restoreStreams(Object.assign(personOf(desk, id as StaffId, now), rest), streams, now);
  } else if (key.startsWith('said:')) {
    const talk = desk.talks.get(id as ChatId);
    if (talk === undefined) desk.dirty.add(key);
    else talk.recent = field as readonly Recent[];
  } else desk.dirty.add(key);
}
