import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBitlbee } from '../drivers/bitlbee.ts';
import { startProfanity } from '../drivers/profanity.ts';
import { startXmppJs } from '../drivers/xmpp-js.ts';
import type { StaffApp } from '../drivers/staff-app.ts';
import { jesse, varun } from '../support/helpdesk.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { counts, takeChat } from './chat.ts';

const apps: readonly {
  readonly name: string;
  readonly start: (stage: Stage) => Promise<StaffApp>;
  /** Logs in by itself again, and may then see its last lines a second time. */
  readonly mayRepeat?: true;
}[] = [
  {
    name: 'profanity',
    start: async (stage) => startProfanity(stage.account(varun), await stage.place('profanity')),
  },
  {
    name: '@xmpp/client',
    start: async (stage) => startXmppJs(stage.account(jesse), await stage.place('xmpp-js')),
  },
  {
    name: 'BitlBee',
    start: async (stage) =>
      startBitlbee(stage.account(jesse), await stage.place('bitlbee', { system: [stage.authority] })),
    mayRepeat: true,
  },
];

for (const { name, start, mayRepeat } of apps) {
  test(`${name}: the gateway is killed in a running chat and started again`, async (t) => {
    const stage = await openStage(t);
    const app = stage.use(await start(stage));
    await app.seesLogin();
    const chris = await stage.visitor();
    const contact = await takeChat(app, chris);
    await chris.says('before the crash');
    await app.seesText('before the crash');
    await app.says(contact, 'I found it.');
    await chris.sees('I found it.');

    await stage.gateway.kill();
    await chris.says('written while nobody listens');
    await chris.keep('reconnecting');
    await stage.gateway.start();
    await app.seesText('written while nobody listens');
    await app.seesInGroup('Visitors (Chatting)', contact);
    await app.says(contact, 'answered after the crash');
    await chris.sees('answered after the crash');
    await chris.says('Thank you.');
    await app.seesText('Thank you.');
    await chris.seesStored('Thank you.');

    const own = ['Where is my order?', 'before the crash', 'written while nobody listens', 'Thank you.'];
    const answers = ['Let me look.', 'I found it.', 'answered after the crash'];
    const page = await chris.texts();
    assert.deepEqual(counts(page, [...own, ...answers]), [1, 1, 1, 1, 1, 1, 1], 'on the page');
    const inApp = counts(await app.textsFrom(contact), own);
    if (mayRepeat)
      assert.ok(
        inApp.every((count) => count >= 1 && count <= 2),
        `in the app: ${inApp.join()}`,
      );
    else assert.deepEqual(inApp, [1, 1, 1, 1], 'in the app');
  });
}

test('SIGTERM with a running chat: exit 0 within 10 s, and the chat goes on after a start', async (t) => {
  const stage = await openStage(t);
  const app = stage.use(await startXmppJs(stage.account(jesse), await stage.place('xmpp-js')));
  await app.seesLogin();
  const chris = await stage.visitor();
  const contact = await takeChat(app, chris);

  const { exit, took } = await stage.gateway.terminate();
  assert.equal(exit, 0);
  assert.ok(took < 10_000, `took ${took} ms`);
  await chris.says('written while it was stopped');
  await stage.gateway.start();
  await app.seesText('written while it was stopped');
  await app.says(contact, 'And on we go.');
  await chris.sees('And on we go.');
  assert.deepEqual(counts(await chris.texts(), ['written while it was stopped', 'And on we go.']), [1, 1]);
});
