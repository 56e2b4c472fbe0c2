import type { Cancel, Clock } from '@chat-gateway/runtime';
import type { Item, RosterItem } from '../bus/messages.ts';
import { SupersededError } from '../bus/port.ts';
import type { Inbound, Session } from '../c2s/session.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { ANSWER_DEADLINE } from './questions.ts';
import { tooBusy } from './unavailable.ts';

export const ROSTER = 'jabber:iq:roster';
type RosterAnswer = Extract<Item, { kind: 'roster' }>;

interface Lookup {
  readonly ask: string;
  readonly answered: Promise<RosterAnswer>;
  readonly resolve: (answer: RosterAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly cancel: Cancel;
}

/** What features and delivery rules keep of a session's roster questions. */
interface Memory {
  /** The one open question of the gateway's own; all who want an item meanwhile share it. */
  lookup: Lookup | undefined;
  pushes: number;
}

const memory = Symbol('roster');

function memoryOf(session: Session): Memory {
  const known = session.memory.get(memory) as Memory | undefined;
  if (known !== undefined) return known;
  const made: Memory = { lookup: undefined, pushes: 0 };
  session.memory.set(memory, made);
  return made;
}

/** A roster item as it stands in a result or a push [RFC6121 §2.1.2]. */
export function rosterItemElement(item: RosterItem | { readonly jid: string; readonly removed: true }): XmlElement {
  if ('removed' in item) return xml('item', { jid: item.jid, subscription: 'remove' });
  return xml(
    'item',
    { jid: item.jid, name: item.name, subscription: 'both' },
    ...item.groups.map((group) => xml('group', {}, group)),
  );
}

/** [RFC6121 §2.1.6]: without `from`, so that no app takes it for somebody else's (CVE-2015-8688). */
export function rosterPush(session: Session, item: XmlElement, version?: string): XmlElement {
  const known = memoryOf(session);
  known.pushes++;
  return xml(
    'iq',
    { type: 'set', id: `push-${known.pushes}`, to: session.fullJid },
    xml('query', { xmlns: ROSTER, ver: version }, item),
  );
}

/**
 * Rosters are the desk's; what the gateway itself needs of one (the true item, after an app tried to change it)
 * is asked from there, so that no session keeps a copy.
 */
export class RosterLookups {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The item of `jid`; `removed` when there is none. */
  async item(session: Session, inbound: Inbound, jid: string): Promise<RosterItem | { jid: string; removed: true }> {
    const { items } = await this.#roster(session, inbound);
    return items?.find((item) => item.jid === jid) ?? { jid, removed: true };
  }

  #roster(session: Session, inbound: Inbound): Promise<RosterAnswer> {
    const known = memoryOf(session);
    if (known.lookup !== undefined) return known.lookup.answered;
    const { promise, resolve, reject } = Promise.withResolvers<RosterAnswer>();
    const ask = `own ${inbound.entryId}`;
    const fail = (error: Error) => {
      if (known.lookup?.ask !== ask) return;
      known.lookup.cancel();
      known.lookup = undefined;
      reject(error);
    };
    const cancel = this.#clock.after(ANSWER_DEADLINE, () => {
      fail(tooBusy());
    });
    known.lookup = { ask, answered: promise, resolve, reject, cancel };
    session.put({ type: 'roster-asked', session: session.id, ask }, inbound).catch(fail);
    return promise;
  }

  /** True when this answer is for a question of the gateway's own. */
  answered(session: Session, item: RosterAnswer): boolean {
    if (!item.ask.startsWith('own ')) return false;
    const known = memoryOf(session);
    if (known.lookup?.ask === item.ask) {
      known.lookup.cancel();
      known.lookup.resolve(item);
      known.lookup = undefined;
    }
    return true;
  }

  closed(session: Session): void {
    const { lookup } = memoryOf(session);
    lookup?.cancel();
    lookup?.reject(new SupersededError());
    session.memory.delete(memory);
  }
}
