import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Logger } from '@chat-gateway/runtime';
import type { Limits } from '../config/schema.ts';
import type { Tenants } from '../config/tenants.ts';
import type { VisitorSite } from '../connectors/embedded/visitor-site.ts';
import type { Files } from '../helpdesk/files.ts';
import { createApp } from './app.ts';
import { COMMON_HEADERS, NO_PAGE_POLICY } from './headers.ts';
import { CONNECTIONS, DRAIN_MS, HEADER_BYTES, HTTP_TIMES, type HttpTimes } from './limits.ts';
import { OpenChats } from './open-chats.ts';
import { peerReader } from './peer.ts';
import { Sockets } from './sockets.ts';
import { secureConnections, type WebCertificates } from './tls.ts';
import { Visits } from './visits.ts';

export interface WebServerDeps {
  readonly tenants: Tenants;
  readonly site: VisitorSite;
  /** Absent: no files come or go. */
  readonly files?: Files;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: Limits;
  /** Addresses (CIDR) of proxies whose `X-Forwarded-*` is believed. */
  readonly trustedProxies: readonly string[];
  /** Needed to listen with TLS. */
  readonly https?: WebCertificates;
  readonly times?: HttpTimes;
}

export interface ListenOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tls?: boolean;
}

/** The visitors' side of the gateway: page, widget, calls and sockets. */
export interface WebServer {
  /** May be called more than once (http, https). Rejects when the port cannot be had. */
  listen(options: ListenOptions): Promise<{ readonly host: string; readonly port: number }>;
  /** Open sockets of pages. */
  sockets(): number;
  /** Pages are told to come back; resolves within 5 s, when nothing is open any more. */
  close(): Promise<void>;
}

/** Said once: behind such a proxy all visitors are one, and share one visitor's limits. */
const UNTRUSTED_PROXY =
  'X-Forwarded-For comes from an address that is not in trustedProxies and is ignored: if a proxy of yours is there, add it';

/** Answers what is not even HTTP, or not in time, and closes. Nothing of what was sent is repeated. */
function refuseBadClient(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = {
    HPE_INVALID_METHOD: '405 Method Not Allowed',
    HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
    ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  }[error.code ?? ''];
  const headers = Object.entries({ ...COMMON_HEADERS, 'Content-Security-Policy': NO_PAGE_POLICY });
  const lines = headers.map(([name, value]) => `${name}: ${value}`).join('\r\n');
  socket.end(
    `HTTP/1.1 ${status ?? '400 Bad Request'}\r\nConnection: close\r\nContent-Length: 0\r\nAllow: GET, HEAD, POST\r\n${lines}\r\n\r\n`,
  );
}

export function createWebServer(deps: WebServerDeps): WebServer {
  const { tenants, site, clock, log, limits } = deps;
  const times = deps.times ?? HTTP_TIMES;
  let isWarned = false;
  const peerOf = peerReader(deps.trustedProxies, () => {
    if (!isWarned) log.warn({}, UNTRUSTED_PROXY);
    isWarned = true;
  });
  const openChats = new OpenChats(clock, limits.visitorOpenChats);
  const visits = new Visits(site, clock, openChats);
  const socketHeaders = { ...COMMON_HEADERS, 'Cache-Control': 'no-store', 'Content-Security-Policy': NO_PAGE_POLICY };
  const sockets = new Sockets({ tenants, site, visits, clock, log, peerOf, headers: socketHeaders });
  const uploading = new WeakSet<Duplex>();
  const files = deps.files && { files: deps.files };
  const app = createApp({ tenants, site, ...files, visits, openChats, clock, log, limits, peerOf, uploading });
  const servers: Server[] = [];
  const cutHandshakes: (() => void)[] = [];

  const serve = (handler: RequestListener, tls: boolean): Server => {
    const server = createServer(
      {
        headersTimeout: times.headersMs,
        requestTimeout: times.requestMs,
        keepAliveTimeout: times.keepAliveMs,
        connectionsCheckingInterval: times.checkMs,
        maxHeaderSize: HEADER_BYTES,
        insecureHTTPParser: false,
        noDelay: true,
      },
      handler,
    );
    server.maxConnections = CONNECTIONS;
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      // a file has deadlines of its own; told once for each request
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && uploading.has(socket)) return;
      refuseBadClient(error, socket);
    });
    server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
      sockets.upgrade(request, duplex, head);
    });
    server.on('connect', (_request: IncomingMessage, duplex: Duplex) => {
      refuseBadClient(Object.assign(new Error('CONNECT'), { code: 'HPE_INVALID_METHOD' }), duplex);
    });
    if (tls) {
      if (deps.https === undefined) throw new Error('there are no certificates to listen with');
      cutHandshakes.push(secureConnections(server, deps.https, clock));
    }
    return server;
  };

  return {
    async listen({ host, port, tls = false }) {
      await app.ready();
      const server = serve((request, response) => {
        app.routing(request, response);
      }, tls);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port, backlog: 1_024 }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      server.on('error', (error) => {
        log.error({ err: error }, 'the web listener failed');
      });
      servers.push(server);
      const address = server.address() as AddressInfo;
      return { host: address.address, port: address.port };
    },

    sockets: () => sockets.count,

    async close() {
      const closed = servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => {
              resolve();
            });
            server.closeIdleConnections();
          }),
      );
      for (const cutAll of cutHandshakes) cutAll();
      visits.drain();
      const cut = clock.after(DRAIN_MS, () => {
        for (const cutAll of cutHandshakes) cutAll();
        for (const server of servers) server.closeAllConnections();
      });
      await sockets.close();
      for (const server of servers) server.closeIdleConnections();
      await Promise.all(closed);
      cut();
      visits.channels.close();
      await app.close();
    },
  };
}
