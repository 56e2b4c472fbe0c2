import { ban } from './ban.ts';
import { canned } from './canned.ts';
import type { Command } from './command.ts';
import { end } from './end.ts';
import { helpOf } from './help.ts';
import { history } from './history.ts';
import { info } from './info.ts';
import { invite } from './invite.ts';
import { join } from './join.ts';
import { leave } from './leave.ts';
import { leftMessages } from './left-messages.ts';
import { mail } from './mail.ts';
import { note } from './note.ts';
import { observe } from './observe.ts';
import { push } from './push.ts';
import { queue } from './queue.ts';
import { staff } from './staff.ts';
import { status } from './status.ts';
import { tag } from './tag.ts';
import { transfer } from './transfer.ts';
import { who } from './who.ts';

/** All commands, in the order of `$help`. */
export const commands: readonly Command[] = [
  helpOf(() => commands),
  end,
  invite,
  transfer,
  join,
  observe,
  leave,
  who,
  staff,
  queue,
  leftMessages,
  info,
  history,
  note,
  tag,
  canned,
  push,
  ban,
  mail,
  status,
];
