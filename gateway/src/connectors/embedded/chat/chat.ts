import type { ChatId, EndReason, StaffId, TeamId, VisitorCard } from '../../../helpdesk/model.ts';
import type { Ring } from '../ring/ring.ts';

interface Common {
  readonly id: ChatId;
  readonly team: TeamId;
  readonly card: VisitorCard;
  /** What the visitor asked to begin with; also the first line. */
  readonly question: string;
  readonly startedAt: number;
  readonly lastLine: number;
  /** When a person last wrote. */
  readonly lastWordsAt: number;
  /** Since when the visitor's page is not heard of; absent while it is. */
  readonly awaySince?: number;
  /** Requests made so far, over all rounds of waiting: numbers their ids. */
  readonly requests: number;
}

export interface WaitingChat extends Common {
  readonly is: 'waiting';
  readonly since: number;
  /** Was given back: goes before those that were not. */
  readonly isFront: boolean;
  readonly ring: Ring;
}

export interface RunningChat extends Common {
  readonly is: 'running';
  readonly since: number;
  readonly waitingSince: number;
  /** Never empty, in the order of joining. */
  readonly participants: readonly StaffId[];
}

export interface EndedChat extends Common {
  readonly is: 'ended';
  readonly at: number;
  readonly why: EndReason;
  readonly waitingSince: number;
  /** Who took part when it ended. */
  readonly participants: readonly StaffId[];
}

/** A chat of the embedded helpdesk as it is kept: plain JSON. */
export type ChatState = WaitingChat | RunningChat | EndedChat;

export type Author =
  | { readonly is: 'visitor'; readonly messageId: string }
  | { readonly is: 'staff'; readonly staff: StaffId; readonly name: string }
  /** `forStaff`: what staff read, where that is not what the visitor reads. */
  | { readonly is: 'notice'; readonly forStaff?: string };

/** A line as it is kept. */
export interface ChatLine {
  readonly number: number;
  readonly id: string;
  readonly at: number;
  readonly from: Author;
  readonly text: string;
}

/** The queue's order: given back first, then who waits longest. */
export function compareWaiting(a: WaitingChat, b: WaitingChat): number {
  return Number(b.isFront) - Number(a.isFront) || a.since - b.since || (a.id < b.id ? -1 : 1);
}
