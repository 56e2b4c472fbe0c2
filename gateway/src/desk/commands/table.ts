import type { Command } from './command.ts';
import { end } from './end.ts';
import { helpOf } from './help.ts';
import { history } from './history.ts';
import { info } from './info.ts';
import { leftMessages } from './left-messages.ts';
import { queue } from './queue.ts';
import { staff } from './staff.ts';
import { status } from './status.ts';
import { who } from './who.ts';

/** All commands, in the order of `$help`. */
export const commands: readonly Command[] = [
  helpOf(() => commands),
  end,
  who,
  staff,
  queue,
  leftMessages,
  info,
  history,
  status,
];

/** Words of the user guide that no helpdesk can do yet: said so, and not called unknown. */
export const NOT_YET: ReadonlySet<string> = new Set([
  'invite',
  'transfer',
  'join',
  'observe',
  'leave',
  'note',
  'tag',
  'canned',
  'push',
  'ban',
  'mail',
]);
