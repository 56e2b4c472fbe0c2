import assert from 'node:assert/strict';
import { SiteError } from '../../src/connectors/embedded/visitor-site.ts';
import { serialize } from '../../src/xmpp/serialize.ts';
import { type World, scenario, scenarios } from '../support/scenario.ts';

async function chatting(world: World, options: Parameters<World['online']>[1] = {}) {
  const jesse = await world.online('jesse', options);
  const chris = await world.visitor('Chris').asks('Hello?');
  await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  jesse.says(chris.fullJid, 'Hi');
  await chris.hears('Hi');
  await jesse.receives(`<presence from='${chris.fullJid}'><status>…with…</status></presence>`);
  return { jesse, chris };
}

const CARD_PAGE = {
  url: 'https://shop.example/cart',
  title: '▸ Cart',
  referrer: 'https://search.example/',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  language: 'en',
  timeZone: 'Europe/Paris',
};
const CARD_FORM = {
  phone: true,
  fields: [
    { id: 'order', label: 'Order number', required: true },
    { id: 'size', label: 'Size', required: false },
  ],
};

scenarios('in a chat', () => {
  scenario('text goes both ways, in order', async (world) => {
    const { jesse, chris } = await chatting(world);
    for (let number = 0; number < 20; number++) {
      await chris.says(`question ${number}`);
      jesse.says(chris.jid, `answer ${number}`);
    }
    await chris.hears('answer 19');
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    assert.deepEqual(chris.texts('staff'), ['Hi', ...numbers.map((number) => `answer ${number}`)]);
    await world.until(
      () => jesse.bodies(chris.jid).filter((body) => body.startsWith('question')).length === 20,
      'not all came',
    );
    assert.deepEqual(
      jesse.bodies(chris.jid).filter((body) => body.startsWith('question')),
      numbers.map((number) => `question ${number}`),
    );
  });

  scenario('nothing is lost or doubled when the network of an app goes away and comes back', async (world) => {
    const { jesse, chris } = await chatting(world, { sm: true });
    jesse.says(chris.jid, 'before the cut');
    jesse.cut();
    await chris.says('during the cut');
    assert.equal(await jesse.returns(), true);
    await jesse.receives(`<message from='${chris.fullJid}'><body>during the cut</body></message>`);
    await chris.hears('before the cut');
    await chris.says('after the cut');
    await jesse.receives(`<message from='${chris.fullJid}'><body>after the cut</body></message>`);
    await jesse.receivesNothing(`<message><body>during the cut</body></message>`, 'it had this already');
    assert.equal(chris.texts('staff').filter((text) => text === 'before the cut').length, 1);
  });

  scenario('an app that resumes on another gateway has everything', async (world) => {
    const { jesse, chris } = await chatting(world, { sm: true });
    jesse.cut();
    await chris.says('where are you?');
    world.moveApp(jesse);
    assert.equal(await jesse.returns(), true);
    await jesse.receives(`<message from='${chris.fullJid}'><body>where are you?</body></message>`);
  });

  scenario(
    'an app without resumption finds its chat, with the lines it has not proved, marked with their time',
    async (world) => {
      const { jesse, chris } = await chatting(world, { resource: 'desk' });
      await jesse.settle();
      jesse.cut();
      await world.advance(2_000);
      await chris.says('are you there?');
      await world.advance(8_000);
      const back = await world.online('jesse', { resource: 'desk' });
      await back.receives(
        `<message from='${chris.fullJid}'><body>are you there?</body><delay xmlns='urn:xmpp:delay' stamp='2026-01-05T14:0…Z'/></message>`,
      );
      await back.receives(`<presence from='${chris.fullJid}'><status>…with…</status></presence>`);
      back.says(chris.jid, 'yes');
      await chris.hears('yes');
    },
  );

  scenario('an app that does not prove what it got may see its last lines again, and only those', async (world) => {
    const { jesse, chris } = await chatting(world, { resource: 'desk' });
    await chris.says('proved');
    await jesse.receives(`<message from='${chris.fullJid}'><body>proved</body></message>`);
    await jesse.settle();
    jesse.answers = false;
    await chris.says('not proved');
    await jesse.receives(`<message from='${chris.fullJid}'><body>not proved</body></message>`);
    jesse.cut();
    const back = await world.online('jesse', { resource: 'desk' });
    await back.receives(
      `<message from='${chris.fullJid}'><body>not proved</body><delay xmlns='urn:xmpp:delay'/></message>`,
    );
    await back.receivesNothing(
      `<message from='${chris.fullJid}'><body>proved</body></message>`,
      'the app has proved that it got this',
    );
  });

  scenario('a line that an app sends again after a failed resume is not said twice', async (world) => {
    const { jesse, chris } = await chatting(world, { resource: 'desk' });
    const again = `<message to='${chris.jid}' type='chat' id='same'><body>only once</body></message>`;
    jesse.sends(again);
    await chris.hears('only once');
    jesse.cut();
    const back = await world.online('jesse', { resource: 'desk' });
    back.sends(again);
    await back.settle();
    await chris.reads();
    assert.equal(chris.texts('staff').filter((text) => text === 'only once').length, 1);
  });

  scenario('who logs out and in again may say the same with the same id', async (world) => {
    const { jesse, chris } = await chatting(world, { resource: 'desk' });
    const ok = `<message to='${chris.jid}' type='chat' id='1'><body>ok</body></message>`;
    jesse.sends(ok);
    await chris.hears('ok');
    await jesse.leaves();
    const back = await world.online('jesse', { resource: 'desk' });
    back.sends(ok);
    await back.settle();
    await chris.reads();
    assert.deepEqual(chris.texts('staff').slice(-2), ['ok', 'ok']);
  });

  scenario('a message that the page sends again is one line', async (world) => {
    const { jesse, chris } = await chatting(world);
    const id = await chris.says('once');
    await chris.says('once', id);
    await jesse.receives(`<message from='${chris.fullJid}'><body>once</body></message>`);
    await jesse.receivesNothing(`<message><body>once</body></message>`, 'the same message');
  });

  scenario('"is typing" goes both ways', async (world) => {
    const { jesse, chris } = await chatting(world);
    chris.types();
    await jesse.receives(
      `<message from='${chris.jid}…'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    );
    chris.types(false);
    await jesse.receives(
      `<message from='${chris.jid}…'><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    );
    jesse.state(chris.jid, 'composing');
    await world.until(() => chris.staffTyping === 'Jesse Stone', 'the page shows nobody typing');
    jesse.state(chris.jid, 'paused');
    await world.until(() => chris.staffTyping === undefined, 'the page still shows somebody typing');
    // E22: at most one in 2 s
    await world.advance(2_000);
    jesse.state(chris.jid, 'composing');
    await world.until(() => chris.staffTyping !== undefined, 'the page shows nobody typing');
    jesse.says(chris.jid, 'done');
    await world.until(() => chris.staffTyping === undefined, 'who has written types no more');
  });

  for (const how of ['logs out', 'is cut off'])
    scenario(`an app that ${how} types no more`, async (world) => {
      const { chris } = await chatting(world, { resource: 'a' });
      const phone = await world.online('jesse', { resource: 'phone' });
      phone.state(chris.fullJid, 'composing');
      await world.until(() => chris.staffTyping === 'Jesse Stone', 'the page shows nobody typing');
      if (how === 'logs out') await phone.leaves();
      else phone.cut();
      await world.until(() => chris.staffTyping === undefined, 'the page still shows somebody typing');
    });

  const commands = [
    'G01 $foo',
    'G01 $help',
    'G01 $HELP',
    'G01  $help',
    'G01 $help ',
    'G02 ＄help',
    'G02 \u200b$help',
    'G02 \u200f$help',
    'G02 \ufeff$help',
    'G03 $',
    'G03 $ help',
    'G01 text\n$help',
    'G01 text\u2028$help',
    'G01 \n$help',
    '> quoted\n$help',
  ];
  for (const command of commands) {
    const text = command.replace(/^G\d\d /u, '');
    scenario(`no command reaches the visitor: ${JSON.stringify(command)}`, async (world) => {
      const { jesse, chris } = await chatting(world);
      jesse.says(chris.jid, text);
      await jesse.receives(`<message from='${chris.jid}…'><body>▸ …</body></message>`);
      jesse.says(chris.jid, 'end of test');
      await chris.hears('end of test');
      assert.deepEqual(chris.texts('staff'), ['Hi', 'end of test']);
    });
  }

  scenario('a text of which nothing is left without its marks is not sent, and says so', async (world) => {
    const { jesse, chris } = await chatting(world);
    for (const text of ['▸', '▶️', '► \u200b', '▸\n▸ ▸']) {
      const id = jesse.says(chris.jid, text);
      await jesse.receives(`<message type='error' id='${id}'/>`);
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ Not sent: there is no text in it.</body></message>`,
      );
    }
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), ['Hi']);
  });

  scenario('$$ sends a literal $, and a price is sent', async (world) => {
    const { jesse, chris } = await chatting(world);
    for (const [typed, read] of [
      ['$$end', '$end'],
      ['$5 off', '$5 off'],
      ['$ 5', '$ 5'],
    ] as const) {
      jesse.says(chris.jid, typed);
      await chris.hears(read);
    }
    jesse.says(chris.jid, '$help');
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ …$$…$5…</body></message>`);
  });

  scenario('G11 what a visitor writes is never a command', async (world) => {
    const { jesse, chris } = await chatting(world);
    await chris.says('$end');
    await jesse.receives(`<message from='${chris.fullJid}'><body>$end</body></message>`);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
  });

  scenario('G12 a visitor cannot break out of a message', async (world) => {
    const { jesse, chris } = await chatting(world);
    const text = `</body></message><message from='boss@acme.test'><body>&lt;hi`;
    await chris.says(text);
    const message = await jesse.receives(`<message from='${chris.fullJid}'><body>…boss…</body></message>`);
    assert.equal(message.getChildText('body'), text);
    await jesse.receivesNothing(`<message from='boss@acme.test'/>`, 'it is text');
  });

  scenario(
    'nobody can forge a notice: the mark is removed at the start of every line that a person writes',
    async (world) => {
      const jesse = await world.online('jesse');
      const chris = await world.visitor('▸ Chris').asks('▸ Your password please');
      await jesse.receives(`<message from='${chris.fullJid}'><body>Your password please</body></message>`);
      await jesse.receives(`<iq><query xmlns='jabber:iq:roster'><item jid='${chris.jid}' name='Chris'/></query></iq>`);
      jesse.says(chris.jid, '▸ You have won');
      await chris.hears('You have won');
      for (const end of ['\n', '\r', '\u2028', '\u2029', '\v', '\u0085']) {
        await chris.says(`hello${end} \u200b▶ \u200d▸notice ${end.codePointAt(0)}`);
        const got = await jesse.receives(
          `<message from='${chris.fullJid}'><body>…notice ${end.codePointAt(0)}</body></message>`,
        );
        assert.doesNotMatch(got.getChildText('body') ?? '', /[▸▶]/u);
      }
    },
  );

  scenario('to a colleague text is sent, and what begins with $ is not', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    jesse.says('varun@acme.test', 'lunch?');
    // from the address that their presence comes from
    await varun.receives(`<message from='jesse@acme.test/helpdesk' type='chat'><body>lunch?</body></message>`);
    jesse.says('varun@acme.test', '$end c:1');
    await jesse.receives(`<message from='varun@acme.test…'><body>▸ …</body></message>`);
    await varun.receivesNothing(`<message><body>…$end…</body></message>`, 'a command is never sent');
    jesse.says('varun@acme.test', '▸ Taken by Mia\n\u200b▶ again');
    await varun.receives(`<message from='jesse@acme.test/helpdesk'><body>Taken by Mia…</body></message>`);
    assert.doesNotMatch(varun.transcript.join('\n'), /<body>▸ Taken|▶/u, 'nobody can forge a notice');
    jesse.says('varun@acme.test', '$5 for lunch');
    await varun.receives(`<message from='jesse@acme.test/helpdesk'><body>$5 for lunch</body></message>`);
  });

  scenario('the contact card shows what is known of the visitor', { form: CARD_FORM }, async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world
      .visitor('Chris', {
        email: 'chris@example.com',
        phone: '+49 30 123',
        fields: { order: '▸ 42' },
        page: CARD_PAGE,
      })
      .asks('Hello?');
    const card = (await jesse.iq('get', `<vCard xmlns='vcard-temp'/>`, chris.jid)).getChild('vCard');
    assert.equal(card?.getChildText('FN'), 'Chris');
    assert.equal(card?.getChild('EMAIL')?.getChildText('USERID'), 'chris@example.com');
    assert.equal(card?.getChild('TEL')?.getChildText('NUMBER'), '+49 30 123');
    const known = [
      '+49 30 123',
      'chris@example.com',
      'time zone of Paris (Europe)',
      'https://shop.example/cart',
      'https://search.example/',
      'Firefox 140',
      'Order number: 42',
    ];
    const items = await jesse.iq(
      'get',
      `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:vcard4' max_items='1'/></pubsub>`,
      chris.jid,
    );
    jesse.says(chris.jid, '$info');
    const info = await jesse.receives(`<message from='${chris.jid}…'><body>▸ …Name: Chris…</body></message>`);
    for (const [where, shown] of Object.entries({ 'vcard-temp': card, vCard4: items, $info: info })) {
      const text = serialize(shown ?? info);
      for (const fact of known) assert.ok(text.includes(fact), `${where} has ${fact}`);
      assert.doesNotMatch(text.replace('▸ What', 'What'), /▸/u, where);
      assert.doesNotMatch(text, /Size/u, 'what was not answered is not there');
    }
  });

  scenario('a change of page is seen: in both cards and in $info; browser and time can be asked for', async (world) => {
    const jesse = await world.online('jesse');
    const mia = await world.online('mia');
    const chris = await world.visitor('Chris', { page: CARD_PAGE }).asks('Hello?');
    await jesse.receives(`<presence from='${chris.fullJid}'/>`);
    await chris.visits({ url: 'https://shop.example/checkout', title: 'Checkout' });
    await world.until(async () => {
      const card = await jesse.iq('get', `<vCard xmlns='vcard-temp'/>`, chris.jid);
      return serialize(card).includes('https://shop.example/checkout');
    }, 'the page is not in the card');
    const card = serialize(await jesse.iq('get', `<vCard xmlns='vcard-temp'/>`, chris.jid));
    const items = `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:vcard4'/></pubsub>`;
    const card4 = serialize(await jesse.iq('get', items, chris.jid));
    jesse.says(chris.jid, '$info');
    const info = serialize(
      await jesse.receives(`<message from='${chris.jid}…'><body>▸ …https://shop.example/…</body></message>`),
    );
    for (const text of [card, card4, info]) {
      assert.ok(text.includes('https://shop.example/checkout') && text.includes('Checkout'), text);
      assert.ok(!text.includes('https://shop.example/cart'), 'where the visitor was');
    }
    const version = await jesse.iq('get', `<query xmlns='jabber:iq:version'/>`, chris.fullJid);
    assert.deepEqual(
      ['name', 'version'].map((name) => version.getChild('query')?.getChildText(name)),
      ['Firefox', '140'],
    );
    const time = await jesse.iq('get', `<time xmlns='urn:xmpp:time'/>`, chris.fullJid);
    assert.equal(time.getChild('time')?.getChildText('tzo'), '+01:00');
    for (const query of [`<query xmlns='jabber:iq:version'/>`, `<time xmlns='urn:xmpp:time'/>`, items]) {
      const refused = await mia.iq('get', query, query === items ? chris.jid : chris.fullJid);
      assert.equal(refused.attrs['type'], 'error', 'E23 it is a visitor of another team');
    }
  });

  scenario('without an answer that the tenant needs no chat begins', { form: CARD_FORM }, async (world) => {
    await world.online('jesse');
    for (const fields of [{}, { order: ' ' }, { size: 'M' }, { order: 'two\nlines' }])
      await assert.rejects(
        world.visitor('Chris', { fields }).asks('Hello?'),
        (error) => error instanceof SiteError && error.refusal === 'bad-form',
      );
  });

  scenario('G17 what a browser claims comes as text, capped', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world
      .visitor('Chris', {
        page: {
          url: 'https://shop.example/<b>?a="\'&x=1',
          title: `</DESC><FN>Boss</FN>\u0000\u0007${'x'.repeat(8_000)}`,
          referrer: 'javascript:alert(1)',
          userAgent: '<script>alert(1)</script>',
          timeZone: '../../etc/passwd',
          language: 'en\n▸ x',
        },
      })
      .asks('Hello?');
    const card = (await jesse.iq('get', `<vCard xmlns='vcard-temp'/>`, chris.jid)).getChild('vCard');
    assert.equal(card?.getChildText('FN'), 'Chris');
    assert.equal(card?.getChildren('FN').length, 1);
    const text = card === undefined ? '' : serialize(card);
    assert.doesNotMatch(text, /javascript|passwd|<script|\u0007/u);
    assert.ok(text.length < 3_000, String(text.length));
  });

  scenario('the visitor reads who joins', async (world) => {
    const { chris } = await chatting(world);
    await chris.isTold('Jesse Stone joined the chat.');
    assert.deepEqual(
      chris.seen.map(({ text }) => text),
      ['Hello?', 'Hi', 'Jesse Stone joined the chat.'],
    );
  });

  scenario('who ended a chat is told to each in their own words', async (world) => {
    const { jesse, chris } = await chatting(world);
    await chris.ends();
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Chris ended the chat.</body></message>`);
    await chris.isTold('You ended the chat.');
  });

  scenario('an app that asks for a receipt gets it once the helpdesk has the line', async (world) => {
    const { jesse, chris } = await chatting(world);
    const id = jesse.says(chris.jid, 'with receipt', `<request xmlns='urn:xmpp:receipts'/>`);
    await jesse.receives(`<message from='${chris.jid}…'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`);
    await chris.hears('with receipt');
  });

  scenario('G29 encrypted text is not passed on, and the app is told', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.says(chris.jid, 'I sent you an encrypted message', `<encrypted xmlns='eu.siacs.conversations.axolotl'/>`);
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ …ncrypt…</body></message>`);
    jesse.says(chris.jid, '?OTRv23?');
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ …ncrypt…</body></message>`);
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), ['Hi']);
  });

  scenario(
    'a text that stands for something unknown is words; a reaction or a retraction of no line is told, and not sent',
    async (world) => {
      const { jesse, chris } = await chatting(world);
      jesse.says(
        chris.jid,
        'https://files.example/a.pdf',
        `<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'/>`,
      );
      await chris.hears('https://files.example/a.pdf');
      const reaction = jesse.says(
        chris.jid,
        '> Hello?\n👍',
        `<reactions xmlns='urn:xmpp:reactions:0' id='x'><reaction>👍</reaction></reactions><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'/>`,
      );
      const retraction = jesse.says(
        chris.jid,
        '/me took it back',
        `<retract xmlns='urn:xmpp:message-retract:1' id='x'/>`,
      );
      for (const id of [reaction, retraction])
        await jesse.receives(
          `<message type='error' id='${id}'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
        );
      await chris.reads();
      assert.deepEqual(chris.texts('staff'), ['Hi', 'https://files.example/a.pdf']);
    },
  );

  scenario('$end ends the chat', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.says(chris.jid, '$end');
    await chris.isIn('ended');
    await jesse.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
    const id = jesse.says(chris.jid, 'G28 one more thing');
    await jesse.receives(`<message from='${chris.jid}…' id='…'/>`);
    void id;
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), ['Hi']);
  });

  scenario('$end with words behind it ends the chat, and says that nobody reads them', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.says(chris.jid, '$end Have a nice day');
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ What stands after $end is sent to nobody.</body></message>`,
    );
    await chris.isIn('ended');
    assert.deepEqual(chris.texts('staff'), ['Hi']);
  });

  scenario('closing the window ends the chat after 20 s of grace, if the app tells', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.state(chris.jid, 'gone');
    await jesse.settle();
    await world.advance(19_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
    await world.advance(1_500);
    await chris.isIn('ended');
  });

  for (const sign of ['composing', 'a message', 'a word of the visitor', 'the visitor typing'] as const) {
    scenario(`within the grace ${sign} cancels it`, async (world) => {
      const { jesse, chris } = await chatting(world);
      jesse.state(chris.jid, 'gone');
      await jesse.settle();
      await world.advance(10_000);
      if (sign === 'composing') jesse.state(chris.jid, 'composing');
      else if (sign === 'a message') jesse.says(chris.jid, 'still here');
      else if (sign === 'the visitor typing') chris.types();
      else await chris.says('wait');
      await jesse.settle();
      await world.advance(30_000);
      await chris.reads();
      assert.equal(chris.view?.phase.is, 'running');
    });
  }

  scenario('<inactive/> after <gone/> is no sign of life', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.state(chris.jid, 'gone');
    jesse.state(chris.jid, 'inactive');
    await jesse.settle();
    await world.advance(21_000);
    await chris.isIn('ended');
  });

  scenario('<gone/> from an app with an idle timer does not count', async (world) => {
    const caps = (node: string) => `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='${node}' ver='x'/>`;
    const { jesse, chris } = await chatting(world, { presence: caps('https://dino.im') });
    jesse.state(chris.jid, 'gone');
    await jesse.settle();
    await world.advance(30_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
    const varun = await world.online('varun', { presence: caps('http://profanity-im.github.io') });
    const dana = await world.visitor('Dana').asks('Hello?');
    varun.says(dana.jid, 'Hi');
    await dana.hears('Hi');
    varun.state(dana.jid, 'inactive');
    varun.state(dana.jid, 'gone');
    await varun.settle();
    await world.advance(30_000);
    await dana.reads();
    assert.equal(dana.view?.phase.is, 'running');
  });

  scenario('<gone/> before a logout is a logout', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.state(chris.jid, 'gone');
    await jesse.settle();
    await jesse.leaves();
    await world.advance(30_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
  });

  scenario('G22 <gone/> of one app does nothing while another took part', async (world) => {
    const desk = await world.online('jesse', { resource: 'desk' });
    const phone = await world.online('jesse', { resource: 'phone' });
    const chris = await world.visitor('Chris').asks('Hello?');
    desk.says(chris.fullJid, 'one');
    await chris.hears('one');
    phone.says(chris.jid, 'two');
    await chris.hears('two');
    desk.state(chris.jid, 'gone');
    await desk.settle();
    await world.advance(30_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
  });

  scenario('a tenant can switch that off', { windowClose: false }, async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.state(chris.jid, 'gone');
    await jesse.settle();
    await world.advance(60_000);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
  });

  scenario('G05 a correction that makes a command of a sent line is not executed and not sent', async (world) => {
    const { jesse, chris } = await chatting(world);
    const id = jesse.says(chris.jid, 'hello');
    await chris.hears('hello');
    jesse.says(chris.jid, '$end', `<replace xmlns='urn:xmpp:message-correct:0' id='${id}'/>`);
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ …</body></message>`);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
    assert.deepEqual(chris.texts('staff'), ['Hi', 'hello']);
  });

  scenario('state survives a restart: chats, lines, requests', async (world) => {
    const { jesse, chris } = await chatting(world, { sm: true });
    await chris.says('before');
    await jesse.receives(`<message from='${chris.fullJid}'><body>before</body></message>`);
    await jesse.settle();
    jesse.cut();
    await world.restart();
    await chris.opensPage(world.site);
    await chris.says('after');
    assert.equal(await jesse.returns(), false, 'streams do not survive a restart of everything');
    await jesse.receives(`<message from='${chris.fullJid}'><body>after</body></message>`);
    await jesse.receivesNothing(
      `<message from='${chris.fullJid}'><body>before</body></message>`,
      'it proved that it had this',
    );
    jesse.says(chris.jid, 'I am back');
    await chris.hears('I am back');
    assert.deepEqual(chris.texts('staff'), ['Hi', 'I am back']);
  });

  scenario('a kill -9 loses nothing that was acknowledged, and says nothing twice', async (world) => {
    const { jesse, chris } = await chatting(world, { sm: true });
    await chris.says('before');
    await jesse.receives(`<message from='${chris.fullJid}'><body>before</body></message>`);
    // some apps give their messages no id: the count tells that they were handled; and the app has not asked for it
    jesse.sends(`<message to='${chris.jid}' type='chat'><body>one</body></message>`);
    await chris.hears('one');
    await world.advance(0);
    // where the count is not stored yet, the id tells that a line was said
    jesse.says(chris.jid, 'two');
    await chris.hears('two');
    await world.kill();
    await chris.opensPage(world.site);
    assert.equal(await jesse.returns(), false);
    jesse.says(chris.jid, 'three');
    await chris.hears('three');
    await chris.says('after');
    await jesse.receives(`<message from='${chris.fullJid}'><body>after</body></message>`);
    assert.deepEqual(chris.texts('staff'), ['Hi', 'one', 'two', 'three']);
    assert.equal(chris.texts('you').filter((text) => text === 'before').length, 1);
  });

  scenario('what a colleague wrote to an app that was cut off is not lost without a word', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun', { resource: 'desk' });
    varun.cut();
    jesse.says('varun@acme.test', 'lunch?');
    await jesse.settle();
    const back = await world.online('varun', { resource: 'desk' });
    await back.receives(
      `<message from='jesse@acme.test…'><body>lunch?</body><delay xmlns='urn:xmpp:delay' stamp='*'/></message>`,
    );
    back.cut();
    jesse.says('varun@acme.test', 'or dinner?');
    await jesse.settle();
    await world.advance(301_000);
    await jesse.receivesNothing(`<message type='error'/>`, 'it waits');
    const later = await world.online('varun', { resource: 'phone' });
    await later.receives(
      `<message from='jesse@acme.test…'><body>or dinner?</body><delay xmlns='urn:xmpp:delay' stamp='*'/></message>`,
    );
    await later.receivesNothing(`<message><body>lunch?</body></message>`, 'an app has it');
  });

  scenario('a gateway that goes hands its desks over, and chats go on', async (world) => {
    const { jesse, chris } = await chatting(world, { sm: true });
    if (world.gateways === 1) return;
    await world.stopDeskOf(world.tenant, jesse, chris);
    await chris.says('still there?');
    await jesse.receives(`<message from='${chris.fullJid}'><body>still there?</body></message>`);
    jesse.says(chris.jid, 'of course');
    await chris.hears('of course');
  });
});
