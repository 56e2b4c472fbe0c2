import { cleanLine } from '../../text/clean.ts';
import { faultNotice } from '../chat/notices.ts';
import { type Command, type CommandContext, isInside } from './command.ts';

/** One address, without a name and without anything that could be a second one. */
const ADDRESS = /^[^\s@<>(),:;"[\]\\]{1,64}@[^\s@<>(),:;"[\]\\]{1,189}$/u;

/** Who is in the chat, or was when it ended. */
function mayMail(context: CommandContext): boolean {
  return isInside(context) || context.talk?.ended?.staff.includes(context.staff.id) === true;
}

export const mail: Command = {
  name: 'mail',
  usage: '$mail ADDRESS',
  does: 'sends what was said to an e-mail address',
  title: 'Mail the transcript',
  needsChat: true,
  ability: 'mail',
  isUseful: mayMail,
  fields: ({ talk }) => {
    const value = talk?.chat.visitor.email;
    return [
      {
        name: 'address',
        label: 'E-mail address',
        kind: 'text-single',
        required: true,
        ...(value === undefined ? {} : { value }),
      },
    ];
  },
  run(context) {
    const { rest, talk, staff, fail, ask } = context;
    if (talk === undefined) return;
    if (!mayMail(context)) return fail('You are not in this chat: nothing was mailed.');
    const address = cleanLine(rest, 254);
    if (!ADDRESS.test(address)) {
      const known = talk.chat.visitor.email;
      const example = known === undefined ? '' : `, such as $mail ${known}`;
      return fail(`Write $mail and one e-mail address${example}. Nothing was mailed.`);
    }
    ask({ is: 'mail', chat: talk.chat.id, staff: staff.id, address });
  },
  finish({ desk, tell, fail }, result, verb) {
    if (verb.is !== 'mail') return;
    if (result.is === 'done') return tell(`What was said is on its way to ${verb.address}.`);
    switch (result.fault.is) {
      case 'refused':
        return fail(`The mail server did not take a mail to ${verb.address}. Nothing was mailed.`);
      case 'rate-limited':
        return fail('You have sent as many mails as you can for now. Nothing was mailed. Try again later.');
      case 'unreachable':
        return fail('The mail server does not answer. Whether the mail went out cannot be said. Try again later.');
      case 'forbidden':
      case 'locked':
      case 'not-found':
      case 'protocol':
      case 'taken':
        return fail(`${faultNotice(desk, result.fault)}. Nothing was mailed.`);
    }
  },
};
