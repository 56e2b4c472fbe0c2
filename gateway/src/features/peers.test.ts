import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import type { StaffId } from '../helpdesk/model.ts';
import { FakeArchive } from '../routing/fake-archive.ts';
import { FakeEdge, parseElement } from '../routing/fake-edge.ts';
import { MARKER_WINDOW } from '../routing/limits.ts';
import { createSessionLayer } from './layer.ts';

function setUp() {
  const archive = new FakeArchive();
  const edge = new FakeEdge((deps) => createSessionLayer({ ...deps, archiveOf: () => archive }));
  for (const staff of ['jesse', 'varun'])
    edge.cards.set(staff, { about: 'staff-card', name: staff, username: staff, teams: [], idle: 0 });
  return { archive, edge, jesse: edge.app('jesse') };
}

const VARUN = 'varun@acme.example/helpdesk';
const chat = (content: string, id = 'm1', to = VARUN) =>
  `<message type='chat' to='${to}' id='${id}'>${content}</message>`;
const errorOf = (stanza: string | undefined) =>
  stanza === undefined ? 'none' : parseElement(stanza).getChild('error')?.getChildElements()[0]?.getName();
const away = { availability: null };

describe('a text to a colleague', () => {
  it('is kept before it is handled, with the stanza id that its reader sees', async () => {
    const { archive, edge, jesse } = setUp();
    const varun = edge.app('varun');
    await jesse.sends(chat('<body>Lunch?</body>'));
    const [kept] = archive.entries;
    assert.ok(kept?.is === 'peer');
    assert.deepEqual(
      { ...kept.message, id: '', at: 0 },
      { id: '', at: 0, from: 'jesse', to: 'varun', text: 'Lunch?', ref: 'm1' },
    );
    assert.equal(varun.takesOne().getChild('stanza-id')?.attrs.id, kept.message.id);
    assert.deepEqual([...archive.waits], [kept.message.id], 'no app has proved that it got it');
    assert.deepEqual(varun.proves(), [], 'it is nothing to a desk');
    await settled();
    assert.deepEqual([...archive.waits], []);
  });

  it('has a bound, in characters as people count them, and its author is told', async () => {
    const { archive, edge, jesse } = setUp();
    const varun = edge.app('varun');
    await jesse.sends(chat(`<body>${'😀'.repeat(10_000)}</body>`));
    assert.equal(varun.takesOne().getChildText('body')?.length, 20_000);
    await jesse.sends(chat(`<body>${'x'.repeat(10_001)}</body>`));
    const [answer] = jesse.takes();
    assert.equal(errorOf(answer), 'not-acceptable');
    assert.match(answer ?? '', /at most 10,000 characters\. Send it in parts\./u);
    await jesse.sends(`<message type='headline' to='${VARUN}' id='h'><body>${'x'.repeat(10_001)}</body></message>`);
    assert.deepEqual(varun.takes(), []);
    assert.equal(archive.entries.length, 1);
  });

  it('no more wait than may, and an app that is there is not meant by that', async () => {
    const { archive, edge, jesse } = setUp();
    archive.room = 2;
    const varun = edge.app('varun', 'desk', { attached: false });
    await jesse.sends(chat('<body>1</body>', 'm1'));
    await jesse.sends(chat('<body>2</body>', 'm2'));
    assert.deepEqual(jesse.takes(), []);
    await jesse.sends(chat('<body>3</body>', 'm3'));
    const [answer] = jesse.takes();
    assert.equal(errorOf(answer), 'resource-constraint');
    assert.match(answer ?? '', /type='wait'.*too many messages wait for this colleague/u);
    assert.equal(varun.takes().length, 2);
    varun.record.attached = true;
    await jesse.sends(chat('<body>4</body>', 'm4'));
    assert.deepEqual(jesse.takes(), []);
    assert.equal(varun.takesOne().getChildText('body'), '4');
  });

  it('is given to an app that comes while another one has not proved it, and to the same app once', async () => {
    const { archive, edge, jesse } = setUp();
    const phone = edge.app('varun', 'phone');
    await jesse.sends(chat('<body>Lunch?</body>'));
    const id = phone.takesOne().getChild('stanza-id')?.attrs.id;
    const desk = edge.app('varun', 'desk', away);
    await desk.sends('<presence/>');
    await settled();
    const got = desk.takesOne();
    assert.equal(got.getChild('stanza-id')?.attrs.id, id);
    assert.ok(got.getChild('delay', 'urn:xmpp:delay'));
    await phone.sends("<presence type='unavailable'/>");
    await phone.sends('<presence/>');
    await settled();
    assert.deepEqual(phone.takes(), [], 'it is under way to it');
    desk.proves();
    const tablet = edge.app('varun', 'tablet', away);
    await tablet.sends('<presence/>');
    await settled();
    assert.deepEqual(tablet.takes(), [], 'the desk has it');
    assert.deepEqual([...archive.waits], []);
  });

  it('is proved many at a time, and nobody waits for that to be written', async () => {
    const { archive, edge, jesse } = setUp();
    const varun = edge.app('varun');
    const written: number[] = [];
    let go = (): void => undefined;
    archive.arrived = async (_tenant, _staff, ids) => {
      written.push(ids.length);
      await new Promise<void>((resolve) => (go = resolve));
    };
    for (let n = 0; n < 5; n++) {
      await jesse.sends(chat(`<body>${n}</body>`, `m${n}`));
      varun.proves();
    }
    assert.equal(varun.takes().length, 5);
    assert.deepEqual(written, [1]);
    go();
    await settled();
    assert.deepEqual(written, [1, 4]);
  });

  it('that is proved, but where this cannot be written, is not given over and over', async () => {
    const { archive, edge, jesse } = setUp();
    for (let n = 0; n < 120; n++) await jesse.sends(chat(`<body>${n}</body>`, `m${n}`));
    archive.arrived = () => Promise.reject(new Error('gone'));
    const varun = edge.app('varun', 'desk', away);
    await varun.sends('<presence/>');
    for (let n = 0; n < 5; n++) {
      await settled();
      varun.proves();
    }
    assert.equal(varun.takes().length, 100);
  });

  it('is not delivered when it cannot be kept, and its author is told', async () => {
    const { archive, edge, jesse } = setUp();
    const varun = edge.app('varun');
    archive.failing = 1;
    await jesse.sends(chat('<body>Lunch?</body>'));
    assert.equal(errorOf(jesse.takes()[0]), 'resource-constraint');
    assert.deepEqual(varun.takes(), []);
  });

  it('waits for an app where there is none, and comes with the time at which it was written', async () => {
    const { archive, edge, jesse } = setUp();
    const varun = edge.app('varun', 'desk', away);
    await jesse.sends(chat('<body>one</body>', 'm1'));
    await jesse.sends(chat('<body>two</body>', 'm2'));
    assert.deepEqual(jesse.takes(), []);
    assert.deepEqual(varun.takes(), []);
    await varun.sends('<presence><priority>-1</priority></presence>');
    await settled();
    assert.deepEqual(varun.takes(), [], 'a negative priority takes no messages');
    await varun.sends('<presence/>');
    await settled();
    const got = varun.takes().map(parseElement);
    assert.deepEqual(
      got.map((one) => [one.attrs.from, one.attrs.id, one.getChildText('body')]),
      [
        ['jesse@acme.example/helpdesk', 'm1', 'one'],
        ['jesse@acme.example/helpdesk', 'm2', 'two'],
      ],
    );
    assert.ok(got.every((one) => one.getChild('delay', 'urn:xmpp:delay') !== undefined));
    assert.deepEqual(
      got.map((one) => one.getChild('stanza-id')?.attrs.id),
      archive.entries.map((one) => (one.is === 'peer' ? one.message.id : '')),
    );
    await varun.sends('<presence><show>away</show></presence>');
    varun.proves();
    await varun.sends("<presence type='unavailable'/>");
    await varun.sends('<presence/>');
    await settled();
    assert.deepEqual(varun.takes(), [], 'once');
  });

  it('that waits is seen by the author’s other apps', async () => {
    const { edge, jesse } = setUp();
    const phone = edge.app('jesse', 'phone', { carbons: true });
    await jesse.sends(chat('<body>one</body>'));
    assert.match(phone.takes().join(''), /<sent [^]*<body>one<\/body>/u);
  });

  it('waits by the hundred', async () => {
    const { edge, jesse } = setUp();
    for (let n = 0; n < 230; n++) await jesse.sends(chat(`<body>${n}</body>`, `m${n}`));
    const varun = edge.app('varun', 'desk', away);
    await varun.sends('<presence/>');
    await settled();
    assert.equal(varun.got.length, 100, 'the next ones come when these are proved');
    for (let n = 0; n < 3; n++) {
      varun.proves();
      await settled();
    }
    const bodies = varun.takes().map((text) => parseElement(text).getChildText('body'));
    assert.deepEqual(
      bodies,
      Array.from({ length: 230 }, (_, n) => String(n)),
    );
  });

  it('reaches an app that comes while it is being kept', async () => {
    const { archive, edge, jesse } = setUp();
    const varun = edge.app('varun', 'desk', away);
    const add = archive.add.bind(archive);
    archive.add = async (...given) => {
      await varun.sends('<presence/>');
      await settled();
      return add(...given);
    };
    await jesse.sends(chat('<body>Lunch?</body>'));
    assert.equal(varun.takesOne().getChildText('body'), 'Lunch?');
  });

  it('whose apps go away at this moment waits for the next one', async () => {
    const { archive, edge, jesse } = setUp();
    edge.app('varun');
    edge.deliver = () => Promise.resolve(false);
    await jesse.sends(chat('<body>Lunch?</body>'));
    assert.deepEqual(jesse.takes(), []);
    assert.equal(archive.waits.size, 1);
  });

  it('D16 D17 to nobody, to another tenant, or that is not to be kept: one and the same error', async () => {
    const answers = new Set<string>();
    for (const [to, hint] of [
      ['nobody@acme.example', ''],
      ['varun@other.example', ''],
      ['varun@acme.example', "<no-store xmlns='urn:xmpp:hints'/>"],
    ] as const) {
      const { archive, jesse } = setUp();
      await jesse.sends(chat(`<body>x</body>${hint}`, 'm1', to));
      answers.add(jesse.takes().join('').replaceAll(to, 'TO'));
      assert.deepEqual(archive.entries, []);
    }
    assert.equal(answers.size, 1);
    assert.equal(errorOf([...answers][0]), 'service-unavailable');
  });

  it('that is not to be kept is not, and reaches who is there', async () => {
    const { archive, edge, jesse } = setUp();
    const varun = edge.app('varun');
    await jesse.sends(chat("<body>psst</body><no-store xmlns='urn:xmpp:hints'/>"));
    assert.equal(varun.takesOne().getChildText('body'), 'psst');
    assert.deepEqual(archive.entries, []);
  });

  it('that is a headline is neither kept nor waits', async () => {
    const { archive, jesse } = setUp();
    await jesse.sends(`<message type='headline' to='${VARUN}'><body>x</body></message>`);
    assert.deepEqual(jesse.takes(), []);
    assert.deepEqual(archive.entries, []);
  });
});

describe('what colleagues say of messages', () => {
  const table: Record<string, readonly [string, RegExp, RegExp]> = {
    'G30 a reaction': [
      "<body>👍</body><reactions xmlns='urn:xmpp:reactions:0' id='v1'><reaction>👍</reaction></reactions>",
      /<body>▸ Reacted with 👍<\/body>.*<reactions xmlns='urn:xmpp:reactions:0' id='v1'><reaction>👍<\/reaction><\/reactions><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'>/u,
      /<body>▸ You reacted with 👍<\/body>.*<reactions xmlns='urn:xmpp:reactions:0' id='v1'>/u,
    ],
    'G30 a retraction': [
      "<body>fallback</body><retract xmlns='urn:xmpp:message-retract:1' id='m0'/>",
      /<body>▸ A message was taken back\.<\/body>.*<retract xmlns='urn:xmpp:message-retract:1' id='m0'\/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'>/u,
      /<body>▸ You took back a message\.<\/body>.*<retract xmlns='urn:xmpp:message-retract:1' id='m0'\/>/u,
    ],
    'a reply, without its quotation': [
      "<body>&gt; Lunch?\nYes</body><reply xmlns='urn:xmpp:reply:0' id='v1'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='9'/></fallback>",
      /<body>Yes<\/body>.*<reply xmlns='urn:xmpp:reply:0' to='[^']+' id='v1'\/>/u,
      /<body>Yes<\/body>.*<reply xmlns='urn:xmpp:reply:0' to='[^']+' id='v1'\/>/u,
    ],
    'a correction': [
      "<body>Yes!</body><replace xmlns='urn:xmpp:message-correct:0' id='m0'/>",
      /<body>Yes!<\/body>.*<replace xmlns='urn:xmpp:message-correct:0' id='m0'\/>/u,
      /<body>Yes!<\/body>.*<replace xmlns='urn:xmpp:message-correct:0' id='m0'\/>/u,
    ],
    'the address of a file': [
      "<body>https://a.test/f</body><x xmlns='jabber:x:oob'><url>https://a.test/f</url></x>",
      /<body>https:\/\/a\.test\/f<\/body>.*<x xmlns='jabber:x:oob'><url>https:\/\/a\.test\/f<\/url><\/x>/u,
      /<x xmlns='jabber:x:oob'>/u,
    ],
  };
  for (const [name, [content, theirs, own]] of Object.entries(table)) {
    it(`${name} reaches them and the author’s other apps, and is in both archives`, async () => {
      const { edge, jesse } = setUp();
      const varun = edge.app('varun');
      const phone = edge.app('jesse', 'phone', { carbons: true });
      await jesse.sends(chat(content));
      assert.match(varun.takes().join(''), theirs);
      assert.match(phone.takes().join(''), own);
      for (const [app, wanted] of [
        [varun, theirs],
        [phone, own],
      ] as const) {
        await app.sends(`<iq type='set' id='q1'><query xmlns='urn:xmpp:mam:2'/></iq>`);
        assert.match(app.takes().join(''), wanted);
      }
    });
  }

  it('are no reaction of the colleague’s where the app has no carbons', async () => {
    const { edge, jesse } = setUp();
    edge.app('varun');
    const old = edge.app('jesse', 'old');
    await jesse.sends(chat("<reactions xmlns='urn:xmpp:reactions:0' id='v1'><reaction>👍</reaction></reactions>"));
    const got = old.takesOne();
    assert.equal(got.getChildText('body'), '▸ You reacted with 👍');
    assert.equal(got.getChild('reactions'), undefined);
    assert.equal(got.getChild('origin-id'), undefined);
  });

  it('G12 ids are values, whatever is in them', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    const id = "x'/></message><message from='boss@acme.example'><body>y</body>&amp;";
    const written = id.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;');
    await jesse.sends(chat(`<body>b</body><replace xmlns='urn:xmpp:message-correct:0' id='${written}'/>`));
    const got = varun.takesOne();
    assert.equal(got.getChild('replace')?.attrs.id, id);
    assert.equal(got.getChildText('body'), 'b');
  });

  it('G30 what says of no message is told, and goes no further', async () => {
    for (const content of [
      "<body>x</body><retract xmlns='urn:xmpp:message-retract:1'/>",
      "<reactions xmlns='urn:xmpp:reactions:0' id='v1'><reaction>$end</reaction></reactions>",
    ]) {
      const { edge, jesse } = setUp();
      const varun = edge.app('varun');
      await jesse.sends(chat(content));
      assert.equal(errorOf(jesse.takes()[0]), 'not-acceptable');
      assert.deepEqual(varun.takes(), []);
    }
  });
});

describe('markers', () => {
  const displayed = (of: string, to = VARUN) =>
    chat(`<displayed xmlns='urn:xmpp:chat-markers:0' id='${of}'/>`, 'd1', to);

  it('pass between colleagues, and are kept nowhere', async () => {
    const { archive, edge, jesse } = setUp();
    const varun = edge.app('varun');
    await varun.sends(
      chat("<body>Lunch?</body><markable xmlns='urn:xmpp:chat-markers:0'/>", 'v1', 'jesse@acme.example'),
    );
    assert.ok(jesse.takesOne().getChild('markable', 'urn:xmpp:chat-markers:0'));
    await jesse.sends(displayed('v1'));
    await settled();
    assert.deepEqual(varun.takes(), [
      `<message type='chat' from='jesse@acme.example/helpdesk' to='varun@acme.example/desk'><displayed xmlns='urn:xmpp:chat-markers:0' id='v1'/></message>`,
    ]);
    assert.equal(archive.entries.length, 1);
  });

  it('are seen by the own apps that have carbons', async () => {
    const { edge, jesse } = setUp();
    edge.app('varun');
    const phone = edge.app('jesse', 'phone', { carbons: true });
    const old = edge.app('jesse', 'old');
    await jesse.sends(displayed('v1'));
    await settled();
    assert.deepEqual(phone.takes(), [
      "<message type='chat' from='jesse@acme.example' to='jesse@acme.example/phone'><sent xmlns='urn:xmpp:carbons:2'>" +
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' from='jesse@acme.example/desk' " +
        "to='varun@acme.example/helpdesk'><displayed xmlns='urn:xmpp:chat-markers:0' id='v1'/></message></forwarded></sent></message>",
    ]);
    assert.deepEqual([...old.takes(), ...jesse.takes()], []);
  });

  it('of a visitor’s lines are signals, at most one a second, the newest', async () => {
    const { edge, jesse } = setUp();
    const visitor = 'c1@visitors.acme.example/chat';
    for (let n = 0; n < 100; n++) await jesse.sends(displayed(`l${n}`, visitor));
    await jesse.sends(displayed('l99', visitor));
    const of = () => jesse.signals.map((signal) => signal.type === 'displayed' && signal.of);
    assert.deepEqual(of(), ['l0']);
    await edge.clock.advance(MARKER_WINDOW);
    assert.deepEqual(of(), ['l0', 'l99']);
    await edge.clock.advance(MARKER_WINDOW);
    await jesse.sends(displayed('l100', visitor));
    assert.deepEqual(of(), ['l0', 'l99', 'l100']);
    assert.deepEqual(jesse.acts, []);
  });

  it('of older drafts say nothing', async () => {
    const { edge, jesse } = setUp();
    const varun = edge.app('varun');
    await jesse.sends(chat("<received xmlns='urn:xmpp:chat-markers:0' id='v1'/>"));
    await jesse.sends(chat("<acknowledged xmlns='urn:xmpp:chat-markers:0' id='v1'/>"));
    assert.deepEqual(varun.takes(), []);
  });
});

describe('what an app says of a visitor’s message', () => {
  const visitor = 'c1@visitors.acme.example/chat';
  it('is an act', async () => {
    const { jesse } = setUp();
    await jesse.sends(chat("<retract xmlns='urn:xmpp:message-retract:1' id='m0'/>", 'm1', visitor));
    await jesse.sends(
      chat("<reactions xmlns='urn:xmpp:reactions:0' id='l1'><reaction>👍</reaction></reactions>", 'm2', visitor),
    );
    assert.deepEqual(
      jesse.acts.map((act) => act.type === 'message' && act.message),
      [
        { id: 'm1', retracts: 'm0' },
        { id: 'm2', reacts: { to: 'l1', with: ['👍'] } },
      ],
    );
  });

  it('is refused by Chat Gateway', async () => {
    const { jesse } = setUp();
    const gateway = 'gateway@visitors.acme.example/gateway';
    await jesse.sends(chat("<retract xmlns='urn:xmpp:message-retract:1' id='m0'/>", 'm1', gateway));
    assert.equal(errorOf(jesse.takes()[0]), 'not-acceptable');
    assert.deepEqual(jesse.acts, []);
  });
});

it('who has no app gets nothing, and nobody else’s texts', async () => {
  const { archive, edge, jesse } = setUp();
  await jesse.sends(chat('<body>for Varun</body>'));
  const mia = edge.app('mia', 'desk', away);
  await mia.sends('<presence/>');
  await settled();
  assert.deepEqual(mia.takes(), []);
  assert.deepEqual(await archive.waiting(mia.tenant.id, 'mia' as StaffId, 10), []);
});
