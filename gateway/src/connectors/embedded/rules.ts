import type { TenantConfig } from '../../config/schema.ts';
import type { RingRules } from './ring/ring.ts';

/** The numbers and switches of one tenant's helpdesk. */
export interface Rules {
  readonly ring: RingRules;
  readonly awayMinutes: number;
  readonly idleMinutes: number;
  readonly banDays: number;
}

export function rulesOf({ helpdesk }: TenantConfig): Rules {
  const { ring, visitorAwayMinutes, idleMinutes, banDays } = helpdesk;
  return {
    ring: {
      strategy: ring.strategy,
      ringMs: ring.seconds * 1_000,
      passes: ring.passes,
      maxChats: ring.maxChats,
      openQueueMs: ring.openQueueSeconds * 1_000,
    },
    awayMinutes: visitorAwayMinutes,
    idleMinutes,
    banDays,
  };
}
