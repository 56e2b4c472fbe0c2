import type { Item, SessionId } from '../bus/messages.ts';
import type { Delivery } from '../bus/port.ts';
import type { ChatId, StaffId } from '../helpdesk/model.ts';
import { marked } from '../text/mark.ts';
import type { Call, Sequel, Verb } from './calls.ts';
import { stableId } from './stable-id.ts';
import type { AppSession } from './state.ts';

/** What one step asks for. */
export interface Outcome {
  readonly deliveries: readonly Delivery[];
  readonly calls: readonly Call[];
  readonly typing: readonly { readonly chat: ChatId; readonly staff: StaffId; readonly on: boolean }[];
  /** Lines that apps have shown. */
  readonly seen: readonly { readonly chat: ChatId; readonly staff: StaffId; readonly line: string }[];
}

/** What a command says to a visitor. */
export interface Spoken {
  readonly session: AppSession;
  readonly chat: ChatId;
  readonly text: string;
  /** Tells why it is not sent, where the command was asked. */
  readonly refuse: (why: string) => void;
}

/** One step while it runs: the time it is, and what it has asked for so far. */
export class Turn {
  readonly now: number;
  /** What caused this step: unique for good, and the same when the entry is handled again after a crash. */
  readonly cause: string;
  readonly deliveries: Delivery[] = [];
  readonly calls: Call[] = [];
  readonly typing: { readonly chat: ChatId; readonly staff: StaffId; readonly on: boolean }[] = [];
  readonly seen: { readonly chat: ChatId; readonly staff: StaffId; readonly line: string }[] = [];
  /** What commands of this step say to visitors. */
  readonly spoken: Spoken[] = [];
  #made = 0;

  constructor(now: number, cause: string) {
    this.now = now;
    this.cause = cause;
  }

  newId(): string {
    return stableId('made', this.cause, String(this.#made++));
  }

  deliver(to: readonly AppSession[] | readonly SessionId[], item: Item): void {
    if (to.length === 0) return;
    this.deliveries.push({ sessions: to.map((one) => (typeof one === 'string' ? one : one.id)), item });
  }

  /** A message of the gateway's own. */
  notice(to: readonly AppSession[], from: string, text: string): void {
    this.deliver(to, { kind: 'message', from, body: marked(text), stanzaId: this.newId(), passing: true });
  }

  /** Says a text of this staff user's to a visitor, as if it had been written in an app that does not show it yet. */
  speak(spoken: Spoken): void {
    this.spoken.push(spoken);
  }

  call(verb: Verb, sequel: Sequel = { is: 'nothing' }, id = this.newId()): void {
    this.calls.push({ id, verb, sequel });
  }
}
