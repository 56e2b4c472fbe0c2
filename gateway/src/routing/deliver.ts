import { hash } from 'node:crypto';
import type { ChatState, Item } from '../bus/messages.ts';
import type { SessionRecord, Sessions } from '../bus/port.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { StaffId } from '../helpdesk/model.ts';
import { readDollar } from '../text/dollar.ts';
import { marked, withoutMarks } from '../text/mark.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { STAFF_RESOURCE } from './addressee.ts';
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

/** Staff to staff, from edge to edge: apps of one tenant's staff, found in the session directory. */
export class Delivery {
  readonly #sessions: Pick<Sessions, 'of' | 'deliver'>;
  /** The last message of each session that is still under way: what one app sends arrives in its order. */
  readonly #queues = new WeakMap<Session, Promise<void>>();

  constructor(sessions: Pick<Sessions, 'of' | 'deliver'>) {
    this.#sessions = sessions;
  }

  /**
   * Passes on the text, or else the receipt, of a message.
   * @throws StanzaError `service-unavailable` when a text reaches nobody
   */
  message(session: Session, inbound: Inbound, peer: Peer, read: ReadMessage, headline: boolean): Promise<void> {
    return this.#inOrder(session, () => this.#message(session, inbound, peer, read, headline));
  }

  chatState(session: Session, peer: Peer, state: ChatState): Promise<void> {
    return this.#inOrder(session, () =>
      this.#quietly(session, peer, { kind: 'chat-state', from: fromOf(session, peer), state }),
    );
  }

  #inOrder(session: Session, work: () => Promise<void>): Promise<void> {
    const before = this.#queues.get(session);
    const done = before === undefined ? work() : before.then(work, work);
    this.#queues.set(session, done);
    return done;
  }

  async #message(session: Session, inbound: Inbound, peer: Peer, read: ReadMessage, headline: boolean): Promise<void> {
    const { message, received, noCopies } = read;
    const from = fromOf(session, peer);
    if (message.encrypted) {
      throw new StanzaError('modify', 'not-acceptable', 'Not sent: encrypted messages cannot be read here.');
    }
    if (message.body === undefined) {
      if (received !== undefined) await this.#quietly(session, peer, { kind: 'receipt', from, of: received });
      return;
    }
    const dollar = readDollar(message.body, message.quoted);
    const stanzaId = stanzaIdOf(inbound);
    if (dollar.is !== 'text') {
      this.#tell(session, peer, marked(notSent[dollar.is]), stanzaId);
      return;
    }
    const body = withoutMarks(dollar.text);
    if (isBlank(body)) throw new StanzaError('modify', 'not-acceptable', 'Not sent: there is no text in it.');
    const { to, copies } = recipientsOf(
      await this.#sessions.of(session.tenant.id, peer.staff),
      headline ? '' : peer.resource,
    );
    const item: Extract<Item, { kind: 'message' }> = {
      kind: 'message',
      from,
      body,
      stanzaId,
      peer: {
        ...(message.id !== undefined && { id: message.id }),
        ...(headline && { headline }),
        ...(message.receipt && { receipt: message.receipt }),
        ...(message.replaces !== undefined && { replaces: message.replaces }),
      },
    };
    if (!(await this.#deliverAll(to, item))) {
      if (headline) return;
      throw unavailable();
    }
    if (headline || noCopies) return;
    const addressed = peer.resource === '' ? peer.bareJid : `${peer.bareJid}/${peer.resource}`;
    if (copies.length > 0)
      await this.#deliverAll(copies, { ...item, peer: { ...item.peer, copyOf: { to: addressed } } });
    if (peer.bareJid === session.bareJid) return;
    const own = ownCopies(await this.#sessions.of(session.tenant.id, session.staff), session.id);
    if (own.length === 0) return;
    await this.#deliverAll(own, {
      kind: 'message',
      from: session.fullJid,
      body,
      stanzaId,
      own: { to: `${peer.bareJid}/${STAFF_RESOURCE}` },
      ...(message.id !== undefined && { peer: { id: message.id } }),
    });
  }

  /** State and receipts that reach nobody are no error. */
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
    const delivered = await Promise.all(to.map(({ id }) => this.#sessions.deliver(id, item)));
    return delivered.includes(true);
  }

  /** A notice in the window of the contact that the text was for, for this app alone. */
  #tell(session: Session, peer: Peer, body: string, stanzaId: string): void {
    const from = peer.bareJid === session.bareJid ? peer.bareJid : `${peer.bareJid}/${STAFF_RESOURCE}`;
    const notice = renderMessage({ kind: 'message', from, body, stanzaId }, readerOf(session));
    if (notice !== undefined) session.send(notice, 'keep');
  }
}

/** Colleagues know each other by one address, whatever app is used; one's own apps by their own. */
function fromOf(session: Session, peer: Peer): string {
  return peer.bareJid === session.bareJid ? session.fullJid : `${session.bareJid}/${STAFF_RESOURCE}`;
}
