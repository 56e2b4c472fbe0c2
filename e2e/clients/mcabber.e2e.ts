import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMcabber } from '../drivers/mcabber.ts';
import { jesse } from '../support/helpdesk.ts';
import { recordOf } from '../support/record.ts';
import { openStage } from '../support/stage.ts';
import { debianVersion } from '../support/versions.ts';
import { chatFromRequestToEnd, counts, takeChat } from './chat.ts';

const record = recordOf('mcabber', await debianVersion('mcabber'));

test('mcabber: a chat from the request to its end', async (t) => {
  const stage = await openStage(t);
  const app = stage.use(await startMcabber(stage.account(jesse), await stage.place('mcabber')));
  await chatFromRequestToEnd(app, jesse, await stage.visitor(), record);
});

test('mcabber: direct TLS', async (t) => {
  const stage = await openStage(t);
  const account = { ...stage.account(jesse), port: stage.gateway.ports.xmppTls };
  const app = stage.use(await startMcabber(account, await stage.place('mcabber'), { directTls: true }));
  await app.seesLogin();
  await takeChat(app, await stage.visitor());
  record.saw('directTls', '`set tls = 0`, `set ssl = 1`');
});

for (const directTls of [false, true]) {
  const how = directTls ? 'direct TLS' : 'STARTTLS';
  test(`mcabber: refuses a certificate of an authority that it was not told of (${how})`, async (t) => {
    const stage = await openStage(t);
    const port = directTls ? stage.gateway.ports.xmppTls : stage.gateway.ports.xmpp;
    const place = await stage.place('mcabber', { told: await stage.stranger('Stranger') });
    const app = stage.use(await startMcabber({ ...stage.account(jesse), port }, place, { directTls }));
    assert.match(await app.seesDistrust(), /Certificate is not trusted/u);
    assert.doesNotMatch(await app.screen(), /status has been set/u);
    record.saw('distrust', '“Certificate is not trusted!”, disconnects; over STARTTLS and direct TLS');
  });
}

test('mcabber: after a cut it logs in again and finds its chat', async (t) => {
  const stage = await openStage(t);
  const proxy = await stage.proxy(stage.gateway.ports.xmpp);
  const app = stage.use(await startMcabber(stage.account(jesse, proxy), await stage.place('mcabber')));
  await app.seesLogin();
  const chris = await stage.visitor();
  const contact = await takeChat(app, chris);

  proxy.lose('to-app');
  await chris.says('said while the network fails');
  await chris.seesStored('said while the network fails');
  proxy.setDown(true);
  proxy.cut();
  proxy.lose('none');
  await chris.says('said while the network is down');
  await chris.seesStored('said while the network is down');
  proxy.setDown(false);
  await app.reconnects();
  await app.seesLogins(2);
  await app.seesText('said while the network fails');
  await app.seesText('said while the network is down');
  await app.seesInGroup('Visitors (Chatting)', contact);
  await app.says(contact, 'I am here again.');
  await chris.sees('I am here again.');

  const wanted = ['Let me look.', 'said while the network fails', 'said while the network is down', 'I am here again.'];
  assert.deepEqual(counts(await chris.texts(), wanted), [1, 1, 1, 1], 'on the page');
  const said = (await app.textsFrom(contact)).filter((text) => text.startsWith('said'));
  assert.deepEqual(said, ['said while the network fails', 'said while the network is down'], 'in the app, in order');
  record.saw('cut', 'logs in again (by itself after 75 s, or `/connect`), the lines that it missed come, in order');
});
