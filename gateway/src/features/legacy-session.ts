import { xml } from '../xmpp/element.ts';
import { defineFeature } from './feature.ts';

const SESSION = 'urn:ietf:params:xml:ns:xmpp-session';

/** COMPAT(libpurple, mcabber, Converse.js: they ask for it always, and take an error for a failed login). */
export const legacySession = defineFeature({
  name: 'legacy session',
  spec: 'RFC 3921 §3',
  scope: 'Answered, and optional.',
  stream: () => [xml('session', SESSION, xml('optional'))],
  setup({ onIq }) {
    onIq('set', SESSION, 'session', () => undefined);
  },
});
