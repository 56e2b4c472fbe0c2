import assert from 'node:assert/strict';
import type { App } from '../support/app.ts';
import { archivePage, wholeArchive } from '../support/archive.ts';
import { parseXml } from '../support/xml-reader.ts';
import { scenario, scenarios, type World } from '../support/scenario.ts';

async function chatting(world: World, options: Parameters<World['online']>[1] = {}) {
  const jesse = await world.online('jesse', { resource: 'desk', carbons: true, ...options });
  const chris = await world.visitor('Chris').asks('Hello?');
  await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  const first = jesse.says(chris.jid, 'Hi');
  await chris.hears('Hi');
  return { jesse, chris, first };
}

/** Stanza ids of all messages that an app got since it began, in order: carbons and late ones too. */
function idsAt(app: App): string[] {
  return app.transcript
    .filter((text) => text.startsWith('← <message'))
    .flatMap((text) => {
      const message = parseXml(text.slice(2));
      if (message.getChild('result') !== undefined) return [];
      const inner = message.getChild('sent')?.getChild('forwarded')?.getChild('message') ?? message;
      return inner.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs['id'] ?? [];
    });
}

scenarios('the archive', () => {
  scenario('another app reads the whole chat from it, as it was, with the same ids', async (world) => {
    const { jesse, chris, first } = await chatting(world);
    const varun = await world.online('varun');
    await varun.receives(`<presence from='${chris.fullJid}'/>`);
    await world.advance(10_000);
    varun.says(chris.jid, 'Me too.');
    await chris.hears('Me too.');
    jesse.says(chris.jid, 'Hi there', `<replace xmlns='urn:xmpp:message-correct:0' id='${first}'/>`);
    await chris.hears('Hi there');
    await chris.says('Great <b>&</b>');
    await jesse.receives(`<message from='${chris.fullJid}'><body>Great…</body></message>`);
    const phone = await world.online('jesse', { resource: 'phone', carbons: true });
    const archived = await wholeArchive(phone);
    assert.deepEqual(
      archived.map(
        ({ from, body }) => `${from === jesse.bareJid ? 'own' : from === chris.fullJid ? 'chris' : from}: ${body}`,
      ),
      [
        'chris: Hello?',
        'own: Hi',
        'chris: ▸ Jesse Stone joined the chat.',
        'chris: ▸ Varun Shah joined the chat.',
        'chris: ▸ Varun Shah: Me too.',
        'own: Hi there',
        'chris: Great <b>&</b>',
      ],
    );
    const own = archived[1]?.message;
    assert.equal(own?.attrs['id'], first);
    assert.equal(own.getChild('origin-id', 'urn:xmpp:sid:0')?.attrs['id'], first);
    assert.equal(own.attrs['to'], chris.fullJid);
    assert.equal(archived[5]?.message.getChild('replace')?.attrs['id'], first);
    assert.ok(archived.every(({ stamp }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u.test(stamp)));
    const live = new Set(idsAt(jesse));
    for (const { id, from } of archived)
      assert.ok(live.has(id) || from === jesse.bareJid, 'the live copy has the same stanza id');
  });

  scenario('an app that was away has, with what the archive tells, everything once', async (world) => {
    const { jesse, chris } = await chatting(world);
    const phone = await world.online('jesse', { resource: 'phone', carbons: true });
    for (let n = 0; n < 5; n++) {
      await chris.says(`before ${n}`);
      jesse.says(chris.jid, `answer before ${n}`);
      await chris.hears(`answer before ${n}`);
    }
    await phone.receives(
      `<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>answer before 4</body></message></forwarded></sent></message>`,
    );
    const known = idsAt(phone);
    await phone.leaves();
    for (let n = 0; n < 130; n++) {
      await chris.says(`while away ${n}`);
      if (n % 2 === 0) jesse.says(chris.jid, `answer while away ${n}`);
    }
    await chris.hears('answer while away 128');
    const back = world.app('jesse', { resource: 'tablet', carbons: true });
    await back.authenticate();
    await back.bind();
    const missed = await wholeArchive(back, { after: known.at(-1) ?? '' });
    const all = [...known, ...missed.map(({ id }) => id)];
    assert.equal(new Set(all).size, all.length, 'nothing twice');
    const lines = await wholeArchive(back, { with: chris.jid, max: 30 });
    const seen = new Set(all);
    const unknown = lines.filter(({ id }) => !seen.has(id)).map(({ body }) => body);
    assert.deepEqual(
      unknown,
      lines.slice(0, unknown.length).map(({ body }) => body),
      'nothing missing after the first that it knows',
    );
    assert.equal(lines.length, chris.seen.length, 'as many as on the page');
    assert.deepEqual(
      lines.map(({ body }) => body.replace(/^▸ /u, '')),
      chris.seen.map(({ text }) => text),
      'in the same order',
    );
  });

  scenario('what comes while it is read comes once: live, or in the next page', async (world) => {
    const { jesse, chris } = await chatting(world);
    for (let n = 0; n < 20; n++) await chris.says(`line ${n}`);
    await jesse.receives(`<message from='${chris.fullJid}'><body>line 19</body></message>`);
    const phone = await world.online('jesse', { resource: 'phone', carbons: true });
    const speaking = (async () => {
      for (let n = 20; n < 40; n++) await chris.says(`line ${n}`);
    })();
    const read = await wholeArchive(phone, { with: chris.jid, max: 5 });
    await speaking;
    await phone.receives(`<message from='${chris.fullJid}'><body>line 39</body></message>`);
    const archived = read.map(({ id }) => id);
    assert.equal(new Set(archived).size, archived.length);
    const all = new Set([...archived, ...idsAt(phone)]);
    const now = await wholeArchive(phone, { with: chris.jid });
    assert.deepEqual(
      now.filter(({ id }) => !all.has(id)),
      [],
    );
  });

  scenario('who left has what was said until then, and before they came; nobody else has anything', async (world) => {
    const { jesse, chris } = await chatting(world);
    const varun = await world.online('varun');
    const nora = await world.online('nora\\40acme.com');
    await varun.receives(`<presence from='${chris.fullJid}'/>`);
    await world.advance(10_000);
    varun.says(chris.jid, 'Me too.');
    await chris.hears('Me too.');
    varun.says(chris.jid, '$leave');
    await chris.isTold('Varun Shah left');
    await chris.says('a secret');
    await jesse.receives(`<message from='${chris.fullJid}'><body>a secret</body></message>`);
    const bodies = async (app: App) => (await wholeArchive(app)).map(({ body }) => body);
    const theirs = await bodies(varun);
    assert.ok(theirs.includes('Hello?') && theirs.includes('Me too.') && theirs.includes('▸ Jesse Stone: Hi'));
    assert.ok(!theirs.includes('a secret'));
    assert.ok((await bodies(jesse)).includes('a secret'));
    assert.deepEqual(await bodies(nora), []);
    assert.deepEqual((await archivePage(nora, { with: chris.jid })).messages, []);
    const stranger = await world.online('jesse', { domain: 'other.test' });
    assert.deepEqual((await archivePage(stranger, { with: chris.jid })).messages, [], 'nothing of another tenant');
  });

  scenario('an app that was only asked can go on from what it was asked', async (world) => {
    const jesse = await world.online('jesse');
    const varun = await world.online('varun');
    const chris = await world.visitor('Chris').asks('Hello?');
    const asked = await world.ringingAt([jesse, varun], chris);
    const other = asked === jesse ? varun : jesse;
    const id = idsAt(asked).at(0) ?? '';
    await world.advance(60_000);
    await other.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    other.says(chris.jid, 'Hi');
    await chris.hears('Hi');
    assert.deepEqual((await archivePage(asked, { after: id })).messages, []);
    const refused = await asked.iq(
      'set',
      `<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><after>never-said</after></set></query>`,
    );
    assert.equal(refused.attrs['type'], 'error');
  });

  scenario('notices of the gateway are in no archive, and have no id that one could ask for', async (world) => {
    const { jesse, chris } = await chatting(world);
    jesse.says(chris.jid, '$help');
    const told = await jesse.receives(`<message from='${chris.fullJid}'><body>▸ …$end…</body></message>`);
    assert.equal(told.getChild('stanza-id', 'urn:xmpp:sid:0'), undefined);
    jesse.says('gateway@visitors.acme.test', '$queue');
    await jesse.receives(`<message from='gateway@visitors.acme.test/gateway'><body>▸ …</body></message>`);
    const all = await wholeArchive(jesse);
    assert.ok(!all.some(({ body }) => body.includes('$')));
    assert.ok(!all.some(({ from, to }) => from.startsWith('gateway@') || to.startsWith('gateway@')));
  });

  scenario('it outlives a restart and the end of the chat', async (world) => {
    const { jesse, chris } = await chatting(world);
    await chris.ends();
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Chris ended the chat.</body></message>`);
    const before = await wholeArchive(jesse);
    await world.restart();
    const again = await world.online('jesse', { resource: 'desk' });
    const after = await wholeArchive(again);
    assert.deepEqual(
      after.map(({ id, body }) => `${id} ${body}`),
      before.map(({ id, body }) => `${id} ${body}`),
    );
    assert.ok(after.some(({ body }) => body === 'Hello?'));
  });
});
