import type { Answer } from '../bus/messages.ts';
import type { Session } from '../c2s/session.ts';
import { chatAt } from '../routing/addressee.ts';
import { onlyAt } from '../routing/iq.ts';
import { tooBusy } from '../routing/unavailable.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { parseJid } from '../xmpp/jid.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { defineFeature } from './feature.ts';

const BLOCKING = 'urn:xmpp:blocking';
/** Of one request: as many as commands that one may give at once. */
const MOST_ITEMS = 10;

function jidsOf(payload: XmlElement): readonly string[] {
  const jids = payload.getChildren('item', BLOCKING).map((item) => item.attrs.jid ?? '');
  if (jids.includes('')) throw new StanzaError('modify', 'bad-request');
  if (jids.length > MOST_ITEMS) throw new StanzaError('modify', 'not-acceptable', 'Not so many at once.');
  return jids;
}

/** The localpart of a visitor's address. */
function visitorAt(address: string, { tenant }: Session): string | undefined {
  const jid = parseJid(address);
  if (jid === undefined) throw new StanzaError('modify', 'jid-malformed');
  return jid.domain === tenant.visitorsDomain && jid.local !== '' ? chatAt(jid) : undefined;
}

/** Blocking a visitor is what `$ban` does, for those who may; the list is the bans that they may lift. */
export const blocking = defineFeature({
  name: 'blocking command',
  spec: 'XEP-0191 1.3',
  scope: 'Blocking a visitor bans them, for staff who may; the list is the bans. Nobody else can be blocked.',
  disco: { domain: [BLOCKING], account: [BLOCKING] },
  setup({ onIq, onItem }, { ask, command }) {
    /** Those who have asked for the list hear of its changes [XEP-0191 §3.2]. */
    const readers = new WeakSet<Session>();
    let pushed = 0;

    // the desk tells, whoever bans and in whatever way
    onItem('blocked', (session, { change, visitor }) => {
      if (!readers.has(session)) return undefined;
      const item = xml('item', { jid: `${visitor}@${session.tenant.visitorsDomain}` });
      const id = `blocking-${++pushed}`;
      return xml('iq', { type: 'set', id, to: session.fullJid }, xml(change, BLOCKING, item));
    });

    onIq('get', BLOCKING, 'blocklist', async (request) => {
      onlyAt(request, 'account');
      const { session, inbound } = request;
      const { visitorsDomain } = session.tenant;
      const bans = await ask(session, inbound, { about: 'bans' });
      if (bans.about !== 'bans') throw tooBusy();
      readers.add(session);
      return xml(
        'blocklist',
        BLOCKING,
        ...bans.visitors.map((visitor) => xml('item', { jid: `${visitor}@${visitorsDomain}` })),
      );
    });

    onIq('set', BLOCKING, 'block', async (request) => {
      onlyAt(request, 'account');
      const { session, inbound, payload } = request;
      const jids = jidsOf(payload);
      const visitors = jids.map((jid) => visitorAt(jid, session));
      if (visitors.length === 0) throw new StanzaError('modify', 'bad-request');
      for (const visitor of visitors)
        if (visitor === undefined || visitor === 'gateway')
          throw new StanzaError('cancel', 'not-allowed', 'Only visitors can be blocked here.');
      for (const visitor of visitors)
        done(
          await command(session, inbound, {
            at: { is: 'visitor', chat: visitor as ReturnType<typeof chatAt> },
            name: 'ban',
            values: {},
          }),
        );
    });

    onIq('set', BLOCKING, 'unblock', async (request) => {
      onlyAt(request, 'account');
      const { session, inbound, payload } = request;
      const jids = jidsOf(payload);
      if (jids.length === 0)
        throw new StanzaError('cancel', 'not-allowed', 'Bans are lifted one by one: they are those of the whole team.');
      for (const jid of jids) {
        const visitor = visitorAt(jid, session);
        if (visitor === undefined) throw new StanzaError('cancel', 'item-not-found');
        const lifting = { at: { is: 'gateway' }, name: 'ban', values: { lift: [visitor] } } as const;
        done(await command(session, inbound, lifting));
      }
    });
  },
});

function done(answer: Answer): void {
  if (answer.about !== 'command') throw new StanzaError('cancel', 'item-not-found');
  if (answer.failed !== undefined) throw new StanzaError('cancel', 'not-allowed', answer.text);
}
