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
    assert.ok(!general.includes('$ban'), 'what this helpdesk cannot do is not offered');
    const chris = await world.visitor('Chris').asks('Hello?');
    jesse.says(chris.jid, '$help');
    const asked =
      (await jesse.receives(`<message from='${chris.jid}…'><body>▸ …$info…</body></message>`)).getChildText('body') ??
      '';
    for (const command of ['$end', '$info', '$who']) assert.ok(asked.includes(command), command);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'waiting');
  });

  scenario('a command that this helpdesk cannot do says so', async (world) => {
    const jesse = await world.online('jesse');
    jesse.says(GATEWAY, '$ban rude');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …</body></message>`);
    jesse.says(GATEWAY, '$nonsense');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …$nonsense…$help…</body></message>`);
  });

  scenario('$who tells who is in this chat', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    jesse.says(chris.jid, 'Hi');
    await chris.hears('Hi');
    jesse.says(chris.jid, '$who');
    await jesse.receives(`<message from='${chris.jid}…'><body>▸ …Jesse Stone…</body></message>`);
  });

  scenario('$staff tells who is available, of one team too', async (world) => {
    const jesse = await world.online('jesse');
    await world.online('varun');
    jesse.says(GATEWAY, '$staff');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …Varun Shah…</body></message>`);
    jesse.says(GATEWAY, '$staff support');
    const answer = await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …</body></message>`);
    assert.ok(!(answer.getChildText('body') ?? '').includes('Varun'));
  });

  scenario('$queue tells who is waiting, and how many messages were left', async (world) => {
    const jesse = await world.online('jesse');
    await world.visitor('Nobody').leavesMessage('Please call', 'n@example.com');
    await world.visitor('Chris').asks('Where is my order?');
    await jesse.settle();
    jesse.forgets();
    jesse.says(GATEWAY, '$queue');
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …Chris…1…message…</body></message>`);
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
    await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …</body></message>`);
    jesse.says(GATEWAY, '$messages');
    const empty = await jesse.receives(`<message from='${GATEWAY}…'><body>▸ …</body></message>`);
    assert.ok(!(empty.getChildText('body') ?? '').includes('Please call me'));
  });

  scenario('messages for other teams are not shown', async (world) => {
    const mia = await world.online('mia');
    await world.visitor('Dana').leavesMessage('secret', 'dana@example.com', 'sales');
    await mia.receivesNothing(`<message><body>…Dana…</body></message>`, 'not her team');
    mia.says(GATEWAY, '$messages');
    const none = await mia.receives(`<message from='${GATEWAY}…'><body>▸ …</body></message>`);
    assert.ok(!(none.getChildText('body') ?? '').includes('secret'));
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

  scenario('$status lasts until the last app logs out', async (world) => {
    const desk = await world.online('jesse', { resource: 'desk' });
    const varun = await world.online('varun');
    desk.says(GATEWAY, '$status away');
    await varun.receives(`<presence from='jesse@acme.test/helpdesk'><show>away</show></presence>`);
    await desk.leaves();
    varun.forgets();
    await world.online('jesse', { resource: 'desk' });
    await varun.receives(`<presence from='jesse@acme.test/helpdesk'/>`);
    const chris = await world.visitor('Chris').asks('Hello?');
    await varun.settle();
    void chris;
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
    await other.receives(`<message from='${chris.jid}…'><body>▸ …</body></message>`);
    await chris.reads();
    assert.equal(chris.view?.phase.is, 'running');
  });
});
