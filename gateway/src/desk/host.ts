/** The shell round the desks of one pod: runs their steps, stores what they change, and makes their calls. */
import type { Clock, Logger } from '@chat-gateway/runtime';
import type { Act, DeskSignal, InboxEntry } from '../bus/messages.ts';
import { BusUnavailableError, BusyError, type DeskHost, type DeskSeat } from '../bus/port.ts';
import type { Tenant, Tenants } from '../config/tenants.ts';
import type { TenantId } from '../helpdesk/model.ts';
import type { Helpdesk } from '../helpdesk/port.ts';
import { abilitiesOf } from './abilities.ts';
import { PENDING } from './limits.ts';
import { openDesk, type OpenDesk } from './open-desk.ts';
import type { Settings } from './state.ts';

export interface DeskHostDeps {
  /** Called once each time a desk starts: the one it gets is opened and closed by the desk. */
  readonly helpdesk: (tenant: TenantId) => Helpdesk;
  readonly tenants: Tenants;
  readonly clock: Clock;
  /** So many random bytes, hexadecimal. */
  readonly random: (bytes: number) => string;
  readonly log: Logger;
}

function settingsOf(tenant: Tenant, helpdesk: Helpdesk): Settings {
  const { domain, visitorsDomain, config } = tenant;
  return {
    place: { domain, visitorsDomain, ...(config.timeZone === undefined ? {} : { timeZone: config.timeZone }) },
    windowClose: { enabled: config.windowClose.enabled, grace: config.windowClose.graceSeconds * 1_000 },
    can: abilitiesOf(helpdesk),
    off: new Set(config.commands.off),
    canned: config.canned.texts,
    ...(config.publicUrl === undefined ? {} : { filesAt: new URL('/files/', config.publicUrl).href }),
  };
}

/** What people and pages do may have to wait; what happened to a connection has happened. */
function mayWait({ type }: Act): boolean {
  return type === 'message' || type === 'site';
}

export function createDeskHost({ helpdesk, tenants, clock, random, log }: DeskHostDeps): DeskHost {
  const desks = new Map<TenantId, OpenDesk>();
  /** The helpdesk that each desk was opened with. */
  const ports = new Map<TenantId, Helpdesk>();
  /** Desks that have turned something away, until half of what they may have pending is done. */
  const full = new WeakSet<OpenDesk>();
  const starts = new Map<TenantId, { readonly abort: AbortController; readonly done: Promise<OpenDesk> }>();

  tenants.onChange(({ changed }) => {
    for (const { after } of changed) {
      const port = ports.get(after.id);
      if (port !== undefined) desks.get(after.id)?.configure(settingsOf(after, port));
    }
  });

  function open(tenant: TenantId, seat: DeskSeat, signal: AbortSignal): Promise<OpenDesk> {
    const known = tenants.get(tenant);
    if (known === undefined) return Promise.reject(new BusUnavailableError('no such tenant'));
    const port = helpdesk(tenant);
    ports.set(tenant, port);
    const settings = settingsOf(known, port);
    return openDesk({ helpdesk: port, seat, settings, clock, random, log: log.child({ tenant }), signal });
  }

  return {
    async start(tenant: TenantId, seat: DeskSeat) {
      const abort = new AbortController();
      const start = { abort, done: open(tenant, seat, abort.signal) };
      starts.set(tenant, start);
      try {
        desks.set(tenant, await start.done);
      } finally {
        if (starts.get(tenant) === start) starts.delete(tenant);
      }
    },

    async stop(tenant: TenantId) {
      const start = starts.get(tenant);
      start?.abort.abort();
      await start?.done.catch(() => undefined);
      const desk = desks.get(tenant);
      desks.delete(tenant);
      ports.delete(tenant);
      await desk?.close();
    },

    handle(entry: InboxEntry) {
      const desk = desks.get(entry.tenant);
      if (desk === undefined) return Promise.reject(new BusUnavailableError('no desk here'));
      const { calls, bytes } = desk.pending;
      const { act } = entry;
      if (mayWait(act) && (calls >= PENDING.calls || bytes >= PENDING.bytes)) {
        full.add(desk);
        if (act.type === 'message') desk.full(act.session);
        return Promise.reject(new BusyError('too much is pending'));
      }
      if (calls < PENDING.calls / 2 && bytes < PENDING.bytes / 2 && full.delete(desk)) desk.full(undefined);
      return desk.handle(entry);
    },

    signal(tenant: TenantId, signal: DeskSignal) {
      desks.get(tenant)?.signal(signal);
    },
  };
}
