import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { settled } from '@chat-gateway/runtime';
import { isCommandLike } from '../text/dollar.ts';
import { MARK, withoutMarks } from '../text/mark.ts';
import { FakeEdge, parseElement } from '../routing/fake-edge.ts';
import { isBlank } from '../routing/read-message.ts';
import { escapeText } from '../xmpp/serialize.ts';
import { createSessionLayer } from './layer.ts';

const VISITOR = 'c1@visitors.acme.example/chat';
const GATEWAY = 'gateway@visitors.acme.example/gateway';
const ACTIVE = "<active xmlns='http://jabber.org/protocol/chatstates'/>";
const state = (name: string) => `<${name} xmlns='http://jabber.org/protocol/chatstates'/>`;
const RECEIPT = "<request xmlns='urn:xmpp:receipts'/>";

function setUp() {
  const edge = new FakeEdge(createSessionLayer);
  const jesse = edge.app('jesse');
  return { edge, jesse };
}

const chat = (to: string, content: string, more = "id='m1'") =>
  `<message type='chat' to='${to}' ${more}>${content}</message>`;
/** What is left of it when nobody may write the mark. */
const withoutText = (body: string) => isBlank(withoutMarks(body));
const errorOf = (stanza: string | undefined): string =>
  stanza === undefined ? 'none' : (parseElement(stanza).getChild('error')?.getChildElements()[0]?.getName() ?? 'none');
/** A stanza without the stanza id, which is a hash. */
const plain = (stanza: string | undefined) => stanza?.replaceAll(/<stanza-id [^>]*>/gu, '');

describe('a message to a visitor', () => {
  it('is an act of its fields, and is handled when the act is stored', async () => {
    const { jesse } = setUp();
    await jesse.sends(
      chat(VISITOR, `<body>Hello</body>${ACTIVE}${RECEIPT}<x xmlns='jabber:x:oob'><url>http://x</url></x>`),
    );
    assert.deepEqual(jesse.acts, [
      {
        type: 'message',
        session: jesse.id,
        to: { is: 'visitor', chat: 'c1' },
        message: { id: 'm1', body: 'Hello', state: 'active', receipt: true },
      },
    ]);
    assert.deepEqual(jesse.takes(), []);
  });

  it('goes to any resource, to none, and in type normal too', async () => {
    const { jesse } = setUp();
    await jesse.sends(chat('c1@visitors.acme.example/elsewhere', '<body>a</body>'));
    await jesse.sends(chat('c1@visitors.acme.example', '<body>b</body>'));
    await jesse.sends("<message to='c1@visitors.acme.example'><body>c</body></message>");
    await jesse.sends("<message to='c1@visitors.acme.example' type='foo'><body>d</body></message>");
    const bodies = jesse.acts.map((act) => act.type === 'message' && act.message.body);
    assert.deepEqual(bodies, ['a', 'b', 'c', 'd'], 'E19 an unknown type is normal');
  });

  it('to Chat Gateway is an act too', async () => {
    const { jesse } = setUp();
    await jesse.sends(chat(GATEWAY, '<body>$help</body>'));
    assert.deepEqual(jesse.acts[0]?.type === 'message' && jesse.acts[0].to, { is: 'gateway' });
  });

  it('Q13 without a text is never an act: a state is a signal, the rest is nothing', async () => {
    const { jesse } = setUp();
    for (const content of [
      '',
      '<body/>',
      '<body> \u200b</body>',
      "<received xmlns='urn:xmpp:receipts' id='x'/>",
      "<received xmlns='urn:xmpp:chat-markers:0' id='x'/>",
      '<subject>Hi</subject>',
      "<attention xmlns='urn:xmpp:attention:0'/>",
    ]) {
      await jesse.sends(chat(VISITOR, content));
      await jesse.sends(chat(GATEWAY, content));
    }
    await jesse.sends(chat(GATEWAY, state('composing')));
    await jesse.sends(chat(VISITOR, state('composing')));
    assert.deepEqual(jesse.acts, []);
    assert.deepEqual(jesse.signals, [{ type: 'typing', session: jesse.id, chat: 'c1', state: 'composing' }]);
    assert.deepEqual(jesse.takes(), []);
  });

  it('G29 encrypted without a text: told, and nothing else', async () => {
    const { jesse } = setUp();
    await jesse.sends(chat(VISITOR, "<encrypted xmlns='urn:xmpp:omemo:2'/>"));
    assert.equal(errorOf(jesse.takes()[0]), 'not-acceptable');
    assert.deepEqual(jesse.acts, []);
  });

  it('E19 error is ignored, groupchat and headline are refused', async () => {
    const { jesse } = setUp();
    const to = (type: string) => `<message type='${type}' to='${VISITOR}' id='m1'><body>x</body></message>`;
    await jesse.sends(to('error'));
    assert.deepEqual(jesse.takes(), []);
    await jesse.sends(to('groupchat'));
    await jesse.sends(to('headline'));
    assert.deepEqual(jesse.takes().map(errorOf), ['service-unavailable', 'service-unavailable']);
    assert.deepEqual(jesse.acts, []);
  });

  it('comes after a presence that was held back', async () => {
    const { jesse } = setUp();
    for (let n = 0; n < 30; n++) await jesse.sends(`<presence><status>${n}</status></presence>`);
    await jesse.sends('<presence><show>away</show></presence>');
    await jesse.sends(chat(VISITOR, '<body>auto-reply</body>'));
    const [presence, message] = jesse.acts.slice(-2);
    assert.equal(presence?.type === 'session-presence' && presence.availability?.show, 'away');
    assert.equal(message?.type, 'message');
  });
});

describe('a message to a colleague', () => {
  it('goes to all apps that take the bare JID, from the address colleagues know', async () => {
    const { edge, jesse } = setUp();
    const desk = edge.app('varun');
    const tv = edge.app('varun', 'tv', { availability: { show: 'available', priority: -1 } });
    await jesse.sends(chat('varun@acme.example/helpdesk', `<body>Lunch?</body>${ACTIVE}${RECEIPT}`));
    assert.equal(
      plain(desk.takes()[0]),
      "<message type='chat' from='jesse@acme.example/helpdesk' to='varun@acme.example/desk' id='m1'>" +
        `<body>Lunch?</body>${ACTIVE}${RECEIPT}</message>`,
    );
    assert.deepEqual(tv.takes(), []);
    assert.deepEqual(jesse.takes(), []);
  });

  it('E12 E13 E14 E16 E21 carries typed fields only', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    await jesse.sends(
      chat(
        'varun@acme.example',
        [
          "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='boss@acme.example'><body>x</body></message></forwarded></received>",
          "<result xmlns='urn:xmpp:mam:2' id='1'/>",
          "<stanza-id xmlns='urn:xmpp:sid:0' by='varun@acme.example' id='forged'/>",
          "<delay xmlns='urn:xmpp:delay' stamp='292277026596-01-01T00:00:00Z'/>",
          "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><script>x</script></body></html>",
          "<x xmlns='jabber:x:data' type='form'/><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
          '<subject>s</subject><thread>t</thread><body>text</body>',
        ].join(''),
      ),
    );
    const got = varun.takesOne();
    assert.deepEqual(
      got.getChildElements().map((child) => `${child.getName()} ${child.getNS() ?? ''}`),
      ['body jabber:client', 'active http://jabber.org/protocol/chatstates', 'stanza-id urn:xmpp:sid:0'],
    );
    const id = got.getChild('stanza-id');
    assert.equal(id?.attrs.by, 'varun@acme.example');
    assert.notEqual(id?.attrs.id, 'forged');
  });

  it('to one of their apps goes there; the others with carbons get a copy', async () => {
    const { edge, jesse } = setUp();
    const desk = edge.app('varun');
    const phone = edge.app('varun', 'phone', { carbons: true });
    const old = edge.app('varun', 'old');
    await jesse.sends(chat('varun@acme.example/desk', '<body>x</body>'));
    assert.equal(desk.takes().length, 1);
    assert.deepEqual(old.takes(), []);
    assert.equal(
      plain(phone.takes()[0]),
      "<message type='chat' from='varun@acme.example' to='varun@acme.example/phone'><received xmlns='urn:xmpp:carbons:2'>" +
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' from='jesse@acme.example/helpdesk' to='varun@acme.example/desk' id='m1'>" +
        `<body>x</body>${ACTIVE}</message></forwarded></received></message>`,
    );
  });

  it('is seen by the sender’s other apps: as a carbon, or marked', async () => {
    const { edge, jesse } = setUp();
    edge.app('varun');
    const phone = edge.app('jesse', 'phone', { carbons: true });
    const old = edge.app('jesse', 'old');
    await jesse.sends(chat('varun@acme.example/desk', '<body>x</body>'));
    assert.equal(
      plain(phone.takes()[0]),
      "<message type='chat' from='jesse@acme.example' to='jesse@acme.example/phone'><sent xmlns='urn:xmpp:carbons:2'>" +
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' from='jesse@acme.example/desk' to='varun@acme.example/helpdesk' id='m1'>" +
        `<body>x</body>${ACTIVE}<origin-id xmlns='urn:xmpp:sid:0' id='m1'/></message></forwarded></sent></message>`,
    );
    const marked = old.takesOne();
    assert.equal(marked.attrs.from, 'varun@acme.example/helpdesk');
    assert.equal(marked.getChildText('body'), `${MARK} You: x`);
  });

  it('every copy has the same stanza id', async () => {
    const { edge, jesse } = setUp();
    const apps = [edge.app('varun'), edge.app('varun', 'phone'), edge.app('jesse', 'phone', { carbons: true })];
    await jesse.sends(chat('varun@acme.example', '<body>x</body>'));
    await jesse.sends(chat('varun@acme.example', '<body>x</body>'));
    const ids = apps.map((app) => app.takes().map((text) => /stanza-id [^>]*id='([^']+)'/u.exec(text)?.[1]));
    assert.deepEqual(ids[1], ids[0]);
    assert.deepEqual(ids[2], ids[0]);
    assert.notEqual(ids[0]?.[0], ids[0]?.[1]);
  });

  for (const hint of ["<private xmlns='urn:xmpp:carbons:2'/>", "<no-copy xmlns='urn:xmpp:hints'/>"]) {
    it(`is copied to nobody with ${hint.slice(0, 9)}`, async () => {
      const { edge, jesse } = setUp();
      const varun = edge.app('varun');
      const others = [edge.app('varun', 'phone', { carbons: true }), edge.app('jesse', 'phone', { carbons: true })];
      await jesse.sends(chat('varun@acme.example/desk', `<body>x</body>${hint}`));
      assert.equal(varun.takes().length, 1);
      assert.deepEqual(
        others.flatMap((app) => app.takes()),
        [],
      );
    });
  }

  it('D16 D17 to an unknown user, another tenant, an offline colleague: one and the same error', async () => {
    const answers = new Set<string>();
    for (const to of [
      'varun@other.example',
      'nobody@acme.example',
      'varun@acme.example',
      'varun@acme.example/helpdesk',
    ]) {
      const { edge, jesse } = setUp();
      edge.app('varun', 'desk', { availability: null });
      await jesse.sends(chat(to, '<body>x</body>'));
      answers.add(jesse.takes().join('').replaceAll(to, 'TO'));
    }
    assert.equal(answers.size, 1);
    assert.equal(errorOf([...answers][0]), 'service-unavailable');
    assert.match([...answers][0] ?? '', /<text[^>]*>Nobody can be reached/u);
  });

  it('D18 to the own domain and the visitors’ domain: service-unavailable', async () => {
    const { jesse } = setUp();
    await jesse.sends(chat('acme.example', '<body>x</body>'));
    await jesse.sends(chat('visitors.acme.example', '<body>x</body>'));
    assert.deepEqual(jesse.takes().map(errorOf), ['service-unavailable', 'service-unavailable']);
  });

  it('D18 to oneself: all own apps that take the bare JID, once', async () => {
    const { edge, jesse } = setUp();
    const phone = edge.app('jesse', 'phone', { carbons: true });
    await jesse.sends(chat('jesse@acme.example', '<body>note</body>'));
    assert.equal(jesse.takesOne().attrs.from, 'jesse@acme.example/desk');
    assert.equal(phone.takesOne().getChildText('body'), 'note');
  });

  it('E19 error is ignored, groupchat is refused, a headline comes as one and is no error when nobody is there', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    const of = (type: string, to = 'varun@acme.example') =>
      `<message type='${type}' to='${to}' id='m1'><body>x</body></message>`;
    await jesse.sends(of('error'));
    await jesse.sends(of('groupchat'));
    await jesse.sends(of('headline', 'nobody@acme.example'));
    await jesse.sends(of('headline', 'x@other.example'));
    assert.deepEqual(jesse.takes().map(errorOf), ['service-unavailable']);
    assert.deepEqual(varun.takes(), []);
    await jesse.sends(of('headline'));
    assert.equal(varun.takesOne().attrs.type, 'headline');
  });

  it('keeps the order of one app', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    const slow = edge.of.bind(edge);
    let calls = 0;
    edge.of = async (...args) => {
      // the first look-up takes longest
      for (let turn = calls++ === 0 ? 20 : 0; turn > 0; turn--) await Promise.resolve();
      return await slow(...args);
    };
    await Promise.all(['1', '2', '3'].map((n) => jesse.sends(chat('varun@acme.example', `<body>${n}</body>`))));
    const bodies = varun.takes().map((text) => parseElement(text).getChildText('body'));
    assert.deepEqual(bodies, ['1', '2', '3']);
  });

  it('a failed one does not stop the next', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    await Promise.all([
      jesse.sends(chat('nobody@acme.example', '<body>1</body>')),
      jesse.sends(chat('varun@acme.example', '<body>2</body>')),
    ]);
    assert.equal(errorOf(jesse.takes()[0]), 'service-unavailable');
    assert.equal(varun.takes().length, 1);
  });
});

describe('states and receipts between colleagues', () => {
  it('pass as typed fields', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    await jesse.sends(chat('varun@acme.example', `${state('composing')}<thread>x</thread>`));
    await settled();
    assert.deepEqual(varun.takes(), [
      `<message type='chat' from='jesse@acme.example/helpdesk' to='varun@acme.example/desk'>${state('composing')}</message>`,
    ]);
    await jesse.sends(chat('varun@acme.example', "<received xmlns='urn:xmpp:receipts' id='v1'/>"));
    assert.deepEqual(varun.takes(), [
      "<message type='chat' from='jesse@acme.example/helpdesk' to='varun@acme.example/desk'><received xmlns='urn:xmpp:receipts' id='v1'/></message>",
    ]);
  });

  it('to oneself reach the other apps, and not the one that sent them', async () => {
    const { edge, jesse } = setUp();
    const phone = edge.app('jesse', 'phone');
    await jesse.sends(chat('jesse@acme.example', state('composing')));
    await settled();
    assert.equal(phone.takes().length, 1);
    assert.deepEqual(jesse.takes(), []);
  });

  it('are no error when nobody is there', async () => {
    const { jesse } = setUp();
    await jesse.sends(chat('varun@acme.example', state('composing')));
    await jesse.sends(chat('varun@acme.example', "<received xmlns='urn:xmpp:receipts' id='v1'/>"));
    await settled();
    assert.deepEqual(jesse.takes(), []);
  });

  it('a correction refers to the id that the sender gave', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    await jesse.sends(
      chat('varun@acme.example', "<body>b</body><replace xmlns='urn:xmpp:message-correct:0' id='m0'/>"),
    );
    assert.equal(varun.takesOne().getChild('replace')?.attrs.id, 'm0');
  });
});

describe('what begins with $ to a colleague', () => {
  const table: [string, string, string | undefined][] = [
    ['G01 a command', '$end', undefined],
    ['G01 with white space before', ' \n$end now', undefined],
    ['G02 a full-width dollar sign after a zero-width space', '\u200b＄end', undefined],
    ['G03 an unknown word', '$foo', undefined],
    ['G03 a dollar sign alone', '$', undefined],
    ['a later line', 'look:\n$end', undefined],
    [
      'G05 a correction that is a command',
      "$end</body><replace xmlns='urn:xmpp:message-correct:0' id='m0'/><body>",
      undefined,
    ],
    ['G03 $$ is a dollar sign', '$$HOME', '$HOME'],
    ['G03 a price', '$5 off', '$5 off'],
    ['G03 a price with a space', '$ 5', '$ 5'],
  ];
  for (const [name, body, sent] of table) {
    it(`${name}: ${sent === undefined ? 'not sent, and told' : 'sent'}`, async () => {
      const { edge, jesse } = setUp();
      const varun = edge.app('varun');
      const phone = edge.app('jesse', 'phone', { carbons: true });
      await jesse.sends(chat('varun@acme.example/helpdesk', `<body>${body}</body>`));
      if (sent !== undefined) {
        assert.equal(varun.takesOne().getChildText('body'), sent);
        assert.deepEqual(jesse.takes(), []);
        return;
      }
      assert.deepEqual([...varun.takes(), ...phone.takes()], []);
      const told = jesse.takesOne();
      assert.equal(told.attrs.from, 'varun@acme.example/helpdesk');
      assert.ok(told.getChildText('body')?.startsWith(`${MARK} Not sent`));
    });
  }

  it('never gets through, whatever the text is', async () => {
    const piece = fc.constantFrom('$', '＄', '$end', '$$', ' ', '\n', '\u200b', '\u202e', '>', 'x', '5', '▸', '\u2028');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        const { edge, jesse } = setUp();
        const varun = edge.app('varun');
        const body = pieces.join('');
        await jesse.sends(chat('varun@acme.example', `<body>${escapeText(body)}</body>`));
        const got = varun.takes();
        assert.equal(got.length, isCommandLike(body) || withoutText(body) ? 0 : 1, JSON.stringify(body));
        if (!isBlank(body)) assert.equal(jesse.takes().length, 1 - got.length, 'it was sent, or its writer is told');
      }),
      { numRuns: 200 },
    );
  });

  it('G29 encrypted: told, not sent', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    await jesse.sends(
      chat('varun@acme.example', "<body>fallback</body><encrypted xmlns='eu.siacs.conversations.axolotl'/>"),
    );
    assert.equal(errorOf(jesse.takes()[0]), 'not-acceptable');
    assert.deepEqual(varun.takes(), []);
  });

  it('nobody can forge a notice: the mark goes from the start of lines', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    await jesse.sends(chat('varun@acme.example', `<body>${MARK} taken by Jesse\nx\u2028\u200b${MARK}y</body>`));
    assert.equal(varun.takesOne().getChildText('body')?.includes(MARK), false);
    await jesse.sends(chat('varun@acme.example', `<body>${MARK}</body>`));
    assert.equal(errorOf(jesse.takes()[0]), 'not-acceptable');
  });
});
