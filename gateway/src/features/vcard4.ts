import type { Session } from '../c2s/session.ts';
import type { Picture } from '../picture/pictures.ts';
import { chatAt } from '../routing/addressee.ts';
import { type ContactCard, contactCard, gatewayCard } from '../routing/contact-card.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { type Addressee, defineFeature, type IqRequest, type Services } from './feature.ts';

const PUBSUB = 'http://jabber.org/protocol/pubsub';
const NODE = 'urn:xmpp:vcard4';
/** The one item of the node: a card is replaced, never added to. */
const ITEM = 'current';

const text = (name: string, value: string | undefined) => value !== undefined && xml(name, {}, xml('text', {}, value));

/** [RFC6351] */
export function vcard4(card: ContactCard, picture?: Picture): XmlElement {
  const { name, nickname, email, phone, location, url, organisation, teams, note } = card;
  const parts = [organisation, ...(teams ?? [])].filter((part) => part !== undefined);
  return xml(
    'vcard',
    'urn:ietf:params:xml:ns:vcard-4.0',
    text('fn', name),
    text('nickname', nickname),
    picture && xml('photo', {}, xml('uri', {}, `data:${picture.type};base64,${picture.data}`)),
    location !== undefined && xml('adr', {}, xml('locality', {}, location)),
    phone !== undefined && xml('tel', {}, xml('text', {}, phone)),
    text('email', email),
    parts.length > 0 && xml('org', {}, ...parts.map((part) => xml('text', {}, part))),
    url !== undefined && xml('url', {}, xml('uri', {}, url)),
    text('note', note),
  );
}

/** Whose node it is: persons and accounts have one, domains and single apps have none. */
function ownerOf(to: Addressee, session: Session): string | undefined {
  switch (to.is) {
    case 'account':
      return session.bareJid;
    case 'visitor':
    case 'colleague':
    case 'gateway':
      return to.jid.bare;
    case 'domain':
    case 'visitors-domain':
    case 'own-app':
    case 'stranger':
      return undefined;
  }
}

async function cardOf(request: IqRequest, { ask, find, pictures }: Services): Promise<XmlElement | undefined> {
  const { session, inbound, to } = request;
  const organisation = session.tenant.config.name ?? session.tenant.domain;
  switch (to.is) {
    case 'gateway':
      return vcard4(gatewayCard(organisation), pictures.sign);
    case 'account': {
      const card = contactCard(
        await ask(session, inbound, { about: 'staff-card', staff: session.staff }),
        organisation,
      );
      return card && vcard4(card);
    }
    default: {
      const card = contactCard((await find(request)).answer, organisation);
      return card && vcard4(card, to.is === 'visitor' ? pictures.of(chatAt(to.jid)) : undefined);
    }
  }
}

/** True when the request is for the one item there is: for all, or for some of which it is one [XEP-0060 §6.5]. */
function wants(items: XmlElement): boolean {
  const { max_items: most = '1' } = items.attrs;
  if (!/^\d{1,9}$/u.test(most)) throw new StanzaError('modify', 'bad-request');
  const ids = items.getChildren('item', PUBSUB).map((item) => item.attrs.id);
  return Number(most) > 0 && (ids.length === 0 || ids.includes(ITEM));
}

const notThere = () => new StanzaError('cancel', 'service-unavailable');

function unsupported(feature: string): StanzaError {
  const specific = xml('unsupported', { xmlns: `${PUBSUB}#errors`, feature });
  return new StanzaError('cancel', 'feature-not-implemented', undefined, specific);
}

/**
 * COMPAT(Gajim, it shows a contact's details only from this node of their personal eventing). Nothing else of
 * publish-subscribe is there, so the account does not say that it has personal eventing: apps would then keep there
 * what they can keep elsewhere.
 *
 * | | this node | another node |
 * |---|---|---|
 * | items | the card | item-not-found |
 * | publish, retract | not-allowed at one's own, else forbidden | service-unavailable |
 * | subscribe and all else that changes | feature-not-implemented | service-unavailable |
 */
export const vcard4Node = defineFeature({
  name: 'vCard4',
  spec: 'XEP-0292 0.12',
  scope: 'Read only, as the node `urn:xmpp:vcard4` (XEP-0060, XEP-0163) of visitors, colleagues and one’s own account.',
  setup({ onIq, onNode, onItems }, services) {
    onIq('get', PUBSUB, 'pubsub', async (request) => {
      const items = request.payload.getChild('items', PUBSUB);
      const node = items?.attrs.node;
      if (ownerOf(request.to, request.session) === undefined || items === undefined || node === undefined) {
        throw notThere();
      }
      // Not asked whether the contact exists: for other nodes the answer is the same for all.
      if (node !== NODE) throw new StanzaError('cancel', 'item-not-found');
      const isWanted = wants(items);
      const card = await cardOf(request, services);
      if (card === undefined) throw new StanzaError('cancel', 'item-not-found');
      return xml('pubsub', PUBSUB, xml('items', { node }, isWanted && xml('item', { id: ITEM }, card)));
    });

    onIq('set', PUBSUB, 'pubsub', ({ to, session, payload }) => {
      const [verb] = payload.getChildElements();
      if (verb?.attrs.node !== NODE || ownerOf(to, session) === undefined) throw notThere();
      switch (verb.getName()) {
        case 'publish':
        case 'retract':
          if (to.is !== 'account') throw new StanzaError('auth', 'forbidden');
          throw new StanzaError('cancel', 'not-allowed', 'Your card is kept by your helpdesk.');
        case 'create':
          throw new StanzaError('cancel', 'conflict');
        case 'subscribe':
        case 'unsubscribe':
          // [XEP-0060 §6.1.3.9]
          throw unsupported('subscribe');
        default:
          throw notThere();
      }
    });

    onNode(({ to, session }, node) => {
      const jid = ownerOf(to, session);
      if (node !== NODE || jid === undefined) return undefined;
      return {
        identity: { category: 'pubsub', type: 'leaf', name: 'Contact card' },
        features: [PUBSUB],
        items: [{ jid, name: ITEM }],
      };
    });

    onItems(({ to, session }) => {
      const jid = ownerOf(to, session);
      return jid === undefined ? [] : [{ jid, node: NODE, name: 'Contact card' }];
    });
  },
});
