/**
 * Which streams of an app are one. What an app sends again after a cut comes over the same stream, resumed, or over the
 * next one of its resource, if the one before ended without a goodbye and not long ago. Anything else that it says in
 * the same words is said again.
 */
import { type AppSession, type Desk, type Person, personOf } from '../state.ts';

/** As long as a stream can be resumed, in milliseconds. */
const COMES_BACK_WITHIN = 300_000;
/** Kept for one staff user: more apps than that nobody has. */
const MOST_APPS = 20;

/** A new session: `before` has its resource and has said no goodbye. */
export function beginStream(desk: Desk, session: AppSession, before: AppSession | undefined, now: number): void {
  if (before !== undefined) {
    session.stream = before.stream;
    return;
  }
  const known = personOf(desk, session.staff, now).streams?.get(session.resource);
  if (known !== undefined && now <= (known.until ?? 0)) session.stream = known.stream;
}

/** Something was sent over it that may be sent again: that must be known after a crash, too. */
export function useStream(desk: Desk, session: AppSession, now: number): void {
  const person = personOf(desk, session.staff, now);
  const known = person.streams?.get(session.resource);
  if (known?.stream === session.stream && known.until === undefined) return;
  const streams = (person.streams ??= new Map());
  streams.delete(session.resource);
  streams.set(session.resource, { stream: session.stream });
  for (const [oldest] of streams) {
    if (streams.size <= MOST_APPS) break;
    streams.delete(oldest);
  }
  desk.dirty.add(`person:${session.staff}`);
}

/** It ended with a goodbye, or for good: nothing of it is sent again. */
export function endStream(desk: Desk, session: AppSession): void {
  const person = desk.persons.get(session.staff);
  if (person?.streams?.get(session.resource)?.stream !== session.stream) return;
  person.streams.delete(session.resource);
  if (person.streams.size === 0) delete person.streams;
  desk.dirty.add(`person:${session.staff}`);
}

/** As it is kept: by resource, the stream and how long it is waited for. */
export type KeptStreams = readonly (readonly [resource: string, stream: string, until: number])[];

export function keptStreams({ streams }: Person): KeptStreams {
  return Array.from(streams ?? [], ([resource, { stream, until = 0 }]) => [resource, stream, until] as const);
}

/** A desk begins: who was there may come back, from now on or until it was waited for already. */
export function restoreStreams(person: Person, kept: KeptStreams, now: number): void {
  const streams = kept
    .map(
      ([resource, stream, until]) =>
        [resource, { stream, until: until === 0 ? now + COMES_BACK_WITHIN : until }] as const,
    )
    .filter(([, { until }]) => now <= until);
  if (streams.length > 0) person.streams = new Map(streams);
}

/** This session has gone on while the desk moved. */
export function resumeStream(desk: Desk, session: AppSession, now: number): void {
  const known = personOf(desk, session.staff, now).streams?.get(session.resource);
  if (known === undefined) return;
  session.stream = known.stream;
  delete known.until;
}
