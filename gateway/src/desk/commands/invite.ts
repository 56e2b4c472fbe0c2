import type { Fault } from '../../helpdesk/errors.ts';
import { faultNotice } from '../chat/notices.ts';
import { nameOf } from '../state.ts';
import { colleagueIn, teamText } from './colleague.ts';
import { colleagueField, WHY_FIELD } from './colleague-field.ts';
import { type Command, type CommandContext, isComing, isParticipant } from './command.ts';

/** What those who do not take part are told. */
export function mayChange(context: CommandContext, what: string): boolean {
  const { talk, staff, fail } = context;
  if (talk === undefined) return false;
  if (talk.ended !== undefined) fail('This chat has ended already.');
  else if (isParticipant(context) || isComing(context)) return true;
  else if (talk.chat.phase.is === 'waiting') fail(`${talk.label} waits. Take the chat first: any text does.`);
  else if (talk.chat.observers.includes(staff.id))
    fail(`You observe this chat, so you cannot ${what}. $join takes part.`);
  else fail(`You are not in this chat, so you cannot ${what}.`);
  return false;
}

function inviteFault(fault: Fault['is'], name: string): string | undefined {
  if (fault === 'taken') return `${name} is in this chat already.`;
  return fault === 'forbidden' ? 'Too many colleagues are asked already.' : undefined;
}

export const invite: Command = {
  name: 'invite',
  usage: '$invite NAME [text]',
  does: 'asks a colleague into this chat',
  title: 'Ask a colleague in',
  needsChat: true,
  ability: 'invite',
  fields: (context) => [colleagueField(context, []), WHY_FIELD],
  restOf: ({ whom = '', why = '' }) => `${whom} ${why}`,
  isUseful: (context) => context.talk?.ended === undefined && isParticipant(context),
  run(context) {
    const { talk, staff, rest, fail, ask } = context;
    if (talk === undefined || !mayChange(context, 'invite')) return;
    if (teamText(rest) !== undefined) return fail('Only colleagues can be invited. $transfer hands over to a team.');
    const found = colleagueIn(context, '$invite and a name', 'invitation');
    if (found === undefined) return;
    const why = found.why === undefined ? {} : { why: found.why };
    ask({ is: 'invite', chat: talk.chat.id, staff: staff.id, whom: found.one.id, ...why });
  },
  finish({ desk, tell, fail }, result, verb) {
    if (verb.is !== 'invite') return;
    const name = nameOf(desk, verb.whom);
    if (result.is === 'done') return tell(`${name} is asked to join.`);
    fail(inviteFault(result.fault.is, name) ?? `${faultNotice(desk, result.fault)}.`);
  },
};
