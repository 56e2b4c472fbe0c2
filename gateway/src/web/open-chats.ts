import type { Clock } from '@chat-gateway/runtime';

const MOST_CHATS = 200_000;

/**
 * Chats that are open, by the address that their page was last heard from. A chat counts until it has ended or
 * its page has been silent for as long as the tenant lets it live; a restart forgets them until they are heard.
 */
export class OpenChats {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #chats = new Map<string, { addressKey: string; until: number }>();
  readonly #byAddress = new Map<string, Set<string>>();

  constructor(clock: Clock, mostPerAddress: number) {
    this.#clock = clock;
    this.#most = mostPerAddress;
  }

  /** True when this address may start one more. */
  hasRoom(addressKey: string): boolean {
    const chats = this.#byAddress.get(addressKey);
    if (chats === undefined || chats.size < this.#most) return true;
    const now = this.#clock.monotonic();
    for (const chat of chats) if ((this.#chats.get(chat)?.until ?? 0) <= now) this.forget(chat);
    return (this.#byAddress.get(addressKey)?.size ?? 0) < this.#most;
  }

  heard(chat: string, addressKey: string, livesMs: number): void {
    const until = this.#clock.monotonic() + livesMs;
    const known = this.#chats.get(chat);
    if (known !== undefined && known.addressKey === addressKey) {
      known.until = until;
      return;
    }
    this.forget(chat);
    if (this.#chats.size >= MOST_CHATS) {
      const oldest = this.#chats.keys().next();
      if (!oldest.done) this.forget(oldest.value);
    }
    this.#chats.set(chat, { addressKey, until });
    const chats = this.#byAddress.get(addressKey);
    if (chats === undefined) this.#byAddress.set(addressKey, new Set([chat]));
    else chats.add(chat);
  }

  forget(chat: string): void {
    const known = this.#chats.get(chat);
    if (known === undefined) return;
    this.#chats.delete(chat);
    const chats = this.#byAddress.get(known.addressKey);
    chats?.delete(chat);
    if (chats?.size === 0) this.#byAddress.delete(known.addressKey);
  }
}
