import type { Cancel, Clock } from '@chat-gateway/runtime';
import type { Availability } from '../bus/messages.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { Addressee, Services } from '../features/feature.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { addresseeOf, chatAt, staffAt } from './addressee.ts';
import { readPresence } from './read-presence.ts';
import { takesBareJid } from './recipients.ts';
import { bareOf } from './render.ts';
import { rosterItemElement, rosterPush } from './roster-asks.ts';
import { unavailable } from './unavailable.ts';

/** Presences of one app that go on at once; then one per {@link REFILL} ms, and of what is over that the last. */
export const PRESENCE_BURST = 20;
export const REFILL = 500;

interface Flow {
  tokens: number;
  at: number;
  held: { availability: Availability | null; inbound: Inbound } | undefined;
  cancel: Cancel | undefined;
}

const memory = Symbol('presence');

/** Presence of apps: the user's availability for the desk. Subscriptions are the roster's, which is the desk's. */
export class Presences {
  readonly #clock: Clock;
  readonly #services: Pick<Services, 'ask' | 'rosterItem'>;
  readonly #arrived: (session: Session) => void;

  /** `arrived`: an app takes messages that did not. */
  constructor(clock: Clock, services: Pick<Services, 'ask' | 'rosterItem'>, arrived: (session: Session) => void) {
    this.#clock = clock;
    this.#services = services;
    this.#arrived = arrived;
  }

  /**
   * | type | without `to` | to somebody |
   * |---|---|---|
   * | none, unavailable | availability | ignored; joining a room: service-unavailable |
   * | subscribe | ignored | subscribed, if it is a contact of this roster; else unsubscribed |
   * | unsubscribe, unsubscribed | ignored | the true roster item, pushed back |
   * | subscribed, probe, error | ignored | ignored |
   * | any other | bad-request | bad-request |
   */
  handle(session: Session, inbound: Inbound): void | Promise<void> {
    const { element } = inbound;
    const { type, to } = element.attrs;
    switch (type) {
      case undefined:
        if (to !== undefined) return this.#directed(element);
        return this.#changed(session, readPresence(element), inbound);
      case 'unavailable':
        return to === undefined ? this.#changed(session, null, inbound) : undefined;
      case 'subscribe':
        return to === undefined ? undefined : this.#subscribe(session, inbound, to);
      case 'unsubscribe':
      case 'unsubscribed':
        if (to === undefined || addresseeOf(to, session).is === 'account') return undefined;
        return this.#restore(session, inbound, bareOf(to));
      case 'subscribed':
      case 'probe':
      case 'error':
        return undefined;
      default:
        throw new StanzaError('modify', 'bad-request');
    }
  }

  /** What was held back goes on before anything that comes after it. */
  flush(session: Session): void | Promise<void> {
    const flow = session.memory.get(memory) as Flow | undefined;
    if (flow?.held === undefined) return;
    flow.cancel?.();
    return this.#release(session, flow);
  }

  closed(session: Session): void {
    (session.memory.get(memory) as Flow | undefined)?.cancel?.();
    session.memory.delete(memory);
  }

  #changed(session: Session, availability: Availability | null, inbound: Inbound): void | Promise<void> {
    if (session.tenant.config.lab) return this.#put(session, availability, inbound);
    // whole numbers have no object of their own
    const now = Math.floor(this.#clock.monotonic());
    let flow = session.memory.get(memory) as Flow | undefined;
    if (flow === undefined) {
      flow = { tokens: PRESENCE_BURST, at: now, held: undefined, cancel: undefined };
      session.memory.set(memory, flow);
    }
    const refilled = Math.floor((now - flow.at) / REFILL);
    flow.tokens = Math.min(PRESENCE_BURST, flow.tokens + refilled);
    flow.at += refilled * REFILL;
    if (flow.held === undefined && flow.tokens > 0) {
      flow.tokens--;
      return this.#put(session, availability, inbound);
    }
    const waiting = flow;
    flow.held = { availability, inbound };
    flow.cancel ??= this.#clock.after(flow.at + REFILL - now, () => {
      // what has come in this time is used up
      waiting.at += REFILL;
      this.#release(session, waiting)?.catch(() => undefined);
    });
  }

  #release(session: Session, flow: Flow): void | Promise<void> {
    const { held } = flow;
    flow.held = undefined;
    flow.cancel = undefined;
    if (held !== undefined) return this.#put(session, held.availability, held.inbound);
  }

  #put(session: Session, availability: Availability | null, inbound: Inbound): Promise<void> {
    const tookMessages = takesBareJid(session.record);
    session.note({ availability });
    const done = session.put({ type: 'session-presence', session: session.id, availability }, inbound);
    if (!tookMessages && takesBareJid(session.record)) this.#arrived(session);
    return done;
  }

  #directed(element: XmlElement): void {
    if (element.getChild('x', 'http://jabber.org/protocol/muc') !== undefined) throw unavailable();
  }

  async #subscribe(session: Session, inbound: Inbound, to: string): Promise<void> {
    const type = (await this.#isContact(session, inbound, addresseeOf(to, session))) ? 'subscribed' : 'unsubscribed';
    session.send(xml('presence', { type, from: bareOf(to), to: session.fullJid }), 'keep');
  }

  async #isContact(session: Session, inbound: Inbound, to: Addressee): Promise<boolean> {
    switch (to.is) {
      case 'gateway':
        return true;
      case 'visitor': {
        const answer = await this.#services.ask(session, inbound, { about: 'visitor-card', chat: chatAt(to.jid) });
        return answer.about !== 'nothing';
      }
      case 'colleague': {
        const answer = await this.#services.ask(session, inbound, { about: 'staff-card', staff: staffAt(to.jid) });
        return answer.about !== 'nothing';
      }
      case 'domain':
      case 'account':
      case 'own-app':
      case 'visitors-domain':
      case 'stranger':
        return false;
    }
  }

  async #restore(session: Session, inbound: Inbound, jid: string): Promise<void> {
    const item = await this.#services.rosterItem(session, inbound, jid);
    session.send(rosterPush(session, rosterItemElement(item)), 'keep');
  }
}
