import type { Clock, Logger } from '@chat-gateway/runtime';
import type { RawData, WebSocket } from 'ws';
import type { Tenant } from '../config/tenants.ts';
import type { VisitorSite } from '../connectors/embedded/visitor-site.ts';
import type { TenantId } from '../helpdesk/model.ts';
import { fill, helloMessage, socketMessage } from './forms.ts';
import { BUFFERED_BYTES, HELLO_MS, PING_MS, REPAIR_MS, SILENCE_MS, WRITE_MS } from './limits.ts';
import type { Peer } from './peer.ts';
import { NO_SUCH_CHAT, Refusal, refusalOf } from './refusal.ts';
import { readJson } from './strict-json.ts';
import { readTicket, ticketKey } from './ticket.ts';
import type { Visit, Visits } from './visits.ts';

/** What sockets share. */
export interface SocketHost {
  readonly site: VisitorSite;
  readonly visits: Visits;
  readonly clock: Clock;
  readonly log: Logger;
  takeTicketSlot(key: string): (() => void) | undefined;
  maySignal(key: string): boolean;
  tenantExists(id: TenantId): boolean;
}

/** Close codes of our own (4000–4999, RFC 6455 §7.4.2) say what HTTP's status of the same number says. */
const CLOSE = { over: 1000, notText: 1003, policy: 1008, failed: 1011, restart: 1012 } as const;

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

/**
 * One page's socket. The page says hello with its ticket and the number of the last line it has; from then on it
 * is sent what is new, read from the store by number, one frame at a time and none before the last one is out.
 */
export class PageSocket {
  readonly #socket: WebSocket;
  readonly #host: SocketHost;
  readonly #tenant: Tenant;
  readonly #peer: Peer;
  #visit: Visit | undefined;
  #key = '';
  #leave: () => void = () => undefined;
  #after = 0;
  #version = '';
  #pushing = false;
  #again = false;
  /** Of the write that is under way. */
  #writingSince: number | undefined;
  readonly #since: number;
  #answeredAt: number;
  #pingedAt: number;
  #readAt = 0;

  constructor(socket: WebSocket, page: { tenant: Tenant; peer: Peer; host: SocketHost }) {
    this.#socket = socket;
    this.#host = page.host;
    this.#tenant = page.tenant;
    this.#peer = page.peer;
    this.#since = this.#answeredAt = this.#pingedAt = page.host.clock.monotonic();
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    socket.on('pong', () => {
      this.#alive();
    });
    // a frame that breaks RFC 6455 closes the socket with its code; nothing more is to be done here
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#leave();
    });
  }

  /** Called every second. */
  round(): void {
    const now = this.#host.clock.monotonic();
    if (this.#socket.readyState !== this.#socket.OPEN) {
      if (now - this.#answeredAt > SILENCE_MS) this.cut();
      return;
    }
    if (!this.#host.tenantExists(this.#tenant.id)) this.#close(4404, NO_SUCH_CHAT);
    else if (this.#visit === undefined) {
      if (now - this.#since > HELLO_MS) this.#close(CLOSE.policy, 'no hello');
    } else if (now - this.#answeredAt > SILENCE_MS) this.cut();
    else if (this.#writingSince !== undefined && now - this.#writingSince > WRITE_MS) this.cut();
    else {
      if (now - this.#pingedAt >= PING_MS) {
        this.#pingedAt = now;
        this.#socket.ping();
      }
      if (now - this.#readAt >= REPAIR_MS) this.#push();
    }
  }

  /** Resolves when the socket is closed. */
  restart(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('close', () => {
        resolve();
      });
      this.#close(CLOSE.restart, 'come back');
    });
  }

  cut(): void {
    this.#socket.terminate();
  }

  #alive(): void {
    this.#answeredAt = this.#host.clock.monotonic();
    if (this.#visit !== undefined) this.#host.visits.heard(this.#visit);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.#close(CLOSE.notText, 'text only');
      return;
    }
    try {
      const message = readJson(bytesOf(data));
      if (this.#visit === undefined) this.#hello(message);
      else this.#hear(this.#visit, message);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #hello(message: unknown): void {
    const hello = fill(helloMessage, message);
    const ticket = readTicket(hello.ticket);
    if (ticket === undefined) throw new Refusal('no-ticket', 'This needs the ticket of a chat.');
    this.#key = ticketKey(ticket);
    const release = this.#host.takeTicketSlot(this.#key);
    if (release === undefined) throw new Refusal('too-fast', 'This chat is open in too many pages.');
    this.#socket.once('close', release);
    const visit: Visit = { tenant: this.#tenant, ticket, peer: this.#peer };
    this.#visit = visit;
    this.#after = hello.after;
    this.#pushing = true;
    this.#greet(visit).catch((error: unknown) => {
      this.#refuse(error);
    });
  }

  async #greet(visit: Visit): Promise<void> {
    await this.#host.visits.read(visit, this.#after);
    this.#alive();
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#leave = this.#host.visits.channels.join(visit.tenant.id, visit.ticket.chat, () => {
      this.#push();
    });
    this.#pushing = false;
    this.#push();
  }

  #hear(visit: Visit, message: unknown): void {
    if (!this.#host.maySignal(this.#key)) throw new Refusal('too-fast', 'Too many messages.');
    const said = fill(socketMessage, message);
    this.#alive();
    const { site } = this.#host;
    if (said.type === 'typing') site.typing(visit.tenant.id, visit.ticket, said.on);
    // what was not sent yet cannot have been seen
    else if (said.type === 'seen') site.seen?.(visit.tenant.id, visit.ticket, Math.min(said.line, this.#after));
    else if (this.#socket.bufferedAmount < BUFFERED_BYTES) this.#socket.send('{"type":"alive"}');
  }

  /** Sends what is new; asked again while it does, it looks once more. */
  #push(): void {
    if (this.#visit === undefined) return;
    if (this.#pushing) {
      this.#again = true;
      return;
    }
    this.#pushing = true;
    this.#pushAll(this.#visit)
      .catch((error: unknown) => {
        this.#refuse(error);
      })
      .finally(() => {
        this.#pushing = false;
        // asked again after the last look
        if (this.#again && this.#socket.readyState === this.#socket.OPEN) this.#push();
      });
  }

  async #pushAll(visit: Visit): Promise<void> {
    do {
      this.#again = false;
      this.#readAt = this.#host.clock.monotonic();
      const frame = await this.#host.visits.read(visit, this.#after);
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      if (frame.view.lines.length > 0 || frame.version !== this.#version) {
        await this.#write(JSON.stringify({ type: 'frame', ...frame }));
        this.#after = frame.view.lines.at(-1)?.number ?? this.#after;
        this.#version = frame.version;
      }
      if (frame.view.more) this.#again = true;
      else if (frame.view.phase.is === 'ended') this.#close(CLOSE.over, 'the chat is over');
    } while (this.#again && this.#socket.readyState === this.#socket.OPEN);
  }

  async #write(text: string): Promise<void> {
    this.#writingSince = this.#host.clock.monotonic();
    // a socket that fails while it is written to is closed, and its page comes back
    await new Promise<void>((resolve) => {
      this.#socket.send(text, () => {
        resolve();
      });
    });
    this.#writingSince = undefined;
  }

  #refuse(error: unknown): void {
    const refusal = refusalOf(error);
    if (refusal === undefined) {
      this.#host.log.error({ err: error, tenant: this.#tenant.domain }, 'a page could not be served');
      this.#close(CLOSE.failed, 'try again');
    } else this.#close(4000 + refusal.status, refusal.message);
  }

  #close(code: number, reason: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.close(code, reason.slice(0, 120));
  }
}
