import { faultNotice } from '../notices.ts';
import { nameOf } from '../state.ts';
import { colleagueIn, teamText } from './colleague.ts';
import { colleagueField, WHY_FIELD } from './colleague-field.ts';
import { type Command, type CommandContext, isComing, isParticipant } from './command.ts';

/** What those who do not take part are told. */
export function mayChange(context: CommandContext, what: string): boolean {
  const { talk, staff, tell } = context;
  if (talk === undefined) return false;
  if (talk.ended !== undefined) tell('This chat has ended already.');
  else if (isParticipant(context) || isComing(context)) return true;
  else if (talk.chat.phase.is === 'waiting') tell(`${talk.label} waits. Take the chat first: any text does.`);
  else if (talk.chat.observers.includes(staff.id))
    tell(`You observe this chat, so you cannot ${what}. $join takes part.`);
  else tell(`You are not in this chat, so you cannot ${what}.`);
  return false;
}

export const invite: Command = {
  name: 'invite',
  usage: '$invite NAME [text]',
  does: 'asks a colleague into this chat',
  title: 'Ask a colleague in',
  needsChat: true,
  isPossible: ({ desk }) => desk.settings.can.invite,
  fields: (context) => [colleagueField(context, []), WHY_FIELD],
  restOf: ({ whom = '', why = '' }) => `${whom} ${why}`,
  isUseful: (context) => context.talk?.ended === undefined && isParticipant(context),
  run(context) {
    const { talk, staff, rest, tell, ask } = context;
    if (talk === undefined || !mayChange(context, 'invite')) return;
    if (teamText(rest) !== undefined) return tell('Only colleagues can be invited. $transfer hands over to a team.');
    const found = colleagueIn(context, '$invite and a name');
    if (found === undefined) return;
    const why = found.why === undefined ? {} : { why: found.why };
    ask({ is: 'invite', chat: talk.chat.id, staff: staff.id, whom: found.one.id, ...why });
  },
  finish({ desk, tell }, result, verb) {
    if (verb.is !== 'invite') return;
    const name = nameOf(desk, verb.whom);
    if (result.is === 'done') return tell(`${name} is asked to join.`);
    tell(
      result.fault.is === 'taken'
        ? `${name} is in this chat, or asked, already.`
        : `${faultNotice(desk, result.fault)}.`,
    );
  },
};
