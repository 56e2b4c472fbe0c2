import type { SessionRecord } from '../bus/port.ts';
import { STAFF_RESOURCE } from './addressee.ts';

const NOBODY: readonly SessionRecord[] = [];

export interface Recipients {
  /** Those that the address means. */
  readonly to: readonly SessionRecord[];
  /** Those that get a `<received/>` copy instead [XEP-0280 §6]. */
  readonly copies: readonly SessionRecord[];
}

/** Messages to the bare JID go to it [RFC6121 §8.5.2.1.1]. */
export function takesBareJid({ availability }: Pick<SessionRecord, 'availability'>): boolean {
  return availability !== null && availability.priority >= 0;
}

/**
 * Which apps of a staff user a message is for [RFC6121 §8.5]:
 *
 * | addressed to | goes to | copies |
 * |---|---|---|
 * | bare JID, `/helpdesk`, a resource that is not there | every available app with priority ≥ 0 | the other apps with carbons |
 * | a resource that is there | that app | the other apps with carbons |
 * | any, no such app | nobody | nobody |
 *
 * `/helpdesk` is the address under which colleagues see each other, so it is never one app's.
 */
export function recipientsOf(sessions: readonly SessionRecord[], resource: string): Recipients {
  const [first] = sessions;
  // one app is what most people have
  if (first !== undefined && sessions.length === 1 && takesBareJid(first)) return { to: sessions, copies: NOBODY };
  const named =
    resource === '' || resource === STAFF_RESOURCE ? [] : sessions.filter((one) => one.resource === resource);
  const to = named.length > 0 ? named : sessions.filter(takesBareJid);
  return { to, copies: to.length === 0 ? [] : sessions.filter((one) => one.carbons && !to.includes(one)) };
}

/** Which apps learn of what their staff user wrote in another one. */
export function ownCopies(sessions: readonly SessionRecord[], sender: SessionRecord['id']): readonly SessionRecord[] {
  if (sessions.length === 1 && sessions[0]?.id === sender) return NOBODY;
  return sessions.filter((one) => one.id !== sender && (one.carbons || takesBareJid(one)));
}
