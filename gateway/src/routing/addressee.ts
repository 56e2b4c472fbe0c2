import type { Addressee } from '../features/feature.ts';
import type { ChatId, StaffId } from '../helpdesk/model.ts';
import { unescapeLocal, type Jid } from '../xmpp/jid.ts';

/** Localpart of the contact `Chat Gateway` on the visitors' domain. */
export const GATEWAY_LOCAL = 'gateway';
/** The one resource under which colleagues see each other, whatever apps they use. */
export const STAFF_RESOURCE = 'helpdesk';

/** Whose point of view an address is read from. */
export interface Viewer {
  readonly tenant: { readonly domain: string; readonly visitorsDomain: string };
  readonly bareJid: string;
}

/** Takes a canonical address apart; the stream has checked it, so nothing is checked again. */
function split(text: string): Jid {
  const slash = text.indexOf('/');
  const bare = slash < 0 ? text : text.slice(0, slash);
  const at = bare.indexOf('@');
  return {
    local: at < 0 ? '' : bare.slice(0, at),
    domain: bare.slice(at + 1),
    resource: slash < 0 ? '' : text.slice(slash + 1),
    bare,
    full: text,
  };
}

/**
 * Who `to` is for this staff user. `to` is canonical; absent, it is the account [RFC6120 §10.3.1].
 *
 * | domain | localpart | is |
 * |---|---|---|
 * | the tenant's | none | domain |
 * | the tenant's | own | account, or with a resource own-app |
 * | the tenant's | other | colleague |
 * | visitors' | none | visitors-domain |
 * | visitors' | `gateway` | gateway |
 * | visitors' | other | visitor |
 * | any other | any | stranger |
 */
export function addresseeOf(to: string | undefined, viewer: Viewer): Addressee {
  if (to === undefined || to === '' || to === viewer.bareJid) return { is: 'account' };
  const jid = split(to);
  const { tenant } = viewer;
  if (jid.domain === tenant.domain) {
    if (jid.local === '') return { is: 'domain' };
    if (jid.bare === viewer.bareJid) return { is: 'own-app', jid };
    return { is: 'colleague', jid };
  }
  if (jid.domain === tenant.visitorsDomain) {
    if (jid.local === '') return { is: 'visitors-domain' };
    return { is: jid.local === GATEWAY_LOCAL ? 'gateway' : 'visitor', jid };
  }
  return { is: 'stranger', jid };
}

/** The chat that a visitor's address names; whether there is one is the desk's to know. */
export function chatAt(jid: Jid): ChatId {
  return jid.local as ChatId;
}

export function staffAt(jid: Jid): StaffId {
  return unescapeLocal(jid.local) as StaffId;
}
