import type { ChatId, StaffId } from '../helpdesk/model.ts';
import type { SessionId } from '../bus/messages.ts';

/** What a desk looks at again at a time of its own. */
export type Due =
  /** an app that has not asked for its roster gets its contacts' presence anyway */
  | { readonly is: 'contacts'; readonly session: SessionId }
  /** no app has proved that it got this offer */
  | { readonly is: 'unseen'; readonly chat: ChatId; readonly offer: string }
  | { readonly is: 'absence'; readonly staff: StaffId }
  /** a closed window's time of grace is over */
  | { readonly is: 'window'; readonly chat: ChatId; readonly staff: StaffId }
  | { readonly is: 'typing'; readonly chat: ChatId; readonly staff: StaffId }
  /** an ended chat need not be known any longer */
  | { readonly is: 'forget'; readonly chat: ChatId };

interface Entry {
  readonly at: number;
  readonly due: Due;
}

/** Absolute times, one per thing that is due. */
export class Deadlines {
  readonly #entries = new Map<string, Entry>();
  #next: number | undefined;

  /** Replaces what was set for the same thing. */
  set(due: Due, at: number): void {
    const key = keyOf(due);
    this.#drop(key);
    this.#entries.set(key, { at, due });
    if (this.#next !== undefined) this.#next = Math.min(this.#next, at);
    else if (this.#entries.size === 1) this.#next = at;
  }

  clear(due: Due): void {
    this.#drop(keyOf(due));
  }

  has(due: Due): boolean {
    return this.#entries.has(keyOf(due));
  }

  /** The earliest time, if anything is due at all. */
  next(): number | undefined {
    if (this.#next === undefined)
      for (const { at } of this.#entries.values()) this.#next = Math.min(this.#next ?? at, at);
    return this.#next;
  }

  /** Takes out what is due, in the order of time. */
  takeDue(now: number): readonly Due[] {
    if ((this.next() ?? Infinity) > now) return [];
    const due = Array.from(this.#entries).filter(([, entry]) => entry.at <= now);
    for (const [key] of due) this.#drop(key);
    return due.sort(([, a], [, b]) => a.at - b.at).map(([, entry]) => entry.due);
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    if (entry !== undefined && entry.at === this.#next) this.#next = undefined;
  }
}

function keyOf(due: Due): string {
  switch (due.is) {
    case 'contacts':
      return `contacts ${due.session}`;
    case 'unseen':
      return `unseen ${due.offer}`;
    case 'absence':
      return `absence ${due.staff}`;
    case 'window':
      return `window ${due.chat} ${due.staff}`;
    case 'typing':
      return `typing ${due.chat} ${due.staff}`;
    case 'forget':
      return `forget ${due.chat}`;
  }
}
