import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBitlbee } from '../drivers/bitlbee.ts';
import { jesse } from '../support/helpdesk.ts';
import { recordOf } from '../support/record.ts';
import { openStage } from '../support/stage.ts';
import { debianVersion } from '../support/versions.ts';
import { until } from '../support/wait.ts';
import { chatFromRequestToEnd, counts, takeChat } from './chat.ts';

const record = recordOf('BitlBee (libpurple)', await debianVersion('bitlbee-libpurple'));

test('BitlBee (libpurple): a chat from the request to its end', async (t) => {
  const stage = await openStage(t);
  const place = await stage.place('bitlbee', { system: [stage.authority] });
  const app = stage.use(await startBitlbee(stage.account(jesse), place));
  await chatFromRequestToEnd(app, jesse, await stage.visitor(), record);
});

test('BitlBee (libpurple): direct TLS', async (t) => {
  const stage = await openStage(t);
  const account = { ...stage.account(jesse), port: stage.gateway.ports.xmppTls };
  const place = await stage.place('bitlbee', { system: [stage.authority] });
  const app = stage.use(await startBitlbee(account, place, { directTls: true }));
  await app.seesLogin();
  await takeChat(app, await stage.visitor());
  record.saw('directTls', '`connection_security old_ssl`');
});

test('BitlBee (libpurple): refuses a certificate of an authority that its system does not know', async (t) => {
  const stage = await openStage(t);
  const place = await stage.place('bitlbee', { system: [await stage.stranger('Stranger')] });
  const app = stage.use(await startBitlbee(stage.account(jesse), place));
  assert.match(await app.seesDistrust(), /accept certificate/iu);
  assert.ok(!app.notices.some((notice) => notice.includes('Logged in')));
  record.saw('distrust', 'asks, with the certificate, and waits');
});

test('BitlBee (libpurple): after a cut it logs in again and finds its chat', async (t) => {
  const stage = await openStage(t);
  const proxy = await stage.proxy(stage.gateway.ports.xmpp);
  const place = await stage.place('bitlbee', { system: [stage.authority] });
  const app = stage.use(await startBitlbee(stage.account(jesse, proxy), place));
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
  proxy.setDown(false);
  await until(
    'BitlBee logged in twice',
    () => app.notices.filter((notice) => notice.includes('Logged in')).length >= 2,
    { within: 30_000, screen: () => app.screen() },
  );
  await app.seesText('said while the network fails');
  await app.seesText('said while the network is down');
  await app.seesInGroup('Visitors (Chatting)', contact);
  await app.says(contact, 'I am here again.');
  await chris.sees('I am here again.');
  const wanted = ['Let me look.', 'said while the network fails', 'said while the network is down', 'I am here again.'];
  assert.deepEqual(counts(await chris.texts(), wanted), [1, 1, 1, 1]);
  const texts = await app.textsFrom(contact);
  assert.deepEqual(
    texts.filter((text) => text.startsWith('said')).slice(-2),
    ['said while the network fails', 'said while the network is down'],
    'in order',
  );
  record.saw('cut', 'logs in again by itself, every line is there, its last ones may be twice');
});
