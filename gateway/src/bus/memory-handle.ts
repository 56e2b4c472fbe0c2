/** A session in memory, and the side of it that its edge holds. */
import type { Cancel } from '@chat-gateway/runtime';
import type { Item } from './messages.ts';
import type { Soon } from './soon.ts';
import {
  type OutboxEntry,
  type SessionHandle,
  type SessionReceiver,
  type SessionRecord,
  SupersededError,
} from './port.ts';
import type { KeptEntry } from './undelivered.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A session, as long as there is one. */
export interface Live {
  record: Mutable<SessionRecord>;
  /** Whom items go to now. */
  receiver: SessionReceiver | undefined;
  /** Who had the session last: hears of its end. */
  holder: SessionReceiver | undefined;
  outbox: KeptEntry[];
  characters: number;
  sequence: number;
  windowEnds: Cancel | undefined;
  /** The count that is stored, and the one that is being stored. */
  stored: number | undefined;
  storing: { readonly handled: number; readonly done: Promise<void> } | undefined;
  /** What the session that this one took the place of has left: for when the app says that it is there. */
  inherited: Item[];
  isGiving: boolean;
  /** There is no such session any more. */
  isOver: boolean;
}

/** Characters that an item counts for where what waits is limited. */
export function weight(item: Item): number {
  switch (item.kind) {
    case 'message':
      return item.body.length + 200;
    case 'stanza':
      return item.xml.length;
    default:
      return 200;
  }
}

/** Field by field: this runs with every burst that is written. */
function take(record: Mutable<SessionRecord>, change: Parameters<SessionHandle['note']>[0]): void {
  const { handled, written, availability, carbons, resumption } = change;
  if (handled !== undefined) record.handled = handled;
  if (written !== undefined) record.written = written;
  if (availability !== undefined) record.availability = availability;
  if (carbons !== undefined) record.carbons = carbons;
  if (resumption !== undefined) record.resumption = resumption;
}

/** What the handles of all sessions have in common. */
export interface Holders {
  keep(live: Live, item: Item): OutboxEntry;
  noted(live: Live, change: Parameters<SessionHandle['note']>[0]): Soon<void>;
  detach(live: Live, ms: number): void;
  proved(live: Live): void;
  close(live: Live): void;
}

/** Shared by all outboxes that are empty: never changed. */
export const NOTHING: KeptEntry[] = [];

/** Good for one claim: there is one for each idle session, so it has no closures of its own. */
export class Handle implements SessionHandle {
  readonly #live: Live;
  readonly #holders: Holders;
  readonly #epoch: number;

  constructor(live: Live, holders: Holders) {
    this.#live = live;
    this.#holders = holders;
    this.#epoch = live.record.epoch;
  }

  get record(): SessionRecord {
    return this.#live.record;
  }

  get #isCurrent(): boolean {
    return this.#live.record.epoch === this.#epoch && !this.#live.isOver;
  }

  add(item: Item): OutboxEntry {
    if (!this.#isCurrent) throw new SupersededError();
    return this.#holders.keep(this.#live, item);
  }

  note(change: Parameters<SessionHandle['note']>[0]): Soon<void> {
    if (!this.#isCurrent) return Promise.reject(new SupersededError());
    take(this.#live.record, change);
    try {
      return this.#holders.noted(this.#live, change);
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  proved(isProved: (entry: OutboxEntry) => boolean): readonly OutboxEntry[] {
    const live = this.#live;
    const { outbox } = live;
    if (outbox.length === 0) return NOTHING;
    let proved = outbox;
    // an app that acknowledges what it was asked about has all of it
    if (outbox.every(isProved)) {
      live.outbox = NOTHING;
      live.characters = 0;
    } else {
      proved = [];
      const left: KeptEntry[] = [];
      for (const entry of outbox) (isProved(entry) ? proved : left).push(entry);
      if (proved.length === 0) return NOTHING;
      live.outbox = left;
      live.characters = left.reduce((sum, entry) => sum + weight(entry.item), 0);
    }
    this.#holders.proved(live);
    return proved;
  }

  pending(): readonly OutboxEntry[] {
    return this.#live.outbox;
  }

  detach(ms: number): void {
    if (!this.#isCurrent || !this.#live.record.attached) return;
    this.#live.receiver = undefined;
    this.#live.record.attached = false;
    this.#holders.detach(this.#live, ms);
  }

  close(): void {
    if (this.#isCurrent) this.#holders.close(this.#live);
  }
}
