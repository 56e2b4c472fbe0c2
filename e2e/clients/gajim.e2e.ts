import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGajim } from '../drivers/gajim.ts';
import { HOST, jesse } from '../support/helpdesk.ts';
import { recordOf } from '../support/record.ts';
import { openStage, type PlaceOptions, type Stage } from '../support/stage.ts';
import { debianVersion } from '../support/versions.ts';
import { chatFromRequestToEnd, counts, takeChat } from './chat.ts';

const record = recordOf('Gajim', await debianVersion('gajim'));

const placeOf = (stage: Stage, system: PlaceOptions['system'] = [stage.authority]) =>
  stage.place('gajim', { system, unprivileged: true });

test('Gajim: a chat from the request to its end', async (t) => {
  const stage = await openStage(t);
  const app = stage.use(await startGajim(stage.account(jesse), await placeOf(stage)));
  await chatFromRequestToEnd(app, jesse, await stage.visitor(), record);
});

test('Gajim: the gateway’s host name as the server', async (t) => {
  const stage = await openStage(t);
  const account = { ...stage.account(jesse), server: HOST };
  const app = stage.use(await startGajim(account, await placeOf(stage)));
  await app.seesLogin();
});

test('Gajim: direct TLS', async (t) => {
  const stage = await openStage(t);
  const account = { ...stage.account(jesse), port: stage.gateway.ports.xmppTls };
  const app = stage.use(await startGajim(account, await placeOf(stage), { directTls: true }));
  await app.seesLogin();
  await takeChat(app, await stage.visitor());
  record.saw('directTls', 'connection type “Direct TLS”, port 5223');
});

test('Gajim: refuses a certificate of an authority that its system does not know', async (t) => {
  const stage = await openStage(t);
  const place = await placeOf(stage, [await stage.stranger('Stranger')]);
  const app = stage.use(await startGajim(stage.account(jesse), place));
  assert.match(await app.seesDistrust(), /certificate/iu);
  record.saw('distrust', '“SSL Certificate Verification Error”, and waits');
});

test('Gajim: a cut connection is resumed, and nothing is lost or doubled', async (t) => {
  const stage = await openStage(t);
  const proxy = await stage.proxy(stage.gateway.ports.xmpp);
  const app = stage.use(await startGajim(stage.account(jesse, proxy), await placeOf(stage)));
  await app.seesLogin();
  const chris = await stage.visitor();
  const contact = await takeChat(app, chris);

  proxy.lose('to-app');
  await chris.says('lost on its way to the app');
  await chris.seesStored('lost on its way to the app');
  await app.says(contact, 'said when no answer came back');
  await chris.sees('said when no answer came back');
  proxy.setDown(true);
  proxy.cut();
  proxy.lose('none');
  await chris.says('said while the network is down');
  proxy.setDown(false);
  await app.seesResumption(1);
  await app.seesText('said while the network is down');
  await app.seesInGroup('Visitors (Chatting)', contact);
  await app.says(contact, 'I am here again.');
  await chris.sees('I am here again.');

  const answers = ['Let me look.', 'said when no answer came back', 'I am here again.'];
  assert.deepEqual(counts(await chris.texts(), answers), [1, 1, 1], 'on the page');
  const lines = ['Where is my order?', 'lost on its way to the app', 'said while the network is down'];
  const texts = await app.textsFrom(contact);
  assert.deepEqual(
    texts.filter((text) => lines.includes(text)),
    lines,
    'in the app, in order',
  );
  record.saw('cut', 'resumes by itself, nothing is lost or doubled');
});
