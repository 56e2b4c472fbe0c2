import type { Logger } from '@chat-gateway/runtime';
import { BusUnavailableError, BusyError, SupersededError } from '../bus/port.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import type { Addressee, IqAnswer, IqRequest } from '../features/feature.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { HelpdeskError } from '../helpdesk/errors.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { StreamError } from '../xmpp/stream-error.ts';
import { addresseeOf } from './addressee.ts';
import { LONGEST_ID } from './read-message.ts';
import { tooBusy, unavailable } from './unavailable.ts';

export type IqHandler = (request: IqRequest) => IqAnswer | Promise<IqAnswer>;

/** Refuses a request at an addressee that has nothing of the kind. */
export function onlyAt(request: IqRequest, ...places: readonly Addressee['is'][]): void {
  if (!places.includes(request.to.is)) throw new StanzaError('cancel', 'service-unavailable');
}

/** The answer to a stanza that failed: type `error`, addresses swapped, nothing of its content. */
export function errorReply(stanza: XmlElement, to: string, error: StanzaError): XmlElement {
  return xml(stanza.getName(), { type: 'error', id: stanza.attrs.id, from: stanza.attrs.to, to }, error.toElement());
}

/**
 * What the peer hears of a failure; `undefined`: nobody is there to hear it. Surprises are logged, here and once.
 * @throws StreamError
 */
export function stanzaErrorFor(error: unknown, log: Logger): StanzaError | undefined {
  if (error instanceof StreamError) throw error;
  if (error instanceof StanzaError) return error;
  if (error instanceof SupersededError) return undefined;
  if (error instanceof BusyError || error instanceof BusUnavailableError) return tooBusy();
  if (error instanceof HelpdeskError && error.soft) return tooBusy();
  log.error({ err: error }, 'a stanza could not be handled');
  return new StanzaError('cancel', 'internal-server-error');
}

/** Requests by type, namespace and name; each gets exactly one answer, from the address that was asked. */
export class IqDispatch {
  readonly #handlers = new Map<string, IqHandler>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  register(type: 'get' | 'set', namespace: string, name: string, handler: IqHandler): void {
    const key = `${type} ${namespace} ${name}`;
    if (this.#handlers.has(key)) throw new Error(`two features answer ${key}`);
    this.#handlers.set(key, handler);
  }

  /**
   * Answers a request. What a `set` causes is stored when the promise resolves; a `get` changes nothing, so the
   * stream need not wait for its answer. Results and errors of apps answer nothing that a feature asked: ignored.
   */
  handle(session: Session, inbound: Inbound): void | Promise<void> {
    const { element } = inbound;
    const { type } = element.attrs;
    if (type === 'result' || type === 'error') return;
    const refuse = (error: unknown) => {
      const known = stanzaErrorFor(error, this.#log);
      if (known !== undefined) session.send(errorReply(element, session.fullJid, known), 'keep');
    };
    const accept = (payload: IqAnswer) => {
      if (payload === 'answered') return;
      const { id, to: from } = element.attrs;
      session.send(xml('iq', { type: 'result', id, from, to: session.fullJid }, payload ?? undefined), 'keep');
    };
    let answer: IqAnswer | Promise<IqAnswer>;
    try {
      answer = this.#answer(session, inbound);
    } catch (error) {
      refuse(error);
      return;
    }
    if (!(answer instanceof Promise)) {
      accept(answer);
      return;
    }
    const done = answer.then(accept, refuse);
    if (type === 'set') return done;
    done.catch((error: unknown) => {
      session.close(error instanceof StreamError ? error : new StreamError('internal-server-error'));
    });
  }

  #answer(session: Session, inbound: Inbound): IqAnswer | Promise<IqAnswer> {
    const { element } = inbound;
    const { type, id } = element.attrs;
    if (type !== 'get' && type !== 'set') throw new StanzaError('modify', 'bad-request');
    if (id === undefined || id === '' || id.length > LONGEST_ID) throw new StanzaError('modify', 'bad-request');
    const [payload, ...more] = element.getChildElements();
    if (payload === undefined || more.length > 0) throw new StanzaError('modify', 'bad-request');
    const to = addresseeOf(element.attrs.to, session);
    if (to.is === 'stranger') throw unavailable();
    const handler = this.#handlers.get(`${type} ${payload.getNS() ?? ''} ${payload.getName()}`);
    if (handler === undefined) throw new StanzaError('cancel', 'service-unavailable');
    return handler({ session, inbound, to, payload });
  }
}
