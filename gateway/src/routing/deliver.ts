import type { Clock } from '@chat-gateway/runtime';
import type { AppMessage, ChatState, Item } from '../bus/messages.ts';
import type { SessionRecord, Sessions } from '../bus/port.ts';
import { type Soon, whenThere } from '../bus/soon.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { Tenant } from '../config/tenants.ts';
import type { Archive, PeerMessage } from '../helpdesk/archive.ts';
import type { LineExtra, StaffId } from '../helpdesk/model.ts';
import { peerReadingOf } from '../helpdesk/reading.ts';
import { isLongerThan } from '../text/clean.ts';
import { readDollar } from '../text/dollar.ts';
import { marked, withoutMarks } from '../text/mark.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { STAFF_RESOURCE } from './addressee.ts';
import { type MessageItem, peerItem } from './archived.ts';
import { PEER_CHARACTERS, WAITING_AT_ONCE } from './limits.ts';
import { proofOfText, ProvedTexts, textProved } from './proved-texts.ts';
import { isBlank, type ReadMessage } from './read-message.ts';
import { ownCopies, type Recipients, recipientsOf } from './recipients.ts';
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

const TOO_LONG = `Not sent: one message to a colleague has at most ${PEER_CHARACTERS.toLocaleString('en')} characters. Send it in parts.`;
const TOO_MANY = 'Not sent: too many messages wait for this colleague already. Send it when they are there again.';

/** The same on every copy, and when the stanza is handled again after a failover [XEP-0359 §4]. */
function stanzaIdOf(session: Session, inbound: Inbound): string {
  return `${session.publicId}-${inbound.entryId.slice(session.id.length + 1)}`;
}

/** A text on its way. */
interface Text {
  readonly session: Session;
  readonly peer: Peer;
  readonly read: ReadMessage;
  readonly headline: boolean;
  readonly said: PeerMessage;
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
  readonly #proved = new ProvedTexts();
  /** Apps for which more texts wait than they were given, with the first one of those. */
  readonly #behind = new WeakMap<Session, string>();
  /** The last message of each session that is still under way: what one app sends arrives in its order. */
  readonly #queues = new Map<Session, Promise<void>>();

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#sessions = deps.sessions;
  }

  /**
   * Passes on what was said: a text, a retraction, a reaction. With an archive it is stored before this resolves, and
   * waits there until an app of its reader has proved that it got it.
   * @throws StanzaError `service-unavailable` when it reaches nobody and is not kept
   */
  message(session: Session, inbound: Inbound, peer: Peer, read: ReadMessage, headline: boolean): Soon<void> {
    return this.#inOrder(session, () => this.#message(session, inbound, peer, read, headline));
  }

  async chatState(session: Session, peer: Peer, state: ChatState): Promise<void> {
    await this.#inOrder(session, () =>
      this.#quietly(session, peer, { kind: 'chat-state', from: fromOf(session, peer), state }),
    );
  }

  async receipt(session: Session, peer: Peer, of: string): Promise<void> {
    await this.#inOrder(session, () =>
      this.#quietly(session, peer, { kind: 'receipt', from: fromOf(session, peer), of }),
    );
  }

  async marker(session: Session, peer: Peer, of: string): Promise<void> {
    await this.#inOrder(session, async () => {
      await this.#quietly(session, peer, { kind: 'marker', from: fromOf(session, peer), of });
      if (peer.bareJid === session.bareJid) return;
      const own = ownCopies(await this.#sessions.of(session.tenant.id, session.staff), session.id);
      const to = `${peer.bareJid}/${STAFF_RESOURCE}`;
      await this.#deliverAll(own, { kind: 'marker', from: session.fullJid, of, own: { to } });
    });
  }

  /** An app takes messages (again): it gets what no app has proved. */
  async arrive(session: Session): Promise<void> {
    await this.#inOrder(session, () => this.#arrive(session));
  }

  /** An app has proved these: what is not a colleague's text is returned. */
  proved(session: Session, proofs: readonly string[]): readonly string[] {
    const { tenant, staff } = session;
    const archive = this.#deps.archiveOf(tenant);
    const others = proofs.filter((proof) => {
      const text = textProved(proof);
      if (text !== undefined && archive !== undefined) this.#proved.add(archive, tenant.id, staff, text);
      return text === undefined;
    });
    if (others.length < proofs.length && this.#behind.has(session)) this.#goOn(session);
    return others;
  }

  /** The next ones wait until the app has all that it was given. */
  #goOn(session: Session): void {
    for (const proof of session.underWay()) if (textProved(proof) !== undefined) return;
    this.arrive(session).catch(() => {
      // the archive does not answer: its next presence asks again
    });
  }

  #inOrder(session: Session, work: () => Soon<void>): Soon<void> {
    const before = this.#queues.size === 0 ? undefined : this.#queues.get(session);
    const done = before === undefined ? work() : before.then(work, work);
    if (!(done instanceof Promise)) return undefined;
    this.#queues.set(session, done);
    const over = (): void => {
      if (this.#queues.get(session) === done) this.#queues.delete(session);
    };
    done.then(over, over);
    return done;
  }

  #message(session: Session, inbound: Inbound, peer: Peer, read: ReadMessage, headline: boolean): Soon<void> {
    const { message, noStore } = read;
    if (message.encrypted) {
      throw new StanzaError('modify', 'not-acceptable', 'Not sent: encrypted messages cannot be read here.');
    }
    const id = stanzaIdOf(session, inbound);
    const dollar = readDollar(message.body ?? '', message.quoted);
    if (dollar.is !== 'text') {
      this.#tell(session, peer, marked(notSent[dollar.is]), id);
      return undefined;
    }
    const body = withoutMarks(dollar.text);
    if (isLongerThan(body, PEER_CHARACTERS)) throw new StanzaError('modify', 'not-acceptable', TOO_LONG);
    if (message.body !== undefined && isBlank(body))
      throw new StanzaError('modify', 'not-acceptable', 'Not sent: there is no text in it.');
    const said = peerMessage(session, peer, message, body, { id, at: this.#deps.clock.now() });
    const text: Text = { session, peer, read, headline, said };
    const { tenant } = session;
    const archive = headline || noStore ? undefined : this.#deps.archiveOf(tenant);
    return whenThere(this.#sessions.of(tenant.id, peer.staff), (sessions) => {
      const recipients = recipientsOf(sessions, headline ? '' : peer.resource);
      if (archive !== undefined) return this.#keep(text, inbound, recipients, archive);
      if (recipients.to.length > 0) return this.#pass(text, recipients, undefined);
      if (!headline) throw unavailable();
      return undefined;
    });
  }

  async #keep(text: Text, inbound: Inbound, recipients: Recipients, archive: Archive): Promise<void> {
    const { session, peer, said } = text;
    const isAway = recipients.to.length === 0;
    if (isAway && !(await this.#deps.isStaff(session, inbound, peer.staff))) throw unavailable();
    const { id: tenant } = session.tenant;
    // what goes to an app that is there is proved soon, or its connection is closed
    const isRead = recipients.to.some(({ attached }) => attached);
    if (!isRead && !(await archive.hasRoom(tenant, peer.staff)))
      throw new StanzaError('wait', 'resource-constraint', TOO_MANY);
    session.countMatters();
    if ((await archive.add(tenant, said, true)) === 'again') return;
    // An app that came meanwhile asked for what waits before this did.
    const now = isAway ? recipientsOf(await this.#sessions.of(tenant, peer.staff), peer.resource) : recipients;
    await this.#pass(text, now, proofOfText(said.id));
  }

  /** `proof`: it is kept until that comes. */
  #pass(text: Text, { to, copies }: Recipients, proof: string | undefined): Soon<void> {
    const { session, peer, read, headline, said } = text;
    const item = itemFor(session, peer, said, read.message, headline, proof);
    return whenThere(this.#deliverAll(to, item), (delivered) => {
      // The apps went away this moment.
      if (!delivered && to.length > 0 && !headline && proof === undefined) throw unavailable();
      return this.#copy(text, item, copies);
    });
  }

  #copy(text: Text, item: MessageItem, copies: readonly SessionRecord[]): Soon<void> {
    const { session, peer, read, headline, said } = text;
    if (headline || read.noCopies) return undefined;
    const addressed = peer.resource === '' ? peer.bareJid : `${peer.bareJid}/${peer.resource}`;
    const copied =
      copies.length > 0 && this.#deliverAll(copies, { ...item, peer: { ...item.peer, copyOf: { to: addressed } } });
    return whenThere(copied, () => {
      if (peer.bareJid === session.bareJid) return undefined;
      return whenThere(this.#sessions.of(session.record.tenant, session.staff), (sessions) => {
        const own = ownCopies(sessions, session.id);
        return own.length === 0
          ? undefined
          : whenThere(this.#deliverAll(own, ownItem(session, peer, said)), () => undefined);
      });
    });
  }

  async #arrive(session: Session): Promise<void> {
    const { tenant, staff } = session;
    const archive = this.#deps.archiveOf(tenant);
    if (archive === undefined) return;
    await this.#proved.written();
    const waiting = await archive.waiting(tenant.id, staff, WAITING_AT_ONCE);
    const first = waiting[0]?.id;
    const isSame = first !== undefined && this.#behind.get(session) === first;
    this.#behind.delete(session);
    // What was proved could not be written: the next presence asks again.
    if (isSame) return;
    const has = session.underWay();
    if (first !== undefined && waiting.length === WAITING_AT_ONCE) this.#behind.set(session, first);
    for (const message of waiting) {
      const proof = proofOfText(message.id);
      if (has.has(proof)) continue;
      const item: Item = { ...peerItem(message, staff, tenant.domain), at: message.at, proof };
      if (!(await this.#sessions.deliver(session.id, item))) return;
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

  #deliverAll(to: readonly SessionRecord[], item: Item): Soon<boolean> {
    let isDelivered = false;
    let pending: Promise<boolean>[] | undefined;
    for (const { id } of to) {
      const delivered = this.#sessions.deliver(id, item);
      if (delivered instanceof Promise) (pending ??= []).push(delivered);
      else if (delivered) isDelivered = true;
    }
    if (pending === undefined) return isDelivered;
    return Promise.all(pending).then((all) => isDelivered || all.includes(true));
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
function itemFor(
  session: Session,
  peer: Peer,
  said: PeerMessage,
  message: AppMessage,
  headline: boolean,
  proof: string | undefined,
): MessageItem {
  const { body, extras } = peerReadingOf(said, peer.staff);
  return {
    kind: 'message',
    from: fromOf(session, peer),
    body,
    stanzaId: said.id,
    ...(proof !== undefined && { proof }),
    ...(extras !== undefined && { extras }),
    peer: {
      ...(said.ref !== undefined && { id: said.ref }),
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
