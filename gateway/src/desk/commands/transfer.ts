import { faultNotice } from '../chat/notices.ts';
import { visitorFullAddress } from '../contacts/addresses.ts';
import { appsOf, nameOf, teamNameOf } from '../state.ts';
import { colleagueIn, teamIn, teamText } from './colleague.ts';
import { colleagueField, teamChoices, WHY_FIELD } from './colleague-field.ts';
import { type Command, isParticipant } from './command.ts';
import { mayChange } from './invite.ts';

export const transfer: Command = {
  name: 'transfer',
  usage: '$transfer NAME|team:TEAM [text]',
  does: 'hands this chat over: you leave as soon as somebody accepts',
  title: 'Hand the chat over',
  needsChat: true,
  ability: 'transfer',
  fields: (context) => [colleagueField(context, teamChoices(context)), WHY_FIELD],
  restOf: ({ whom = '', why = '' }) => `${whom} ${why}`,
  isUseful: (context) => context.talk?.ended === undefined && isParticipant(context),
  run(context) {
    const { talk, staff, rest, ask } = context;
    if (talk === undefined || !mayChange(context, 'hand it over')) return;
    const chat = talk.chat.id;
    const team = teamText(rest);
    if (team === undefined) {
      const found = colleagueIn(context, '$transfer and a name, or team: and a team', 'transfer');
      if (found === undefined) return;
      const why = found.why === undefined ? {} : { why: found.why };
      return ask({ is: 'transfer', chat, staff: staff.id, to: { is: 'staff', staff: found.one.id }, ...why });
    }
    const found = teamIn(context, team);
    if (found === undefined) return;
    const why = found.why === undefined ? {} : { why: found.why };
    talk.handingOver.set(staff.id, 'asked');
    ask({ is: 'transfer', chat, staff: staff.id, to: { is: 'team', team: found.one.id }, ...why });
  },
  finish({ desk, talk, staff, session, turn, tell, fail }, result, verb) {
    if (verb.is !== 'transfer') return;
    const hasFailed = talk?.handingOver.get(staff.id) === 'failed';
    talk?.handingOver.delete(staff.id);
    if (result.is === 'done' && hasFailed && talk !== undefined && verb.to.is === 'team') {
      const text = `Nobody of ${teamNameOf(desk, verb.to.team)} is available. You are still in the chat.`;
      const others = appsOf(desk, staff.id).filter(({ id }) => id !== session.id);
      turn.notice(others, visitorFullAddress(desk.settings.place, talk.chat.id), text);
      return fail(text);
    }
    const name = verb.to.is === 'staff' ? nameOf(desk, verb.to.staff) : teamNameOf(desk, verb.to.team);
    if (result.is === 'done') return tell(`${name} is asked to take over. You stay in the chat until then.`);
    if (result.fault.is !== 'taken') return fail(`${faultNotice(desk, result.fault)}.`);
    fail(
      verb.to.is === 'staff'
        ? `${name} is in this chat, or asked by a colleague, already.`
        : 'A colleague hands this chat over to a team already.',
    );
  },
};
