import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock, Logger } from '@chat-gateway/runtime';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Tenants } from '../config/tenants.ts';
import type { VisitorSite } from '../connectors/embedded/visitor-site.ts';
import { BODY_BYTES, DRAIN_MS, SIGNALS, SOCKETS, SOCKETS_PER_ADDRESS, SOCKETS_PER_TICKET } from './limits.ts';
import { isOwnOrigin } from './origin.ts';
import type { Peer } from './peer.ts';
import { Buckets, Slots } from './rates.ts';
import { PageSocket, type SocketHost } from './page-socket.ts';
import { Refusal } from './refusal.ts';
import { tenantNamed } from './tenant-of.ts';
import type { Visits } from './visits.ts';

export interface SocketsDeps {
  readonly tenants: Tenants;
  readonly site: VisitorSite;
  readonly visits: Visits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly peerOf: (request: IncomingMessage) => Peer;
  readonly headers: Readonly<Record<string, string>>;
}

const PATH = /^\/api\/([^/?#]{1,512})\/socket$/u;
/** How often sockets are looked at: their pings, repairs and silences need no timers of their own. */
const ROUND_MS = 1_000;

function refuse(socket: Duplex, refusal: Refusal, headers: Readonly<Record<string, string>>): void {
  const body = JSON.stringify(refusal.body);
  const lines = [
    `HTTP/1.1 ${refusal.status} Refused`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.on('error', () => undefined);
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** The pages' sockets: who may open one, and what they all share. */
export class Sockets {
  readonly #deps: SocketsDeps;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: BODY_BYTES,
    perMessageDeflate: false,
  });
  readonly #open = new Set<PageSocket>();
  readonly #perTicket = new Slots(SOCKETS_PER_TICKET);
  readonly #perAddress = new Slots(SOCKETS_PER_ADDRESS, SOCKETS);
  readonly #signals: Buckets;
  #closing = false;
  #stopRounds: () => void = () => undefined;

  constructor(deps: SocketsDeps) {
    this.#deps = deps;
    this.#signals = new Buckets(deps.clock, SIGNALS);
    this.#round();
  }

  get count(): number {
    return this.#open.size;
  }

  /** Takes an upgrade request, or refuses it in plain HTTP. */
  upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const peer = this.#deps.peerOf(request);
    try {
      const tenant = this.#admit(request, peer);
      const release = this.#perAddress.take(peer.addressKey);
      if (release === undefined) {
        throw new Refusal('too-fast', 'There are too many open pages.', { retryAfterMs: 30_000 });
      }
      duplex.once('close', release);
      this.#server.handleUpgrade(request, duplex, head, (socket: WebSocket) => {
        const page = new PageSocket(socket, { tenant, peer, host: this.#host() });
        this.#open.add(page);
        socket.once('close', () => {
          this.#open.delete(page);
        });
      });
    } catch (error) {
      if (!(error instanceof Refusal)) this.#deps.log.error({ err: error }, 'a page could not open its socket');
      refuse(duplex, error instanceof Refusal ? error : new Refusal('failed', 'Try again.'), this.#deps.headers);
    }
  }

  /** Tells every page to come back to another gateway, or to this one once it is up again. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stopRounds();
    const closed = [...this.#open].map((page) => page.restart());
    const late = new Promise<void>((resolve) => {
      this.#deps.clock.after(DRAIN_MS, resolve);
    });
    await Promise.race([Promise.all(closed), late]);
    for (const page of this.#open) page.cut();
  }

  #admit(request: IncomingMessage, peer: Peer) {
    const [, domain] = PATH.exec(request.url ?? '') ?? [];
    if (domain === undefined) throw new Refusal('not-found', 'There is no such address.');
    if (request.method !== 'GET') throw new Refusal('wrong-method', 'A socket is opened with GET.');
    const tenant = tenantNamed(this.#deps.tenants, domain);
    if (!isOwnOrigin(request.headers.origin, peer, tenant)) {
      throw new Refusal('foreign-origin', 'Only the chat page itself may do this.');
    }
    if (tenant === undefined) throw new Refusal('not-found', 'There is no such helpdesk.');
    if (this.#closing) throw new Refusal('closing', 'The gateway is closing.', { retryAfterMs: 2_000 });
    return tenant;
  }

  #host(): SocketHost {
    return {
      site: this.#deps.site,
      visits: this.#deps.visits,
      clock: this.#deps.clock,
      log: this.#deps.log,
      takeTicketSlot: (key) => this.#perTicket.take(key),
      maySignal: (key) => this.#signals.take(key) === 0,
      tenantExists: (id) => this.#deps.tenants.get(id) !== undefined,
    };
  }

  #round(): void {
    this.#stopRounds = this.#deps.clock.after(ROUND_MS, () => {
      for (const page of this.#open) page.round();
      this.#round();
    });
  }
}
