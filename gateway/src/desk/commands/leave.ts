import { faultNotice } from '../chat/notices.ts';
import { type Command, isComing, isObserver, isParticipant, offerTo } from './command.ts';

export const leave: Command = {
  name: 'leave',
  usage: '$leave',
  does: 'goes without ending the chat: the last one to leave gives it back to the queue',
  title: 'Leave without ending',
  needsChat: true,
  isUseful: (context) => context.talk?.ended === undefined && (isParticipant(context) || isObserver(context)),
  run(context) {
    const { talk, staff, fail, ask } = context;
    if (talk === undefined) return;
    const chat = talk.chat.id;
    if (talk.ended !== undefined) return fail('This chat has ended already.');
    if (isParticipant(context) || isComing(context)) return ask({ is: 'leave', chat, staff: staff.id });
    if (isObserver(context)) return ask({ is: 'observe', chat, staff: staff.id, on: false });
    fail(
      offerTo(context) === undefined
        ? 'You are not in this chat, so you cannot leave it.'
        : 'You are not in this chat yet. $end declines.',
    );
  },
  finish({ desk, fail, talk, staff }, result, verb) {
    if (result.is === 'fault') fail(`${faultNotice(desk, result.fault)}.`);
    // they know that they observe no more: what they write next is meant to be read
    else if (verb.is === 'observe') talk?.silentUntil.delete(staff.id);
  },
};
