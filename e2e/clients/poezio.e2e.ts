import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPoezio } from '../drivers/poezio.ts';
import { jesse } from '../support/helpdesk.ts';
import { recordOf } from '../support/record.ts';
import { openStage } from '../support/stage.ts';
import { debianVersion } from '../support/versions.ts';
import { chatFromRequestToEnd, counts, takeChat } from './chat.ts';

const record = recordOf('poezio', await debianVersion('poezio'));

test('poezio: a chat from the request to its end', async (t) => {
  const stage = await openStage(t);
  const app = stage.use(await startPoezio(stage.account(jesse), await stage.place('poezio')));
  await chatFromRequestToEnd(app, jesse, await stage.visitor(), record);
  record.lacks('directTls', 'has no setting for it');
});

test('poezio: refuses a certificate of an authority that it was not told of', async (t) => {
  const stage = await openStage(t);
  const place = await stage.place('poezio', { told: await stage.stranger('Stranger') });
  const app = stage.use(await startPoezio(stage.account(jesse), place));
  assert.match(await app.seesDistrust(), /certificate/u);
  assert.doesNotMatch(await app.screen(), /Authentication success/u);
  record.saw('distrust', '“The certificate sent by the server is invalid”, disconnects');
});

for (const resumes of [false, true]) {
  const what = resumes ? 'resumes, where it was set to,' : 'logs in again';
  test(`poezio: after a cut it ${what} and finds its chat`, async (t) => {
    const stage = await openStage(t);
    const proxy = await stage.proxy(stage.gateway.ports.xmpp);
    const app = stage.use(await startPoezio(stage.account(jesse, proxy), await stage.place('poezio'), { resumes }));
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
    await chris.seesStored('said while the network is down');
    proxy.setDown(false);
    if (resumes) await app.seesResumption();
    else await app.seesLogins(2);
    await app.seesText('said while the network fails');
    await app.seesText('said while the network is down');
    await app.seesInGroup('Visitors (Chatting)', contact);
    await app.says(contact, 'I am here again.');
    await chris.sees('I am here again.');

    const seen = ['said while the network fails', 'said while the network is down'];
    const wanted = ['Let me look.', ...seen, 'I am here again.'];
    assert.deepEqual(counts(await chris.texts(), wanted), [1, 1, 1, 1], 'on the page');
    const said = (await app.textsFrom(contact)).filter((text) => text.startsWith('said'));
    assert.deepEqual(said, seen, 'in the app, in order');
    record.saw(
      'cut',
      'resumed with `enable_smacks`, else logs in again by itself after 1 s; what it missed comes, in order',
    );
  });
}
