import { StanzaError } from '../xmpp/stanza-error.ts';

/**
 * The one answer for whoever cannot be reached: a colleague without an app, an unknown user, another tenant.
 * They are not told apart, so that nobody can find out who exists.
 */
export function unavailable(): StanzaError {
  return new StanzaError('cancel', 'service-unavailable', 'Nobody can be reached at this address now.');
}

/** For a chat that does not exist, and for one that this staff user may not see. */
export function noSuchChat(): StanzaError {
  return new StanzaError('cancel', 'item-not-found', 'There is no such chat.');
}

export function tooBusy(): StanzaError {
  return new StanzaError('wait', 'resource-constraint', 'The helpdesk does not answer now. Please try again.');
}
