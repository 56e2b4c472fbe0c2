import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSlixmpp } from '../drivers/slixmpp.ts';
import { jesse } from '../support/helpdesk.ts';
import { recordOf } from '../support/record.ts';
import { openStage } from '../support/stage.ts';
import { debianVersion } from '../support/versions.ts';
import { chatFromRequestToEnd, cutAndResume, takeChat } from './chat.ts';

const record = recordOf('slixmpp', await debianVersion('python3-slixmpp'));

test('slixmpp: a chat from the request to its end', async (t) => {
  const stage = await openStage(t);
  const app = stage.use(await startSlixmpp(stage.account(jesse), await stage.place('slixmpp')));
  await chatFromRequestToEnd(app, jesse, await stage.visitor(), record);
});

test('slixmpp: direct TLS', async (t) => {
  const stage = await openStage(t);
  const account = { ...stage.account(jesse), port: stage.gateway.ports.xmppTls };
  const app = stage.use(await startSlixmpp(account, await stage.place('slixmpp'), { directTls: true }));
  await app.seesLogin();
  await takeChat(app, await stage.visitor());
  record.saw('directTls', '`connect(…, use_ssl=True)`');
});

for (const directTls of [false, true]) {
  const how = directTls ? 'direct TLS' : 'STARTTLS';
  test(`slixmpp: refuses a certificate of an unknown authority (${how})`, async (t) => {
    const stage = await openStage(t);
    const port = directTls ? stage.gateway.ports.xmppTls : stage.gateway.ports.xmpp;
    const place = await stage.place('slixmpp', { told: await stage.stranger('Stranger') });
    const app = stage.use(await startSlixmpp({ ...stage.account(jesse), port }, place, { directTls }));
    assert.match(await app.seesDistrust(), /certificate/u);
    assert.ok(!app.seen.some((one) => one.is === 'online'));
    record.saw('distrust', 'event `ssl_invalid_chain`, over direct TLS `connection_failed`');
  });
}

test('slixmpp: a cut connection is resumed, and nothing is lost or doubled', async (t) => {
  const stage = await openStage(t);
  const proxy = await stage.proxy(stage.gateway.ports.xmpp);
  const app = stage.use(await startSlixmpp(stage.account(jesse, proxy), await stage.place('slixmpp')));
  await app.seesLogin();
  const chris = await stage.visitor();
  await cutAndResume(proxy, app, await takeChat(app, chris), chris);
  record.saw('cut', 'resumed, nothing lost or doubled');
});
