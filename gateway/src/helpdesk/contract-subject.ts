/** A helpdesk that a test drives and listens to: what the contract suite of the port is written with. */
import assert from 'node:assert/strict';
import { HelpdeskError, type Fault } from './errors.ts';
import type { Chat, ChatId, Line, Offer, SharedFile, StaffId, TeamId } from './model.ts';
import type { CallContext, Helpdesk, HelpdeskEvent, Snapshot, Words } from './port.ts';

/** `describe` and `it` of whichever runner. */
export interface HelpdeskRunner {
  describe(name: string, suite: () => void): void;
  it(name: string, test: () => Promise<void>): void;
}

/** A helpdesk with its visitors, as a test drives it. Nobody is online to begin with. */
export interface HelpdeskSubject {
  readonly helpdesk: Helpdesk;
  /**
   * Two members of one team, which visitors ask for, and one of another team; `observer`: may listen in the chats of
   * that team, where the helpdesk has such a permission.
   */
  readonly staff: {
    readonly first: StaffId;
    readonly second: StaffId;
    readonly other: StaffId;
    readonly observer?: StaffId;
    /** Sees every chat and may ban visitors. */
    readonly banner?: StaffId;
  };
  readonly team: TeamId;
  /** The team that `other` alone is of. */
  readonly otherTeam: TeamId;
  /** How long one staff user is asked, in milliseconds. */
  readonly ringMs: number;
  visitorAsks(question: string, visitor?: { readonly email: string }): Promise<ChatId>;
  visitorSays(chat: ChatId, text: string): Promise<void>;
  visitorEnds(chat: ChatId): Promise<void>;
  visitorTypes(chat: ChatId, on: boolean): void;
  /** Their page has shown the lines up to this number. */
  visitorSees?(chat: ChatId, line: number): void;
  /** One that staff have uploaded; absent where there are no files. */
  readonly file?: SharedFile;
  /** A visitor who found nobody; absent where this helpdesk has no such messages. */
  leavesMessage?(text: string): Promise<void>;
  /** Time goes by; what becomes due has happened when this resolves. */
  advance(ms: number): Promise<void>;
  /** The connector stops and starts again, with nothing but what is kept. */
  reopen(): Promise<Helpdesk>;
  close(): Promise<void>;
}

export type Contract = (name: string, test: (desk: Listening) => Promise<void>) => void;

/** A test each over a fresh helpdesk of its own. */
export function contractOf(runner: HelpdeskRunner, make: () => Promise<HelpdeskSubject>): Contract {
  return (name, test) => {
    runner.it(name, async () => {
      const subject = await make();
      try {
        await test(await new Listening(subject).open());
      } finally {
        await subject.close();
      }
    });
  };
}

/** A helpdesk that is listened to. */
export class Listening {
  readonly subject: HelpdeskSubject;
  readonly events: HelpdeskEvent[] = [];
  helpdesk: Helpdesk;
  snapshot: Snapshot = { teams: [], staff: [], chats: [], offers: [] };
  #calls = 0;

  constructor(subject: HelpdeskSubject) {
    this.subject = subject;
    this.helpdesk = subject.helpdesk;
  }

  async open(): Promise<this> {
    this.snapshot = await this.helpdesk.open((event) => this.events.push(event));
    return this;
  }

  async reopen(): Promise<void> {
    this.helpdesk = await this.subject.reopen();
    this.events.length = 0;
    await this.open();
  }

  call(): CallContext {
    return { id: `call-${++this.#calls}` };
  }

  words(text: string): Words {
    return { id: `line-${++this.#calls}`, text };
  }

  async online(...staff: StaffId[]): Promise<void> {
    for (const one of staff) {
      await this.helpdesk.setStatus(this.call(), one, 'online');
      // so that it is plain who has been idle for longer
      await this.subject.advance(1_000);
    }
  }

  /** A chat that the first staff user has taken. */
  async running(): Promise<ChatId> {
    const { first } = this.subject.staff;
    await this.online(first);
    const chat = await this.subject.visitorAsks('Where is my order?');
    await this.helpdesk.accept(this.call(), chat, first, this.words('Let me look.'));
    return chat;
  }

  of<Type extends HelpdeskEvent['type']>(type: Type): Extract<HelpdeskEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<HelpdeskEvent, { type: Type }> => event.type === type);
  }

  chat(id: ChatId): Chat | undefined {
    return this.of('chat').findLast((event) => event.chat.id === id)?.chat;
  }

  lines(id: ChatId): Line[] {
    return this.of('line').flatMap((event) => (event.chat === id ? [event.line] : []));
  }

  offers(id: ChatId): Offer[] {
    const over = new Set(this.of('offer-ended').map((event) => event.offer.id));
    return this.of('offer')
      .map((event) => event.offer)
      .filter((offer) => offer.chat === id && !over.has(offer.id));
  }

  offer(id: ChatId): Offer {
    const [offer] = this.offers(id);
    assert.ok(offer, 'nobody is asked');
    return offer;
  }

  endOf(offer: Offer): string | undefined {
    return this.of('offer-ended').find((event) => event.offer.id === offer.id)?.end.is;
  }
}

export function texts(lines: readonly Line[], from: Line['from']['is']): string[] {
  return lines.filter((line) => line.from.is === from).map((line) => line.text);
}

export function faulty(is: Fault['is']): (error: unknown) => boolean {
  return (error) => error instanceof HelpdeskError && error.fault.is === is;
}
