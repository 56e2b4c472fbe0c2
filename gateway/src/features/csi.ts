import type { Session } from '../c2s/session.ts';
import { bareOf } from '../routing/render.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';
import { defineFeature } from './feature.ts';

const CSI = 'urn:xmpp:csi:0';
/** Contacts of which something is held back; the next one makes room by letting all of it go. */
export const HELD_CONTACTS = 2_000;

/** The last of each kind, by who it is from. */
interface Held {
  readonly presence: Map<string, XmlElement>;
  readonly states: Map<string, XmlElement>;
}

const memory = Symbol('client state');

const heldBy = (session: Session): Held | undefined => session.memory.get(memory) as Held | undefined;

function release(session: Session): void {
  const held = heldBy(session);
  if (held === undefined) return;
  for (const stanza of held.presence.values()) session.send(stanza);
  for (const stanza of held.states.values()) session.send(stanza);
  held.presence.clear();
  held.states.clear();
}

/** Presence of a contact goes before what that contact says, and what it was typing is over then. */
function releaseOf(session: Session, held: Held, contact: string): void {
  for (const [from, stanza] of held.presence) {
    if (bareOf(from) !== contact) continue;
    session.send(stanza);
    held.presence.delete(from);
  }
  held.states.delete(contact);
}

function active(session: Session): void {
  release(session);
  session.memory.delete(memory);
}

export const clientState = defineFeature({
  name: 'client state indication',
  spec: 'XEP-0352 1.0.0',
  scope: 'While an app is inactive, presence and typing are held back, the last of each contact.',
  stream: () => [xml('csi', CSI)],
  setup({ onNonza, onRender, onResumed, onClosed }) {
    onNonza(CSI, 'inactive', (session) => {
      if (heldBy(session) === undefined) {
        session.memory.set(memory, { presence: new Map(), states: new Map() } satisfies Held);
      }
    });
    onNonza(CSI, 'active', active);
    // A resumed stream begins as active [XEP-0352 §5].
    onResumed(active);
    onClosed((session) => {
      session.memory.delete(memory);
    });

    onRender((session, item, stanza) => {
      const held = heldBy(session);
      if (held === undefined) return stanza;
      if (item.kind === 'presence') held.presence.set(item.from, stanza);
      else if (item.kind === 'chat-state') held.states.set(bareOf(item.from), stanza);
      else {
        if (item.kind === 'message') releaseOf(session, held, bareOf(item.from));
        return stanza;
      }
      if (held.presence.size + held.states.size > HELD_CONTACTS) release(session);
      return undefined;
    });
  },
});
