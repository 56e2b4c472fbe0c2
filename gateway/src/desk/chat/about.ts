/** What a message says of an earlier one, or is beside its text. */
import type { AppMessage } from '../../bus/messages.ts';
import type { Fault } from '../../helpdesk/errors.ts';
import type { LineExtra } from '../../helpdesk/model.ts';
import { faultNotice } from './notices.ts';
import type { Desk } from '../state.ts';

/** For the helpdesk, which knows which line is meant; `undefined`: a text, and no more. */
export function extraOf(desk: Desk, message: AppMessage, text: string): LineExtra | undefined {
  const { replaces, retracts, reacts, answers, url } = message;
  const { can, filesAt } = desk.settings;
  if (!can.extras) return undefined;
  if (retracts !== undefined) return { is: 'retraction', of: retracts };
  if (reacts !== undefined) return { is: 'reaction', of: reacts.to };
  if (replaces !== undefined) return { is: 'correction', of: replaces };
  if (answers !== undefined) return { is: 'reply', of: answers };
  // Any other address is a text that people can follow.
  if (url !== undefined && url === text && filesAt !== undefined && url.startsWith(filesAt))
    return { is: 'file', file: { url, name: '', type: '', size: 0 } };
  return undefined;
}

/** A correction at a helpdesk that knows none: the new text, as people write it where nothing can be changed. */
export function asNewText(desk: Desk, { replaces }: AppMessage, text: string): string {
  return replaces === undefined || desk.settings.can.extras ? text : `* ${text}`;
}

/** Why a helpdesk does not do it, for who wanted it. */
export function refusalOf(desk: Desk, fault: Fault, extra: LineExtra | undefined): string {
  switch (extra?.is) {
    case 'correction':
    case 'retraction':
      if (fault.is === 'forbidden') return 'Only texts of your own can be changed. Nothing was sent.';
      if (fault.is === 'not-found') return 'This message is not known here, or cannot be changed. Nothing was sent.';
      break;
    case 'reaction':
      if (fault.is === 'forbidden') return 'Only emoji can be sent as a reaction. Nothing was sent.';
      if (fault.is === 'not-found') return 'The message that you react to is not known here. Nothing was sent.';
      break;
    case 'file':
      if (fault.is === 'not-found') return 'This file is not there any more. Nothing was sent.';
      break;
    case 'reply':
    case 'push':
    case undefined:
  }
  return `${faultNotice(desk, fault)}. Your text was not sent.`;
}
