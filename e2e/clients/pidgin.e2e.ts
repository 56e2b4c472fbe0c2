import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPidgin } from '../drivers/pidgin.ts';
import { HOST, jesse } from '../support/helpdesk.ts';
import { recordOf } from '../support/record.ts';
import { openStage, type PlaceOptions, type Stage } from '../support/stage.ts';
import { debianVersion } from '../support/versions.ts';
import { chatFromRequestToEnd, counts, takeChat } from './chat.ts';

const record = recordOf('Pidgin', await debianVersion('pidgin'));

const placeOf = (stage: Stage, system: PlaceOptions['system'] = [stage.authority]) =>
  stage.place('pidgin', { system, unprivileged: true });

test('Pidgin: a chat from the request to its end', async (t) => {
  const stage = await openStage(t);
  const app = stage.use(await startPidgin(stage.account(jesse), await placeOf(stage)));
  await chatFromRequestToEnd(app, jesse, await stage.visitor(), record);
});

test('Pidgin: the gateway’s host name as the server', async (t) => {
  const stage = await openStage(t);
  const account = { ...stage.account(jesse), server: HOST };
  const app = stage.use(await startPidgin(account, await placeOf(stage)));
  await app.seesLogin();
});

test('Pidgin: direct TLS', async (t) => {
  const stage = await openStage(t);
  const account = { ...stage.account(jesse), port: stage.gateway.ports.xmppTls };
  const app = stage.use(await startPidgin(account, await placeOf(stage), { directTls: true }));
  await app.seesLogin();
  await takeChat(app, await stage.visitor());
  record.saw('directTls', '“Use old-style SSL”, port 5223');
});

test('Pidgin: refuses a certificate of an authority that its system does not know', async (t) => {
  const stage = await openStage(t);
  const place = await placeOf(stage, [await stage.stranger('Stranger')]);
  const app = stage.use(await startPidgin(stage.account(jesse), place));
  assert.match(await app.seesDistrust(), /certificate/iu);
  record.saw('distrust', 'asks, with the certificate, and waits');
});

test('Pidgin: after a cut it logs in again and finds its chat', async (t) => {
  const stage = await openStage(t);
  const proxy = await stage.proxy(stage.gateway.ports.xmpp);
  const app = stage.use(await startPidgin(stage.account(jesse, proxy), await placeOf(stage)));
  await app.seesLogin();
  const chris = await stage.visitor();
  const contact = await takeChat(app, chris);

  proxy.lose('to-app');
  await chris.says('said while the network fails');
  await chris.seesStored('said while the network fails');
  proxy.setDown(true);
  proxy.cut();
  proxy.lose('none');
  await app.seesLoss();
  await chris.says('said while the network is down');
  proxy.setDown(false);
  await app.reconnects();
  await app.seesLogin();
  await app.seesText('said while the network fails');
  await app.seesText('said while the network is down');
  await app.seesInGroup('Visitors (Chatting)', contact);
  await app.says(contact, 'I am here again.');
  await chris.sees('I am here again.');

  const lost = ['said while the network fails', 'said while the network is down'];
  assert.deepEqual(counts(await chris.texts(), ['Let me look.', ...lost, 'I am here again.']), [1, 1, 1, 1]);
  const texts = await app.textsFrom(contact);
  assert.deepEqual(texts.filter((text) => text.startsWith('said')).slice(-2), lost, 'in order');
  record.saw('cut', 'logs in again by itself after 8 to 60 s or by its button; all lines are there');
});
