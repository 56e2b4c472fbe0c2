import type { Clock } from '@chat-gateway/runtime';
import type { Target } from '../bus/messages.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { Addressee } from '../features/feature.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { addresseeOf, chatAt, staffAt } from './addressee.ts';
import type { Delivery, Peer } from './deliver.ts';
import { Markers } from './markers.ts';
import { isSaid, readMessage } from './read-message.ts';
import { Typing } from './typing.ts';
import { unavailable } from './unavailable.ts';

/** Messages of apps: to the desk as acts and signals, to colleagues as items. */
export class Messages {
  readonly #typing: Typing;
  readonly #markers: Markers;
  readonly #delivery: Delivery;

  constructor(clock: Clock, delivery: Delivery) {
    this.#typing = new Typing(clock);
    this.#markers = new Markers(clock);
    this.#delivery = delivery;
  }

  /**
   * What a message does [RFC6121 §5.2.2, §8.5]; unknown types are `normal`, and `normal` is a chat message:
   *
   * | type | visitor, Chat Gateway | colleague, account | anybody else |
   * |---|---|---|---|
   * | chat, normal with a text, a retraction or a reaction | an act | delivered | service-unavailable |
   * | the same without | a signal | delivered as state, receipt or marker | service-unavailable |
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
    this.#markers.closed(session);
  }

  #toDesk(session: Session, inbound: Inbound, to: Target): void | Promise<void> {
    const { message, notWords, displayed } = readMessage(inbound.element);
    if (message.body !== undefined) {
      if (to.is === 'visitor') this.#typing.said(session, to.chat);
      return session.put({ type: 'message', session: session.id, to, message }, inbound);
    }
    if (message.encrypted) {
      throw new StanzaError('modify', 'not-acceptable', 'Not sent: encrypted messages cannot be read here.');
    }
    if (notWords !== undefined) throw new StanzaError('modify', 'not-acceptable', notKnown[notWords]);
    if (message.retracts !== undefined || message.reacts !== undefined) {
      if (to.is === 'gateway') throw new StanzaError('modify', 'not-acceptable', 'Only commands work here.');
      return session.put({ type: 'message', session: session.id, to, message }, inbound);
    }
    if (to.is === 'gateway') return;
    const { chat } = to;
    if (displayed !== undefined)
      this.#markers.heard(session, chat, displayed, (of) => {
        session.signal({ type: 'displayed', session: session.id, chat, of });
      });
    if (message.state === undefined) return;
    this.#typing.heard(session, chat, message.state, (state) => {
      session.signal({ type: 'typing', session: session.id, chat, state });
    });
  }

  #toStaff(session: Session, inbound: Inbound, peer: Peer, headline: boolean): void | Promise<void> {
    const read = readMessage(inbound.element);
    const { message, received, displayed, notWords } = read;
    if (notWords !== undefined) throw new StanzaError('modify', 'not-acceptable', notKnown[notWords]);
    if (message.encrypted || isSaid(message)) {
      if (message.body !== undefined) this.#typing.said(session, peer.bareJid);
      return this.#delivery.message(session, inbound, peer, read, headline);
    }
    if (received !== undefined) return this.#delivery.receipt(session, peer, received);
    if (displayed !== undefined)
      this.#markers.heard(session, peer.bareJid, displayed, (of) => {
        this.#delivery.marker(session, peer, of).catch(() => undefined);
      });
    if (message.state === undefined) return;
    this.#typing.heard(session, peer.bareJid, message.state, (state) => {
      // state: what is lost is repaired by the next one
      this.#delivery.chatState(session, peer, state).catch(() => undefined);
    });
  }
}

const notKnown = {
  reaction: 'Not sent: only emoji can be sent as a reaction, and only to a message that is known.',
  retraction: 'Nothing was taken back: your app does not say which message it means.',
} as const;

function peerAt(session: Session, to: Extract<Addressee, { is: 'account' | 'own-app' | 'colleague' }>): Peer {
  if (to.is === 'account') return { staff: session.staff, bareJid: session.bareJid, resource: '' };
  const { bare, resource } = to.jid;
  return { staff: to.is === 'own-app' ? session.staff : staffAt(to.jid), bareJid: bare, resource };
}
