import type { IncomingMessage } from 'node:http';
import type { Clock } from '@chat-gateway/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Limits } from '../config/schema.ts';
import type { Tenant, Tenants } from '../config/tenants.ts';
import { type PageFacts, SiteError, type Ticket, type VisitorSite } from '../connectors/embedded/visitor-site.ts';
import type { Files } from '../helpdesk/files.ts';
import type { TeamId } from '../helpdesk/model.ts';
import {
  fill,
  leaveMessageForm,
  nothingForm,
  type PageClaims,
  readForm,
  sayForm,
  seenForm,
  shareForm,
  slotForm,
  startForm,
  typingForm,
  visitForm,
} from './forms.ts';
import { CALLS, SAY, SLOT_BYTES, SLOTS } from './limits.ts';
import type { OpenChats } from './open-chats.ts';
import { isOwnOrigin } from './origin.ts';
import type { Peer } from './peer.ts';
import { Buckets } from './rates.ts';
import { Refusal } from './refusal.ts';
import { tenantNamed } from './tenant-of.ts';
import { ticketKey, ticketOf, writeTicket } from './ticket.ts';
import type { Visit, Visits } from './visits.ts';

export interface ApiDeps {
  readonly tenants: Tenants;
  readonly site: VisitorSite;
  readonly files?: Files;
  readonly visits: Visits;
  readonly openChats: OpenChats;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly peerOf: (request: IncomingMessage) => Peer;
}

interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly tenant: Tenant;
  readonly peer: Peer;
  /** @throws Refusal `no-ticket` */
  ticket(): Ticket;
  visit(): Visit;
}

const MINUTE = 60;

/** Absent fields stay absent: the seam knows no `undefined`. */
function present<Fields extends object>(fields: Fields): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Fields]: Exclude<Fields[Key], undefined> };
}

function factsOf(page: PageClaims, { request, peer }: Call): PageFacts {
  const userAgent = request.headers['user-agent']?.slice(0, 512);
  return present({ ...page, userAgent, address: peer.address }) as PageFacts;
}

/** A signal that fires when the browser no longer waits for the answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    gone.abort();
  });
  return gone.signal;
}

/** The page's calls: `POST /api/<tenant>/<verb>` with JSON, answered with JSON. */
export function addApi(app: FastifyInstance, deps: ApiDeps): void {
  const { site, visits, openChats, clock, limits } = deps;
  const calls = new Buckets(clock, CALLS);
  const starts = new Buckets(clock, {
    perSecond: limits.visitorStartsPerMinute / MINUTE,
    burst: limits.visitorStartsPerMinute,
  });
  const says = new Buckets(clock, SAY);
  const slots = new Buckets(clock, SLOTS);
  const slotBytes = new Buckets(clock, SLOT_BYTES);

  type TooMany = 'too-fast' | 'too-many-starts' | 'too-many-files';
  const slowDown = (bucket: Buckets, key: string, code: TooMany, text: string, amount = 1) => {
    const retryAfterMs = bucket.take(key, amount);
    if (retryAfterMs > 0) throw new Refusal(code, text, { retryAfterMs });
  };

  // before the body is read: a foreign page is not worth its bytes
  app.addHook('onRequest', async (request) => {
    const peer = deps.peerOf(request.raw);
    const tenant = tenantNamed(deps.tenants, (request.params as { tenant?: string }).tenant ?? '');
    if (!isOwnOrigin(request.headers.origin, peer, tenant)) {
      throw new Refusal('foreign-origin', 'Only the chat page itself may do this.');
    }
    slowDown(calls, peer.addressKey, 'too-fast', 'Too many calls from this address.');
    if (tenant === undefined) throw new Refusal('not-found', 'There is no such helpdesk.');
  });

  const verb = <Form extends z.ZodType>(
    name: string,
    form: Form,
    act: (input: z.output<Form>, call: Call) => Promise<object>,
  ) => {
    app.post<{ Params: { tenant: string } }>(`/api/:tenant/${name}`, async (request, reply) => {
      const tenant = tenantNamed(deps.tenants, request.params.tenant);
      if (tenant === undefined) throw new Refusal('not-found', 'There is no such helpdesk.');
      const peer = deps.peerOf(request.raw);
      const ticket = () => ticketOf(request.headers.authorization);
      const call: Call = { request, reply, tenant, peer, ticket, visit: () => ({ tenant, ticket: ticket(), peer }) };
      return await act(fill(form, request.body), call);
    });
  };

  verb('reception', nothingForm, async (_, { tenant }) => await site.reception(tenant.id));

  verb('start', startForm, async (form, call) => {
    const { tenant, peer } = call;
    slowDown(starts, peer.addressKey, 'too-many-starts', 'Too many chats were started from this address just now.');
    if (!openChats.hasRoom(peer.addressKey)) {
      throw new Refusal('too-many-chats', 'Too many chats are open from this address.', { retryAfterMs: 60_000 });
    }
    const { team, page, ...rest } = form;
    const ticket = await site.start(tenant.id, {
      ...present({ email: rest.email, phone: rest.phone, fields: rest.fields }),
      messageId: rest.messageId,
      name: rest.name,
      question: rest.question,
      team: team as TeamId,
      page: factsOf(page, call),
    });
    visits.heard({ tenant, ticket, peer });
    return { ticket: writeTicket(ticket) };
  });

  verb('say', sayForm, async ({ messageId, text }, call) => {
    const ticket = call.ticket();
    slowDown(says, ticketKey(ticket), 'too-fast', 'That was too fast. It is sent again in a moment.');
    await site.say(call.tenant.id, ticket, messageId, text);
    return {};
  });

  verb('slot', slotForm, async (file, call) => {
    const visit = call.visit();
    const { view } = await visits.read(visit, Number.MAX_SAFE_INTEGER);
    if (view.phase.is === 'ended') throw new SiteError('ended', 'This chat is over.');
    if (deps.files === undefined) throw new Refusal('files-off', 'No files are taken here.');
    const { addressKey } = call.peer;
    slowDown(slots, addressKey, 'too-many-files', 'Too many files came from this address just now.');
    const most = deps.files.rules(call.tenant.id)?.maxBytes ?? 0;
    const size = Math.min(file.size, most);
    slowDown(slotBytes, addressKey, 'too-many-files', 'Too many files came from this address today.', size);
    const { name, type } = file;
    const by = { is: 'visitor', chat: visit.ticket.chat } as const;
    try {
      return await deps.files.slot(call.tenant.id, by, { name, size: file.size, ...present({ type }) });
    } catch (error) {
      // no file comes
      slotBytes.giveBack(addressKey, size);
      throw error;
    }
  });

  verb('share', shareForm, async ({ messageId, url }, call) => {
    const ticket = call.ticket();
    slowDown(says, ticketKey(ticket), 'too-fast', 'That was too fast. It is sent again in a moment.');
    if (site.share === undefined) throw new Refusal('files-off', 'No files are taken here.');
    await site.share(call.tenant.id, ticket, messageId, url);
    return {};
  });

  verb('seen', seenForm, async ({ line }, call) => {
    const visit = call.visit();
    slowDown(says, `seen ${ticketKey(visit.ticket)}`, 'too-fast', 'Too many signs of reading.');
    const { view } = await visits.read(visit, line - 1);
    // a line that is not there yet was not seen
    if (view.lines[0]?.number === line) site.seen?.(call.tenant.id, visit.ticket, line);
    return {};
  });

  verb('read', readForm, async ({ after, unless }, call) => {
    return await visits.readOrWait(call.visit(), after, unless, goneSignal(call.reply));
  });

  verb('typing', typingForm, async ({ on }, call) => {
    const visit = call.visit();
    slowDown(says, `typing ${ticketKey(visit.ticket)}`, 'too-fast', 'Too many signs of typing.');
    await visits.read(visit, Number.MAX_SAFE_INTEGER);
    site.typing(call.tenant.id, visit.ticket, on);
    return {};
  });

  verb('end', nothingForm, async (_, call) => {
    const ticket = call.ticket();
    await site.end(call.tenant.id, ticket);
    openChats.forget(ticket.chat);
    return {};
  });

  verb('message', leaveMessageForm, async ({ team, ...form }, call) => {
    const { authorization } = call.request.headers;
    const ticket = authorization === undefined ? undefined : ticketOf(authorization);
    slowDown(starts, call.peer.addressKey, 'too-many-starts', 'Too many messages came from this address just now.');
    const { address } = call.peer;
    await site.leaveMessage(call.tenant.id, { ...form, team: team as TeamId, address }, ticket);
    if (ticket !== undefined) openChats.forget(ticket.chat);
    return {};
  });

  verb('visit', visitForm, async ({ page }, call) => {
    const ticket = call.ticket();
    slowDown(says, `visit ${ticketKey(ticket)}`, 'too-fast', 'Too many pages.');
    await site.visitPage(call.tenant.id, ticket, factsOf(page, call));
    return {};
  });
}
