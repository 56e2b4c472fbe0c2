import type { Duplex } from 'node:stream';
import type { Clock, Logger } from '@chat-gateway/runtime';
import type { SessionId } from '../bus/messages.ts';
import type { Bus } from '../bus/port.ts';
import type { Limits } from '../config/schema.ts';
import type { Tenant, Tenants } from '../config/tenants.ts';
import type { StaffId, TenantId } from '../helpdesk/model.ts';
import type { Logins } from '../helpdesk/port.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { Closures } from './closures.ts';
import { Connection } from './connection.ts';
import type { ConnectionInfo, ConnectionServices } from './connection-services.ts';
import { addressKey, ConnectionLimits } from './connection-limits.ts';
import { Deadlines } from './deadlines.ts';
import { Flusher } from './flusher.ts';
import { Handshakes } from './handshakes.ts';
import { delay } from './hold.ts';
import type { SessionLayer } from './session.ts';
import { type EdgeStats, newStats } from './stats.ts';
import type { StreamSession } from './stream-session.ts';
import { LoginThrottle } from './throttle.ts';
import type { TlsContexts } from './tls-contexts.ts';

export interface EdgeDeps {
  readonly pod: string;
  /** The gateway's own host name. */
  readonly hostName: string;
  readonly tenants: Tenants;
  readonly logins: (tenant: Tenant) => Logins;
  readonly bus: Bus;
  readonly layer: SessionLayer;
  readonly clock: Clock;
  /** Hexadecimal digits of so many random bytes. */
  readonly random: (bytes: number) => string;
  readonly log: Logger;
  readonly limits: Limits;
  /** Without them only connections that are `secured` already get anywhere. */
  readonly contexts?: TlsContexts;
}

/** The XMPP side of one pod: connections, and the sessions that they have or had. */
export interface Edge {
  /** Takes over a connection, for good. */
  accept(duplex: Duplex, info: ConnectionInfo): void;
  /** Ends all streams of a staff user here, and their resumption: removed, disabled, or with another password. */
  closeStaff(tenant: TenantId, staff: StaffId, error?: StreamError): void;
  /** The same for all of a tenant. */
  closeTenant(tenant: TenantId, error?: StreamError): void;
  /**
   * Closes all connections within about `ms` without a stream error, so that apps resume elsewhere; what is accepted
   * from now on is closed at once. Resolves when all are closed, at the latest a second later.
   */
  drain(ms?: number): Promise<void>;
  readonly stats: Readonly<EdgeStats>;
}

/** A lab's accounts are limited by the connections of a tenant alone. */
const MOST_RESOURCES_OF_LABS = Number.MAX_SAFE_INTEGER;
const DRAIN_BATCHES = 20;
/** Then the apps have had the time to close their side. */
const DRAIN_REST = 1_000;

export function createEdge(deps: EdgeDeps): Edge {
  const { clock, tenants } = deps;
  const stats = newStats();
  const sessions = new Map<SessionId, StreamSession>();
  const connections = new Set<Connection>();
  let isDraining = false;
  let allClosed: (() => void) | undefined;
  const limits = new ConnectionLimits(deps.limits);
  const closures = new Closures(clock);
  const services: ConnectionServices = {
    ...deps,
    contexts: deps.contexts,
    limits,
    closures,
    stats,
    maxResources: (id) => (tenants.get(id)?.config.lab ? MOST_RESOURCES_OF_LABS : deps.limits.resourcesPerAccount),
    throttle: new LoginThrottle(clock),
    deadlines: new Deadlines(clock),
    handshakes: new Handshakes(),
    flusher: new Flusher(),
    token: deps.random,
    tenant: (domain) => tenants.find(domain),
    sessionOf: (id) => sessions.get(id),
    keep: (session) => {
      sessions.set(session.id, session);
    },
    over: (session) => {
      sessions.delete(session.id);
    },
    closed: (connection) => {
      connections.delete(connection);
      stats.connections = connections.size;
      if (connections.size === 0) allClosed?.();
    },
  };
  const end = (isMeant: (tenant: TenantId, staff: StaffId) => boolean, error: StreamError): void => {
    for (const connection of [...connections]) {
      const { account } = connection;
      if (account !== undefined && isMeant(account.tenant, account.staff)) connection.close(error, true);
    }
    for (const session of [...sessions.values()]) if (isMeant(session.record.tenant, session.staff)) session.logout();
  };
  const closeTenant = (tenant: TenantId, error = new StreamError('host-gone', 'This address is gone.')): void => {
    closures.note(tenant);
    end((one) => one === tenant, error);
  };
  tenants.onChange(({ removed }) => {
    for (const { id } of removed) closeTenant(id);
  });

  return {
    stats,
    accept(duplex, info) {
      const key = addressKey(info.remoteAddress);
      if (isDraining || !limits.takeAddress(key)) {
        if (!isDraining) stats.refusedConnections++;
        duplex.on('error', () => undefined);
        duplex.destroy();
        return;
      }
      const connection = new Connection(services, duplex, info, key);
      connections.add(connection);
      stats.connections = connections.size;
      connection.start(info);
    },
    closeStaff(tenant, staff, error = new StreamError('not-authorized', 'Please log in again.')) {
      closures.note(tenant, staff);
      end((ofTenant, one) => ofTenant === tenant && one === staff, error);
    },
    closeTenant,
    async drain(ms = 3_000) {
      isDraining = true;
      const all = [...connections];
      const size = Math.ceil(all.length / DRAIN_BATCHES);
      for (let at = 0; at < all.length; at += size) {
        for (const connection of all.slice(at, at + size)) connection.release();
        const jitter = Number.parseInt(deps.random(1), 16) / 255;
        if (at + size < all.length) await delay(clock, (ms / DRAIN_BATCHES) * (0.5 + jitter));
      }
      if (connections.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      allClosed = resolve;
      const cancel = clock.after(DRAIN_REST, () => {
        for (const connection of [...connections]) connection.abandon();
      });
      await promise;
      cancel();
    },
  };
}
