import assert from 'node:assert/strict';
import type { App } from '../support/app.ts';
import { scenario, scenarios } from '../support/scenario.ts';
import { conference, talking } from '../support/talking.ts';
import { parseXml } from '../support/xml-reader.ts';

const composing = `<composing xmlns='http://jabber.org/protocol/chatstates'/>`;

interface Shown {
  readonly body: string;
  readonly isLate: boolean;
}

/** What an app has ever shown in this window of what was said, in order: no notices of its own. */
function shownIn(app: App, jid: string): readonly Shown[] {
  return app.transcript
    .filter((text) => text.startsWith('← <message'))
    .map((text) => parseXml(text.slice(2)))
    .filter(({ attrs }) => attrs['from']?.startsWith(jid) === true)
    .filter((message) => message.getChild('stanza-id', 'urn:xmpp:sid:0') !== undefined)
    .map((message) => ({
      body: message.getChildText('body') ?? '',
      isLate: message.getChild('delay') !== undefined,
    }));
}

/** How many stanzas the app had got of this stream when this text was there. */
function stanzasUpTo(app: App, body: string): number {
  const from = app.transcript.findLastIndex((text) => text.startsWith('← <enabled'));
  const to = app.transcript.findIndex((text) => text.includes(`<body>${body}</body>`));
  return app.transcript.slice(from, to + 1).filter((text) => /^← <(?:message|presence|iq)\b/u.test(text)).length;
}

const plain = (body: string): string => body.replace(/^▸ (?:You|[A-Z]\w+ \w+): /u, '');

/** Every line is there, in its order, and what comes a second time is marked with its time. */
function assertWhole(apps: readonly App[], jid: string, wanted: readonly string[], who: string): void {
  const shown = apps.flatMap((app) => shownIn(app, jid)).map(({ body, isLate }) => ({ body: plain(body), isLate }));
  const first: string[] = [];
  for (const { body, isLate } of shown) {
    if (!wanted.includes(body)) continue;
    if (!first.includes(body)) first.push(body);
    else assert.ok(isLate, `${who} has “${body}” twice, as if it were new`);
  }
  assert.deepEqual(first, wanted, who);
}

scenarios('several staff in one chat', () => {
  scenario('a kill -9 in the middle of a playback: nobody misses a line, and what is new comes last', async (world) => {
    const { jesse, chris } = await talking(world, { resource: 'a' });
    const jesse2 = await world.online('jesse', { resource: 'b' });
    const wanted = ['Where is my order?'];
    for (let n = 0; n < 120; n++) {
      await chris.says(`line ${n}`);
      wanted.push(`line ${n}`);
      if (n % 20 === 19) await world.advance(4_000);
    }
    const varun = await world.online('varun', { resource: 'a' });
    const varun2 = await world.online('varun', { resource: 'b' });
    const mia = await world.online('mia', { resource: 'a', sm: true });
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    // nothing that this app gets from now on is known to be there
    await mia.settle();
    mia.answers = false;
    varun.says(chris.fullJid, 'Varun here.');
    mia.says(chris.fullJid, 'Mia here.');
    await chris.hears('Mia here.');
    await chris.hears('Varun here.');
    // in the middle of the playback, of which one app has proved some lines, another one logs in, and there is something new
    await world.until(() => shownIn(mia, chris.jid).some(({ body }) => body === 'line 20'), 'no playback');
    mia.sends(`<a xmlns='urn:xmpp:sm:3' h='${stanzasUpTo(mia, 'line 20')}'/>`);
    await varun.settle();
    const mia2 = world.app('mia', { resource: 'b' });
    await mia2.login();
    await chris.says('new 1');
    assert.ok(!shownIn(mia, chris.jid).some(({ body }) => body === 'line 119'), 'the playback is not over');
    const before = { jesse, jesse2, varun, varun2, mia, mia2 };
    await world.kill();
    await chris.opensPage(world.site);
    await chris.says('new 2');
    const after: Record<string, App> = {};
    for (const [key, app] of Object.entries(before))
      after[key] = await world.online(app.options.username, { resource: app.options.resource ?? '' });
    await after['mia2']?.receives(`<message from='${chris.fullJid}'><body>new 2</body></message>`);
    after['varun2']?.says(chris.fullJid, 'Still Varun.');
    await chris.hears('Still Varun.');
    await chris.says('the end');
    wanted.push('new 1', 'new 2', 'the end');
    for (const [key, app] of Object.entries(before)) {
      const again = after[key];
      assert.ok(again !== undefined);
      await world.until(
        () => shownIn(again, chris.jid).some(({ body }) => body === 'the end'),
        `${again.jid} has not got the end`,
      );
      // Jesse's second app came when the chat had begun
      const theirs = key === 'jesse2' ? wanted.filter((text) => text !== 'Where is my order?') : wanted;
      assertWhole([app, again], chris.jid, theirs, again.jid);
      if (again.options.username !== 'varun')
        assert.ok(
          shownIn(again, chris.jid).some(({ body }) => body === '▸ Varun Shah: Still Varun.'),
          again.jid,
        );
    }
    const page = chris.texts('staff');
    assert.deepEqual([...page].sort(), ['Let me look.', 'Mia here.', 'Still Varun.', 'Varun here.']);
  });

  scenario('what all write at once is in one order for everybody', async (world) => {
    const { jesse, varun, chris } = await conference(world, { sm: true, resource: 'a' });
    const apps = [
      jesse,
      await world.online('jesse', { sm: true, resource: 'b' }),
      varun,
      await world.online('varun', { sm: true, resource: 'b' }),
    ];
    const [, jesse2, , varun2] = apps;
    for (let n = 0; n < 6; n++) {
      jesse.says(chris.fullJid, `ja${n}`);
      varun2?.says(chris.fullJid, `vb${n}`);
      jesse2?.says(chris.fullJid, `jb${n}`);
      varun.says(chris.fullJid, `va${n}`);
      await chris.says(`c${n}`);
    }
    await world.until(() => chris.seen.filter(({ text }) => /^[jv][ab]\d$|^c\d$/u.test(text)).length === 30, 'not all');
    const order = chris.seen.map(({ text }) => text).filter((text) => /^[jv][ab]\d$|^c\d$/u.test(text));
    for (const app of apps) {
      const own = `${app.options.username.charAt(0)}${app.options.resource}`;
      const wanted = order.filter((text) => !text.startsWith(own));
      await world.until(
        () => bodiesOf(app, chris.jid).length >= wanted.length,
        `${app.jid} has ${bodiesOf(app, chris.jid).length} of ${wanted.length}`,
      );
      assert.deepEqual(bodiesOf(app, chris.jid), wanted, app.jid);
    }
  });

  scenario('an invitation reaches the one who is named, in all their apps, and nobody else', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    const jesse2 = await world.online('jesse', { resource: 'b' });
    const others = [jesse, varun, jesse2];
    others.push(await world.online('nora@acme.com'), await world.online('boss'));
    others.push(await world.online('mia', { domain: 'other.test' }));
    const mia = [await world.online('mia', { resource: 'a' }), await world.online('mia', { resource: 'b' })];
    for (const app of others) {
      await app.settle();
      app.forgets();
    }
    jesse.says(chris.fullJid, '$invite mia the canary');
    for (const app of mia) {
      await app.receives(
        `<message from='${chris.fullJid}'><body>▸ Jesse Stone invites you…the canary…</body></message>`,
      );
      await app.receives(`<message from='${chris.fullJid}'><body>▸ The last lines…</body></message>`);
    }
    for (const app of others) {
      await app.receivesNothing(`<message><body>…canary…</body></message>`, 'it is for Mia');
      await app.receivesNothing(`<message><body>…The last lines…</body></message>`, 'it is for Mia');
      await app.receivesNothing(`<message><body>…invites you…</body></message>`, 'it is for Mia');
    }
    await chris.reads();
    assert.doesNotMatch(JSON.stringify(chris.seen), /canary/u);
    await chris.says('While Mia is asked.');
    chris.types();
    jesse.says(chris.fullJid, 'One moment.');
    await varun.receives(`<message><body>▸ Jesse Stone: One moment.</body></message>`);
    for (const app of mia) {
      await app.receivesNothing(`<message><body>…While Mia…</body></message>`, 'G18 Mia is not in the chat yet');
      await app.receivesNothing(`<message><body>…One moment.</body></message>`, 'G18 Mia is not in the chat yet');
      await app.receivesNothing(`<message>${composing}</message>`, 'G18 Mia is not in the chat yet');
    }
    // what becomes of it is told to who asked
    mia[1]?.says(chris.fullJid, '$end');
    for (const app of [jesse, jesse2])
      await app.receives(`<message><body>▸ Mia Wong has declined your invitation.</body></message>`);
    await varun.receivesNothing(`<message><body>▸ Mia Wong…</body></message>`, 'Jesse has asked');
    for (const app of mia) await app.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
  });
});

function bodiesOf(app: App, jid: string): readonly string[] {
  return shownIn(app, jid)
    .map(({ body }) => plain(body))
    .filter((text) => /^[jv][ab]\d$|^c\d$/u.test(text));
}
