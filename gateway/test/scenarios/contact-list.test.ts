import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';

const ROSTER = `<query xmlns='jabber:iq:roster'/>`;
const item = (jid: string, name: string, ...groups: string[]): string =>
  `<iq><query xmlns='jabber:iq:roster'><item jid='${jid}' name='${name}' subscription='both'>${groups.map((group) => `<group>${group}</group>`).join('')}</item></query></iq>`;

scenarios('the contact list', () => {
  scenario('one group per team holds the staff of that team', async (world) => {
    const jesse = await world.online('jesse');
    jesse.forgets();
    const roster = (await jesse.iq('get', ROSTER)).getChild('query')?.getChildren('item') ?? [];
    const groups = new Map(
      roster.map((one) => [one.attrs['jid'], one.getChildren('group').map((group) => group.text())]),
    );
    assert.deepEqual(groups.get('varun@acme.test'), ['Sales']);
    assert.deepEqual(groups.get('mia@acme.test'), ['Support']);
    assert.ok(roster.every((one) => one.attrs['subscription'] === 'both'));
  });

  scenario('presence of colleagues follows the helpdesk: online, away, busy, offline', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    await jesse.receives(`<presence from='varun@acme.test/helpdesk'/>`);
    varun.sends(`<presence><show>away</show></presence>`);
    await jesse.receives(`<presence from='varun@acme.test/helpdesk'><show>away</show></presence>`);
    varun.sends(`<presence><show>dnd</show></presence>`);
    await jesse.receives(`<presence from='varun@acme.test/helpdesk'><show>dnd</show></presence>`);
    varun.sends(`<presence/>`);
    const back = await jesse.receives(`<presence from='varun@acme.test/helpdesk'/>`);
    assert.equal(back.getChild('show'), undefined);
    await varun.leaves();
    await world.advance(61_000);
    await jesse.receives(`<presence from='varun@acme.test/helpdesk' type='unavailable'/>`);
  });

  scenario('a visitor appears, moves and disappears as the chat does, by roster push and presence', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Where is my order?');
    await jesse.receives(item(chris.jid, 'Chris', 'Visitors (Waiting)'));
    await jesse.receives(`<presence from='${chris.fullJid}'><status>…since…Sales…</status></presence>`);
    jesse.says(chris.fullJid, 'Hi');
    await jesse.receives(item(chris.jid, 'Chris', 'Visitors (Chatting)'));
    await jesse.receives(`<presence from='${chris.fullJid}'><status>with Jesse Stone since 15:02</status></presence>`);
    await chris.ends();
    await jesse.receives(
      `<iq><query xmlns='jabber:iq:roster'><item jid='${chris.jid}' subscription='remove'/></query></iq>`,
    );
    await jesse.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
  });

  scenario('the status says since when a visitor waits, in the time zone of the tenant', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    // 14:02 UTC is 15:02 in Berlin
    await jesse.receives(`<presence from='${chris.fullJid}'><status>…15:02…</status></presence>`);
  });

  scenario('visitor presence has caps, so that apps send typing notices', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    const presence = await jesse.receives(
      `<presence from='${chris.fullJid}'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='*' ver='*'/></presence>`,
    );
    const caps = presence.getChild('c');
    const node = `${caps?.attrs['node']}#${caps?.attrs['ver']}`;
    const info = await jesse.iq(
      'get',
      `<query xmlns='http://jabber.org/protocol/disco#info' node='${node}'/>`,
      chris.fullJid,
    );
    const features = info
      .getChild('query')
      ?.getChildren('feature')
      .map((feature) => feature.attrs['var']);
    assert.ok(features?.includes('http://jabber.org/protocol/chatstates'));
  });

  scenario('visitors of other teams do not exist', async (world) => {
    const varun = await world.online('varun'); // Sales only
    const boss = await world.online('boss'); // all-teams
    const mia = await world.online('mia'); // Support only
    const chris = await world.visitor('Chris').asks('Broken!', 'support');
    await mia.receives(item(chris.jid, 'Chris', 'Visitors (Waiting)'));
    await boss.receives(item(chris.jid, 'Chris', 'Visitors (Waiting)'));
    await varun.receivesNothing(`<iq><query xmlns='jabber:iq:roster'/></iq>`, 'not a team of theirs');
    await varun.receivesNothing(`<presence from='${chris.fullJid}'/>`, 'not a team of theirs');
    const id = varun.says(chris.jid, 'let me in');
    await varun.receives(
      `<message type='error' id='${id}' from='${chris.jid}…'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
    const card = await varun.iq('get', `<vCard xmlns='vcard-temp'/>`, chris.jid);
    assert.equal(card.attrs['type'], 'error');
    const forged = varun.says('aaaaaaaaaaaaaaaaaaaaaaaaaa@visitors.acme.test', 'D20 nobody');
    await varun.receives(
      `<message type='error' id='${forged}'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), []);
  });

  scenario('writing to a visitor who waits and does not ring at you takes the chat', async (world) => {
    const varun = await world.online('varun');
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    const ringing = await world.ringingAt([varun, jesse], chris);
    const other = ringing === varun ? jesse : varun;
    other.says(chris.jid, 'I take this');
    await chris.hears('I take this');
    await ringing.receives(
      `<message from='${chris.jid}…'><body>▸ …aken by ${other === jesse ? 'Jesse Stone' : 'Varun Shah'}…</body></message>`,
    );
  });

  scenario('a contact Chat Gateway takes commands that need no chat', async (world) => {
    const jesse = await world.online('jesse');
    jesse.forgets();
    const roster = (await jesse.iq('get', ROSTER)).getChild('query')?.getChildren('item') ?? [];
    const contact = roster.find((one) => one.attrs['jid'] === 'gateway@visitors.acme.test');
    assert.equal(contact?.attrs['name'], 'Chat Gateway');
    assert.deepEqual(
      contact?.getChildren('group').map((group) => group.text()),
      ['Chat Gateway'],
    );
    await jesse.receives(`<presence from='gateway@visitors.acme.test/gateway'/>`);
    jesse.says('gateway@visitors.acme.test', '$queue');
    await jesse.receives(`<message from='gateway@visitors.acme.test…'><body>…</body></message>`);
    jesse.says('gateway@visitors.acme.test', 'hello');
    await jesse.receives(`<message from='gateway@visitors.acme.test…'><body>…$help…</body></message>`);
  });

  scenario('a client that edits the list gets an error, and the true item pushed back', async (world) => {
    const jesse = await world.online('jesse');
    const renamed = await jesse.iq(
      'set',
      `<query xmlns='jabber:iq:roster'><item jid='varun@acme.test' name='V'><group>Friends</group></item></query>`,
    );
    assert.equal(renamed.attrs['type'], 'error');
    await jesse.receives(item('varun@acme.test', 'Varun Shah', 'Sales'));
    const removed = await jesse.iq(
      'set',
      `<query xmlns='jabber:iq:roster'><item jid='varun@acme.test' subscription='remove'/></query>`,
    );
    assert.equal(removed.attrs['type'], 'error');
    await jesse.receives(item('varun@acme.test', 'Varun Shah', 'Sales'));
    const foreign = await jesse.iq(
      'set',
      `<query xmlns='jabber:iq:roster'><item jid='friend@elsewhere.test'/></query>`,
    );
    assert.equal(foreign.attrs['type'], 'error');
  });

  scenario('an unchanged list is not sent again to an app that knows its version', async (world) => {
    const jesse = await world.online('jesse');
    const first = (await jesse.iq('get', `<query xmlns='jabber:iq:roster' ver=''/>`)).getChild('query');
    const version = first?.attrs['ver'];
    assert.ok(version);
    const again = await jesse.iq('get', `<query xmlns='jabber:iq:roster' ver='${version}'/>`);
    assert.equal(again.getChild('query'), undefined);
    const chris = await world.visitor('Chris').asks('Hello?');
    const push = await jesse.receives(
      `<iq type='set'><query xmlns='jabber:iq:roster' ver='*'><item jid='${chris.jid}'/></query></iq>`,
    );
    assert.notEqual(push.getChild('query')?.attrs['ver'], version);
  });

  scenario('presence of contacts comes again after every roster result', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    await jesse.receives(`<presence from='${chris.fullJid}'/>`);
    jesse.forgets();
    await jesse.iq('get', ROSTER);
    await jesse.receives(`<presence from='${chris.fullJid}'/>`);
    await jesse.receives(`<presence from='gateway@visitors.acme.test/gateway'/>`);
  });

  scenario('a visitor who is called You is not taken for oneself', async (world) => {
    const jesse = await world.online('jesse');
    const you = await world.visitor('You').asks('Hello?');
    await jesse.receives(
      `<iq><query xmlns='jabber:iq:roster'><item jid='${you.jid}' name='You (visitor)'/></query></iq>`,
    );
  });

  scenario('two visitors of one name can be told apart', async (world) => {
    const jesse = await world.online('jesse');
    const one = await world.visitor('Chris').asks('first');
    const two = await world.visitor('Chris').asks('second');
    await jesse.receives(`<iq><query xmlns='jabber:iq:roster'><item jid='${two.jid}'/></query></iq>`);
    jesse.forgets();
    const roster = (await jesse.iq('get', ROSTER)).getChild('query')?.getChildren('item') ?? [];
    const names = [one, two].map(
      (visitor) => roster.find((entry) => entry.attrs['jid'] === visitor.jid)?.attrs['name'],
    );
    assert.notEqual(names[0], names[1]);
    assert.ok(names.every((name) => name?.startsWith('Chris')));
  });
});
