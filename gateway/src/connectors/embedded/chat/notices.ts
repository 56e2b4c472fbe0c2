/** What the helpdesk itself says in a chat. The visitor and the staff read the same words. */
import type { EndReason } from '../../../helpdesk/model.ts';

const minutes = (count: number): string => (count === 1 ? '1 minute' : `${count} minutes`);

export const notices = {
  joined: (name: string) => `${name} joined the chat.`,
  left: (name: string) => `${name} left the chat.`,
  /** The last one went, but the chat goes on. */
  leftToQueue: (name: string) => `${name} left the chat. You are first in line for a colleague.`,
  lostToQueue: (name: string) => `${name} had to go. You are first in line for a colleague.`,
  lost: (name: string) => `${name} had to go.`,
  endedBy: (name: string) => `${name} ended the chat.`,
  ended(why: Exclude<EndReason, 'staff' | 'visitor'>, limits: { away: number; idle: number }): string {
    switch (why) {
      case 'visitor-away':
        return `The chat ended: the visitor's page was away for ${minutes(limits.away)}.`;
      case 'idle':
        return `The chat ended: nobody wrote for ${minutes(limits.idle)}.`;
      case 'unanswered':
        return 'Nobody is free to answer right now. Please leave a message.';
    }
  },
};
