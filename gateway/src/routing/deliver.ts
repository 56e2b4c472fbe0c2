import { hash } from 'node:crypto';
import type { Clock } from '@chat-gateway/runtime';
import type { AppMessage, ChatState, Item } from '../bus/messages.ts';
import type { SessionRecord, Sessions } from '../bus/port.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { Tenant } from '../config/tenants.ts';
import type { Archive, PeerMessage } from '../helpdesk/archive.ts';
import type { LineExtra, StaffId } from '../helpdesk/model.ts';
import { peerReadingOf } from '../helpdesk/reading.ts';
import { readDollar } from '../text/dollar.ts';
import { marked, withoutMarks } from '../text/mark.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { STAFF_RESOURCE } from './addressee.ts';
import { type MessageItem, peerItem } from './archived.ts';
import { isBlank, type ReadMessage } from './read-message.ts';
import { ownCopies, recipientsOf } from './recipients.ts';
import { readerOf, renderMessage } from './render.ts';
import { unavailable } from './unavailable.ts';

/** The staff user that a message is for: a colleague, or oneself. */
export interface Peer {
  readonly staff: StaffId;
  readonly bareJid: string;
  readonly resource: string;
}

/** Texts that waited and are given to an app in one go. */
const MOST_AT_ONCE = 100;

const notSent = {
  command:
    'Not sent: what begins with $ is a command. Write commands in the window of a visitor or of Chat Gateway. To send a text that begins with $, begin with $$.',
  malformed: 'Not sent: what begins with $ is a command. To send a text that begins with $, begin with $$.',
  'later-line': 'Not sent: one of its lines begins with $, as a command does.',
} as const;

/** The same on every copy, and when the stanza is handled again after a failover [XEP-0359 §4]. */
function stanzaIdOf(inbound: Inbound): string {
  return hash('sha256', inbound.entryId, 'base64url').slice(0, 24);
}

export interface DeliveryDeps {
  readonly sessions: Pick<Sessions, 'of' | 'deliver'>;
  readonly clock: Clock;
  /** Where this tenant keeps what staff write to each other. */
  readonly archiveOf: (tenant: Tenant) => Archive | undefined;
  /** Whether there is such a colleague. */
  readonly isStaff: (session: Session, inbound: Inbound, staff: StaffId) => Promise<boolean>;
}

/** Staff to staff, from edge to edge: apps of one tenant's staff, found in the session directory. */
export class Delivery {
  readonly #deps: DeliveryDeps;
  readonly #sessions: Pick<Sessions, 'of' | 'deliver'>;
  /** The last message of each session that is still under way: what one app sends arrives in its order. */
  readonly #queues = new WeakMap<Session, Promise<void>>();

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#sessions = deps.sessions;
  }

  /**
   * Passes on what was said: a text, a retraction, a reaction. With an archive it is stored before this resolves, and
   * what reaches no app waits for one.
   * @throws StanzaError `service-unavailable` when it reaches nobody and is not kept
   */
  message(session: Session, inbound: Inbound, peer: Peer, read: ReadMessage, headline: boolean): Promise<void> {
    return this.#inOrder(session, () => this.#message(session, inbound, peer, read, headline));
  }

  chatState(session: Session, peer: Peer, state: ChatState): Promise<void> {
    return this.#inOrder(session, () =>
      this.#quietly(session, peer, { kind: 'chat-state', from: fromOf(session, peer), state }),
    );
  }

  receipt(session: Session, peer: Peer, of: string): Promise<void> {
    return this.#inOrder(session, () =>
      this.#quietly(session, peer, { kind: 'receipt', from: fromOf(session, peer), of }),
    );
  }

  marker(session: Session, peer: Peer, of: string): Promise<void> {
    return this.#inOrder(session, () =>
      this.#quietly(session, peer, { kind: 'marker', from: fromOf(session, peer), of }),
    );
  }

  /** An app takes messages (again): it gets what no app was there for. */
  arrive(session: Session): Promise<void> {
    return this.#inOrder(session, () => this.#arrive(session));
  }

  #inOrder(session: Session, work: () => Promise<void>): Promise<void> {
    const before = this.#queues.get(session);
    const done = before === undefined ? work() : before.then(work, work);
    this.#queues.set(session, done);
    return done;
  }

  async #message(session: Session, inbound: Inbound, peer: Peer, read: ReadMessage, headline: boolean): Promise<void> {
    const { message, noCopies, noStore } = read;
    if (message.encrypted) {
      throw new StanzaError('modify', 'not-acceptable', 'Not sent: encrypted messages cannot be read here.');
    }
    const id = stanzaIdOf(inbound);
    const dollar = readDollar(message.body ?? '', message.quoted);
    if (dollar.is !== 'text') {
      this.#tell(session, peer, marked(notSent[dollar.is]), id);
      return;
    }
    const body = withoutMarks(dollar.text);
    if (message.body !== undefined && isBlank(body))
      throw new StanzaError('modify', 'not-acceptable', 'Not sent: there is no text in it.');
    const said = peerMessage(session, peer, message, body, { id, at: this.#deps.clock.now() });
    const { to, copies } = recipientsOf(
      await this.#sessions.of(session.tenant.id, peer.staff),
      headline ? '' : peer.resource,
    );
    const archive = headline || noStore ? undefined : this.#deps.archiveOf(session.tenant);
    const waits = to.length === 0;
    if (waits && (archive === undefined || !(await this.#deps.isStaff(session, inbound, peer.staff)))) {
      if (headline) return;
      throw unavailable();
    }
    await archive?.add(session.tenant.id, said, waits);
    const item = itemFor(session, peer, said, message, headline);
    if (!waits && !(await this.#deliverAll(to, item)) && !headline) {
      // The apps went away this moment.
      if (archive === undefined) throw unavailable();
      await archive.add(session.tenant.id, said, true);
    }
    if (headline || noCopies) return;
    const addressed = peer.resource === '' ? peer.bareJid : `${peer.bareJid}/${peer.resource}`;
    if (copies.length > 0)
      await this.#deliverAll(copies, { ...item, peer: { ...item.peer, copyOf: { to: addressed } } });
    if (peer.bareJid === session.bareJid) return;
    const own = ownCopies(await this.#sessions.of(session.tenant.id, session.staff), session.id);
    if (own.length > 0) await this.#deliverAll(own, ownItem(session, peer, said));
  }

  async #arrive(session: Session): Promise<void> {
    const { tenant, staff } = session;
    const archive = this.#deps.archiveOf(tenant);
    if (archive === undefined) return;
    for (;;) {
      const waiting = await archive.waiting(tenant.id, staff, MOST_AT_ONCE);
      for (const message of waiting) {
        const item: Item = { ...peerItem(message, staff, tenant.domain), at: message.at };
        if (!(await this.#sessions.deliver(session.id, item))) return;
      }
      await archive.arrived(
        tenant.id,
        staff,
        waiting.map(({ id }) => id),
      );
      if (waiting.length < MOST_AT_ONCE) return;
    }
  }

  /** State, receipts and markers that reach nobody are no error. */
  async #quietly(session: Session, peer: Peer, item: Item): Promise<void> {
    const { to } = recipientsOf(await this.#sessions.of(session.tenant.id, peer.staff), peer.resource);
    await this.#deliverAll(
      to.filter((one) => one.id !== session.id),
      item,
    );
  }

  async #deliverAll(to: readonly SessionRecord[], item: Item): Promise<boolean> {
    const [only] = to;
    if (only === undefined) return false;
    if (to.length === 1) return await this.#sessions.deliver(only.id, item);
    const delivered = await Promise.all(to.map(async ({ id }) => this.#sessions.deliver(id, item)));
    return delivered.includes(true);
  }

  /** A notice in the window of the contact that the text was for, for this app alone. */
  #tell(session: Session, peer: Peer, body: string, stanzaId: string): void {
    const from = peer.bareJid === session.bareJid ? peer.bareJid : `${peer.bareJid}/${STAFF_RESOURCE}`;
    const notice = renderMessage({ kind: 'message', from, body, stanzaId, passing: true }, readerOf(session));
    if (notice !== undefined) session.send(notice, 'keep');
  }
}

/** Colleagues know each other by one address, whatever app is used; one's own apps by their own. */
function fromOf(session: Session, peer: Peer): string {
  return peer.bareJid === session.bareJid ? session.fullJid : `${session.bareJid}/${STAFF_RESOURCE}`;
}

function peerMessage(
  session: Session,
  peer: Peer,
  message: AppMessage,
  body: string,
  { id, at }: { readonly id: string; readonly at: number },
): PeerMessage {
  const extra = extraOf(message, body);
  return {
    id,
    at,
    from: session.staff,
    to: peer.staff,
    text: message.reacts?.with.join(' ') ?? body,
    ...(message.id !== undefined && { ref: message.id }),
    ...(extra !== undefined && { extra }),
  };
}

function extraOf({ replaces, retracts, reacts, answers, url }: AppMessage, body: string): LineExtra | undefined {
  if (retracts !== undefined) return { is: 'retraction', of: retracts };
  if (reacts !== undefined) return { is: 'reaction', of: reacts.to };
  if (replaces !== undefined) return { is: 'correction', of: replaces };
  if (answers !== undefined) return { is: 'reply', of: answers };
  // Of a file that one colleague shows another nothing but the address is known.
  if (url !== undefined && url === body.trim())
    return { is: 'file', file: { name: '', type: 'application/octet-stream', size: 0, url } };
  return undefined;
}

/** For the apps of the colleague. */
function itemFor(session: Session, peer: Peer, said: PeerMessage, message: AppMessage, headline: boolean): MessageItem {
  const item = peerItem(said, peer.staff, session.tenant.domain);
  return {
    ...item,
    from: fromOf(session, peer),
    peer: {
      ...item.peer,
      ...(headline && { headline }),
      ...(message.receipt && { receipt: message.receipt }),
      ...(message.markable && { markable: message.markable }),
    },
  };
}

/** For the author's other apps. */
function ownItem(session: Session, peer: Peer, said: PeerMessage): MessageItem {
  const { body, extras } = peerReadingOf(said, session.staff);
  return {
    kind: 'message',
    from: session.fullJid,
    body,
    stanzaId: said.id,
    own: { to: `${peer.bareJid}/${STAFF_RESOURCE}`, ...(said.ref !== undefined && { ref: said.ref }) },
    ...(extras !== undefined && { extras }),
  };
}
