import { CAPS_NODE } from '../routing/entities.ts';
import { GATEWAY_LOCAL } from '../routing/addressee.ts';
import { resultForm } from '../routing/form.ts';
import { xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { type Addressee, defineFeature, type DiscoItem } from './feature.ts';

const INFO = 'http://jabber.org/protocol/disco#info';
const ITEMS = 'http://jabber.org/protocol/disco#items';

export const disco = defineFeature({
  name: 'service discovery',
  spec: 'XEP-0030 2.5.0',
  scope: 'Of the domain, the account, visitors, colleagues and the contact `Chat Gateway`.',
  disco: {
    domain: [INFO, ITEMS],
    account: [INFO, ITEMS],
    'visitors-domain': [INFO, ITEMS],
    visitor: [INFO],
    gateway: [INFO],
    staff: [INFO],
    app: [INFO],
  },
  setup({ onIq }, { entities, find, nodeOf, infoOf, itemsOf }) {
    onIq('get', INFO, 'query', async (request) => {
      const { node } = request.payload.attrs;
      const { entity } = await find(request);
      const { ver } = entities[entity];
      const isWhole = node === undefined || node === `${CAPS_NODE}#${ver}`;
      const described = isWhole ? entities[entity] : await nodeOf(request, node);
      if (described === undefined) throw new StanzaError('cancel', 'item-not-found');
      const { identity, features } = described;
      const more = node === undefined ? infoOf(request) : [];
      return xml(
        'query',
        { xmlns: INFO, node },
        xml('identity', { ...identity }),
        ...more.map((one) => one.identity && xml('identity', { ...one.identity })),
        ...[features, ...more.map((one) => one.features)].flat().map((feature) => xml('feature', { var: feature })),
        ...more.map((one) => one.form && resultForm(one.form.type, one.form.values)),
      );
    });

    onIq('get', ITEMS, 'query', async (request) => {
      const { node } = request.payload.attrs;
      await find(request);
      if (node !== undefined) {
        const described = await nodeOf(request, node);
        if (described === undefined) throw new StanzaError('cancel', 'item-not-found');
        return xml('query', { xmlns: ITEMS, node }, ...described.items.map((item) => xml('item', { ...item })));
      }
      const { visitorsDomain } = request.session.tenant;
      const own: Partial<Record<Addressee['is'], DiscoItem>> = {
        domain: { jid: visitorsDomain, name: 'Visitors' },
        'visitors-domain': { jid: `${GATEWAY_LOCAL}@${visitorsDomain}`, name: 'Chat Gateway' },
      };
      const items = [own[request.to.is] ?? [], itemsOf(request)].flat();
      return xml('query', ITEMS, ...items.map((item) => xml('item', { ...item })));
    });
  },
});
