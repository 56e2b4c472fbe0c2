import type { Clock } from '@chat-gateway/runtime';
import type { Target } from '../bus/messages.ts';
import type { Sessions } from '../bus/port.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { Addressee } from '../features/feature.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { addresseeOf, chatAt, staffAt } from './addressee.ts';
import { Delivery, type Peer } from './deliver.ts';
import { readMessage } from './read-message.ts';
import { Typing } from './typing.ts';
import { unavailable } from './unavailable.ts';

/** Messages of apps: to the desk as acts and signals, to colleagues as items. */
export class Messages {
  readonly #typing: Typing;
  readonly #delivery: Delivery;

  constructor(sessions: Pick<Sessions, 'of' | 'deliver'>, clock: Clock) {
    this.#typing = new Typing(clock);
    this.#delivery = new Delivery(sessions);
  }

  /**
   * What a message does [RFC6121 §5.2.2, §8.5]; unknown types are `normal`, and `normal` is a chat message:
   *
   * | type | visitor, Chat Gateway | colleague, account | anybody else |
   * |---|---|---|---|
   * | chat, normal with a text | an act | delivered | service-unavailable |
   * | the same without | a signal | delivered as state or receipt | service-unavailable |
   * | headline | service-unavailable | to all that take the bare JID | ignored |
   * | groupchat | service-unavailable | service-unavailable | service-unavailable |
   * | error | ignored | ignored | ignored |
   */
  handle(session: Session, inbound: Inbound): void | Promise<void> {
    const { element } = inbound;
    const { type } = element.attrs;
    if (type === 'error') return;
    const to = addresseeOf(element.attrs.to, session);
    if (type === 'groupchat') throw unavailable();
    switch (to.is) {
      case 'visitor':
        if (type === 'headline') throw unavailable();
        return this.#toDesk(session, inbound, { is: 'visitor', chat: chatAt(to.jid) });
      case 'gateway':
        if (type === 'headline') throw unavailable();
        return this.#toDesk(session, inbound, { is: 'gateway' });
      case 'account':
      case 'own-app':
      case 'colleague':
        return this.#toStaff(session, inbound, peerAt(session, to), type === 'headline');
      case 'domain':
      case 'visitors-domain':
      case 'stranger':
        if (type === 'headline') return;
        throw unavailable();
    }
  }

  closed(session: Session): void {
    this.#typing.closed(session);
  }

  #toDesk(session: Session, inbound: Inbound, to: Target): void | Promise<void> {
    const { message, notWords } = readMessage(inbound.element);
    if (message.body !== undefined) {
      if (to.is === 'visitor') this.#typing.said(session, to.chat);
      return session.put({ type: 'message', session: session.id, to, message }, inbound);
    }
    if (message.encrypted) {
      throw new StanzaError('modify', 'not-acceptable', 'Not sent: encrypted messages cannot be read here.');
    }
    if (notWords !== undefined) throw new StanzaError('modify', 'not-acceptable', notShown[notWords]);
    if (message.state === undefined || to.is === 'gateway') return;
    const { chat } = to;
    this.#typing.heard(session, chat, message.state, (state) => {
      session.signal({ type: 'typing', session: session.id, chat, state });
    });
  }

  #toStaff(session: Session, inbound: Inbound, peer: Peer, headline: boolean): void | Promise<void> {
    const read = readMessage(inbound.element);
    const { message, received } = read;
    if (message.body !== undefined || message.encrypted || received !== undefined) {
      if (message.body !== undefined) this.#typing.said(session, peer.bareJid);
      return this.#delivery.message(session, inbound, peer, read, headline);
    }
    if (message.state === undefined) return;
    this.#typing.heard(session, peer.bareJid, message.state, (state) => {
      // state: what is lost is repaired by the next one
      this.#delivery.chatState(session, peer, state).catch(() => undefined);
    });
  }
}

const notShown = {
  reaction: 'Not sent: a visitor’s page shows no reactions. Write it in words.',
  retraction: 'Nothing was taken back: a visitor’s page keeps what it has shown.',
} as const;

function peerAt(session: Session, to: Extract<Addressee, { is: 'account' | 'own-app' | 'colleague' }>): Peer {
  if (to.is === 'account') return { staff: session.staff, bareJid: session.bareJid, resource: '' };
  const { bare, resource } = to.jid;
  return { staff: to.is === 'own-app' ? session.staff : staffAt(to.jid), bareJid: bare, resource };
}
