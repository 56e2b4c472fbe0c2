import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MARK } from '../text/mark.ts';
import { type XmlElement } from '../xmpp/element.ts';
import { serialize } from '../xmpp/serialize.ts';
import { FakeEdge, noLayer, parseElement } from './fake-edge.ts';
import {
  type Reader,
  readerOf,
  renderChatState,
  renderMessage,
  renderPresence,
  renderReceipt,
  renderRefusal,
} from './render.ts';

const reader: Reader = {
  bareJid: 'jesse@acme.example',
  fullJid: 'jesse@acme.example/desk',
  domain: 'acme.example',
  carbons: false,
  namesByBareJid: false,
};
const carbons: Reader = { ...reader, carbons: true };
const APP = 'jesse@acme.example/phone';
const VISITOR = 'c1@visitors.acme.example/chat';
const text = (element: XmlElement | undefined) => (element === undefined ? undefined : serialize(element));
const line = { kind: 'message', from: VISITOR, body: 'Hi', stanzaId: 's1' } as const;
const ACTIVE = "<active xmlns='http://jabber.org/protocol/chatstates'/>";
const ID = "<stanza-id xmlns='urn:xmpp:sid:0' by='jesse@acme.example' id='s1'/>";

describe('what items look like', () => {
  it('what is said in passing, and is in no archive, has no id that one could ask for', () => {
    const notice = text(renderMessage({ ...line, passing: true }, reader));
    assert.equal(notice?.includes(ID), false);
    assert.ok(notice?.includes("id='s1'"));
  });

  it('a visitor’s line, with a chat state in it (Q10)', () => {
    assert.equal(
      text(renderMessage(line, reader)),
      `<message type='chat' from='${VISITOR}' to='jesse@acme.example/desk' id='s1'><body>Hi</body>${ACTIVE}${ID}</message>`,
    );
  });

  it('a line that comes late says when it was said', () => {
    const at = Date.UTC(2026, 0, 5, 14, 2);
    assert.equal(
      text(renderMessage({ ...line, at }, reader)),
      `<message type='chat' from='${VISITOR}' to='jesse@acme.example/desk' id='s1'><body>Hi</body>${ACTIVE}${ID}` +
        "<delay xmlns='urn:xmpp:delay' from='acme.example' stamp='2026-01-05T14:02:00.000Z'/></message>",
    );
  });

  it('an own line from another app, marked where the app has no carbons', () => {
    assert.equal(
      text(renderMessage({ ...line, from: APP, own: { to: VISITOR } }, reader)),
      `<message type='chat' from='${VISITOR}' to='jesse@acme.example/desk' id='s1'><body>${MARK} You: Hi</body>${ACTIVE}${ID}</message>`,
    );
  });

  it('an own line from another app as a carbon, from the own bare JID', () => {
    const at = Date.UTC(2026, 0, 5, 14, 2);
    assert.equal(
      text(renderMessage({ ...line, from: APP, own: { to: VISITOR }, at }, carbons)),
      "<message type='chat' from='jesse@acme.example' to='jesse@acme.example/desk'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>" +
        "<delay xmlns='urn:xmpp:delay' from='acme.example' stamp='2026-01-05T14:02:00.000Z'/>" +
        `<message xmlns='jabber:client' type='chat' from='${APP}' to='${VISITOR}' id='s1'><body>Hi</body>${ACTIVE}${ID}</message>` +
        '</forwarded></sent></message>',
    );
  });

  it('a copy of what went to another app is for apps with carbons only', () => {
    const copy = { ...line, peer: { copyOf: { to: 'jesse@acme.example/phone' } } };
    assert.equal(renderMessage(copy, reader), undefined);
    assert.match(text(renderMessage(copy, carbons)) ?? '', /^<message[^>]*><received xmlns='urn:xmpp:carbons:2'>/u);
  });

  it('a refusal is an error to the stanza, with its reason', () => {
    const refusal = {
      kind: 'refusal',
      from: VISITOR,
      of: 'm1',
      condition: 'item-not-found',
      text: 'It is over.',
    } as const;
    assert.equal(
      text(renderRefusal(refusal, reader)),
      `<message type='error' from='${VISITOR}' to='jesse@acme.example/desk' id='m1'><error type='cancel'>` +
        "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>It is over.</text></error></message>",
    );
  });

  it('a receipt', () => {
    assert.equal(
      text(renderReceipt({ kind: 'receipt', from: VISITOR, of: 'm1' }, reader)),
      `<message type='chat' from='${VISITOR}' to='jesse@acme.example/desk'><received xmlns='urn:xmpp:receipts' id='m1'/></message>`,
    );
  });

  it('a chat state alone', () => {
    assert.equal(
      text(renderChatState({ kind: 'chat-state', from: VISITOR, state: 'composing' }, reader)),
      `<message type='chat' from='${VISITOR}' to='jesse@acme.example/desk'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    );
  });

  it('libpurple is known by its capabilities', () => {
    const app = new FakeEdge(noLayer).app('jesse');
    assert.equal(readerOf(app).namesByBareJid, false);
    app.note({ availability: { show: 'available', priority: 1, capsNode: 'http://pidgin.im/' } });
    assert.equal(readerOf(app).namesByBareJid, true);
  });

  it('for libpurple, lines and chat states come from the bare JID', () => {
    const libpurple: Reader = { ...reader, namesByBareJid: true };
    const from = 'c1@visitors.acme.example';
    assert.equal(renderMessage(line, libpurple)?.attrs.from, from);
    assert.equal(renderMessage({ ...line, from: APP, own: { to: VISITOR } }, libpurple)?.attrs.from, from);
    assert.equal(
      renderChatState({ kind: 'chat-state', from: VISITOR, state: 'composing' }, libpurple).attrs.from,
      from,
    );
    assert.equal(renderPresence({ kind: 'presence', from: VISITOR, show: 'chat' }, libpurple).attrs.from, VISITOR);
  });

  it('presence', () => {
    const presence = { kind: 'presence', from: VISITOR, show: 'dnd', status: 'with Varun', priority: 5 } as const;
    assert.equal(
      text(renderPresence(presence, reader)),
      `<presence from='${VISITOR}' to='jesse@acme.example/desk'><show>dnd</show><status>with Varun</status><priority>5</priority></presence>`,
    );
    assert.equal(
      text(renderPresence({ ...presence, show: 'available', status: '' }, reader)),
      `<presence from='${VISITOR}' to='jesse@acme.example/desk'><priority>5</priority></presence>`,
    );
    assert.equal(
      text(renderPresence({ ...presence, show: 'unavailable' }, reader)),
      `<presence type='unavailable' from='${VISITOR}' to='jesse@acme.example/desk'><status>with Varun</status></presence>`,
    );
  });

  it('G12 whatever a text is, it arrives as one text in one stanza', () => {
    const characters = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constant("</body></message><message from='boss@x'>"),
      fc.constant('&#0;]]>'),
    );
    fc.assert(
      fc.property(characters, (body) => {
        const got = parseElement(text(renderMessage({ ...line, body }, reader)) ?? '');
        assert.equal(got.getChildren('body').length, 1);
        assert.equal(got.attrs.from, VISITOR);
        const kept = body.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd');
        assert.equal(got.getChildText('body'), kept);
      }),
      { numRuns: 200 },
    );
  });
});
