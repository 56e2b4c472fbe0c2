import { type Command, isComing, isObserver, isParticipant, offerTo } from './command.ts';
import { faultNotice } from '../chat/notices.ts';
import { decline } from '../chat/offers.ts';

export const end: Command = {
  name: 'end',
  usage: '$end',
  does: 'declines what you are asked; ends a chat, or leaves it if others are in it; stops observing',
  title: 'End, leave or decline',
  needsChat: true,
  isUseful: (context) =>
    context.talk?.ended === undefined &&
    (isParticipant(context) || isObserver(context) || offerTo(context) !== undefined),
  run(context) {
    const { desk, talk, staff, turn, rest, tell, ask } = context;
    if (talk === undefined) return;
    if (talk.ended !== undefined) return tell('This chat has ended already.');
    if (rest !== '') tell('What stands after $end is sent to nobody.');
    const open = offerTo(context);
    if (isParticipant(context) || isComing(context)) return ask({ is: 'end', chat: talk.chat.id, staff: staff.id });
    if (open !== undefined) {
      desk.deadlines.clear({ is: 'unseen', chat: talk.chat.id, offer: open.offer.id });
      return decline(turn, open.offer, 'declined');
    }
    if (isObserver(context)) return ask({ is: 'observe', chat: talk.chat.id, staff: staff.id, on: false });
    tell(
      talk.chat.phase.is === 'waiting'
        ? `${talk.label} waits and is not ringing at you: there is nothing to decline. A message takes the chat.`
        : 'You are not in this chat, so you cannot end it.',
    );
  },
  finish({ desk, tell, talk, staff }, result, verb) {
    if (result.is === 'fault') tell(`${faultNotice(desk, result.fault)}.`);
    // they know that they observe no more: what they write next is meant to be read
    else if (verb.is === 'observe') talk?.silentUntil.delete(staff.id);
  },
};
