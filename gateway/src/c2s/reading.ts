import type { Duplex } from 'node:stream';
import type { Clock } from '@chat-gateway/runtime';
import { leave, listen } from './owner.ts';
import { ANSWER_TIME, BYTES_BURST, BYTES_PER_SECOND, SILENCE, STANZA_TIME, TLS_OVERHEAD } from './limits.ts';

/** Why nothing is read now. */
export type Halt =
  /** too much of this app is not stored yet */
  | 'session'
  /** a login or a bind is being decided */
  | 'hold'
  /** too many bytes in a second */
  | 'rate';

/** Shared: most streams are never halted again after their bind. */
const RUNNING: readonly Halt[] = [];
const NOBODY: readonly ((heard: boolean) => void)[] = [];

export type Liveness =
  | { readonly is: 'well'; readonly until: number }
  | { readonly is: 'to-be-asked'; readonly until: number }
  | { readonly is: 'dead' }
  /** a stanza that began long ago has not ended */
  | { readonly is: 'stuck' };

export interface Reader {
  /** Bytes came; true when an element ended, or the stream. */
  read(chunk: Uint8Array): boolean;
  /** Nothing should be read for so many milliseconds. */
  rest(ms: number): void;
}

/** What comes from an app, by time: how much, when last, and whether we want more now. Times are monotonic. */
export class Reading {
  readonly #clock: Clock;
  readonly #reader: Reader;
  #duplex: Duplex | undefined;
  /** Bytes that may still come at once, and when that was worked out. Whole numbers: they are part of this object. */
  #credit = BYTES_BURST;
  #credited: number;
  #halts = RUNNING;
  #listeners = NOBODY;
  #heard: number;
  /** When the app was asked whether it is there. */
  #asked: number | undefined;
  /** When an element began that has not ended. */
  #unfinished: number | undefined;
  /** Bytes of the stream that have come. */
  #bytes = 0;
  /** What had come when floods were looked for last, under TLS and above it. */
  #seenBelow = 0;
  #seenAbove = 0;

  constructor(clock: Clock, reader: Reader) {
    const now = Math.floor(clock.monotonic());
    this.#clock = clock;
    this.#reader = reader;
    this.#heard = now;
    this.#credited = now;
  }

  listen(duplex: Duplex): void {
    this.#duplex = duplex;
    listen(duplex);
    // it was paused where somebody has looked at its first octets
    if (!this.isHalted) duplex.resume();
  }

  /** What comes from now on is somebody else's. */
  leave(): void {
    if (this.#duplex !== undefined) leave(this.#duplex);
    this.#duplex = undefined;
  }

  halt(reason: Halt): void {
    if (!this.#halts.includes(reason)) this.#halts = [...this.#halts, reason];
    this.#duplex?.pause();
  }

  goOn(reason: Halt): void {
    if (!this.#halts.includes(reason)) return;
    const left = this.#halts.filter((one) => one !== reason);
    this.#halts = left.length === 0 ? RUNNING : left;
    if (left.length === 0) this.#duplex?.resume();
  }

  /** Bytes came. */
  heard(chunk: Uint8Array): void {
    const now = Math.floor(this.#clock.monotonic());
    this.#heard = now;
    this.#bytes += chunk.length;
    if (this.#asked !== undefined) this.#asked = undefined;
    if (this.#listeners.length > 0) this.#tell(true);
    const rest = this.#take(chunk.length, now);
    if (rest > 0) this.#reader.rest(rest);
    // white space between stanzas keeps a connection alive, a stanza that never ends does not
    if (this.#reader.read(chunk)) {
      if (this.#unfinished !== undefined) this.#unfinished = undefined;
    } else if (chunk.length > 1 || (chunk[0] ?? 0) > 0x20) this.#unfinished ??= now;
  }

  /** How many milliseconds it takes until none is owed: a burst may be overdrawn once, and is paid back in time. */
  #take(bytes: number, now: number): number {
    const elapsed = now - this.#credited;
    if (elapsed > 0) {
      this.#credit = Math.min(BYTES_BURST, this.#credit + Math.floor((elapsed * BYTES_PER_SECOND) / 1_000));
      this.#credited = now;
    }
    this.#credit -= bytes;
    return this.#credit >= 0 ? 0 : (-this.#credit / BYTES_PER_SECOND) * 1_000;
  }

  /**
   * Key updates and the like are seen by nobody above TLS; that many of them come from no app. `below`: bytes that have
   * come under TLS. Looked at now and then.
   */
  isTlsFlooded(below: number): boolean {
    const [more, moreAbove] = [below - this.#seenBelow, this.#bytes - this.#seenAbove];
    this.#seenBelow = below;
    this.#seenAbove = this.#bytes;
    return more - TLS_OVERHEAD.perByte * moreAbove > TLS_OVERHEAD.bytes;
  }

  get isHalted(): boolean {
    return this.#halts.length > 0;
  }

  /** Whether anything comes within `ms`. Of an app that we do not read nothing can be said: it counts as there. */
  hearsWithin(ms: number): Promise<boolean> {
    if (this.isHalted) return Promise.resolve(true);
    return new Promise((resolve) => {
      const listener = (heard: boolean): void => {
        cancel();
        resolve(heard);
      };
      const cancel = this.#clock.after(ms, () => {
        this.#listeners = this.#listeners.filter((one) => one !== listener);
        resolve(false);
      });
      this.#listeners = [...this.#listeners, listener];
    });
  }

  liveness(now: number): Liveness {
    if (this.#unfinished !== undefined && now - this.#unfinished >= STANZA_TIME) return { is: 'stuck' };
    // what we do not read is no silence of the app
    if (this.isHalted) this.#heard = now;
    if (now - this.#heard < SILENCE) return { is: 'well', until: this.#heard + SILENCE };
    if (this.#asked === undefined) {
      this.#asked = now;
      return { is: 'to-be-asked', until: now + ANSWER_TIME };
    }
    if (now - this.#asked < ANSWER_TIME) return { is: 'well', until: this.#asked + ANSWER_TIME };
    return { is: 'dead' };
  }

  /** Nothing that comes matters any more. */
  end(): void {
    this.#halts = RUNNING;
    this.#tell(false);
    // what comes now is not looked at, but the end of it is
    this.#duplex?.resume();
  }

  #tell(heard: boolean): void {
    if (this.#listeners.length === 0) return;
    const listeners = this.#listeners;
    this.#listeners = NOBODY;
    for (const listener of listeners) listener(heard);
  }
}
