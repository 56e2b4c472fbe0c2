import type { Clock } from '@chat-gateway/runtime';
import { ANSWER_TIME, BYTES_BURST, BYTES_PER_SECOND, SILENCE, STANZA_TIME } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

/** Why nothing is read now. */
export type Halt =
  /** too much of this app is not stored yet */
  | 'session'
  /** a login or a bind is being decided */
  | 'hold'
  /** too many bytes in a second */
  | 'rate';

export type Liveness =
  | { readonly is: 'well'; readonly until: number }
  | { readonly is: 'to-be-asked'; readonly until: number }
  | { readonly is: 'dead' }
  /** a stanza that began long ago has not ended */
  | { readonly is: 'stuck' };

/** What comes from an app, by time: how much, when last, and whether we want more now. Times are monotonic. */
export class Reading {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #halts = new Set<Halt>();
  #listeners: ((heard: boolean) => void)[] = [];
  #heard: number;
  /** When the app was asked whether it is there. */
  #asked: number | undefined;
  /** When an element began that has not ended. */
  #unfinished: number | undefined;

  constructor(clock: Clock) {
    const now = clock.monotonic();
    this.#clock = clock;
    this.#heard = now;
    this.#bucket = new TokenBucket(BYTES_PER_SECOND, BYTES_BURST, now);
  }

  /** Bytes came. Returns for how long nothing more should be read. */
  heard(bytes: number): number {
    const now = this.#clock.monotonic();
    this.#heard = now;
    this.#asked = undefined;
    this.#tell(true);
    return this.#bucket.take(bytes, now);
  }

  /** An element ended, or none did. */
  progressed(finished: boolean): void {
    if (finished) this.#unfinished = undefined;
    else this.#unfinished ??= this.#clock.monotonic();
  }

  halt(reason: Halt): void {
    this.#halts.add(reason);
  }

  /** True when this was a reason. */
  goOn(reason: Halt): boolean {
    return this.#halts.delete(reason);
  }

  get isHalted(): boolean {
    return this.#halts.size > 0;
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
      this.#listeners.push(listener);
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

  /** Nothing more will come. */
  end(): void {
    this.#halts.clear();
    this.#tell(false);
  }

  #tell(heard: boolean): void {
    if (this.#listeners.length === 0) return;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener(heard);
  }
}
