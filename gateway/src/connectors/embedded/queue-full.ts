import type { HelpdeskEvent } from '../../helpdesk/port.ts';
import type { Floor } from './floor.ts';

/** Share of the places that must be taken at most before it is said that there are some again. */
const HAS_ROOM = 0.9;

/** Tells when as many chats wait as may, and when some more may again: not with every place that comes and goes. */
export class QueueFull {
  readonly #places: number;
  /** As it was told. */
  #isFull = false;

  constructor(places: number) {
    this.#places = places;
  }

  news({ chats }: Floor): readonly HelpdeskEvent[] {
    let waiting = 0;
    for (const chat of chats.values()) if (chat.is === 'waiting') waiting++;
    const isFull = this.#isFull ? waiting > Math.floor(this.#places * HAS_ROOM) : waiting >= this.#places;
    // with few places a tenth of them is none
    const isNews = isFull !== this.#isFull && (isFull || waiting < this.#places);
    if (!isNews) return [];
    this.#isFull = isFull;
    return [{ type: 'queue-full', on: isFull }];
  }
}
