import type { ChatId, EndReason, LineExtra, StaffId, TeamId, VisitorCard } from '../../../helpdesk/model.ts';
import type { Ring, RingOffer } from '../ring/ring.ts';

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
  /** Offers made so far, over all rounds of waiting and of running: numbers their ids. */
  readonly requests: number;
  /** What staff filed it under. */
  readonly tags?: readonly string[];
  /** Staff have seen the lines up to this number. */
  readonly seen?: number;
}

export interface WaitingChat extends Common {
  readonly is: 'waiting';
  readonly since: number;
  /** Was given back: goes before those that were not. */
  readonly isFront: boolean;
  readonly ring: Ring;
}

/** A staff user who is asked to take part in a running chat. */
export interface Invitation extends RingOffer {
  readonly kind: 'invitation' | 'transfer';
  /** Takes part; of a transfer, leaves as soon as it is accepted. */
  readonly by: StaffId;
  readonly why?: string;
  /** Of a hand-over to this team. */
  readonly team?: TeamId;
}

/** `by` wants a team to take the chat over: its members are asked until one does, or nobody is left. */
export interface HandOver {
  readonly by: StaffId;
  readonly team: TeamId;
  readonly why?: string;
  /** Who has been asked. */
  readonly asked: readonly StaffId[];
  /** Nobody is left who is there: until when those whose connection dropped are waited for. */
  readonly returnsUntil?: number;
}

export interface RunningChat extends Common {
  readonly is: 'running';
  readonly since: number;
  readonly waitingSince: number;
  /** Never empty, in the order of joining. */
  readonly participants: readonly StaffId[];
  /** Who listens in silence; none of them takes part. */
  readonly observers: readonly StaffId[];
  /** One for a staff user at most, and none for who takes part. */
  readonly invitations: readonly Invitation[];
  readonly handOver?: HandOver;
}

export interface EndedChat extends Common {
  readonly is: 'ended';
  readonly at: number;
  readonly why: EndReason;
  readonly waitingSince: number;
  /** Who took part when it ended. */
  readonly participants: readonly StaffId[];
  /** Who listened when it ended. */
  readonly observers: readonly StaffId[];
}

/** A chat of the embedded helpdesk as it is kept: plain JSON. */
export type ChatState = WaitingChat | RunningChat | EndedChat;

export type Author =
  | { readonly is: 'visitor'; readonly messageId: string }
  | { readonly is: 'staff'; readonly staff: StaffId; readonly name: string }
  /** `forStaff`: what staff read, where that is not what the visitor reads. */
  | { readonly is: 'notice'; readonly forStaff?: string };

type AboutLine = Extract<LineExtra, { readonly of: string }>;
/** As {@link LineExtra}; the line that it is about is there, and has this number. */
export type KeptExtra = Exclude<LineExtra, AboutLine> | (AboutLine & { readonly number: number });

/** What somebody says, cleaned and checked. */
export interface ChatWords {
  readonly id: string;
  readonly text: string;
  readonly ref?: string;
  readonly extra?: KeptExtra;
}

/** A line as it is kept. */
export interface ChatLine {
  readonly number: number;
  readonly id: string;
  readonly at: number;
  readonly from: Author;
  readonly text: string;
  readonly extra?: KeptExtra;
  /** The id by which its author's app knows it. */
  readonly ref?: string;
  /** Set when it is read: it was taken back since, and its text is empty. */
  readonly takenBack?: true;
}

/** A state that may have been kept before all of its fields were known. */
export function revived(kept: ChatState): ChatState {
  switch (kept.is) {
    case 'waiting':
      return kept;
    case 'running':
      return { ...kept, observers: kept.observers ?? [], invitations: kept.invitations ?? [] };
    case 'ended':
      return { ...kept, observers: kept.observers ?? [] };
  }
}

/** The queue's order: given back first, then who waits longest. */
export function compareWaiting(a: WaitingChat, b: WaitingChat): number {
  return Number(b.isFront) - Number(a.isFront) || a.since - b.since || (a.id < b.id ? -1 : 1);
}
