/** What the helpdesk itself says in a chat. */
import type { EndReason } from '../../../helpdesk/model.ts';

/** The visitor is spoken to; staff read of the visitor and of each other. */
export interface Notice {
  readonly text: string;
  readonly forStaff?: string;
}

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);
const minutes = (count: number): string => (count === 1 ? '1 minute' : `${count} minutes`);

export const notices = {
  joined: (name: string): Notice => ({ text: `${name} joined the chat.` }),
  handedOver: (from: string, to: string): Notice => ({ text: `${from} handed the chat over to ${to}.` }),
  left: (name: string): Notice => ({ text: `${name} left the chat.` }),
  lost: (name: string): Notice => ({ text: `${name} had to go.` }),
  /** The last one went, but the chat goes on. */
  backToQueue: (name: string, why: 'left' | 'lost'): Notice => {
    const went = why === 'left' ? `${name} left the chat` : `${name} had to go`;
    return {
      text: `${went}. We are looking for a colleague: you are first in line.`,
      forStaff: `${went}. The chat went back to the front of the queue.`,
    };
  },
  endedByStaff: (name: string): Notice => ({ text: `${name} ended the chat.` }),
  /** The visitor is not told why, nor that it is for longer. */
  banned: (name: string | undefined, count: number | undefined): Notice => {
    const ended = name === undefined ? 'The chat was ended' : `${name} ended the chat`;
    const was = name === undefined ? 'the visitor banned' : 'banned the visitor';
    const then =
      count === undefined
        ? '. The visitor could not be banned: nothing is known to recognise them by.'
        : ` and ${was} for ${days(count)}.`;
    return { text: 'The chat was ended.', forStaff: `${ended}${then}` };
  },
  endedByVisitor: (name: string): Notice => ({ text: 'You ended the chat.', forStaff: `${name} ended the chat.` }),
  ended(why: Exclude<EndReason, 'staff' | 'visitor'>, limits: { away: number; idle: number }): Notice {
    switch (why) {
      case 'visitor-away':
        return {
          text: `The chat ended: your page was away for ${minutes(limits.away)}.`,
          forStaff: `The chat ended: the visitor's page was away for ${minutes(limits.away)}.`,
        };
      case 'idle':
        return { text: `The chat ended: nobody wrote for ${minutes(limits.idle)}.` };
      case 'unanswered':
        return {
          text: 'Nobody is free to answer right now. Please leave a message.',
          forStaff: 'The chat ended: nobody answered. The visitor was asked to leave a message.',
        };
    }
  },
};
