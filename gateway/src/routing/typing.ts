import type { Cancel, Clock } from '@chat-gateway/runtime';
import type { ChatState } from '../bus/messages.ts';
import type { Session } from '../c2s/session.ts';

/** One window of {@link TYPING_WINDOW} ms lets so many chat states of an app to one contact through. */
export const TYPING_WINDOW = 2_000;
const OTHERS_PER_WINDOW = 2;
const CONTACTS_PER_SESSION = 100;

type Pass = (state: ChatState) => void;

interface Contact {
  since: number;
  composing: number;
  others: number;
  last: ChatState | undefined;
  held: { state: ChatState; pass: Pass } | undefined;
  cancel: Cancel | undefined;
}

const memory = Symbol('typing');

/**
 * Thins out chat states: per contact at most one `composing` and two others in 2 s; of what is over that the
 * last one counts, when the window ends. So nobody is shown typing who has stopped, and a flood costs nothing.
 */
export class Typing {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #contacts(session: Session): Map<string, Contact> {
    const known = session.memory.get(memory) as Map<string, Contact> | undefined;
    if (known !== undefined) return known;
    const made = new Map<string, Contact>();
    session.memory.set(memory, made);
    return made;
  }

  #contact(session: Session, key: string): Contact {
    const contacts = this.#contacts(session);
    const known = contacts.get(key);
    if (known !== undefined) return known;
    if (contacts.size >= CONTACTS_PER_SESSION) {
      const [oldest] = contacts;
      if (oldest !== undefined) {
        oldest[1].cancel?.();
        contacts.delete(oldest[0]);
      }
    }
    const made: Contact = {
      since: Number.NEGATIVE_INFINITY,
      composing: 0,
      others: 0,
      last: undefined,
      held: undefined,
      cancel: undefined,
    };
    contacts.set(key, made);
    return made;
  }

  /** A chat state came; `pass` is called with those that go on, now or at the end of the window. */
  heard(session: Session, key: string, state: ChatState, pass: Pass): void {
    if (session.tenant.config.lab) {
      pass(state);
      return;
    }
    const contact = this.#contact(session, key);
    const now = this.#clock.monotonic();
    if (now - contact.since >= TYPING_WINDOW) {
      contact.since = now;
      contact.composing = 0;
      contact.others = 0;
    } else if (contact.held === undefined && state === contact.last) return;
    const full = state === 'composing' ? contact.composing > 0 : contact.others >= OTHERS_PER_WINDOW;
    if (contact.held !== undefined || full) {
      contact.held = { state, pass };
      contact.cancel ??= this.#clock.after(contact.since + TYPING_WINDOW - now, () => {
        this.#release(contact);
      });
      return;
    }
    if (state === 'composing') contact.composing++;
    else contact.others++;
    contact.last = state;
    pass(state);
  }

  #release(contact: Contact): void {
    const { held } = contact;
    contact.cancel = undefined;
    contact.held = undefined;
    if (held === undefined || held.state === contact.last) return;
    contact.since = this.#clock.monotonic();
    contact.composing = held.state === 'composing' ? 1 : 0;
    contact.others = held.state === 'composing' ? 0 : 1;
    contact.last = held.state;
    held.pass(held.state);
  }

  /** A text was sent: whatever was held back before it is over. */
  said(session: Session, key: string): void {
    const contact = (session.memory.get(memory) as Map<string, Contact> | undefined)?.get(key);
    if (contact === undefined) return;
    contact.cancel?.();
    contact.cancel = undefined;
    contact.held = undefined;
    contact.last = undefined;
  }

  closed(session: Session): void {
    for (const contact of this.#contacts(session).values()) contact.cancel?.();
    session.memory.delete(memory);
  }
}
