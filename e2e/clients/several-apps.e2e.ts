import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProfanity } from '../drivers/profanity.ts';
import { startXmppJs } from '../drivers/xmpp-js.ts';
import { varun } from '../support/helpdesk.ts';
import { openStage } from '../support/stage.ts';
import { counts } from './chat.ts';

test('one staff user with two apps: both get every line, also those typed in the other one', async (t) => {
  const stage = await openStage(t);
  // profanity switches carbons on, the other app does not
  const profanity = stage.use(await startProfanity(stage.account(varun), await stage.place('profanity')));
  const client = stage.use(await startXmppJs(stage.account(varun), await stage.place('xmpp-js')));
  await Promise.all([profanity.seesLogin(), client.seesLogin()]);

  const chris = await stage.visitor();
  await chris.asks('Chris', 'Sales', 'Do you see me twice?');
  const contact = await profanity.seesText('Do you see me twice?');
  assert.equal(await client.seesText('Do you see me twice?'), contact);

  await profanity.says(contact, 'typed in profanity');
  await chris.sees('typed in profanity');
  await client.seesText('You: typed in profanity');
  await client.says(contact, 'typed in the other app');
  await chris.sees('typed in the other app');
  await profanity.sees('its own line of the other app', /me: typed in the other app/u);
  await chris.says('I see you once.');
  await Promise.all([profanity, client].map((app) => app.seesText('I see you once.')));
  await chris.seesStored('I see you once.');

  const lines = ['typed in profanity', 'typed in the other app', 'I see you once.'];
  assert.deepEqual(counts(await chris.texts(), lines), [1, 1, 1]);
  for (const app of [profanity, client]) {
    const texts = await app.textsFrom(contact);
    assert.deepEqual(counts(texts, ['Do you see me twice?', 'I see you once.']), [1, 1], app.name);
  }

  await client.says(contact, '$end');
  await chris.sees('This chat is over');
  await Promise.all([profanity, client].map((app) => app.seesGone(contact)));
});
