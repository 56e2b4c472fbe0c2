import { beginAccepting } from '../chat/accepting.ts';
import { feedOf } from '../chat/feeds.ts';
import { faultNotice } from '../chat/notices.ts';
import { seenByTyping } from '../chat/offers.ts';
import { type Command, isComing, isParticipant } from './command.ts';

export const join: Command = {
  name: 'join',
  usage: '$join',
  does: 'takes part in this chat',
  title: 'Take part',
  needsChat: true,
  ability: 'join',
  isUseful: (context) => context.talk?.chat.phase.is === 'running' && !isParticipant(context),
  run(context) {
    const { desk, talk, session, staff, rest, fail, ask } = context;
    if (talk === undefined) return;
    if (talk.ended !== undefined) return fail('This chat has ended already.');
    if (isParticipant(context) || isComing(context)) return fail('You are in this chat already.');
    if (talk.chat.phase.is === 'waiting') return fail(`${talk.label} waits: any text takes the chat.`);
    if (rest !== '') return fail('Write $join alone, and then what you want to say.');
    seenByTyping(desk, talk, session);
    beginAccepting(talk, session);
    ask({ is: 'join', chat: talk.chat.id, staff: staff.id });
  },
  finish({ desk, talk, session, tell, fail }, result) {
    if (result.is === 'fault') return fail(`${faultNotice(desk, result.fault)}.`);
    if (talk === undefined) return;
    feedOf(desk, talk, session).tookPart = true;
    desk.dirty.add(`chat:${talk.chat.id}`);
    tell(`You are in this chat now: what you write goes to ${talk.label}.`);
  },
};
