/** The composition root: the only place that knows every part. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  type Clock,
  createLifecycle,
  createMetrics,
  createOperationsServer,
  type Logger,
  type Metrics,
} from '@chat-gateway/runtime';
import { createMemoryBus } from './bus/memory-bus.ts';
import type { Edge } from './c2s/edge.ts';
import { createXmppListener } from './c2s/listener.ts';
import { TlsContexts } from './c2s/tls-contexts.ts';
import type { CertificateConfig, Config } from './config/schema.ts';
import type { Tenants } from './config/tenants.ts';
import { createSqliteCheckpoints } from './connectors/embedded/store/sqlite-checkpoints.ts';
import { openSqlite } from './connectors/embedded/store/sqlite-database.ts';
import { createSqliteStore } from './connectors/embedded/store/sqlite-store.ts';
import { createCore } from './core.ts';
import { createWebServer, type WebServer } from './web/server.ts';

export interface GatewayOptions {
  readonly config: Config & { readonly tls: CertificateConfig };
  readonly tenants: Tenants;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

export interface RunningGateway {
  /** Ports that are listened on; `null` where that listener is off. */
  readonly ports: Readonly<Record<keyof Config['listeners'], number | null>>;
  /** SHA-256 of the certificate for the gateway's own name. */
  readonly fingerprint: string;
  /** Reads certificates again, changed or not. */
  reload(): void;
  /** Drains: streams can be resumed, nothing that was acknowledged is lost. */
  stop(): Promise<void>;
}

/** What a stop may take in all. */
const STOP_WITHIN = 9_000;

function describeEdge(metrics: Metrics, edge: Edge, web: WebServer): void {
  const { stats } = edge;
  metrics.gauge({ name: 'gateway_xmpp_connections', help: 'Open XMPP connections.', read: () => stats.connections });
  metrics.gauge({
    name: 'gateway_xmpp_sessions',
    help: 'Bound sessions with a connection.',
    read: () => stats.sessions,
  });
  metrics.gauge({
    name: 'gateway_xmpp_sessions_detached',
    help: 'Sessions that wait to be resumed.',
    read: () => stats.detached,
  });
  metrics.gauge({ name: 'gateway_page_sockets', help: 'Open sockets of visitor pages.', read: () => web.sockets() });
  metrics.counter({
    name: 'gateway_xmpp_logins_total',
    help: 'Password checks by outcome.',
    label: 'outcome',
    read: () => stats.logins,
  });
  metrics.counter({
    name: 'gateway_xmpp_resumes_total',
    help: 'Stream resumptions by outcome.',
    label: 'outcome',
    read: () => stats.resumes,
  });
  metrics.counter({
    name: 'gateway_xmpp_stanzas_total',
    help: 'Stanzas by direction.',
    label: 'direction',
    read: () => ({ in: stats.stanzas.in, out: stats.stanzas.out }),
  });
  metrics.counter({
    name: 'gateway_xmpp_stream_errors_total',
    help: 'Streams that ended with an error of ours, by condition.',
    label: 'condition',
    read: () => stats.streamErrors as Readonly<Record<string, number>>,
  });
  metrics.counter({
    name: 'gateway_xmpp_dropped_total',
    help: 'Connections closed without a stream error, by cause.',
    label: 'cause',
    read: () => stats.dropped,
  });
  metrics.counter({
    name: 'gateway_handler_failures_total',
    help: 'Failures of our own while a stanza was handled.',
    read: () => stats.handlerFailures,
  });
}

/** Starts everything on this machine. Rejects with what `cli/explain-failure.ts` explains. */
export async function startGateway({ config, tenants, clock, log, version }: GatewayOptions): Promise<RunningGateway> {
  const lifecycle = createLifecycle({ clock, log });
  const random = (bytes: number): string => randomBytes(bytes).toString('hex');
  let isReady = false;
  try {
    const contexts = new TlsContexts({
      tenants,
      hostName: config.hostName,
      fallback: config.tls,
      clock,
      log,
      random: randomBytes,
    });
    lifecycle.onStop('certificates', () => {
      contexts.close();
    });

    const database = openSqlite(join(config.dataDir, 'gateway.sqlite'));
    lifecycle.onStop('store', () => database.close());
    const store = createSqliteStore(database);
    const bus = createMemoryBus({ clock, log, checkpoints: createSqliteCheckpoints(database), random });

    const { hostName, limits } = config;
    const core = await createCore({
      pod: 'this',
      hostName,
      tenants,
      bus,
      store,
      clock,
      log,
      random,
      limits,
      version,
      contexts,
    });
    lifecycle.onStop('streams and desks', () => core.stop(), 6_000);
    await bus.setTenants(tenants.list().map(({ id }) => id));
    const stopFollowing = tenants.onChange(() => {
      bus.setTenants(tenants.list().map(({ id }) => id)).catch((cause: unknown) => {
        log.error({ err: cause }, 'changed tenants could not be taken over');
      });
    });
    lifecycle.onStop('tenants', stopFollowing);

    const web = createWebServer({
      tenants,
      site: core.site,
      files: core.files,
      clock,
      log,
      limits,
      trustedProxies: config.trustedProxies,
      https: { contextFor: (serverName) => contexts.forServerName(serverName) },
    });
    lifecycle.onStop('web', () => web.close(), 5_000);
    const xmpp = createXmppListener({ edge: core.edge, log, balancers: { trusted: config.trustedProxies, clock } });
    lifecycle.onStop('XMPP ports', () => xmpp.close());

    const metrics = createMetrics({ process: true });
    describeEdge(metrics, core.edge, web);
    metrics.gauge({ name: 'gateway_tenants', help: 'Tenants that are served.', read: () => tenants.list().length });
    metrics.gauge({
      name: 'gateway_certificates_bad',
      help: 'Certificates that cannot be used: the default one is shown instead.',
      read: () => contexts.bad,
    });
    const operations = createOperationsServer({
      metrics,
      health: () => [],
      readiness: () => (isReady ? [] : ['the gateway is starting or draining']),
      log,
    });
    lifecycle.onStop('operations', () => operations.close());

    const { listeners } = config;
    const { xmpp: starttls, xmppTls: directTls } = listeners;
    const on = async (
      name: keyof Config['listeners'],
      listen: (host: string, port: number) => Promise<{ port: number }>,
    ) => {
      const { enabled, host, port } = listeners[name];
      return enabled ? (await listen(host, port)).port : null;
    };
    const ports = {
      operations: await on('operations', (host, port) => operations.listen(host, port)),
      xmpp: await on('xmpp', (host, port) =>
        xmpp.listen({ host, port, transport: 'starttls', proxyProtocol: starttls.proxyProtocol }),
      ),
      xmppTls: await on('xmppTls', (host, port) =>
        xmpp.listen({ host, port, transport: 'direct-tls', proxyProtocol: directTls.proxyProtocol }),
      ),
      web: await on('web', (host, port) => web.listen({ host, port })),
      webTls: await on('webTls', (host, port) => web.listen({ host, port, tls: true })),
    };
    lifecycle.onStop('readiness', () => {
      isReady = false;
    });
    isReady = true;
    return {
      ports,
      fingerprint: contexts.fingerprint(),
      reload: () => contexts.reload(),
      stop: () => lifecycle.stop(STOP_WITHIN),
    };
  } catch (failure) {
    await lifecycle.stop(STOP_WITHIN);
    throw failure;
  }
}
