import { type ContactCard, contactCard, gatewayCard } from '../routing/contact-card.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { defineFeature } from './feature.ts';

const PUBSUB = 'http://jabber.org/protocol/pubsub';
const NODE = 'urn:xmpp:vcard4';

const text = (name: string, value: string | undefined) => value !== undefined && xml(name, {}, xml('text', {}, value));

/** [RFC6351] */
export function vcard4(card: ContactCard): XmlElement {
  const { name, nickname, email, phone, location, url, organisation, teams, note } = card;
  const parts = [organisation, ...(teams ?? [])].filter((part) => part !== undefined);
  return xml(
    'vcard',
    'urn:ietf:params:xml:ns:vcard-4.0',
    text('fn', name),
    text('nickname', nickname),
    location !== undefined && xml('adr', {}, xml('locality', {}, location)),
    phone !== undefined && xml('tel', {}, xml('text', {}, phone)),
    text('email', email),
    parts.length > 0 && xml('org', {}, ...parts.map((part) => xml('text', {}, part))),
    url !== undefined && xml('url', {}, xml('uri', {}, url)),
    text('note', note),
  );
}

/**
 * COMPAT(Gajim, it shows a contact's details only from this node of their personal eventing). Nothing else of
 * publish-subscribe is there: other nodes are not found, all that changes one is service-unavailable.
 */
export const vcard4Node = defineFeature({
  name: 'vCard4',
  spec: 'XEP-0292 0.12',
  scope: 'Read only, by asking for the items of the node `urn:xmpp:vcard4`.',
  setup({ onIq }, { find, ask }) {
    onIq('get', PUBSUB, 'pubsub', async (request) => {
      const { session, inbound, to, payload } = request;
      if (to.is === 'domain' || to.is === 'visitors-domain' || to.is === 'own-app') {
        throw new StanzaError('cancel', 'service-unavailable');
      }
      const node = payload.getChild('items', PUBSUB)?.attrs.node;
      if (node === undefined) throw new StanzaError('cancel', 'service-unavailable');
      // Not asked whether the contact exists: for other nodes the answer is the same for all.
      if (node !== NODE) throw new StanzaError('cancel', 'item-not-found');
      const organisation = session.tenant.config.name ?? session.tenant.domain;
      const own = to.is === 'account';
      const card =
        to.is === 'gateway'
          ? gatewayCard(organisation)
          : contactCard(
              own
                ? await ask(session, inbound, { about: 'staff-card', staff: session.staff })
                : (await find(request)).answer,
              organisation,
            );
      if (card === undefined) throw new StanzaError('cancel', 'item-not-found');
      return xml('pubsub', PUBSUB, xml('items', { node }, xml('item', { id: 'current' }, vcard4(card))));
    });
  },
});
