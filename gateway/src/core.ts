import type { Clock, Logger } from '@chat-gateway/runtime';
import type { Bus } from './bus/port.ts';
import { createEdge, type Edge } from './c2s/edge.ts';
import type { TlsContexts } from './c2s/tls-contexts.ts';
import type { Limits } from './config/schema.ts';
import type { Tenant, TenantChanges, Tenants } from './config/tenants.ts';
import { createEmbeddedArchive } from './connectors/embedded/archive.ts';
import { HashingQueue } from './connectors/embedded/staff/hashing.ts';
import { createEmbeddedFiles } from './connectors/embedded/files/files.ts';
import { createEmbeddedHelpdesk, type EmbeddedHelpdesk } from './connectors/embedded/helpdesk.ts';
import { createEmbeddedLogins } from './connectors/embedded/staff/logins.ts';
import { createLab } from './connectors/embedded/staff/lab.ts';
import { LabTenants } from './connectors/embedded/staff/lab-tenants.ts';
import { createVisitorSite } from './connectors/embedded/visitor/site.ts';
import type { EmbeddedStore } from './connectors/embedded/store/port.ts';
import { staffIdOf } from './connectors/embedded/staff/usernames.ts';
import type { VisitorSite } from './connectors/embedded/visitor-site.ts';
import { createDeskHost } from './desk/host.ts';
import { createSessionLayer } from './features/layer.ts';
import type { Files } from './helpdesk/files.ts';
import type { StaffId, TenantId } from './helpdesk/model.ts';
import type { Helpdesk, Logins } from './helpdesk/port.ts';

export interface CoreDeps {
  /** Name of this gateway among those that share the bus. */
  readonly pod: string;
  /** The gateway's own host name. */
  readonly hostName: string;
  readonly tenants: Tenants;
  readonly bus: Bus;
  readonly store: EmbeddedStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Hexadecimal digits of as many random bytes. */
  readonly random: (bytes: number) => string;
  readonly limits: Limits;
  readonly version: string;
  /** Absent where connections come already secured. */
  readonly contexts?: TlsContexts;
  /** Looks at every password check on its way. */
  readonly wrapLogins?: (logins: Logins) => Logins;
}

/** A gateway without its ports: edge, desks and visitor site, on a bus. */
export interface Core {
  readonly edge: Edge;
  readonly site: VisitorSite;
  readonly files: Files;
  /** Streams are moved off over `drainMs` milliseconds, desks handed over. */
  stop(drainMs?: number): Promise<void>;
}

/** Staff whose account is gone or changed in a way that ends what was opened with it. */
export function staffToClose(before: Tenant, after: Tenant): StaffId[] {
  const now = new Map(after.config.helpdesk.staff.map((staff) => [staffIdOf(staff), staff]));
  return before.config.helpdesk.staff.flatMap((staff) => {
    const id = staffIdOf(staff);
    const same = now.get(id);
    const isClosed = same === undefined || (same.disabled && !staff.disabled) || same.hash !== staff.hash;
    return isClosed ? [id] : [];
  });
}

export async function createCore(deps: CoreDeps): Promise<Core> {
  const { pod, bus, store, clock, log, random, limits } = deps;
  const tenants = await LabTenants.open({ tenants: deps.tenants, store, log });
  const hashing = new HashingQueue();
  const files = createEmbeddedFiles({ store: store.files, tenants, clock, log, random });
  const lab = createLab({ tenants, store, hashing });
  const logins = new Map<TenantId, Logins>();
  const helpdesks = new Map<TenantId, EmbeddedHelpdesk>();

  const loginsOf = (tenant: Tenant): Logins => {
    let own = logins.get(tenant.id);
    if (own === undefined) {
      own = createEmbeddedLogins({
        tenant: tenant.id,
        config: () => (tenants.get(tenant.id) ?? tenant).config,
        hashing,
      });
      own = deps.wrapLogins?.(own) ?? own;
      logins.set(tenant.id, own);
    }
    return own;
  };
  const helpdeskOf = (id: TenantId): Helpdesk => {
    const tenant = tenants.get(id);
    if (tenant === undefined) throw new Error(`no tenant ${id}`);
    const helpdesk = createEmbeddedHelpdesk({
      tenant: id,
      config: tenant.config,
      store,
      clock,
      random,
      log: log.child({ tenant: id }),
      limits,
      files,
      wake: (chat, hint) => {
        bus.wake(id, chat, hint);
      },
    });
    helpdesks.set(id, helpdesk);
    return helpdesk;
  };

  const archive = createEmbeddedArchive(store);
  const layer = createSessionLayer({ bus, clock, log, version: deps.version, lab, files, archiveOf: () => archive });
  const edge = createEdge({
    pod,
    hostName: deps.hostName,
    tenants,
    logins: loginsOf,
    bus,
    layer,
    clock,
    random,
    log,
    limits,
    ...(deps.contexts === undefined ? {} : { contexts: deps.contexts }),
  });
  const follow = ({ changed, removed }: TenantChanges): void => {
    for (const { before, after } of changed) {
      helpdesks
        .get(after.id)
        ?.reconfigure(after.config)
        .catch((cause: unknown) => {
          log.error({ tenant: after.id, err: cause }, 'a changed configuration could not be taken over');
        });
      for (const staff of staffToClose(before, after)) {
        edge.closeStaff(after.id, staff);
      }
    }
    for (const tenant of removed) {
      logins.delete(tenant.id);
      helpdesks.delete(tenant.id);
    }
  };
  // before the desks follow: what a helpdesk can do may come of its configuration
  const stopFollowing = tenants.onChange(follow);
  const leave = await bus.join(pod, createDeskHost({ helpdesk: helpdeskOf, tenants, clock, log, random }));

  return {
    edge,
    files,
    site: createVisitorSite({ bus, store, tenants, clock, random, log, limits, files }),
    async stop(drainMs) {
      stopFollowing();
      tenants.close();
      files.close();
      await edge.drain(drainMs);
      await leave();
    },
  };
}
