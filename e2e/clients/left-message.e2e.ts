import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startXmppJs } from '../drivers/xmpp-js.ts';
import { jesse, VISITORS } from '../support/helpdesk.ts';
import { openStage } from '../support/stage.ts';
import { until } from '../support/wait.ts';

const CONTACT = `gateway@${VISITORS}`;

test('a visitor leaves a message when nobody is there; staff read it in their app', async (t) => {
  const stage = await openStage(t);
  const chris = await stage.visitor({ size: 'phone' });
  await chris.keep('nobody-there');
  await chris.leavesMessage('Chris', 'chris@example.org', 'Sales', 'Please call me back.');
  await chris.sees('chris@example.org');
  await chris.keep('message-sent');

  const app = stage.use(await startXmppJs(stage.account(jesse), await stage.place('xmpp-js')));
  await app.seesLogin();
  await app.seesInGroup('Chat Gateway', CONTACT);
  await app.says(CONTACT, '$messages');
  assert.equal(await app.seesText('Please call me back.'), CONTACT);
  await app.seesText('chris@example.org');
  const texts = await app.textsFrom(CONTACT);
  const number = /\[(\d+)\]/u.exec(texts.at(-1) ?? '')?.[1];
  await app.says(CONTACT, `$messages done ${number}`);
  await app.seesText('dealt with.');
  await app.says(CONTACT, '$messages');
  const answer = await until('one more answer', async () => (await app.textsFrom(CONTACT)).at(texts.length + 1), {
    screen: () => app.screen(),
  });
  assert.doesNotMatch(answer, /call me back/u);
});
