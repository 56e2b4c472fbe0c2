import type { Act } from '../../bus/messages.ts';
import { readDollar } from '../../text/dollar.ts';

/**
 * Commands that an app writes in one window are done in order: the next one when the one before is answered. `$end`
 * waits for none of them: it has its place among what is said in the chat.
 */
export function turnOf(act: Act): string | undefined {
  if (act.type === 'command')
    return act.name === 'end' ? undefined : `${act.session} ${act.at.is === 'visitor' ? act.at.chat : act.at.is}`;
  if (act.type !== 'message' || act.message.body === undefined) return undefined;
  const read = readDollar(act.message.body, act.message.quoted);
  if (read.is !== 'command' || read.name === 'end') return undefined;
  return `${act.session} ${act.to.is === 'visitor' ? act.to.chat : act.to.is}`;
}
