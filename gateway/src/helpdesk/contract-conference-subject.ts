/** Several staff in one chat, as the contract suite drives them. */
import assert from 'node:assert/strict';
import { type Contract, type Listening, texts } from './contract-subject.ts';
import type { ChatId, Offer, StaffId } from './model.ts';
import type { Successor } from './port.ts';

type Verb = 'invite' | 'transfer' | 'join' | 'observe';

/** A chat that `first` has taken, with everybody online, and the verbs about it. */
export class Conference {
  readonly desk: Listening;
  readonly chat: ChatId;

  constructor(desk: Listening, chat: ChatId) {
    this.desk = desk;
    this.chat = chat;
  }

  static async open(desk: Listening): Promise<Conference> {
    const chat = await desk.running();
    const { second, other, observer } = desk.subject.staff;
    await desk.online(second, other, ...(observer === undefined ? [] : [observer]));
    return new Conference(desk, chat);
  }

  invite(by: StaffId, whom: StaffId, why?: string, call = this.desk.call()): Promise<void> {
    return this.desk.helpdesk.invite?.(call, this.chat, by, whom, why) ?? assert.fail('it does not invite');
  }

  transfer(by: StaffId, to: Successor, why?: string, call = this.desk.call()): Promise<void> {
    return this.desk.helpdesk.transfer?.(call, this.chat, by, to, why) ?? assert.fail('it does not transfer');
  }

  join(staff: StaffId, text?: string, call = this.desk.call()): Promise<void> {
    const words = text === undefined ? undefined : this.desk.words(text);
    return this.desk.helpdesk.join?.(call, this.chat, staff, words) ?? assert.fail('nobody joins it');
  }

  observe(staff: StaffId, on: boolean, call = this.desk.call()): Promise<void> {
    return this.desk.helpdesk.observe?.(call, this.chat, staff, on) ?? assert.fail('nobody observes it');
  }

  accept(staff: StaffId, text: string): Promise<void> {
    return this.desk.helpdesk.accept(this.desk.call(), this.chat, staff, this.desk.words(text));
  }

  say(staff: StaffId, text: string): Promise<void> {
    return this.desk.helpdesk.say(this.desk.call(), this.chat, staff, this.desk.words(text));
  }

  decline(offer: Offer, why: 'declined' | 'unseen' = 'declined'): Promise<void> {
    return this.desk.helpdesk.decline(this.desk.call(), offer, why);
  }

  leave(staff: StaffId): Promise<void> {
    return this.desk.helpdesk.leave(this.desk.call(), this.chat, staff);
  }

  end(staff: StaffId): Promise<void> {
    return this.desk.helpdesk.end(this.desk.call(), this.chat, staff);
  }

  get offers(): Offer[] {
    return this.desk.offers(this.chat);
  }

  get offer(): Offer {
    return this.desk.offer(this.chat);
  }

  get participants(): readonly StaffId[] | undefined {
    return this.desk.chat(this.chat)?.participants;
  }

  get observers(): readonly StaffId[] | undefined {
    return this.desk.chat(this.chat)?.observers;
  }

  async texts(from: 'staff' | 'notice'): Promise<string[]> {
    return texts(await this.desk.helpdesk.history(this.chat, 0, 100), from);
  }

  /** What the visitor could have read of it since. */
  async linesSince(count: number): Promise<number> {
    return (await this.desk.helpdesk.history(this.chat, 0, 100)).length - count;
  }
}

export const person = (staff: StaffId): Successor => ({ is: 'staff', staff });

/** A test for helpdesks with these verbs. */
export type Where = (verbs: readonly Verb[], name: string, test: (conference: Conference) => Promise<void>) => void;

export function whereOf(contract: Contract): Where {
  return (verbs, name, test) => {
    contract(name, async (desk) => {
      const { helpdesk } = desk;
      if (!verbs.every((verb) => helpdesk[verb] !== undefined)) return;
      await test(await Conference.open(desk));
    });
  };
}
