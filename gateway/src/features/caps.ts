import { CAPS_NODE } from '../routing/entities.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { defineFeature, type EntityInfo } from './feature.ts';

const CAPS = 'http://jabber.org/protocol/caps';
const everybody = [CAPS];

function capsElement({ ver }: EntityInfo): XmlElement {
  return xml('c', { xmlns: CAPS, hash: 'sha-1', node: CAPS_NODE, ver });
}

/** Apps show typing only to and from contacts whose capabilities have chat states. */
export const caps = defineFeature({
  name: 'entity capabilities',
  spec: 'XEP-0115 1.6.0',
  scope: 'Of the domain (stream feature), visitors, colleagues and the contact `Chat Gateway`.',
  disco: { domain: everybody, visitor: everybody, gateway: everybody, staff: everybody },
  stream: (entities, { config }) => [capsElement(entities[config.lab ? 'lab' : 'domain'])],
  setup({ onRender }, { entities }) {
    onRender((_session, item, stanza) => {
      if (item.kind === 'presence' && item.caps !== undefined && item.show !== 'unavailable') {
        stanza.append(capsElement(entities[item.caps]));
      }
      return stanza;
    });
  },
});
