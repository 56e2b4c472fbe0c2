import type { SessionId } from '../bus/messages.ts';
import type { Fault } from '../helpdesk/errors.ts';
import type { Ban, ChatId, LeftMessage, Line, Note, Offer, StaffId, StaffStatus, TeamId } from '../helpdesk/model.ts';
import type { Successor, Words } from '../helpdesk/port.ts';

/** What a desk asks of its helpdesk. */
export type Verb =
  | { readonly is: 'accept'; readonly chat: ChatId; readonly staff: StaffId; readonly words: Words }
  | { readonly is: 'say'; readonly chat: ChatId; readonly staff: StaffId; readonly words: Words }
  | { readonly is: 'end'; readonly chat: ChatId; readonly staff: StaffId }
  | { readonly is: 'leave'; readonly chat: ChatId; readonly staff: StaffId }
  | { readonly is: 'join'; readonly chat: ChatId; readonly staff: StaffId; readonly words?: Words }
  | { readonly is: 'observe'; readonly chat: ChatId; readonly staff: StaffId; readonly on: boolean }
  | {
      readonly is: 'invite';
      readonly chat: ChatId;
      readonly staff: StaffId;
      readonly whom: StaffId;
      readonly why?: string;
    }
  | {
      readonly is: 'transfer';
      readonly chat: ChatId;
      readonly staff: StaffId;
      readonly to: Successor;
      readonly why?: string;
    }
  | { readonly is: 'note'; readonly chat: ChatId; readonly staff: StaffId; readonly text: string }
  | { readonly is: 'notes'; readonly chat: ChatId }
  | { readonly is: 'tag'; readonly chat: ChatId; readonly staff: StaffId; readonly tags: readonly string[] }
  | { readonly is: 'push'; readonly chat: ChatId; readonly staff: StaffId; readonly words: Words }
  | { readonly is: 'ban'; readonly chat: ChatId; readonly staff: StaffId; readonly why?: string }
  | { readonly is: 'bans'; readonly limit: number }
  | { readonly is: 'lift-ban'; readonly staff: StaffId; readonly ban: string }
  | { readonly is: 'mail'; readonly chat: ChatId; readonly staff: StaffId; readonly address: string }
  | { readonly is: 'decline'; readonly offer: Offer; readonly why: 'declined' | 'unseen' }
  | {
      readonly is: 'set-status';
      readonly staff: StaffId;
      readonly status: StaffStatus;
      readonly text?: string;
      /** Their connection dropped, and may come back. */
      readonly mayReturn?: true;
    }
  | { readonly is: 'give-back'; readonly staff: StaffId }
  | { readonly is: 'receive'; readonly chat?: ChatId; readonly input: unknown }
  | { readonly is: 'mark-done'; readonly message: string; readonly teams: readonly TeamId[] }
  | { readonly is: 'history'; readonly chat: ChatId; readonly after: number; readonly limit: number }
  | { readonly is: 'left-messages'; readonly teams: readonly TeamId[]; readonly limit: number };

/** An app's message on its way to the helpdesk. */
export interface Said {
  readonly session: SessionId;
  readonly app: string;
  /** The stanza's id, to refuse it or to give a receipt for it. */
  readonly of?: string;
  readonly receipt?: true;
  /** Known again when the app sends it once more. */
  readonly fingerprint?: string;
  readonly line: string;
}

/** What happens with the answer. */
export type Sequel =
  | { readonly is: 'nothing' }
  | { readonly is: 'said'; readonly said: Said }
  | { readonly is: 'status'; readonly told: string }
  | { readonly is: 'absence'; readonly stage: Stage }
  | { readonly is: 'feed' }
  /** the last lines, for those who are asked into a chat */
  | { readonly is: 'context'; readonly offer: string; readonly sessions: readonly SessionId[] }
  | { readonly is: 'window' }
  | {
      readonly is: 'command';
      readonly command: string;
      readonly session: SessionId;
      readonly chat?: ChatId;
      readonly rest: string;
      /** The message that it came in, where that is known again. */
      readonly fingerprint?: string;
      /** Asked in a menu: the answer goes there. */
      readonly ask?: string;
    }
  /** the bans, for an app's list of who is blocked */
  | { readonly is: 'blocked'; readonly session: SessionId; readonly ask: string };

/** How far an absence has gone: nothing yet, the helpdesk was told, the chats were given back. */
export type Stage = 'away' | 'offline' | 'given-back';

export interface Call {
  /** The same when it is made again. */
  readonly id: string;
  readonly verb: Verb;
  readonly sequel: Sequel;
}

export type Result =
  | {
      readonly is: 'done';
      readonly lines?: readonly Line[];
      readonly messages?: readonly LeftMessage[];
      readonly notes?: readonly Note[];
      readonly bans?: readonly Ban[];
    }
  | { readonly is: 'fault'; readonly fault: Fault };

/** Calls with the same queue are made one after the other; those without one are reads, made at once. */
export function queueOf(verb: Verb): string | undefined {
  switch (verb.is) {
    case 'accept':
    case 'say':
    case 'end':
    case 'leave':
    case 'join':
    case 'observe':
    case 'invite':
    case 'transfer':
    case 'note':
    case 'tag':
    case 'push':
    case 'ban':
      return `chat ${verb.chat}`;
    case 'mail':
      return `mail ${verb.chat}`;
    case 'lift-ban':
      return `ban ${verb.ban}`;
    case 'decline':
      return `chat ${verb.offer.chat}`;
    case 'receive':
      return verb.chat === undefined ? undefined : `chat ${verb.chat}`;
    case 'set-status':
    case 'give-back':
      return `staff ${verb.staff}`;
    case 'mark-done':
      return `message ${verb.message}`;
    case 'history':
    case 'left-messages':
    case 'notes':
    case 'bans':
      return undefined;
  }
}

/** What it takes while it is pending, roughly. */
export function sizeOf(verb: Verb): number {
  if (verb.is === 'accept' || verb.is === 'say' || verb.is === 'join') return 400 + 2 * (verb.words?.text.length ?? 0);
  if (verb.is === 'note') return 400 + 2 * verb.text.length;
  return verb.is === 'receive' ? 4_096 : 400;
}
