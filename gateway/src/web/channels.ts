import type { Cancel, Clock } from '@chat-gateway/runtime';
import type { Ticket, VisitorSite } from '../connectors/embedded/visitor-site.ts';
import type { TenantId } from '../helpdesk/model.ts';
import { LINGER_MS, TYPING_MS } from './limits.ts';

interface Channel {
  readonly listeners: Set<() => void>;
  /** Names of those who type, with the time after which it is no longer believed. */
  readonly typing: Map<string, number>;
  readonly stop: () => void;
  lingering: Cancel | undefined;
}

/**
 * Hints about chats, shared by all sockets and waiting reads of one chat. A channel outlives its last listener a
 * little, so that a polling page misses no sign of typing between two reads.
 */
export class Channels {
  readonly #site: VisitorSite;
  readonly #clock: Clock;
  readonly #channels = new Map<string, Channel>();

  constructor(site: VisitorSite, clock: Clock) {
    this.#site = site;
    this.#clock = clock;
  }

  /** Calls back when there is something to read or somebody types; returns what stops it. */
  join(tenant: TenantId, chat: Ticket['chat'], listener: () => void): () => void {
    const key = `${tenant} ${chat}`;
    const channel = this.#channels.get(key) ?? this.#open(key, tenant, chat);
    channel.lingering?.();
    channel.lingering = undefined;
    channel.listeners.add(listener);
    return () => {
      if (!channel.listeners.delete(listener) || channel.listeners.size > 0) return;
      channel.lingering = this.#clock.after(LINGER_MS, () => {
        this.#channels.delete(key);
        channel.stop();
      });
    };
  }

  /** Names of the staff who type now. */
  typing(tenant: TenantId, chat: Ticket['chat']): readonly string[] {
    const typing = this.#channels.get(`${tenant} ${chat}`)?.typing;
    if (typing === undefined || typing.size === 0) return [];
    const now = this.#clock.monotonic();
    for (const [name, until] of typing) if (until <= now) typing.delete(name);
    return [...typing.keys()].sort();
  }

  close(): void {
    for (const channel of this.#channels.values()) {
      channel.lingering?.();
      channel.stop();
    }
    this.#channels.clear();
  }

  #open(key: string, tenant: TenantId, chat: Ticket['chat']): Channel {
    const listeners = new Set<() => void>();
    const typing = new Map<string, number>();
    const stop = this.#site.watch(tenant, chat, (hint) => {
      if (hint.type === 'typing') {
        if (hint.on) typing.set(hint.name, this.#clock.monotonic() + TYPING_MS);
        else typing.delete(hint.name);
      }
      for (const listener of [...listeners]) listener();
    });
    const channel: Channel = { listeners, typing, stop, lingering: undefined };
    this.#channels.set(key, channel);
    return channel;
  }
}
