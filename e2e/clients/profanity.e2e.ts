import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProfanity } from '../drivers/profanity.ts';
import { varun } from '../support/helpdesk.ts';
import { recordOf } from '../support/record.ts';
import { openStage } from '../support/stage.ts';
import { debianVersion } from '../support/versions.ts';
import { chatFromRequestToEnd, cutAndResume, takeChat } from './chat.ts';

const record = recordOf('profanity', await debianVersion('profanity'));

test('profanity: a chat from the request to its end', async (t) => {
  const stage = await openStage(t);
  const app = stage.use(await startProfanity(stage.account(varun), await stage.place('profanity')));
  await chatFromRequestToEnd(app, varun, await stage.visitor({ size: 'phone' }), record);
});

test('profanity: direct TLS', async (t) => {
  const stage = await openStage(t);
  const account = { ...stage.account(varun), port: stage.gateway.ports.xmppTls };
  const app = stage.use(await startProfanity(account, await stage.place('profanity'), { directTls: true }));
  await app.seesLogin();
  await takeChat(app, await stage.visitor());
  record.saw('directTls', '`tls.policy=legacy`');
});

test('profanity: refuses a certificate of an authority that it was not told of', async (t) => {
  const stage = await openStage(t);
  const stranger = await stage.stranger('Stranger');
  const app = stage.use(await startProfanity(stage.account(varun), await stage.place('profanity', { told: stranger })));
  assert.match(await app.seesDistrust(), /TLS certificate verification failed/u);
  assert.doesNotMatch(await app.screen(), /logged in successfully/u);
  record.saw('distrust', 'shows the certificate and how to allow it, does not log in');
});

test('profanity: a cut connection is resumed, and nothing is lost or doubled', async (t) => {
  const stage = await openStage(t);
  const proxy = await stage.proxy(stage.gateway.ports.xmpp);
  const app = stage.use(await startProfanity(stage.account(varun, proxy), await stage.place('profanity')));
  await app.seesLogin();
  const chris = await stage.visitor();
  await cutAndResume(proxy, app, await takeChat(app, chris), chris);
  record.saw('cut', 'resumed, nothing lost or doubled');
});
