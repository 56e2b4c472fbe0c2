import { onlyAt } from '../routing/iq.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { defineFeature } from './feature.ts';

const BLOCKING = 'urn:xmpp:blocking';

function itemsOf(payload: XmlElement): readonly XmlElement[] {
  const items = payload.getChildren('item', BLOCKING);
  if (items.some((item) => (item.attrs.jid ?? '') === '')) throw new StanzaError('modify', 'bad-request');
  return items;
}

/** Not announced, so that apps offer no menu entry that always fails: nobody can be blocked yet. */
export const blocking = defineFeature({
  name: 'blocking command',
  spec: 'XEP-0191 1.3',
  scope: 'Answered: the list is empty and nobody can be put on it. Not announced.',
  setup({ onIq }) {
    onIq('get', BLOCKING, 'blocklist', (request) => {
      onlyAt(request, 'account');
      return xml('blocklist', BLOCKING);
    });

    onIq('set', BLOCKING, 'block', (request) => {
      onlyAt(request, 'account');
      if (itemsOf(request.payload).length === 0) throw new StanzaError('modify', 'bad-request');
      throw new StanzaError('cancel', 'not-allowed', 'Contacts are your helpdesk’s; they cannot be blocked here.');
    });

    onIq('set', BLOCKING, 'unblock', (request) => {
      onlyAt(request, 'account');
      if (itemsOf(request.payload).length > 0) throw new StanzaError('cancel', 'item-not-found');
    });
  },
});
