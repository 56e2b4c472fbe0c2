import type { Clock, Logger } from '@chat-gateway/runtime';
import type { Item } from '../bus/messages.ts';
import type { Sessions } from '../bus/port.ts';
import type { Inbound, Session, SessionLayer } from '../c2s/session.ts';
import type { Tenant } from '../config/tenants.ts';
import type { Archive } from '../helpdesk/archive.ts';
import { Pictures } from '../picture/pictures.ts';
import { staffAt } from '../routing/addressee.ts';
import { Delivery } from '../routing/deliver.ts';
import { describeEntities } from '../routing/entities.ts';
import { find } from '../routing/find.ts';
import { errorReply, IqDispatch, stanzaErrorFor } from '../routing/iq.ts';
import { Messages } from '../routing/messages.ts';
import { Presences } from '../routing/presence.ts';
import { Questions } from '../routing/questions.ts';
import {
  readerOf,
  renderChatState,
  renderMarker,
  renderMessage,
  renderPresence,
  renderReceipt,
  renderRefusal,
} from '../routing/render.ts';
import { RosterLookups } from '../routing/roster-asks.ts';
import type { Files } from '../helpdesk/files.ts';
import type { Lab } from '../helpdesk/lab.ts';
import type { XmlElement } from '../xmpp/element.ts';
import { features as catalogue } from './catalogue.ts';
import type { AdHocCommand, Feature, Hooks, Services } from './feature.ts';

export interface SessionLayerDeps {
  readonly bus: { readonly sessions: Pick<Sessions, 'of' | 'deliver'> };
  readonly clock: Clock;
  readonly log: Logger;
  /** Of this program. */
  readonly version: string;
  /** Absent where no tenant is a lab. */
  readonly lab?: Lab;
  readonly files?: Files;
  /** What a tenant's staff said and heard; absent or `undefined`: nothing is kept. */
  readonly archiveOf?: (tenant: Tenant) => Archive | undefined;
  /** Default: the catalogue. */
  readonly features?: readonly Feature[];
}

type ItemHandler = (session: Session, item: Item) => XmlElement | undefined;
type RenderHandler = Parameters<Hooks['onRender']>[0];
type NonzaHandler = Parameters<Hooks['onNonza']>[2];
type SessionHandler = (session: Session) => void;

const nothing = () => undefined;
const noLab: Lab = {
  mayAdminister: () => false,
  add: () => Promise.resolve('no-lab'),
  remove: () => Promise.resolve('no-lab'),
};

/** Everything above the stream: the features of the catalogue, the delivery rules, and what items look like. */
export function createSessionLayer(deps: SessionLayerDeps): SessionLayer {
  const { bus, clock, log, version, lab = noLab, archiveOf = nothing, features = catalogue } = deps;
  const iqs = new IqDispatch(log);
  const questions = new Questions(clock);
  const lookups = new RosterLookups(clock);
  const entities = describeEntities(features);
  const nonzas = new Map<string, NonzaHandler>();
  const itemHandlers = new Map<Item['kind'], ItemHandler>();
  const renders: RenderHandler[] = [];
  const commands: AdHocCommand[] = [];
  const nodes: Parameters<Hooks['onNode']>[0][] = [];
  const moreInfo: Parameters<Hooks['onInfo']>[0][] = [];
  const moreItems: Parameters<Hooks['onItems']>[0][] = [];
  const onResumed: SessionHandler[] = [];
  const onClosed: SessionHandler[] = [];

  const sessionsOf: Services['sessionsOf'] = async (session, jid) => bus.sessions.of(session.tenant.id, staffAt(jid));
  const ask: Services['ask'] = (session, inbound, question) => questions.ask(session, inbound, question);
  const services: Services = {
    clock,
    version,
    entities,
    lab,
    files: deps.files,
    pictures: new Pictures(),
    commands,
    nodeOf: async (request, node) => {
      for (const handler of nodes) {
        const found = await handler(request, node);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    infoOf: (request) => moreInfo.flatMap((handler) => handler(request) ?? []),
    itemsOf: (request) => moreItems.flatMap((handler) => handler(request)),
    sessionsOf,
    ask,
    command: (session, inbound, command) => questions.command(session, inbound, command),
    archiveOf,
    find: (request) => find(request, { ask, sessionsOf }),
    rosterItem: (session, inbound, jid) => lookups.item(session, inbound, jid),
  };
  const delivery = new Delivery({
    sessions: bus.sessions,
    clock,
    archiveOf,
    isStaff: async (session, inbound, staff) =>
      staff === session.staff || (await ask(session, inbound, { about: 'staff-card', staff })).about === 'staff-card',
  });
  const messages = new Messages(clock, delivery);
  const presences = new Presences(clock, services, (session) => {
    delivery.arrive(session).catch((error: unknown) => {
      log.warn({ err: error }, 'what waited for an app could not be given to it');
    });
  });
  const hooks: Hooks = {
    onIq: (type, namespace, name, handler) => {
      iqs.register(type, namespace, name, handler);
    },
    onNonza: (namespace, name, handler) => {
      nonzas.set(`${namespace} ${name}`, handler);
    },
    onItem: (kind, handler) => {
      // the map's key says which kind a handler gets
      itemHandlers.set(kind, handler as ItemHandler);
    },
    onRender: (handler) => {
      renders.push(handler);
    },
    onCommand: (command) => {
      commands.push(command);
    },
    onNode: (handler) => {
      nodes.push(handler);
    },
    onInfo: (handler) => {
      moreInfo.push(handler);
    },
    onItems: (handler) => {
      moreItems.push(handler);
    },
    onResumed: (handler) => {
      onResumed.push(handler);
    },
    onClosed: (handler) => {
      onClosed.push(handler);
    },
  };
  for (const feature of features) feature.setup?.(hooks, services);

  function base(session: Session, item: Item): XmlElement | undefined {
    switch (item.kind) {
      case 'message':
        return renderMessage(item, readerOf(session));
      case 'refusal':
        return renderRefusal(item, readerOf(session));
      case 'receipt':
        return renderReceipt(item, readerOf(session));
      case 'chat-state':
        return renderChatState(item, readerOf(session));
      case 'presence':
        return renderPresence(item, readerOf(session));
      case 'answer':
        questions.answered(session, item);
        return undefined;
      case 'roster':
        if (lookups.answered(session, item)) return undefined;
        return itemHandlers.get(item.kind)?.(session, item);
      case 'marker':
        return renderMarker(item, readerOf(session));
      case 'roster-push':
      case 'blocked':
        return itemHandlers.get(item.kind)?.(session, item);
      case 'stanza':
        // XML that the stream has written itself: it needs no rendering
        return undefined;
    }
  }

  function fail(session: Session, inbound: Inbound, error: unknown): void {
    const known = stanzaErrorFor(error, log);
    if (known === undefined || inbound.element.attrs.type === 'error') return;
    session.send(errorReply(inbound.element, session.fullJid, known), 'keep');
  }

  function handle(session: Session, inbound: Inbound): void | Promise<void> {
    switch (inbound.element.getName()) {
      case 'iq':
        return iqs.handle(session, inbound);
      case 'presence':
        return presences.handle(session, inbound);
      default: {
        const before = presences.flush(session);
        const done = messages.handle(session, inbound);
        // a presence that is lost is repaired by the next one; the message is what counts
        return before === undefined ? done : Promise.all([before.catch(nothing), done]).then(nothing);
      }
    }
  }

  return {
    streamFeatures: (tenant) => features.flatMap((feature) => feature.stream?.(entities, tenant) ?? []),

    stanza(session, inbound) {
      try {
        return handle(session, inbound)?.catch((error: unknown) => {
          fail(session, inbound, error);
        });
      } catch (error) {
        fail(session, inbound, error);
        return undefined;
      }
    },

    nonza(session, element) {
      const handler = nonzas.get(`${element.getNS() ?? ''} ${element.getName()}`);
      handler?.(session, element);
      return handler !== undefined;
    },

    render(session, item) {
      let stanza = base(session, item);
      for (const handler of renders) {
        if (stanza === undefined) return undefined;
        stanza = handler(session, item, stanza);
      }
      return stanza;
    },

    proved: (session, proofs) => delivery.proved(session, proofs),

    resumed(session) {
      for (const handler of onResumed) handler(session);
    },

    closed(session) {
      for (const handler of onClosed) handler(session);
      presences.closed(session);
      messages.closed(session);
      questions.closed(session);
      lookups.closed(session);
    },
  };
}
