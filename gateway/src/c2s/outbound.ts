import type { OutboxEntry } from '../bus/port.ts';
import { after, isUpTo } from './stream-management.ts';

/** Something to write, in order. */
export type Unit =
  /** counted; `entry` where it is stored */
  | { readonly is: 'stanza'; readonly text: string; readonly entry?: OutboxEntry }
  /** an entry that this app has nothing to see of: proved with what was written before it */
  | { readonly is: 'blank'; readonly entry: OutboxEntry }
  /** counted; learns which number was the last one before it */
  | { readonly is: 'ping'; readonly text: string; readonly ping: { covers: number } }
  | { readonly is: 'nonza'; readonly text: string }
  /** counting begins with what follows [XEP-0198 §4] */
  | { readonly is: 'enabled'; readonly text: string };

export interface Batch {
  readonly text: string;
  /** Entries that have got their numbers: these are noted before the text is written. */
  readonly entries: readonly OutboxEntry[];
}

interface Unproved {
  readonly entry: OutboxEntry;
  readonly characters: number;
}

/** Shared by all streams that have nothing waiting: never changed. */
const NO_UNITS: Unit[] = [];
const NO_ENTRIES: OutboxEntry[] = [];
const NONE: Unproved[] = [];

/** What waits to be written to one stream, and what of it the app has not proved that it got. */
export class Outbound {
  #units = NO_UNITS;
  /** In the order of their numbers; those that wait to be written have none. */
  #unproved = NONE;
  #characters = 0;
  /** Number of the last stanza written, or about to be. */
  written = 0;

  push(unit: Unit): void {
    if (this.#units.length === 0) this.#units = [unit];
    else this.#units.push(unit);
    if ((unit.is !== 'stanza' && unit.is !== 'blank') || unit.entry === undefined) return;
    const characters = unit.is === 'stanza' ? unit.text.length : 0;
    const unproved = { entry: unit.entry, characters };
    // of one, nearly always: an array that `push` makes has room for seventeen
    if (this.#unproved.length === 0) this.#unproved = [unproved];
    else this.#unproved.push(unproved);
    this.#characters += characters;
  }

  get isEmpty(): boolean {
    return this.#units.length === 0;
  }

  /** Entries that are written or about to be, and not proved. */
  get unprovedEntries(): number {
    return this.#unproved.length;
  }

  get unprovedCharacters(): number {
    return this.#characters;
  }

  /** Some of them are written. */
  get hasWritten(): boolean {
    return this.#unproved[0]?.entry.number !== undefined;
  }

  /** Numbers all that waits and makes one text of it. */
  take(): Batch {
    const units = this.#units;
    this.#units = NO_UNITS;
    let text = '';
    let entries: OutboxEntry[] = NO_ENTRIES;
    for (const unit of units) {
      if (unit.is !== 'blank') text += unit.text;
      if (unit.is === 'ping') unit.ping.covers = this.written;
      if (unit.is === 'stanza' || unit.is === 'ping') this.written = after(this.written);
      if (unit.is === 'enabled') this.#begin();
      if ((unit.is !== 'stanza' && unit.is !== 'blank') || unit.entry === undefined) continue;
      unit.entry.number = this.written;
      if (entries.length === 0) entries = [unit.entry];
      else entries.push(unit.entry);
    }
    return { text, entries };
  }

  /** The app has got everything up to this number. */
  proved(number: number): void {
    let count = 0;
    for (const { entry, characters } of this.#unproved) {
      if (entry.number === undefined || !isUpTo(entry.number, number)) break;
      this.#characters -= characters;
      count++;
    }
    if (count === this.#unproved.length) this.#unproved = NONE;
    else if (count > 0) this.#unproved.splice(0, count);
  }

  /** A new connection: the app has got everything up to `h`, and what follows is pushed again. */
  restart(h: number): void {
    this.#units = NO_UNITS;
    this.#unproved = NONE;
    this.#characters = 0;
    this.written = h;
  }

  /** Whoever counts has got what came before: it has the number 0. */
  #begin(): void {
    this.written = 0;
    for (const { entry } of this.#unproved) if (entry.number !== undefined) entry.number = 0;
  }
}
