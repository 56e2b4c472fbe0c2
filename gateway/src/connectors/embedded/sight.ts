import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import type { Floor, OpenChat } from './floor.ts';

/**
 * An open chat that this staff user has to do with: of a team that they see, or one that they are in.
 *
 * @throws HelpdeskError `not-found`
 */
export function chatInSight(floor: Floor, id: ChatId, staff: StaffId): OpenChat {
  const chat = floor.chats.get(id);
  if (chat === undefined) throw new HelpdeskError({ is: 'not-found' });
  const isIn = chat.is === 'running' && (chat.participants.includes(staff) || chat.observers.includes(staff));
  if (!isIn && !floor.directory.sees(staff, chat.team)) throw new HelpdeskError({ is: 'not-found' });
  return chat;
}
