import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';

const GATEWAY = 'gateway@visitors.acme.test';

scenarios('commands', () => {
  scenario('$help says what can be done in this chat now, on this helpdesk', async (world) => {
    const jesse = await world.online('jesse');
    jesse.says(GATEWAY, '$help');
    const general =
      (await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …</body></message>`)).getChildText('body') ?? '';
    for (const command of ['$help', '$queue', '$staff', '$messages', '$status'])
      assert.ok(general.includes(command), command);
    assert.doesNotMatch(general, /\$mail|\$canned/u, 'what this helpdesk cannot do is not offered');
    assert.doesNotMatch(general, /\$ban/u, 'nor what Jesse may not do');
    for (const exception of ['$$', '$5']) assert.ok(general.includes(exception), exception);
    const chris = await world.visitor('Chris').asks('Hello?');
    jesse.says(chris.jid, '$help');
    const asked =
      (await jesse.receives(`<message from='${chris.jid}…'><body>▸ …$info…</body></message>`)).getChildText('body') ??
      '';
    for (const command of ['$end', '$info', '$who']) assert.ok(asked.includes(command), command);
    assert.doesNotMatch(asked, /\$invite|\$leave|\$mail/u, 'only what makes sense here and now');
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'waiting');
  });

  scenario('a command that this helpdesk cannot do says so', async (world) => {
    const jesse = await world.online('jesse');
    jesse.says(GATEWAY, '$mail chris@example.com');
    await jesse.receives(
      `<message from='${GATEWAY}…'><body>▸ This helpdesk cannot do $mail. $help shows what it can.</body></message>`,
    );
    jesse.says(GATEWAY, '$nonsense');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ There is no command $nonsense. …$help…</body></message>`);
  });

  scenario('$who tells who is in this chat', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    jesse.says(chris.jid, 'Hi');
    await chris.hears('Hi');
    jesse.says(chris.jid, '$who');
    await jesse.receives(
      `<message from='${chris.jid}…'><body>▸ Chris (visitor): with Jesse Stone since …In the chat: Jesse Stone (you).</body></message>`,
    );
  });

  scenario('$staff tells who is available, of one team too', async (world) => {
    const jesse = await world.online('jesse');
    await world.online('varun');
    jesse.says(GATEWAY, '$staff');
    await jesse.receives(
      `<message from='${GATEWAY}…'><body>▸ Available now:…Sales: Jesse Stone, Varun Shah…Support: nobody</body></message>`,
    );
    await world.online('mia');
    jesse.says(GATEWAY, '$staff support');
    const answer = await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …</body></message>`);
    assert.equal(answer.getChildText('body'), '▸ Available now:\nSupport: Mia Wong');
  });

  scenario('$queue tells who waits since when for which team, and how many messages were left', async (world) => {
    const jesse = await world.online('jesse');
    const mia = await world.online('mia');
    const asks = async (app: typeof jesse): Promise<string> => {
      await world.advance(10_000);
      app.forgets();
      app.says(GATEWAY, '$queue');
      return (await app.receives(`<message from='${GATEWAY}…'><body>▸ …</body></message>`)).getChildText('body') ?? '';
    };
    assert.equal(await asks(jesse), '▸ Nobody is waiting.\nNo messages were left for your teams.');
    await world.visitor('Nobody').leavesMessage('Please call', 'n@example.com');
    await world.visitor('Other').leavesMessage('Please call', 'o@example.com', 'support');
    await world.visitor('Chris').asks('Where is my order?');
    await world.advance(60_000);
    await world.visitor('Kim').asks('Is this for you?', 'support');
    const told = await asks(jesse);
    assert.match(told, /^1\. Chris: waiting since \d\d:\d\d for Sales/mu);
    assert.match(told, /^1 message was left for your teams\. \$messages shows it\.$/mu);
    assert.doesNotMatch(told, /Kim|Support/u, 'other teams are not theirs');
    assert.match(await asks(mia), /^1\. Kim: waiting since \d\d:\d\d for Support/mu);
    await world.visitor('Third').leavesMessage('Please call', 't@example.com');
    assert.match(await asks(jesse), /^2 messages were left for your teams/mu);
  });

  scenario('$messages [n] shows as many, done marks exactly one of many', async (world) => {
    const jesse = await world.online('jesse');
    for (let number = 1; number <= 12; number++)
      await world.visitor(`V${number}`).leavesMessage(`text of ${number}.`, `v${number}@example.com`);
    const asks = async (text: string): Promise<string> => {
      await jesse.settle();
      jesse.forgets();
      jesse.says(GATEWAY, text);
      return (
        (await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …</body></message>`)).getChildText('body') ?? ''
      );
    };
    const shown = (told: string) => Array.from(told.matchAll(/text of (\d+)\./gu), ([, number]) => Number(number));
    assert.deepEqual(shown(await asks('$messages')), [12, 11, 10, 9, 8]);
    assert.deepEqual(shown(await asks('$messages 3')), [12, 11, 10]);
    assert.deepEqual(shown(await asks('$messages 3 before 10')), [9, 8, 7]);
    assert.match(await asks('$messages done 1'), /Marked as dealt with/u);
    assert.deepEqual(shown(await asks('$messages 20')), [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  });

  scenario('commands of one app are answered in order', async (world) => {
    const jesse = await world.online('jesse');
    await world.visitor('Dana').leavesMessage('Please call me', 'dana@example.com');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …Dana…</body></message>`);
    jesse.says(GATEWAY, '$messages done 1');
    jesse.says(GATEWAY, '$messages');
    jesse.says(GATEWAY, '$staff support');
    await world.until(() => jesse.bodies(GATEWAY).length === 3, 'not all were answered');
    assert.deepEqual(jesse.bodies(GATEWAY), [
      '▸ Marked as dealt with.',
      '▸ No messages were left for your teams.',
      '▸ Available now:\nSupport: nobody',
    ]);
  });

  scenario('in the window of a chat that has ended, what only reads goes on', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    jesse.says(chris.jid, 'Hi');
    await chris.hears('Hi');
    await chris.says('My number is 555.');
    await jesse.receives(`<message from='${chris.fullJid}'><body>My number is 555.</body></message>`);
    await chris.ends();
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Chris ended the chat.</body></message>`);
    await jesse.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
    jesse.says(chris.jid, '$history');
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ …555…Chris ended the chat…</body></message>`);
    jesse.says(chris.jid, '$help');
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ This chat has ended. …$history…</body></message>`);
    jesse.says(chris.jid, '$end');
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ This chat has ended already.</body></message>`);
  });

  scenario('$messages shows what visitors left, and done marks it', async (world) => {
    const jesse = await world.online('jesse');
    await world.visitor('Dana').leavesMessage('Please call me', 'dana@example.com');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …Dana…</body></message>`);
    jesse.forgets();
    jesse.says(GATEWAY, '$messages');
    const list = await jesse.receives(`<message from='${GATEWAY}…'><body>…Dana…Please call me…</body></message>`);
    const body = list.getChildText('body') ?? '';
    assert.ok(body.includes('dana@example.com'));
    const id = /done ([A-Za-z0-9]+)/u.exec(body)?.[1] ?? /#?([A-Za-z0-9]{4,})\b/u.exec(body)?.[1];
    assert.ok(id, body);
    jesse.says(GATEWAY, `$messages done ${id}`);
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ Marked as dealt with.</body></message>`);
    jesse.says(GATEWAY, '$messages');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ No messages were left for your teams.</body></message>`);
  });

  scenario('messages for other teams are not shown', async (world) => {
    const mia = await world.online('mia');
    await world.visitor('Dana').leavesMessage('secret', 'dana@example.com', 'sales');
    await mia.receivesNothing(`<message><body>…Dana…</body></message>`, 'not her team');
    mia.says(GATEWAY, '$messages');
    await mia.receives(`<message from='${GATEWAY}…'><body>▸ No messages were left for your teams.</body></message>`);
  });

  scenario('$info shows the visitor card as text', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world
      .visitor('Chris', { email: 'chris@example.com', page: { url: 'https://shop.example/cart' } })
      .asks('Hello?');
    jesse.says(chris.jid, '$info');
    await jesse.receives(
      `<message from='${chris.jid}…'><body>▸ …chris@example.com…shop.example/cart…</body></message>`,
    );
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'waiting');
  });

  scenario('$history shows the last lines again; commands and notices to others are not in it', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Where is my order?');
    jesse.says(chris.jid, 'Let me look');
    await chris.hears('Let me look');
    jesse.says(chris.jid, '$who');
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ …</body></message>`);
    await chris.says('thanks');
    await jesse.receives(`<message from='${chris.fullJid}'><body>thanks</body></message>`);
    jesse.forgets();
    jesse.says(chris.jid, '$history');
    await world.until(() => jesse.bodies(chris.jid).join('\n').includes('thanks'), 'no history came');
    const shown = jesse.bodies(chris.jid).join('\n');
    assert.match(shown, /Where is my order\?[\s\S]*Let me look[\s\S]*thanks/u);
    assert.ok(!shown.includes('$who'));
    jesse.forgets();
    jesse.says(chris.jid, '$history 1');
    await world.until(() => jesse.bodies(chris.jid).join('\n').includes('thanks'), 'no history came');
    assert.ok(!jesse.bodies(chris.jid).join('\n').includes('Let me look'));
  });

  scenario('$status overrides all apps until one of them changes its presence', async (world) => {
    const desk = await world.online('jesse', { resource: 'desk' });
    const phone = await world.online('jesse', { resource: 'phone' });
    const varun = await world.online('varun');
    varun.forgets();
    desk.says(GATEWAY, '$status busy in a meeting');
    await varun.receives(
      `<presence from='jesse@acme.test/helpdesk'><show>dnd</show><status>in a meeting</status></presence>`,
    );
    await phone.settle();
    phone.sends(`<presence><show>away</show></presence>`);
    await phone.settle();
    // the desk's app is available, so the user is
    const back = await varun.receives(`<presence from='jesse@acme.test/helpdesk'/>`);
    assert.notEqual(back.getChildText('show'), 'dnd');
  });

  for (const how of ['logs out', 'says that it is unavailable'] as const) {
    scenario(`$status lasts until the last app ${how}`, async (world) => {
      const desk = await world.online('jesse', { resource: 'desk' });
      const phone = await world.online('jesse', { resource: 'phone' });
      const varun = await world.online('varun');
      const goes = async (app: typeof desk): Promise<void> => {
        if (how === 'logs out') return app.leaves();
        app.sends(`<presence type='unavailable'/>`);
        await app.settle();
      };
      desk.says(GATEWAY, '$status away');
      await varun.receives(`<presence from='jesse@acme.test/helpdesk'><show>away</show></presence>`);
      await goes(desk);
      const chris = await world.visitor('Chris').asks('Hello?');
      await varun.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
      await phone.receivesNothing(`<message from='${chris.fullJid}'/>`, 'Jesse is away');
      varun.says(chris.jid, 'Hi');
      await chris.hears('Hi');
      varun.forgets();
      await goes(phone);
      const back = await world.online('jesse', { resource: 'desk' });
      const presence = await varun.receives(`<presence from='jesse@acme.test/helpdesk'/>`);
      assert.equal(presence.getChildText('show'), null);
      const dana = await world.visitor('Dana').asks('And I?');
      await back.receives(`<message from='${dana.fullJid}'><body>And I?</body></message>`);
    });
  }

  scenario('$status outlasts a connection that drops, and a restart of the gateway', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    jesse.says(GATEWAY, '$status busy in a meeting');
    const isBusy = `<presence from='jesse@acme.test/helpdesk'><show>dnd</show><status>in a meeting</status></presence>`;
    await varun.receives(isBusy);
    jesse.cut();
    await world.advance(2_000);
    await jesse.returns();
    jesse.says(GATEWAY, '$status');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …busy: in a meeting (set by $status)…</body></message>`);
    jesse.cut();
    varun.cut();
    await world.restart();
    varun.forgets();
    await jesse.returns();
    await varun.returns();
    await varun.receives(isBusy);
    const chris = await world.visitor('Chris').asks('Hello?');
    await varun.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  });

  scenario('G06 a command on a chat that is not yours changes nothing', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    const chris = await world.visitor('Chris').asks('Hello?');
    const owner = await world.ringingAt([jesse, varun], chris);
    const other = owner === jesse ? varun : jesse;
    owner.says(chris.jid, 'Hi');
    await chris.hears('Hi');
    other.says(chris.jid, '$end');
    await other.receives(
      `<message from='${chris.jid}…'><body>▸ You are not in this chat, so you cannot end it.</body></message>`,
    );
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
  });
});
