import type { Cancel } from '@chat-gateway/runtime';
import type { Session } from '../c2s/session.ts';
import { onlyAt, errorReply } from '../routing/iq.ts';
import { ANSWER_DEADLINE } from '../routing/questions.ts';
import { ROSTER, rosterItemElement, rosterPush } from '../routing/roster-asks.ts';
import { tooBusy } from '../routing/unavailable.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { parseJid } from '../xmpp/jid.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { defineFeature, type IqAnswer } from './feature.ts';

export const LONGEST_NAME = 1_023;
const OPEN_PER_SESSION = 100;

/** Requests that the desk has not answered, and those that were given up: a late answer would be a second one. */
interface Memory {
  readonly open: Map<string, Cancel>;
  readonly expired: Set<string>;
}

const memory = Symbol('roster requests');

function memoryOf(session: Session): Memory {
  const known = session.memory.get(memory) as Memory | undefined;
  if (known !== undefined) return known;
  const made: Memory = { open: new Map(), expired: new Set() };
  session.memory.set(memory, made);
  return made;
}

/** The answer needs nothing that is only in this process: it may come after a resume on another pod. */
function askOf({ id, addressed }: { readonly id: string; readonly addressed: boolean }): string {
  return `${addressed ? 'to' : 'get'} ${id}`;
}

function requestOf(ask: string): { readonly id: string; readonly addressed: boolean } | undefined {
  if (ask.startsWith('to ')) return { id: ask.slice('to '.length), addressed: true };
  return ask.startsWith('get ') ? { id: ask.slice('get '.length), addressed: false } : undefined;
}

/**
 * The item of a set, with the errors of its form [RFC6121 §2.3.3].
 *
 * @throws StanzaError `bad-request`, `jid-malformed`, `not-acceptable`
 */
function wanted(query: XmlElement): { readonly jid: string; readonly remove: boolean } {
  const [item, ...more] = query.getChildren('item', ROSTER);
  if (item === undefined || more.length > 0) throw new StanzaError('modify', 'bad-request');
  const address = item.attrs.jid;
  if (address === undefined) throw new StanzaError('modify', 'bad-request');
  const jid = parseJid(address);
  if (jid === undefined) throw new StanzaError('modify', 'jid-malformed');
  const groups = item.getChildren('group', ROSTER).map((group) => group.text());
  if (groups.some((group) => group === '' || group.length > LONGEST_NAME)) {
    throw new StanzaError('modify', 'not-acceptable');
  }
  if (new Set(groups).size < groups.length) throw new StanzaError('modify', 'bad-request');
  if ((item.attrs.name?.length ?? 0) > LONGEST_NAME) throw new StanzaError('modify', 'not-acceptable');
  return { jid: jid.bare, remove: item.attrs.subscription === 'remove' };
}

/** The roster is the helpdesk's: apps read it; one that edits it is told no and given the true item again. */
export const roster = defineFeature({
  name: 'roster',
  spec: 'RFC 6121 §2',
  scope: 'With versioning; read only.',
  stream: () => [xml('ver', 'urn:xmpp:features:rosterver')],
  setup({ onIq, onItem, onClosed }, { clock, rosterItem }) {
    onIq('get', ROSTER, 'query', async (request): Promise<IqAnswer> => {
      onlyAt(request, 'account');
      const { session, inbound, payload } = request;
      const { id = '', to } = inbound.element.attrs;
      const { open, expired } = memoryOf(session);
      if (open.size >= OPEN_PER_SESSION) throw tooBusy();
      const ask = askOf({ id, addressed: to !== undefined });
      open.get(ask)?.();
      const cancel = clock.after(ANSWER_DEADLINE, () => {
        open.delete(ask);
        if (expired.size >= OPEN_PER_SESSION) expired.clear();
        expired.add(ask);
        session.send(errorReply(inbound.element, session.fullJid, tooBusy()), 'keep');
      });
      open.set(ask, cancel);
      const { ver } = payload.attrs;
      try {
        await session.put(
          { type: 'roster-asked', session: session.id, ask, ...(ver !== undefined && { version: ver }) },
          inbound,
        );
      } catch (error) {
        cancel();
        if (open.delete(ask)) throw error;
      }
      return 'answered';
    });

    onIq('set', ROSTER, 'query', async ({ session, inbound, to, payload }): Promise<IqAnswer> => {
      if (to.is !== 'account') throw new StanzaError('auth', 'forbidden');
      const { jid, remove } = wanted(payload);
      const item = await rosterItem(session, inbound, jid);
      if (remove && 'removed' in item) throw new StanzaError('cancel', 'item-not-found');
      const refusal = new StanzaError('cancel', 'not-allowed', 'The contact list is kept by your helpdesk.');
      session.send(errorReply(inbound.element, session.fullJid, refusal), 'keep');
      // COMPAT(libpurple, it keeps what its user changed although the server said no)
      session.send(rosterPush(session, rosterItemElement(item)), 'keep');
      return 'answered';
    });

    onItem('roster', (session, { ask, version, items }) => {
      const request = requestOf(ask);
      if (request === undefined) return undefined;
      const { open, expired } = memoryOf(session);
      if (expired.delete(ask)) return undefined;
      open.get(ask)?.();
      open.delete(ask);
      // most apps ask once
      if (open.size === 0 && expired.size === 0) session.memory.delete(memory);
      return xml(
        'iq',
        {
          type: 'result',
          id: request.id,
          from: request.addressed ? session.bareJid : undefined,
          to: session.fullJid,
        },
        items !== undefined && xml('query', { xmlns: ROSTER, ver: version }, ...items.map(rosterItemElement)),
      );
    });

    onItem('roster-push', (session, { item, version }) => rosterPush(session, rosterItemElement(item), version));

    onClosed((session) => {
      for (const cancel of memoryOf(session).open.values()) cancel();
      session.memory.delete(memory);
    });
  },
});
