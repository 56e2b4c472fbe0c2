import { createHash } from 'node:crypto';
import type { Clock } from '@chat-gateway/runtime';
import type { Tenant } from '../config/tenants.ts';
import type { ChatView, Ticket, VisitorSite } from '../connectors/embedded/visitor-site.ts';
import { Channels } from './channels.ts';
import { WAITING_READ_MS, WAITING_READS, WAITING_READS_PER_TICKET } from './limits.ts';
import type { OpenChats } from './open-chats.ts';
import type { Peer } from './peer.ts';
import { Slots } from './rates.ts';
import { Refusal } from './refusal.ts';
import { ticketKey } from './ticket.ts';

/** What a page gets to show: over its socket, or as the answer to a read. */
export interface Frame {
  readonly view: ChatView;
  /** Names of the staff who type now. */
  readonly typing: readonly string[];
  /** Changes with everything in the frame but the lines. */
  readonly version: string;
}

/** One page's view of one chat. */
export interface Visit {
  readonly tenant: Tenant;
  readonly ticket: Ticket;
  readonly peer: Peer;
}

function versionOf(view: ChatView, typing: readonly string[]): string {
  const facts = JSON.stringify([view.phase, view.with, view.teamName, view.seen, typing]);
  return createHash('sha256').update(facts).digest('base64url').slice(0, 16);
}

/** Reads of chats by their pages, and the signs of life that come with them. */
export class Visits {
  readonly channels: Channels;
  readonly #site: VisitorSite;
  readonly #clock: Clock;
  readonly #open: OpenChats;
  readonly #waiting = new Slots(WAITING_READS_PER_TICKET, WAITING_READS);
  readonly #wakeAll = new Set<() => void>();
  #closing = false;

  constructor(site: VisitorSite, clock: Clock, open: OpenChats) {
    this.#site = site;
    this.#clock = clock;
    this.#open = open;
    this.channels = new Channels(site, clock);
  }

  /** The page is alive. Its ticket has been read with. */
  heard({ tenant, ticket, peer }: Visit): void {
    this.#site.heard(tenant.id, ticket);
    this.#open.heard(ticket.chat, peer.addressKey, (tenant.config.helpdesk.visitorAwayMinutes + 1) * 60_000);
  }

  /** @throws SiteError `not-found` */
  async read({ tenant, ticket }: Visit, after: number): Promise<Frame> {
    const view = await this.#site.read(tenant.id, ticket, after);
    if (view.phase.is === 'ended') this.#open.forget(ticket.chat);
    const typing = view.phase.is === 'running' ? this.channels.typing(tenant.id, ticket.chat) : [];
    return { view, typing, version: versionOf(view, typing) };
  }

  /** Reads; when there is nothing that the page does not have, waits a little for it. */
  async readOrWait(visit: Visit, after: number, unless: string | undefined, gone: AbortSignal): Promise<Frame> {
    const isNews = (frame: Frame) =>
      frame.view.lines.length > 0 || frame.view.phase.is === 'ended' || frame.version !== unless;
    const first = await this.read(visit, after);
    this.heard(visit);
    if (unless === undefined || isNews(first) || this.#closing) return first;
    const release = this.#waiting.take(ticketKey(visit.ticket));
    if (release === undefined) {
      throw new Refusal('too-fast', 'This chat is open in too many pages.', { retryAfterMs: WAITING_READ_MS });
    }
    let wake: () => void = () => undefined;
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const leave = this.channels.join(visit.tenant.id, visit.ticket.chat, wake);
    const cancel = this.#clock.after(WAITING_READ_MS, wake);
    this.#wakeAll.add(wake);
    gone.addEventListener('abort', wake);
    try {
      const second = await this.read(visit, after);
      if (isNews(second)) return second;
      await changed;
      return gone.aborted ? second : await this.read(visit, after);
    } finally {
      release();
      leave();
      cancel();
      this.#wakeAll.delete(wake);
      gone.removeEventListener('abort', wake);
    }
  }

  /** Answers the reads that wait; from now on none waits. */
  drain(): void {
    this.#closing = true;
    for (const wake of this.#wakeAll) wake();
  }
}
