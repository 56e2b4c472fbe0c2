/** What apps ask of a desk beside messages: cards of contacts, menus and their commands, who is blocked. */
import type { Act, Answer, Target } from '../bus/messages.ts';
import type { Result } from './calls.ts';
import { ban, MOST_BANS } from './commands/ban.ts';
import { isPossible } from './commands/command.ts';
import { menuAt, type MenuCommand, runFromMenu } from './commands/menu.ts';
import { contextOf } from './commands/run.ts';
import { answerTo } from './questions.ts';
import { visibleTalk } from './chat/say.ts';
import { type AppSession, type Desk, personOf } from './state.ts';
import type { Turn } from './turn.ts';
import { cancelLeaving } from './chat/window.ts';

type Asked = Extract<Act, { readonly type: 'asked' }>;

export function asked(desk: Desk, turn: Turn, session: AppSession, { ask, question }: Asked): void {
  const answer = (given: Answer) => turn.deliver([session], { kind: 'answer', ask, answer: given });
  switch (question.about) {
    case 'menu':
      return answer(isThere(desk, session, question.at) ? menuAt(desk, turn, session, question.at) : NOTHING);
    case 'bans':
      if (!mayLift(desk, turn, session)) return answer({ about: 'bans', visitors: [] });
      return turn.call({ is: 'bans', limit: MOST_BANS }, { is: 'blocked', session: session.id, ask });
    case 'visitor-card':
    case 'staff-card':
      return answer(answerTo(desk, session, question, turn.now));
  }
}

const NOTHING: Answer = { about: 'nothing' };

/** Who may not be seen has no menu. Who took part in a chat that has just ended still has one. */
function isThere(desk: Desk, session: AppSession, at: Target): boolean {
  if (at.is === 'gateway' || visibleTalk(desk, session.staff, at.chat) !== undefined) return true;
  return desk.talks.get(at.chat)?.ended?.staff.includes(session.staff) === true;
}

export function menuCommand(desk: Desk, turn: Turn, session: AppSession, act: MenuCommand): void {
  if (!isThere(desk, session, act.at))
    return turn.deliver([session], { kind: 'answer', ask: act.ask, answer: NOTHING });
  personOf(desk, session.staff, turn.now).lastActAt = turn.now;
  const talk = act.at.is === 'visitor' ? desk.talks.get(act.at.chat) : undefined;
  if (talk !== undefined) cancelLeaving(desk, talk, session.staff);
  runFromMenu(desk, turn, session, act);
}

function mayLift(desk: Desk, turn: Turn, session: AppSession): boolean {
  const context = contextOf(desk, turn, { command: ban.name, session: session.id });
  const { can } = desk.settings;
  return context !== undefined && can.bans && can.liftBan && isPossible(ban, context);
}

/** The bans, as an app's list of who is blocked. */
export function blockedRead(
  turn: Turn,
  { session, ask }: { readonly session: AppSession['id']; readonly ask: string },
  result: Result,
): void {
  const visitors = result.is === 'done' ? result.bans?.map(({ id, chat }) => chat ?? id) : undefined;
  const answer: Answer = visitors === undefined ? NOTHING : { about: 'bans', visitors };
  turn.deliver([session], { kind: 'answer', ask, answer });
}
