import { defineFeature } from './feature.ts';

const PING = 'urn:xmpp:ping';

export const ping = defineFeature({
  name: 'ping',
  spec: 'XEP-0199 2.0.1',
  scope: 'Answered by everybody who is there; sent to apps that do not acknowledge stanzas.',
  disco: {
    domain: [PING],
    account: [PING],
    'visitors-domain': [PING],
    visitor: [PING],
    gateway: [PING],
    staff: [PING],
    app: [PING],
  },
  setup({ onIq }, { find }) {
    onIq('get', PING, 'ping', (request) => {
      // Apps take a late answer for a dead connection: those of the domain and the account wait for nobody.
      if (request.to.is === 'domain' || request.to.is === 'account') return undefined;
      return find(request).then(() => undefined);
    });
  },
});
