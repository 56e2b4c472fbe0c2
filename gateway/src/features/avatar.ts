import type { Item } from '../bus/messages.ts';
import { xml } from '../xmpp/element.ts';
import { defineFeature, type Services } from './feature.ts';

const UPDATE = 'vcard-temp:x:update';

type PresenceItem = Extract<Item, { kind: 'presence' }>;

function hashOf({ caps, from }: PresenceItem, pictures: Services['pictures']): string | undefined {
  if (caps === 'gateway') return pictures.sign.sha1;
  return caps === 'visitor' ? pictures.of(from.slice(0, from.indexOf('@'))).sha1 : undefined;
}

/**
 * A visitor has a picture drawn from the chat, so that several windows are told apart at a glance. A contact without
 * one has an empty photo: where there is none at all, apps ask for it [XEP-0153 §4.1].
 */
export const avatars = defineFeature({
  name: 'vCard avatars',
  spec: 'XEP-0153 1.1',
  scope: 'Visitors have a picture drawn from the chat, and `Chat Gateway` a sign. Colleagues have none.',
  setup({ onRender }, { pictures }) {
    onRender((_session, item, stanza) => {
      if (item.kind === 'presence' && item.caps !== undefined && item.show !== 'unavailable') {
        stanza.append(xml('x', UPDATE, xml('photo', {}, hashOf(item, pictures))));
      }
      return stanza;
    });
  },
});
