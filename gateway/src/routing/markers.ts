import type { Cancel, Clock } from '@chat-gateway/runtime';
import type { Session } from '../c2s/session.ts';
import { MARKER_WINDOW } from './limits.ts';

const CONTACTS_PER_SESSION = 100;

interface Contact {
  since: number;
  last: string;
  held: (() => void) | undefined;
  cancel: Cancel | undefined;
}

const memory = Symbol('markers');

/** Thins out markers: the newest counts for those before it, so what is over waits for the end of the window. */
export class Markers {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  heard(session: Session, key: string, of: string, pass: (of: string) => void): void {
    const contacts = contactsOf(session);
    const now = this.#clock.monotonic();
    const contact = contacts.get(key);
    if (contact === undefined) {
      const [oldest] = contacts;
      if (contacts.size >= CONTACTS_PER_SESSION && oldest !== undefined) {
        oldest[1].cancel?.();
        contacts.delete(oldest[0]);
      }
      contacts.set(key, { since: now, last: of, held: undefined, cancel: undefined });
      pass(of);
      return;
    }
    if (of === contact.last) return;
    contact.last = of;
    const rest = contact.since + MARKER_WINDOW - now;
    if (rest <= 0) {
      contact.since = now;
      pass(of);
      return;
    }
    contact.held = () => {
      pass(of);
    };
    contact.cancel ??= this.#clock.after(rest, () => {
      contact.since = this.#clock.monotonic();
      contact.cancel = undefined;
      contact.held?.();
      contact.held = undefined;
    });
  }

  closed(session: Session): void {
    for (const { cancel } of (session.memory.get(memory) as Map<string, Contact> | undefined)?.values() ?? [])
      cancel?.();
    session.memory.delete(memory);
  }
}

function contactsOf(session: Session): Map<string, Contact> {
  const known = session.memory.get(memory) as Map<string, Contact> | undefined;
  if (known !== undefined) return known;
  const made = new Map<string, Contact>();
  session.memory.set(memory, made);
  return made;
}
