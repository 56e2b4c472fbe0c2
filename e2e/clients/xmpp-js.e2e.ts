import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startXmppJs } from '../drivers/xmpp-js.ts';
import { jesse } from '../support/helpdesk.ts';
import { recordOf } from '../support/record.ts';
import { openStage } from '../support/stage.ts';
import { npmVersion } from '../support/versions.ts';
import { chatFromRequestToEnd, counts, comeBackByItself, takeChat } from './chat.ts';

const record = recordOf('@xmpp/client', await npmVersion('@xmpp/client'));

test('@xmpp/client: a chat from the request to its end, with a page over plain HTTP', async (t) => {
  const stage = await openStage(t);
  const app = stage.use(await startXmppJs(stage.account(jesse), await stage.place('xmpp-js')));
  await chatFromRequestToEnd(app, jesse, await stage.visitor({ tls: false }), record);
});

test('@xmpp/client: direct TLS', async (t) => {
  const stage = await openStage(t);
  const account = { ...stage.account(jesse), port: stage.gateway.ports.xmppTls };
  const app = stage.use(await startXmppJs(account, await stage.place('xmpp-js'), { directTls: true }));
  await app.seesLogin();
  await takeChat(app, await stage.visitor({ size: 'phone' }));
  record.saw('directTls', 'service `xmpps://`');
});

for (const directTls of [false, true]) {
  const how = directTls ? 'direct TLS' : 'STARTTLS';
  test(`@xmpp/client: refuses a certificate of an unknown authority (${how})`, async (t) => {
    const stage = await openStage(t);
    const stranger = await stage.stranger('Stranger');
    const port = directTls ? stage.gateway.ports.xmppTls : stage.gateway.ports.xmpp;
    const place = await stage.place('xmpp-js', { told: stranger });
    const app = stage.use(await startXmppJs({ ...stage.account(jesse), port }, place, { directTls }));
    assert.match(await app.seesDistrust(), /certificate/u);
    assert.ok(!app.seen.some((one) => one.is === 'online'));
    record.saw('distrust', 'event `error`, over STARTTLS and direct TLS');
  });
}

test('@xmpp/client: a cut connection is resumed, and nothing is lost or doubled', async (t) => {
  const stage = await openStage(t);
  const proxy = await stage.proxy(stage.gateway.ports.xmpp);
  const app = stage.use(await startXmppJs(stage.account(jesse, proxy), await stage.place('xmpp-js')));
  await app.seesLogin();
  const chris = await stage.visitor();
  const contact = await takeChat(app, chris);

  await comeBackByItself(proxy, app, contact, chris);

  proxy.lose('to-gateway');
  await app.says(contact, 'lost on its way to the gateway');
  await chris.says('Are you there?');
  await app.seesText('Are you there?');
  proxy.cut();
  proxy.lose('none');
  await app.seesResumption(2);
  await chris.sees('lost on its way to the gateway');

  const answers = ['I am here again.', 'lost on its way to the gateway'];
  assert.deepEqual(counts(await chris.texts(), answers), [1, 1], 'on the page');
  assert.deepEqual(counts(await app.textsFrom(contact), ['Are you there?']), [1], 'in the app');
  record.saw('cut', 'resumed, nothing lost or doubled, in both directions');
});
