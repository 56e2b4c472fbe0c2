import { type Command, type CommandContext, isOffered, isPossible } from './command.ts';

/** What can be done here and now; made from the table that it is in. */
export function helpOf(table: () => readonly Command[]): Command {
  return {
    name: 'help',
    usage: '$help',
    does: 'this list',
    title: 'What can be done here',
    needsChat: false,
    run(context) {
      const lines = table()
        .filter((command) => isOffered(command, context))
        .map(({ usage, does }) => `${usage}: ${does}`);
      context.tell([situation(context), ...lines, ...elsewhere(context, table()), RULES].join('\n'));
    },
  };
}

function situation({ desk, talk, staff }: CommandContext): string {
  if (talk === undefined) return 'Commands:';
  const { chat, label } = talk;
  if (chat.phase.is === 'ended') return 'This chat has ended. Commands:';
  if (chat.participants.includes(staff.id)) return `You are in this chat: what you write goes to ${label}. Commands:`;
  if (chat.phase.is === 'waiting') return `Any reply takes this chat, and ${label} reads it first. Commands:`;
  if (chat.observers.includes(staff.id)) return `You observe this chat: what you write is not sent. Commands:`;
  const isAsked = Array.from(talk.offers.values()).some(({ offer }) => offer.staff === staff.id);
  if (isAsked) return `You are asked into this chat. Any reply accepts, and ${label} reads it. Commands:`;
  const joins = desk.settings.can.join ? `: a text to ${label} joins the chat` : '';
  return `${label} is with somebody else${joins}. Commands:`;
}

function elsewhere(context: CommandContext, table: readonly Command[]): readonly string[] {
  if (context.talk !== undefined) return [];
  const names = table.filter((command) => command.needsChat && isPossible(command, context)).map(({ usage }) => usage);
  return [`In the window of a visitor also: ${names.join(' · ')}`];
}

const RULES =
  'What begins with $ is a command and is never sent, with two exceptions: $$ at the start sends a $, ' +
  'and a price such as $5 is sent as it is.';
