import type { Session } from '../c2s/session.ts';
import type { Picture } from '../picture/pictures.ts';
import { chatAt } from '../routing/addressee.ts';
import { type ContactCard, contactCard, gatewayCard } from '../routing/contact-card.ts';
import { isLibpurple } from '../routing/render.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { defineFeature } from './feature.ts';

const VCARD = 'vcard-temp';

/** Between lines, for whom shows a text as one paragraph. */
const SEPARATOR = ' \u00b7 ';

/** [XEP-0153 §4.1] */
function photo({ type, data }: Picture): XmlElement {
  return xml('PHOTO', {}, xml('TYPE', {}, type), xml('BINVAL', {}, data));
}

export function vcardTemp(card: ContactCard | undefined, session: Session, picture?: Picture): XmlElement {
  if (card === undefined) return xml('vCard', VCARD);
  const { name, nickname, email, phone, location, url, organisation, teams, note } = card;
  // COMPAT(libpurple, it takes a full name or a nickname for news: “<address> is now known as …” in the chat)
  const isForLibpurple = isLibpurple(session);
  return xml(
    'vCard',
    VCARD,
    !isForLibpurple && xml('FN', {}, name),
    xml('N', {}, xml('GIVEN', {}, name)),
    !isForLibpurple && nickname !== undefined && xml('NICKNAME', {}, nickname),
    location !== undefined && xml('ADR', {}, xml('WORK'), xml('LOCALITY', {}, location)),
    phone !== undefined && xml('TEL', {}, xml('WORK'), xml('VOICE'), xml('NUMBER', {}, phone)),
    email !== undefined && xml('EMAIL', {}, xml('INTERNET'), xml('PREF'), xml('USERID', {}, email)),
    organisation !== undefined &&
      xml('ORG', {}, xml('ORGNAME', {}, organisation), ...(teams ?? []).map((team) => xml('ORGUNIT', {}, team))),
    url !== undefined && xml('URL', {}, url),
    picture && photo(picture),
    // COMPAT(libpurple, it shows a description without its line breaks)
    note !== undefined && xml('DESC', {}, isForLibpurple ? note.replaceAll('\n', SEPARATOR) : note),
  );
}

export const vcard = defineFeature({
  name: 'vcard-temp',
  spec: 'XEP-0054 1.3.0',
  scope: 'Read only: one’s own, colleagues’, visitors’ with what the page and the form told.',
  disco: { domain: [VCARD], account: [VCARD], visitor: [VCARD], gateway: [VCARD], staff: [VCARD] },
  setup({ onIq }, { find, ask, pictures }) {
    onIq('get', VCARD, 'vCard', async (request) => {
      const { session, inbound, to } = request;
      const { config, domain } = session.tenant;
      const organisation = config.name ?? domain;
      switch (to.is) {
        case 'gateway':
        case 'domain':
          return vcardTemp(gatewayCard(organisation), session, pictures.sign);
        case 'account':
          return vcardTemp(
            contactCard(await ask(session, inbound, { about: 'staff-card', staff: session.staff }), organisation),
            session,
          );
        case 'visitor':
        case 'colleague': {
          const card = contactCard((await find(request)).answer, organisation);
          return vcardTemp(card, session, to.is === 'visitor' ? pictures.of(chatAt(to.jid)) : undefined);
        }
        case 'own-app':
        case 'visitors-domain':
        case 'stranger':
          throw new StanzaError('cancel', 'service-unavailable');
      }
    });

    onIq('set', VCARD, 'vCard', ({ to }) => {
      if (to.is !== 'account') throw new StanzaError('auth', 'forbidden');
      throw new StanzaError('cancel', 'not-allowed', 'Your card is kept by your helpdesk.');
    });
  },
});
