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
  scope: 'A stanza id on every line and text, the same on all copies; origin ids are read.',
  disco: { domain: ['urn:xmpp:sid:0'], account: ['urn:xmpp:sid:0'] },
});

const contacts = (...features: readonly string[]) => ({ visitor: features, staff: features });

export const correction = defineFeature({
  name: 'message correction',
  spec: 'XEP-0308 1.2.1',
  scope: 'Of own lines, to visitors and colleagues.',
  disco: contacts('urn:xmpp:message-correct:0'),
});

export const outOfBandData = defineFeature({
  name: 'out of band data',
  spec: 'XEP-0066 1.5',
  scope: 'Addresses of files in messages: the text is the same address.',
  disco: contacts('jabber:x:oob'),
});

export const markers = defineFeature({
  name: 'displayed markers',
  spec: 'XEP-0333 1.0.0',
  scope: '`displayed` both ways; the visitor’s page says what it has shown.',
  disco: contacts('urn:xmpp:chat-markers:0'),
});

export const retraction = defineFeature({
  name: 'message retraction',
  spec: 'XEP-0424 0.4.2',
  scope: 'Of own lines, to visitors and colleagues; the form before 0.4 is read too.',
  disco: contacts('urn:xmpp:message-retract:1'),
});

export const fallbackIndication = defineFeature({
  name: 'fallback indication',
  spec: 'XEP-0428 0.2.1',
  scope: 'Texts that stand in for something else are not passed on; ours are marked as such.',
  disco: contacts('urn:xmpp:fallback:0'),
});

export const reactions = defineFeature({
  name: 'message reactions',
  spec: 'XEP-0444 0.2.1',
  scope: 'Emoji, to visitors and colleagues; a colleague’s reaction in a visitor’s chat is told in words.',
  disco: contacts('urn:xmpp:reactions:0'),
});

export const replies = defineFeature({
  name: 'message replies',
  spec: 'XEP-0461 0.2.1',
  scope: 'To visitors and colleagues; the quotation of a reply (XEP-0428) is not sent.',
  disco: contacts('urn:xmpp:reply:0'),
});
