import { feedOf } from '../chat/feeds.ts';
import { faultNotice } from '../chat/notices.ts';
import { type Command, type CommandContext, isComing, isObserver, isParticipant } from './command.ts';

/** Who is asked into a chat sees it, whatever team it is of. */
function isOfTheirTeams({ talk, staff }: CommandContext): boolean {
  return talk !== undefined && (staff.permissions.includes('all-teams') || staff.teams.includes(talk.chat.team));
}

export const observe: Command = {
  name: 'observe',
  usage: '$observe',
  does: 'listens in silence: only others who observe know',
  title: 'Listen in silence',
  needsChat: true,
  ability: 'observe',
  isUseful: (context) =>
    isOfTheirTeams(context) &&
    context.staff.permissions.includes('observe') &&
    context.talk?.chat.phase.is === 'running' &&
    !isParticipant(context) &&
    !isObserver(context),
  run(context) {
    const { talk, staff, fail, ask } = context;
    if (talk === undefined) return;
    if (talk.ended !== undefined) return fail('This chat has ended already.');
    if (isParticipant(context) || isComing(context)) return fail('You take part in this chat already.');
    if (isObserver(context)) return fail('You observe this chat already. $leave stops it.');
    if (talk.chat.phase.is === 'waiting') return fail(`${talk.label} waits: there is nothing to observe yet.`);
    if (staff.permissions.includes('observe') && !isOfTheirTeams(context))
      return fail('You can observe the chats of your own teams only, and this is one of another. Any text joins it.');
    talk.toObserve.add(staff.id);
    // Whether they may is the helpdesk's to say.
    ask({ is: 'observe', chat: talk.chat.id, staff: staff.id, on: true });
  },
  finish({ desk, talk, session, staff, tell, fail }, result) {
    if (result.is === 'fault') {
      if (result.fault.is !== 'forbidden') return fail(`${faultNotice(desk, result.fault)}.`);
      return fail(
        staff.permissions.includes('observe')
          ? 'This chat has as many observers as it can have.'
          : 'You do not have the permission to observe chats.',
      );
    }
    if (talk === undefined) return;
    feedOf(desk, talk, session).tookPart = true;
    desk.dirty.add(`chat:${talk.chat.id}`);
    tell('You observe this chat. What you write here is not sent. $join takes part, $leave stops.');
  },
};
