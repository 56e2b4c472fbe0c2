import { stateOf, maySee } from '../contacts/contacts.ts';
import { viewOf } from '../contacts/roster.ts';
import type { Command, CommandContext } from './command.ts';
import { teamsRead } from '../state.ts';
import { hint } from '../hint.ts';
import { COUNTED } from './left-messages.ts';

/** Chats shown; the rest is a number. */
const MOST = 30;

function waiting({ desk, staff }: CommandContext): string {
  const talks = Array.from(desk.talks.values()).filter(
    (talk) => talk.chat.phase.is === 'waiting' && maySee(staff, viewOf(talk)),
  );
  if (talks.length === 0) return 'Nobody is waiting.';
  talks.sort((a, b) => a.chat.waitingSince - b.chat.waitingSince);
  const lines = talks.slice(0, MOST).map((talk, index) => {
    const isAsked = Array.from(talk.offers.values()).some(({ offer }) => offer.staff === staff.id);
    return `${index + 1}. ${talk.label}: ${stateOf(desk, talk.chat, staff.id)}${isAsked ? ', ringing at you' : ''}`;
  });
  if (talks.length > MOST) lines.push(`and ${talks.length - MOST} more`);
  return `Waiting (write to one of them to take the chat):\n${lines.join('\n')}`;
}

export const queue: Command = {
  name: 'queue',
  usage: '$queue',
  does: 'who is waiting',
  title: 'Who is waiting',
  needsChat: false,
  run(context) {
    const { desk, ask, tell } = context;
    if (!desk.settings.can.leftMessages) return tell(waiting(context));
    ask({ is: 'left-messages', teams: teamsRead(desk, context.staff), limit: COUNTED });
  },
  finish(context, result) {
    if (result.is === 'fault')
      return context.tell(`${waiting(context)}\nHow many messages were left cannot be said now.`);
    const count = result.messages?.length ?? 0;
    const number = count >= COUNTED ? `${COUNTED} or more` : String(count);
    const left =
      count === 0
        ? 'No messages were left for your teams.'
        : count === 1
          ? `1 message was left for your teams.${hint(context.desk, 'messages', 'it')}`
          : `${number} messages were left for your teams.${hint(context.desk, 'messages', 'them')}`;
    context.tell(`${waiting(context)}\n${left}`);
  },
};
