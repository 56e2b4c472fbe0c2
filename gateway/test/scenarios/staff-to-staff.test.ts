import assert from 'node:assert/strict';
import { wholeArchive } from '../support/archive.ts';
import { scenario, scenarios } from '../support/scenario.ts';

const MARKABLE = "<markable xmlns='urn:xmpp:chat-markers:0'/><request xmlns='urn:xmpp:receipts'/>";

scenarios('staff to staff', () => {
  scenario('a text reaches all apps of the colleague, and the author’s other apps', async (world) => {
    const jesse = await world.online('jesse', { resource: 'desk' });
    const phone = await world.online('jesse', { resource: 'phone', carbons: true });
    const varun = await world.online('varun', { resource: 'desk' });
    const tablet = await world.online('varun', { resource: 'tablet', carbons: true });
    jesse.says('varun@acme.test', 'Lunch?');
    const got = await varun.receives(`<message from='jesse@acme.test/helpdesk'><body>Lunch?</body></message>`);
    const id = got.getChild('stanza-id')?.attrs['id'];
    await tablet.receives(
      `<message from='jesse@acme.test/helpdesk'><body>Lunch?</body><stanza-id xmlns='urn:xmpp:sid:0' id='${id}'/></message>`,
    );
    await phone.receives(
      `<message from='jesse@acme.test'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' to='varun@acme.test/helpdesk'><body>Lunch?</body><stanza-id xmlns='urn:xmpp:sid:0' id='${id}'/></message></forwarded></sent></message>`,
    );
    await jesse.receivesNothing(`<message/>`, 'it is its author');
  });

  scenario('both have it in their archives, with the same id, and nobody else has', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    const mia = await world.online('mia');
    const sent = jesse.says('varun@acme.test', 'Lunch?');
    const got = await varun.receives(`<message><body>Lunch?</body></message>`);
    varun.says('jesse@acme.test', 'Yes', `<reply xmlns='urn:xmpp:reply:0' to='jesse@acme.test' id='${sent}'/>`);
    await jesse.receives(`<message><body>Yes</body><reply xmlns='urn:xmpp:reply:0' id='${sent}'/></message>`);
    const [own, theirs] = [
      await wholeArchive(jesse, { with: 'varun@acme.test' }),
      await wholeArchive(varun, { with: 'jesse@acme.test' }),
    ];
    assert.deepEqual(
      own.map(({ id }) => id),
      theirs.map(({ id }) => id),
    );
    assert.equal(own[0]?.id, got.getChild('stanza-id')?.attrs['id']);
    assert.deepEqual(
      own.map(({ from, body }) => `${from} ${body}`),
      ['jesse@acme.test Lunch?', 'varun@acme.test/helpdesk Yes'],
    );
    assert.deepEqual(
      theirs.map(({ from, body }) => `${from} ${body}`),
      ['jesse@acme.test/helpdesk Lunch?', 'varun@acme.test Yes'],
    );
    assert.equal(own[1]?.message.getChild('reply')?.attrs['id'], sent);
    assert.equal(theirs[0]?.message.attrs['id'], sent);
    assert.deepEqual(await wholeArchive(mia), []);
  });

  scenario('a text to who is not there waits, also over a restart, and comes with its time, once', async (world) => {
    const jesse = await world.online('jesse');
    jesse.says('varun@acme.test', 'one');
    jesse.says('varun@acme.test', 'two');
    await jesse.receivesNothing(`<message type='error'/>`, 'it is kept');
    await world.restart();
    const varun = await world.online('varun', { resource: 'desk' });
    for (const body of ['one', 'two'])
      await varun.receives(
        `<message from='jesse@acme.test/helpdesk'><body>${body}</body><delay xmlns='urn:xmpp:delay' stamp='*'/></message>`,
      );
    await varun.settle();
    const phone = await world.online('varun', { resource: 'phone' });
    await phone.receivesNothing(`<message/>`, 'an app has it');
    assert.deepEqual(
      (await wholeArchive(phone)).map(({ body }) => body),
      ['one', 'two'],
    );
  });

  scenario('a text to an app that goes away before it has it waits for the next one', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun', { resource: 'desk', sm: true, answers: false });
    varun.cut();
    jesse.says('varun@acme.test', 'one');
    await jesse.settle();
    await world.advance(600_000);
    await jesse.receivesNothing(`<message type='error'/>`, 'it is kept');
    const phone = await world.online('varun', { resource: 'phone' });
    await phone.receives(
      `<message from='jesse@acme.test/helpdesk'><body>one</body><delay xmlns='urn:xmpp:delay' stamp='*'/></message>`,
    );
    assert.deepEqual(
      (await wholeArchive(phone)).map(({ body }) => body),
      ['one'],
    );
  });

  const LATE = `<message from='jesse@acme.test/helpdesk'><body>important</body><delay xmlns='urn:xmpp:delay' stamp='*'/></message>`;

  scenario(
    'a text to an app that is dead reaches another one that logs in meanwhile, with its id, once',
    async (world) => {
      const jesse = await world.online('jesse');
      const phone = await world.online('varun', { resource: 'phone', sm: true, answers: false });
      phone.cut();
      jesse.says('varun@acme.test', 'important');
      await jesse.settle();
      const desk = await world.online('varun', { resource: 'desk' });
      const got = await desk.receives(LATE);
      await desk.settle();
      await world.advance(700_000);
      await desk.receivesNothing(`<message type='chat'/>`, 'it has it');
      await jesse.receivesNothing(`<message type='error'/>`, 'it arrived');
      const next = await world.online('varun', { resource: 'phone' });
      await next.receivesNothing(`<message type='chat'/>`, 'an app has proved it');
      const [kept] = await wholeArchive(next);
      assert.equal(kept?.id, got.getChild('stanza-id')?.attrs['id']);
    },
  );

  scenario('what waited and went to an app that died with it is given to the next one', async (world) => {
    const jesse = await world.online('jesse');
    jesse.says('varun@acme.test', 'important');
    await jesse.settle();
    const phone = await world.online('varun', { resource: 'phone', sm: true, answers: false });
    await phone.receives(LATE);
    phone.cut();
    const desk = await world.online('varun', { resource: 'desk' });
    await desk.receives(LATE);
    await world.advance(700_000);
    await desk.receivesNothing(`<message type='chat'/>`, 'once');
  });

  scenario('a text to an app that is away outlives the gateway', async (world) => {
    const jesse = await world.online('jesse', { sm: true });
    const phone = await world.online('varun', { resource: 'phone', sm: true });
    phone.cut();
    jesse.says('varun@acme.test', 'important');
    await jesse.settle();
    await world.restart();
    await phone.returns();
    await jesse.returns();
    await phone.receives(LATE);
    await jesse.receivesNothing(`<message type='error'/>`, 'it arrived');
    await phone.receivesNothing(`<message type='chat'/>`, 'once');
  });

  scenario('a text that its app sends again after a crash of the gateway is one text', async (world) => {
    const jesse = await world.online('jesse', { sm: true });
    const phone = await world.online('varun', { resource: 'phone', sm: true });
    phone.cut();
    jesse.says('varun@acme.test', 'important');
    await jesse.settle();
    await world.kill();
    await phone.returns();
    await jesse.returns();
    await jesse.settle();
    await phone.receives(LATE);
    await phone.receivesNothing(`<message type='chat'/>`, 'once');
    assert.equal((await wholeArchive(phone)).length, 1);
  });

  scenario('who takes over a resource and leaves before any message has not got what waited there', async (world) => {
    const jesse = await world.online('jesse');
    const phone = await world.online('varun', { resource: 'phone', sm: true, answers: false });
    phone.cut();
    jesse.says('varun@acme.test', 'important');
    await jesse.settle();
    const short = world.app('varun', { resource: 'phone' });
    await short.authenticate();
    await short.bind();
    await short.leaves();
    const third = await world.online('varun', { resource: 'phone' });
    await third.receives(LATE);
    await third.receivesNothing(`<message type='chat'/>`, 'once');
  });

  scenario(
    'many texts that waited come in order, each once, to an app that never acknowledges but answers pings',
    async (world) => {
      const jesse = await world.online('jesse');
      const texts = Array.from({ length: 250 }, (_, n) => `n${n}`);
      for (const [n, text] of texts.entries()) {
        jesse.says('varun@acme.test', text);
        if (n % 50 === 49) {
          await jesse.settle();
          await world.advance(5_000);
        }
      }
      const varun = await world.online('varun');
      await world.until(() => varun.bodies('jesse@acme.test').length >= texts.length, 'not all of them came');
      assert.deepEqual(varun.bodies('jesse@acme.test'), texts);
      await varun.settle();
      const phone = await world.online('varun', { resource: 'phone' });
      await phone.receivesNothing(`<message type='chat'/>`, 'all is proved');
    },
  );

  scenario('a text to nobody, or to another tenant, is refused, and the two are not told apart', async (world) => {
    const jesse = await world.online('jesse');
    const answers: string[] = [];
    for (const to of ['nobody@acme.test', 'varun@other.test']) {
      jesse.says(to, 'x');
      const error = await jesse.receives(`<message type='error' from='${to}'/>`);
      answers.push(
        error
          .getChild('error')
          ?.getChildElements()
          .map((one) => `${one.getName()} ${one.text()}`)
          .join() ?? '',
      );
    }
    assert.equal(answers[0], answers[1]);
    assert.deepEqual(await wholeArchive(jesse), []);
  });

  scenario('receipts and markers come back to the author', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    const sent = jesse.says('varun@acme.test', 'Lunch?', MARKABLE);
    await varun.receives(`<message><body>Lunch?</body>${MARKABLE}</message>`);
    varun.sends(
      `<message to='jesse@acme.test' type='chat'><received xmlns='urn:xmpp:receipts' id='${sent}'/></message>`,
    );
    varun.sends(
      `<message to='jesse@acme.test' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='${sent}'/></message>`,
    );
    await jesse.receives(
      `<message from='varun@acme.test/helpdesk'><received xmlns='urn:xmpp:receipts' id='${sent}'/></message>`,
    );
    await jesse.receives(
      `<message from='varun@acme.test/helpdesk'><displayed xmlns='urn:xmpp:chat-markers:0' id='${sent}'/></message>`,
    );
  });

  scenario('corrections, retractions and reactions are carried, with words for apps that know none', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    const sent = jesse.says('varun@acme.test', 'Lnch?');
    jesse.says('varun@acme.test', 'Lunch?', `<replace xmlns='urn:xmpp:message-correct:0' id='${sent}'/>`);
    await varun.receives(
      `<message><body>Lunch?</body><replace xmlns='urn:xmpp:message-correct:0' id='${sent}'/></message>`,
    );
    varun.sends(
      `<message to='jesse@acme.test' type='chat' id='v1'><reactions xmlns='urn:xmpp:reactions:0' id='${sent}'><reaction>👍</reaction></reactions></message>`,
    );
    await jesse.receives(
      `<message from='varun@acme.test/helpdesk'><body>▸ Reacted with 👍</body><reactions xmlns='urn:xmpp:reactions:0' id='${sent}'><reaction>👍</reaction></reactions></message>`,
    );
    jesse.sends(
      `<message to='varun@acme.test' type='chat' id='j2'><retract xmlns='urn:xmpp:message-retract:1' id='${sent}'/></message>`,
    );
    await varun.receives(
      `<message><body>▸ A message was taken back.</body><retract xmlns='urn:xmpp:message-retract:1' id='${sent}'/></message>`,
    );
  });

  scenario('what begins with $ is never sent to a colleague', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    const sent = jesse.says('varun@acme.test', 'hi');
    for (const text of ['$end', ' ＄invite x', '$foo']) {
      jesse.says('varun@acme.test', text);
      await jesse.receives(`<message from='varun@acme.test/helpdesk'><body>▸ Not sent…</body></message>`);
      jesse.says('varun@acme.test', text, `<replace xmlns='urn:xmpp:message-correct:0' id='${sent}'/>`);
      await jesse.receives(`<message from='varun@acme.test/helpdesk'><body>▸ Not sent…</body></message>`);
    }
    await varun.receivesNothing(`<message><body>…$…</body></message>`, 'commands are nobody’s to read');
    assert.deepEqual(
      (await wholeArchive(varun)).map(({ body }) => body),
      ['hi'],
    );
  });

  scenario('a quotation with emoji before an answer hides no command, and takes no letter of it', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    const sent = jesse.says('varun@acme.test', 'q 😀?');
    await varun.receives(`<message><body>q 😀?</body></message>`);
    for (const end of [8, 9, 12]) {
      const reply = `<reply xmlns='urn:xmpp:reply:0' id='${sent}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='${end}'/></fallback>`;
      varun.says('jesse@acme.test', '> q 😀?\nanswer', reply);
      await jesse.receives(`<message><body>answer</body></message>`);
      varun.says('jesse@acme.test', '> q 😀?\n$note x', reply);
      await varun.receives(`<message from='jesse@acme.test/helpdesk'><body>▸ Not sent…</body></message>`);
    }
    await jesse.receivesNothing(`<message type='chat'><body>…note…</body></message>`, 'it is a command');
  });

  scenario('a note to oneself is in one’s own archive once', async (world) => {
    const jesse = await world.online('jesse', { resource: 'desk' });
    jesse.says('jesse@acme.test', 'milk');
    await jesse.receives(`<message from='${jesse.jid}'><body>milk</body></message>`);
    assert.deepEqual(
      (await wholeArchive(jesse)).map(({ from, to, body }) => `${from} ${to} ${body}`),
      ['jesse@acme.test jesse@acme.test milk'],
    );
    assert.equal((await wholeArchive(jesse, { with: 'jesse@acme.test' })).length, 1);
  });
});
