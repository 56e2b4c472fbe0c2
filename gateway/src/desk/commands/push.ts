import { cleanLine, isLongerThan } from '../../text/clean.ts';
import { faultNotice } from '../chat/notices.ts';
import { type Command, isParticipant } from './command.ts';

const LONGEST = 2_000;

/** The address in full, if a browser may be sent there. */
function addressIn(text: string): string | undefined {
  const written = cleanLine(text, LONGEST + 1);
  if (isLongerThan(written, LONGEST) || /\s/u.test(written)) return undefined;
  const url = /^https?:\/\//iu.test(written) ? URL.parse(written) : null;
  // a name before the host makes an address look like another one's
  if (url === null || url.username + url.password !== '' || isLongerThan(url.href, LONGEST)) return undefined;
  return url.href;
}

export const push: Command = {
  name: 'push',
  usage: '$push URL',
  does: 'asks the visitor to look at a page',
  title: 'Ask the visitor to look at a page',
  needsChat: true,
  ability: 'push',
  isUseful: isParticipant,
  fields: () => [{ name: 'address', label: 'Address of the page (https://…)', kind: 'text-single', required: true }],
  run(context) {
    const { rest, talk, staff, turn, fail, ask } = context;
    if (talk === undefined) return;
    if (talk.ended !== undefined) return fail('This chat has ended. Nothing was sent.');
    if (!isParticipant(context)) return fail('You are not in this chat. Nothing was sent.');
    const text = addressIn(rest);
    if (text === undefined)
      return fail('Write $push and the address of a page that begins with https:// or http://. Nothing was sent.');
    ask({ is: 'push', chat: talk.chat.id, staff: staff.id, words: { id: turn.newId(), text } });
  },
  finish({ desk, talk, tell, fail }, result) {
    if (result.is === 'fault') return fail(`${faultNotice(desk, result.fault)}. Nothing was sent.`);
    tell(`${talk?.label ?? 'The visitor'} is asked to look at the page.`);
  },
};
