import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';
import { conference, talking } from '../support/talking.ts';

const DELAY = `<delay xmlns='urn:xmpp:delay' stamp='2026-…Z'/>`;

scenarios('$invite', () => {
  scenario('the named colleague gets an alert with who asks, why, for whom, and what was said', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    await mia.receivesNothing(`<presence from='${chris.fullJid}'/>`, 'it is a chat of another team');
    jesse.says(chris.fullJid, '$invite Mia Wong do you know about deliveries?');
    await mia.receives(
      `<message from='${chris.fullJid}' type='chat'><body>▸ Jesse Stone invites you into the chat with Chris (Sales): do you know about deliveries?…Chris asked: Where is my order?…Any reply accepts…$end declines. You have 60 seconds.</body></message>`,
    );
    await mia.receives(
      `<message from='${chris.fullJid}'><body>▸ The last lines:…Chris: Where is my order?…Jesse Stone: Let me look.…</body></message>`,
    );
    await mia.receives(
      `<presence from='${chris.fullJid}'><show>chat</show><status>with Jesse Stone…</status></presence>`,
    );
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Mia Wong is asked to join.</body></message>`);
    await chris.reads();
    assert.ok(
      chris.texts('notice').every((text) => !text.includes('Mia')),
      'nobody tells the visitor',
    );
  });

  scenario(
    'a message accepts, and is told to the inviter; the visitor reads who joined, and then it',
    async (world) => {
      const { jesse, chris } = await talking(world);
      const varun = await world.online('varun');
      jesse.says(chris.fullJid, '$invite varun');
      await varun.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
      varun.says(chris.fullJid, 'It is on its way.');
      await chris.hears('It is on its way.');
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ Varun Shah has accepted your invitation.</body></message>`,
      );
      await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Varun Shah joined the chat.</body></message>`);
      await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Varun Shah: It is on its way.</body></message>`);
      const joined = await chris.isTold('Varun Shah joined');
      assert.ok(joined.number < (await chris.hears('It is on its way.')).number);
      assert.deepEqual(chris.view?.with, ['Jesse Stone', 'Varun Shah']);
      await jesse.receives(
        `<presence from='${chris.fullJid}'><status>with Jesse Stone, Varun Shah since …</status></presence>`,
      );
      await varun.receives(
        `<presence from='${chris.fullJid}'><status>with Jesse Stone, Varun Shah since …</status></presence>`,
      );
    },
  );

  scenario('an automatic reply of an app that is away does not accept', async (world) => {
    const { jesse, chris } = await talking(world);
    const varun = await world.online('varun', { presence: '<show>away</show>' });
    jesse.says(chris.fullJid, '$invite varun');
    await varun.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    const id = varun.says(chris.fullJid, 'I am away.');
    await varun.receives(`<message type='error' id='${id}'/>`);
    await varun.settle();
    await chris.reads();
    assert.ok(!chris.texts('staff').includes('I am away.'));
    assert.deepEqual(chris.view?.with, ['Jesse Stone']);
  });

  scenario('G30 a receipt, a marker, a reaction, a retraction and a typing notice do not accept', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    const alert = await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    const id = alert.attrs['id'] ?? '';
    for (const content of [
      '<body/>',
      '<body> \u200b</body>',
      `<received xmlns='urn:xmpp:receipts' id='${id}'/>`,
      `<displayed xmlns='urn:xmpp:chat-markers:0' id='${id}'/>`,
      `<reactions xmlns='urn:xmpp:reactions:0' id='${id}'><reaction>👍</reaction></reactions>`,
      `<body>👍</body><reactions xmlns='urn:xmpp:reactions:0' id='${id}'><reaction>👍</reaction></reactions>`,
      `<body>/me retracted</body><retract xmlns='urn:xmpp:message-retract:1' id='${id}'/>`,
      `<body>Hi</body><replace xmlns='urn:xmpp:message-correct:0' id='${id}'/>`,
      `<composing xmlns='http://jabber.org/protocol/chatstates'/>`,
      `<gone xmlns='http://jabber.org/protocol/chatstates'/>`,
    ])
      mia.sends(`<message to='${chris.fullJid}' type='chat' id='x'>${content}</message>`);
    await mia.settle();
    await world.advance(21_000);
    await chris.reads();
    assert.deepEqual(chris.view?.with, ['Jesse Stone']);
    assert.deepEqual(chris.texts('staff'), ['Let me look.']);
    mia.says(chris.fullJid, 'I am here.');
    await chris.hears('I am here.');
  });

  scenario('$end declines, and is told to the inviter', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    mia.says(chris.fullJid, '$end');
    await mia.receives(`<message from='${chris.fullJid}'><body>▸ Declined.</body></message>`);
    await mia.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ Mia Wong has declined your invitation.</body></message>`,
    );
    await chris.isIn('running');
  });

  scenario('who does not answer in time is asked no more, and both are told', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await world.advance(60_000);
    await mia.receives(`<message><body>▸ Missed: you did not answer the invitation in time.</body></message>`);
    await mia.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Mia Wong did not answer in time.</body></message>`);
  });

  scenario('a colleague whose app does not prove within 10 s that it got it did not get it', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia', { sm: true });
    await mia.settle();
    mia.answers = false;
    jesse.says(chris.fullJid, '$invite mia');
    await jesse.receives(`<message><body>▸ Mia Wong is asked to join.</body></message>`);
    await world.advance(10_000);
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ Mia Wong did not get your invitation…</body></message>`,
    );
  });

  scenario('an app that logs in while its user is asked gets the alert', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia', { resource: 'desk' });
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await mia.settle();
    const phone = await world.online('mia', { resource: 'phone' });
    await phone.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone invites you…</body></message>`);
    phone.says(chris.fullJid, 'From the phone.');
    await chris.hears('From the phone.');
    await mia.receives(`<message><body>▸ You: From the phone.</body>${DELAY}</message>`);
  });

  scenario('names match by full name, username or part; an ambiguous one lists the choices', async (world) => {
    const { jesse, chris } = await talking(world);
    await world.online('mia');
    await world.online('boss');
    jesse.says(chris.fullJid, '$invite o');
    await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ More than one colleague is named “o”:…Mia Wong: username mia, available…Bo Ström: username boss, available…</body></message>`,
    );
    jesse.says(chris.fullJid, '$invite BO STROM please');
    await jesse.receives(`<message><body>▸ Bo Ström is asked to join.</body></message>`);
    jesse.says(chris.fullJid, '$invite won');
    await jesse.receives(`<message><body>▸ Mia Wong is asked to join.</body></message>`);
  });

  const wrong: Readonly<Record<string, readonly [string, string]>> = {
    'nobody has': ['$invite Zoe', '▸ There is no colleague named “zoe”…'],
    'is their own': ['$invite jesse', '▸ That is you…'],
    'is of somebody who is offline': ['$invite Nora Berg', '▸ Nora Berg is offline…'],
    'is very long': [`$invite ${'x'.repeat(10_000)}`, '▸ There is no colleague named…'],
    'is code': ['$invite $(reboot)', '▸ There is no colleague named…'],
    'is missing': ['$invite', '▸ Write $invite and a name…'],
  };
  for (const [name, [text, answer]] of Object.entries(wrong))
    scenario(`G07 a name that ${name} is a local error`, async (world) => {
      const { jesse, chris } = await talking(world);
      const varun = await world.online('varun');
      const stranger = await world.online('varun', { domain: 'other.test' });
      jesse.says(chris.fullJid, text);
      await jesse.receives(`<message from='${chris.fullJid}'><body>${answer}</body></message>`);
      await varun.receivesNothing(`<message/>`, 'nobody was asked');
      await stranger.receivesNothing(`<message/>`, 'another helpdesk has no part in it');
      await chris.reads();
      assert.deepEqual(chris.texts('staff'), ['Let me look.']);
    });

  scenario('G07 a line break ends the name, and the rest goes along', async (world) => {
    const { jesse, chris } = await talking(world);
    const varun = await world.online('varun');
    jesse.says(chris.fullJid, '$invite varun\nshah knows');
    await varun.receives(`<message><body>▸ Jesse Stone invites you…: shah knows…</body></message>`);
  });

  scenario('an invitation goes on when the inviter leaves, and with others in the chat', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    jesse.says(chris.fullJid, '$end');
    await chris.isTold('Jesse Stone left');
    mia.says(chris.fullJid, 'Mia here.');
    await chris.hears('Mia here.');
    await varun.receives(`<message><body>▸ Mia Wong: Mia here.</body></message>`);
  });

  scenario('an invitation is over when the chat is', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await chris.ends();
    await mia.receives(`<message><body>▸ The chat with Chris has ended. The invitation is over.</body></message>`);
    await mia.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
  });

  scenario('an invitation survives a restart of everything', async (world) => {
    const { jesse, chris } = await talking(world, { resource: 'desk' });
    const mia = await world.online('mia', { resource: 'desk' });
    jesse.says(chris.fullJid, '$invite mia soon please');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await mia.settle();
    await world.kill();
    await chris.opensPage(world.site);
    const back = await world.online('mia', { resource: 'desk' });
    const inviter = await world.online('jesse', { resource: 'desk' });
    await back.receives(
      `<message from='${chris.fullJid}'><body>▸ Jesse Stone invites you…: soon please…</body></message>`,
    );
    back.says(chris.fullJid, 'Here I am.');
    await chris.hears('Here I am.');
    await inviter.receives(`<message><body>▸ Mia Wong has accepted your invitation.</body></message>`);
  });
});

scenarios('in a conference', () => {
  scenario('who joins gets the transcript with its times before anything new', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia', { resource: 'desk' });
    const phone = await world.online('mia', { resource: 'phone' });
    await chris.says('Number 42.');
    await jesse.receives(`<message><body>Number 42.</body></message>`);
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await phone.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await phone.receives(`<message><body>▸ The last lines…</body></message>`);
    await mia.receives(`<message><body>▸ The last lines…</body></message>`);
    mia.says(chris.fullJid, 'Mia here.');
    await chris.hears('Mia here.');
    await chris.says('And now?');
    for (const [app, own] of [
      [mia, []],
      [phone, ['▸ You: Mia here.']],
    ] as const) {
      await app.receives(`<message from='${chris.fullJid}'><body>And now?</body></message>`);
      const bodies = app.transcript
        .filter((text) => text.startsWith('← <message') && !text.includes('invites') && !text.includes('last lines'))
        .map((text) => /<body>(?<body>[^<]*)/u.exec(text)?.groups?.['body']);
      assert.deepEqual(bodies, [
        'Where is my order?',
        '▸ Jesse Stone: Let me look.',
        '▸ Jesse Stone joined the chat.',
        'Number 42.',
        '▸ Mia Wong joined the chat.',
        ...own,
        'And now?',
      ]);
      await app.receives(
        `<message from='${chris.fullJid}'><body>Where is my order?</body><delay xmlns='urn:xmpp:delay' stamp='2026-01-05T14:02:00…Z'/></message>`,
      );
      await app.receives(`<message><body>▸ Jesse Stone: Let me look.</body>${DELAY}</message>`);
    }
  });

  scenario('G25 a long transcript comes in parts and not whole', async (world) => {
    const { jesse, chris } = await talking(world);
    for (let n = 1; n <= 600; n++) {
      await chris.says(`line ${n}`);
      if (n % 50 === 0) await world.advance(10_000);
    }
    await jesse.receives(`<message><body>line 600</body></message>`);
    const varun = await world.online('varun', { sm: true });
    varun.says(chris.fullJid, 'I am here.');
    await varun.receives(`<message><body>▸ 203 earlier lines are not shown here.</body></message>`);
    await varun.receives(`<message><body>line 600</body>${DELAY}</message>`);
    const lines = varun.bodies(chris.jid).filter((body) => body.startsWith('line'));
    assert.deepEqual(
      lines,
      Array.from({ length: 399 }, (_, n) => `line ${n + 201}`),
    );
  });

  scenario('everybody’s lines reach all apps of all in it, with the name', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    const jesse2 = await world.online('jesse', { resource: 'second' });
    const varun2 = await world.online('varun', { resource: 'second' });
    const mia = await world.online('mia', { resource: 'desk' });
    const mia2 = await world.online('mia', { resource: 'second' });
    varun.says(chris.fullJid, '$invite mia');
    await mia2.receives(`<message><body>▸ Varun Shah invites you…</body></message>`);
    await mia.receives(`<message><body>▸ Varun Shah invites you…</body></message>`);
    mia2.says(chris.fullJid, 'M');
    await chris.hears('M');
    for (const app of [jesse, jesse2, varun, varun2])
      await app.receives(`<message><body>▸ Mia Wong: M</body></message>`);
    await mia.receives(`<message><body>▸ You: M</body></message>`);
    jesse2.says(chris.fullJid, 'J');
    await chris.hears('J');
    for (const app of [varun, varun2, mia, mia2])
      await app.receives(`<message><body>▸ Jesse Stone: J</body></message>`);
    await jesse.receives(`<message><body>▸ You: J</body></message>`);
    await chris.says('V');
    for (const app of [jesse, jesse2, varun, varun2, mia, mia2])
      await app.receives(`<message from='${chris.fullJid}'><body>V</body></message>`);
    const names = chris.seen.flatMap(({ from }) => (from.is === 'staff' ? [from.name] : []));
    assert.deepEqual(names, ['Jesse Stone', 'Varun Shah', 'Mia Wong', 'Jesse Stone']);
    for (const app of [jesse, jesse2, varun, varun2, mia, mia2])
      await app.receives(
        `<presence from='${chris.fullJid}'><status>with Jesse Stone, Varun Shah, Mia Wong since …</status></presence>`,
      );
    const late = await world.online('nora@acme.com');
    await late.receives(
      `<presence from='${chris.fullJid}'><show>dnd</show><status>with Jesse Stone, Varun Shah, Mia Wong since …</status></presence>`,
    );
  });

  scenario('G23 $end only leaves, also by the inviter; the chat goes on with the others', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    jesse.says(chris.fullJid, '$end');
    await chris.isTold('Jesse Stone left the chat.');
    await varun.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone left the chat.</body></message>`);
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone left the chat.</body></message>`);
    await jesse.receives(
      `<presence from='${chris.fullJid}'><show>dnd</show><status>with Varun Shah since …</status></presence>`,
    );
    await chris.says('Still there?');
    await varun.receives(`<message><body>Still there?</body></message>`);
    await jesse.receivesNothing(`<message><body>Still there?</body></message>`, 'Jesse is out of it');
    varun.says(chris.fullJid, '$end');
    await chris.isIn('ended');
  });

  scenario('$leave goes without ending; the last one gives the chat back, and the visitor is told', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    jesse.says(chris.fullJid, '$leave');
    await chris.isTold('Jesse Stone left the chat.');
    await jesse.receives(`<presence from='${chris.fullJid}'><status>with Varun Shah since …</status></presence>`);
    varun.says(chris.fullJid, '$leave');
    await chris.isTold('first in line');
    await chris.isIn('waiting');
    await jesse.receives(`<presence from='${chris.fullJid}'><status>waiting since …</status></presence>`);
    await jesse.receives(`<message><body>▸ Chat request for Sales…</body></message>`);
  });

  scenario('closing the window leaves: the chat goes on with the others', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    jesse.sends(
      `<message to='${chris.fullJid}' type='chat'><gone xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    );
    varun.sends(
      `<message to='${chris.fullJid}' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    );
    await jesse.settle();
    await world.advance(20_000);
    await chris.isTold('Jesse Stone left the chat.');
    await varun.receives(`<presence from='${chris.fullJid}'><status>with Varun Shah since …</status></presence>`);
    await chris.isIn('running');
  });

  scenario('typing of each is shown to the visitor, that of the invited is not', async (world) => {
    const { varun, jesse, chris } = await conference(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    const composing = `<message to='${chris.fullJid}' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`;
    mia.sends(composing);
    await mia.settle();
    assert.equal(chris.staffTyping, undefined);
    varun.sends(composing);
    await world.until(() => chris.staffTyping === 'Varun Shah', 'the visitor does not see who types');
    chris.types();
    for (const app of [varun, jesse])
      await app.receives(
        `<message from='${chris.fullJid}'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
      );
    await mia.receivesNothing(
      `<message><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
      'Mia is not in the chat',
    );
  });

  scenario('G06 commands of those who are not in it change nothing', async (world) => {
    const { chris } = await talking(world);
    const varun = await world.online('varun');
    for (const text of ['$end', '$leave', '$invite mia', '$transfer mia', '$transfer team:Support']) {
      varun.says(chris.fullJid, text);
      await varun.receives(
        `<message from='${chris.fullJid}'><body>▸ You are not in this chat, so you cannot…</body></message>`,
      );
    }
    varun.says(chris.fullJid, '$who');
    await varun.receives(
      `<message><body>▸ Chris (visitor): with Jesse Stone…In the chat: Jesse Stone.</body></message>`,
    );
    varun.says(chris.fullJid, '$history');
    await varun.receives(`<message><body>▸ The last…Jesse Stone: Let me look.…</body></message>`);
    await chris.isIn('running');
    assert.deepEqual(chris.view?.with, ['Jesse Stone']);
  });

  scenario('a conference, an invitation and an observer move with the desk', { observers: ['boss'] }, async (world) => {
    const { jesse, varun, chris } = await conference(world, { sm: true });
    if (world.gateways === 1) return;
    const boss = await world.online('boss', { sm: true });
    boss.says(chris.fullJid, '$observe');
    await boss.receives(`<message><body>▸ You observe this chat…</body></message>`);
    const mia = await world.online('mia', { sm: true });
    varun.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Varun Shah invites you…</body></message>`);
    await world.stopDeskOf(world.tenant, [jesse, varun, boss, mia], chris);
    await chris.says('Still there?');
    for (const app of [jesse, varun, boss])
      await app.receives(`<message from='${chris.fullJid}'><body>Still there?</body></message>`);
    mia.says(chris.fullJid, 'Mia too.');
    await chris.hears('Mia too.');
    for (const app of [jesse, varun, boss]) await app.receives(`<message><body>▸ Mia Wong: Mia too.</body></message>`);
    await varun.receives(`<message><body>▸ Mia Wong has accepted your invitation.</body></message>`);
    const id = boss.says(chris.fullJid, 'Silent.');
    await boss.receives(`<message type='error' id='${id}'/>`);
    await chris.reads();
    assert.deepEqual(chris.view?.with, ['Jesse Stone', 'Varun Shah', 'Mia Wong']);
  });

  scenario('a conference survives a restart of everything', async (world) => {
    const { jesse, varun, chris } = await conference(world, { resource: 'desk' });
    await jesse.settle();
    await varun.settle();
    await world.kill();
    await chris.opensPage(world.site);
    await chris.says('Are you back?');
    const [again, too] = [
      await world.online('jesse', { resource: 'desk' }),
      await world.online('varun', { resource: 'desk' }),
    ];
    for (const app of [again, too]) {
      await app.receives(`<message from='${chris.fullJid}'><body>Are you back?</body></message>`);
      await app.receives(
        `<presence from='${chris.fullJid}'><status>with Jesse Stone, Varun Shah since …</status></presence>`,
      );
      await app.receivesNothing(`<message><body>Where is my order?</body></message>`, 'it had that');
    }
    too.says(chris.fullJid, 'Both of us.');
    await chris.hears('Both of us.');
    await again.receives(`<message><body>▸ Varun Shah: Both of us.</body></message>`);
  });
});
