import type { Clock, Logger } from '@chat-gateway/runtime';
import type { ChatId, TenantId } from '../helpdesk/model.ts';
import { MemoryDesks } from './memory-desks.ts';
import { MemorySessions } from './memory-sessions.ts';
import type { Bus, ChatHint, Checkpoints } from './port.ts';

export interface MemoryBusDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly checkpoints: Checkpoints;
  /** Hexadecimal digits of as many random bytes. */
  readonly random: (bytes: number) => string;
  /** Copies what travels, as a bus between processes would: proves that it is plain data. */
  readonly copy?: <T>(value: T) => T;
}

/**
 * The bus of one process: any number of pods may join it. It stores nothing itself, so an entry counts as
 * stored when its desk has handled it and what it asked for is committed.
 */
export function createMemoryBus(deps: MemoryBusDeps): Bus {
  const copy = deps.copy ?? (<T>(value: T): T => value);
  const watchers = new Map<string, Set<(hint: ChatHint) => void>>();
  const watched = (tenant: TenantId, chat: ChatId): string => `${tenant}\0${chat}`;
  const sessions = new MemorySessions({ ...deps, put: (entry) => desks.put(entry) });
  const desks = new MemoryDesks({
    ...deps,
    copy,
    sessionsOf: (tenant) => sessions.ofTenant(tenant),
    deliver: (deliveries) => {
      sessions.deliverAll(copy(deliveries));
    },
  });
  return {
    put: (entry) => desks.put(entry),
    signal: (tenant, signal) => {
      desks.signal(tenant, signal);
    },
    sessions,
    join: (pod, host) => desks.join(pod, host),
    setTenants: async (tenants) => {
      const exists = new Set(tenants);
      sessions.dropTenants((tenant) => exists.has(tenant));
      await desks.setTenants(tenants);
    },
    wake: (tenant, chat, hint) => {
      for (const listener of [...(watchers.get(watched(tenant, chat)) ?? [])]) listener(hint);
    },
    watch: (tenant, chat, listener) => {
      const key = watched(tenant, chat);
      const listeners = watchers.get(key) ?? new Set();
      watchers.set(key, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && watchers.get(key) === listeners) watchers.delete(key);
      };
    },
  };
}
