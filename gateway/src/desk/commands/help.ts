import type { Command, CommandContext } from './command.ts';

/** What can be done here and now; made from the table that it is in. */
export function helpOf(table: () => readonly Command[]): Command {
  return {
    name: 'help',
    usage: '$help',
    does: 'this list',
    needsChat: false,
    run(context) {
      const isHere = (command: Command) =>
        (!command.needsChat || context.talk !== undefined) &&
        command.isPossible?.(context) !== false &&
        command.isUseful?.(context) !== false;
      const lines = table()
        .filter(isHere)
        .map(({ usage, does }) => `${usage}: ${does}`);
      context.tell([situation(context), ...lines, ...elsewhere(context, table()), RULES].join('\n'));
    },
  };
}

function situation({ talk, staff }: CommandContext): string {
  if (talk === undefined) return 'Commands:';
  const { chat, label } = talk;
  if (chat.phase.is === 'ended') return 'This chat has ended. Commands:';
  if (chat.participants.includes(staff.id)) return `You are in this chat: what you write goes to ${label}. Commands:`;
  if (chat.phase.is === 'waiting') return `Any reply takes this chat, and ${label} reads it first. Commands:`;
  return `${label} is with somebody else. Commands:`;
}

function elsewhere({ talk }: CommandContext, table: readonly Command[]): readonly string[] {
  if (talk !== undefined) return [];
  const names = table.filter(({ needsChat }) => needsChat).map(({ usage }) => usage);
  return [`In the window of a visitor also: ${names.join(' · ')}`];
}

const RULES =
  'What begins with $ is a command and is never sent, with two exceptions: $$ at the start sends a $, ' +
  'and a price such as $5 is sent as it is.';
