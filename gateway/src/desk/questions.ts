import type { Answer, Question } from '../bus/messages.ts';
import { stateOf } from './contacts/contacts.ts';
import { visibleTalk } from './chat/say.ts';
import { type AppSession, type Desk, nameOf } from './state.ts';

/** What an app asks of a contact; nothing for what this staff user may not see. */
export function answerTo(
  desk: Desk,
  session: AppSession,
  question: Extract<Question, { readonly about: 'visitor-card' | 'staff-card' }>,
  now: number,
): Answer {
  const seconds = (since: number) => Math.max(0, Math.floor((now - since) / 1_000));
  if (question.about === 'visitor-card') {
    const talk = visibleTalk(desk, session.staff, question.chat);
    if (talk === undefined) return { about: 'nothing' };
    const card = { ...talk.chat.visitor, name: talk.label };
    return {
      about: 'visitor-card',
      card,
      idle: seconds(talk.visitorActiveAt),
      state: stateOf(desk, talk.chat, session.staff),
    };
  }
  const staff = desk.staff.get(question.staff);
  if (staff === undefined) return { about: 'nothing' };
  const person = desk.persons.get(staff.id);
  return {
    about: 'staff-card',
    name: nameOf(desk, staff.id),
    username: staff.username,
    ...(staff.email === undefined ? {} : { email: staff.email }),
    teams: staff.teams.flatMap((id) => desk.teams.get(id)?.name ?? []),
    idle: person === undefined ? 0 : seconds(person.lastActAt),
  };
}
