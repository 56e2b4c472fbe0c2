import assert from 'node:assert/strict';
import { scenario, scenarios, type World } from '../support/scenario.ts';

const react = (to: string, of: string, ...emoji: string[]) =>
  `<message to='${to}' type='chat' id='r${emoji.length}'><body>a text that stands for it</body><reactions xmlns='urn:xmpp:reactions:0' id='${of}'>${emoji.map((one) => `<reaction>${one}</reaction>`).join('')}</reactions></message>`;

async function chatting(world: World) {
  const jesse = await world.online('jesse', { resource: 'desk' });
  const phone = await world.online('jesse', { resource: 'phone', carbons: true });
  const old = await world.online('jesse', { resource: 'old' });
  const chris = await world.visitor('Chris').asks('Hello?');
  const asked = await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  jesse.says(chris.jid, 'Hi');
  await chris.hears('Hi');
  return { jesse, phone, old, chris, question: asked.attrs['id'] ?? '' };
}

scenarios('reactions and replies', () => {
  scenario('a reaction is shown at the line on the visitor’s page, never as a text', async (world) => {
    const { jesse, chris, question } = await chatting(world);
    jesse.sends(react(chris.jid, question, '👍', '🎉'));
    await world.until(() => chris.seen.some(({ extra }) => extra?.is === 'reaction'), 'no reaction came');
    jesse.sends(react(chris.jid, question));
    await world.until(() => chris.seen.filter(({ extra }) => extra?.is === 'reaction').length === 2, 'it stayed');
    const lines = chris.seen.filter(({ extra }) => extra?.is === 'reaction');
    assert.deepEqual(
      lines.map(({ text, extra }) => [text, extra]),
      [
        ['👍 🎉', { is: 'reaction', of: 1 }],
        ['', { is: 'reaction', of: 1 }],
      ],
    );
    assert.ok(!chris.seen.some(({ text }) => text.includes('stands for it')));
  });

  scenario(
    'own apps show it as one’s own, or tell of it; colleagues read who reacted, not the visitor',
    async (world) => {
      const { jesse, phone, old, chris, question } = await chatting(world);
      const varun = await world.online('varun');
      await varun.receives(`<presence from='${chris.fullJid}'/>`);
      await world.advance(10_000);
      varun.says(chris.jid, 'Me too.');
      await chris.hears('Me too.');
      jesse.sends(react(chris.jid, question, '👍'));
      await phone.receives(
        `<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><reactions xmlns='urn:xmpp:reactions:0' id='${question}'><reaction>👍</reaction></reactions></message></forwarded></sent></message>`,
      );
      const told = await old.receives(`<message from='${chris.fullJid}'><body>▸ You reacted with 👍</body></message>`);
      assert.equal(told.getChild('reactions'), undefined);
      const read = await varun.receives(
        `<message from='${chris.fullJid}'><body>▸ Jesse Stone reacted with 👍</body><reply xmlns='urn:xmpp:reply:0' id='${question}'/></message>`,
      );
      assert.equal(read.getChild('reactions'), undefined, 'an app would show it as the visitor’s');
    },
  );

  scenario('G30 what is no emoji is no reaction, and the app is told', async (world) => {
    const { jesse, chris, question } = await chatting(world);
    jesse.sends(react(chris.jid, question, '$end'));
    await jesse.receives(
      `<message type='error' id='r1'><error><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>…emoji…</text></error></message>`,
    );
    await chris.reads();
    assert.equal(
      chris.seen.some(({ extra }) => extra !== undefined),
      false,
    );
    await chris.isIn('running');
  });

  scenario('a reaction to a request does not take the chat', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    const asked = await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    jesse.sends(react(chris.jid, asked.attrs['id'] ?? '', '👍'));
    await jesse.receives(`<message type='error' id='r1'/>`);
    await chris.isIn('waiting');
  });

  scenario('a reply shows which line it answers, and never the quotation that apps put before it', async (world) => {
    const { jesse, phone, chris } = await chatting(world);
    await chris.says('Where is my order?');
    const line = await jesse.receives(`<message from='${chris.fullJid}'><body>Where is my order?</body></message>`);
    const id = line.attrs['id'] ?? '';
    const quotation = '> Where is my order?\n';
    jesse.says(
      chris.jid,
      `${quotation}On its way.`,
      `<reply xmlns='urn:xmpp:reply:0' to='${chris.jid}' id='${id}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='${quotation.length}'/></fallback>`,
    );
    const answer = await chris.hears('On its way.');
    assert.deepEqual(answer.extra, {
      is: 'reply',
      of: chris.seen.find(({ text }) => text === 'Where is my order?')?.number,
    });
    await phone.receives(
      `<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>On its way.</body><reply xmlns='urn:xmpp:reply:0' id='${id}'/></message></forwarded></sent></message>`,
    );
  });

  const replyTo = (of: string, characters: number) =>
    `<reply xmlns='urn:xmpp:reply:0' id='${of}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='${characters}'/></fallback>`;

  scenario('a quotation with emoji is cut where it ends: no letter is lost, and no command is sent', async (world) => {
    const { jesse, chris } = await chatting(world);
    await chris.says('Hello 😀😀?');
    const asked = await jesse.receives(`<message from='${chris.fullJid}'><body>Hello 😀😀?</body></message>`);
    const quotation = '> Hello 😀😀?\n';
    // as the XEP counts, and as an app counts that takes UTF-16 units or bytes for characters
    for (const end of [Array.from(quotation).length, quotation.length, Buffer.byteLength(quotation)]) {
      const reply = replyTo(asked.attrs['id'] ?? '', end);
      jesse.says(chris.jid, `${quotation}Good morning`, reply);
      jesse.says(chris.jid, `${quotation}$note a thief`, reply);
      await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Note by Jesse Stone: a thief</body></message>`);
    }
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), ['Hi', ...Array.from({ length: 3 }, () => 'Good morning')]);
  });

  scenario('a reply that is all quotation says so, and one marked as such by mistake is said', async (world) => {
    const { jesse, chris, question } = await chatting(world);
    jesse.says(chris.jid, '> Hello?', replyTo(question, 8));
    await jesse.receives(`<message type='error'/>`);
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Not sent: there is no text in it.</body></message>`);
    jesse.says(chris.jid, 'in words', replyTo(question, 8));
    await chris.hears('in words');
  });

  scenario('a reply to something that is no line is said as a text', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.says(chris.jid, 'Noted.', `<reply xmlns='urn:xmpp:reply:0' to='${chris.jid}' id='a-notice'/>`);
    assert.equal((await chris.hears('Noted.')).extra, undefined);
  });

  scenario('apps find out that they may offer all this', async (world) => {
    const { jesse, chris } = await chatting(world);
    const varun = await world.online('varun');
    for (const contact of [chris.fullJid, `${varun.bareJid}/helpdesk`]) {
      const info = await jesse.iq('get', `<query xmlns='http://jabber.org/protocol/disco#info'/>`, contact);
      const features =
        info
          .getChild('query')
          ?.getChildren('feature')
          .map(({ attrs }) => attrs['var']) ?? [];
      for (const feature of [
        'urn:xmpp:message-correct:0',
        'urn:xmpp:message-retract:1',
        'urn:xmpp:reactions:0',
        'urn:xmpp:reply:0',
        'urn:xmpp:fallback:0',
        'urn:xmpp:chat-markers:0',
        'urn:xmpp:receipts',
        'jabber:x:oob',
      ])
        assert.ok(features.includes(feature), `${contact} has no ${feature}`);
    }
  });
});
