import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGajim } from '../drivers/gajim.ts';
import { HOST, jesse } from '../support/helpdesk.ts';
import { recordOf } from '../support/record.ts';
import { openStage, type PlaceOptions, type Stage } from '../support/stage.ts';
import { debianVersion } from '../support/versions.ts';
import { chatFromRequestToEnd, comeBackByItself, takeChat } from './chat.ts';

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

  await comeBackByItself(proxy, app, contact, chris);
  await app.seesInGroup('Visitors (Chatting)', contact);
  record.saw('cut', 'resumes by itself, nothing is lost or doubled');
});
