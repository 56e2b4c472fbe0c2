/**
 * Extensions that live in the stream, in the addresses or in the delivery rules, and so have nothing to answer:
 * what they announce and how much of them there is.
 */
import { defineFeature } from './feature.ts';

export const core = defineFeature({
  name: 'core',
  spec: 'RFC 6120',
  scope: 'Streams, STARTTLS (required), SASL PLAIN, resource binding, stanza errors; client to server only.',
});

export const tls = defineFeature({ name: 'tls', spec: 'RFC 7590', scope: 'TLS 1.2 and later, required.' });

export const instantMessaging = defineFeature({
  name: 'instant messaging',
  spec: 'RFC 6121',
  scope: 'Presence, roster with versioning (the helpdesk’s, read only), delivery rules of section 8.5.',
});

export const addresses = defineFeature({ name: 'addresses', spec: 'RFC 7622', scope: 'All of it.' });

export const directTls = defineFeature({
  name: 'direct TLS',
  spec: 'XEP-0368 1.1.0',
  scope: 'Port 5223, ALPN `xmpp-client`.',
});

export const streamManagement = defineFeature({
  name: 'stream management',
  spec: 'XEP-0198 1.6.3',
  scope: 'Acknowledgements and resumption.',
});

export const jidEscaping = defineFeature({
  name: 'JID escaping',
  spec: 'XEP-0106 1.1',
  scope: 'Usernames with characters that a localpart cannot have.',
  disco: { domain: ['jid\\20escaping'] },
});

export const receipts = defineFeature({
  name: 'message receipts',
  spec: 'XEP-0184 1.4.0',
  scope: 'A visitor’s receipt says that the helpdesk has the message; passed on between colleagues.',
  disco: { visitor: ['urn:xmpp:receipts'], gateway: ['urn:xmpp:receipts'], staff: ['urn:xmpp:receipts'] },
});

export const chatStates = defineFeature({
  name: 'chat states',
  spec: 'XEP-0085 2.1',
  scope: 'Both ways, with visitors and colleagues; at most one `composing` in 2 s per contact.',
  disco: {
    visitor: ['http://jabber.org/protocol/chatstates'],
    gateway: ['http://jabber.org/protocol/chatstates'],
    staff: ['http://jabber.org/protocol/chatstates'],
  },
});

export const delayedDelivery = defineFeature({
  name: 'delayed delivery',
  spec: 'XEP-0203 2.0',
  scope: 'On lines that an app gets late.',
});

export const stanzaIds = defineFeature({
  name: 'stanza ids',
  spec: 'XEP-0359 0.7.0',
  scope: 'A stanza id on every text, the same on all copies; origin ids are read.',
  disco: { domain: ['urn:xmpp:sid:0'], account: ['urn:xmpp:sid:0'] },
});

export const correction = defineFeature({
  name: 'message correction',
  spec: 'XEP-0308 1.2.1',
  scope: 'Passed on between colleagues.',
  disco: { staff: ['urn:xmpp:message-correct:0'] },
});

export const replies = defineFeature({
  name: 'replies',
  spec: 'XEP-0461 0.2.1',
  scope: 'The quotation of a reply (XEP-0428) is not sent.',
});
