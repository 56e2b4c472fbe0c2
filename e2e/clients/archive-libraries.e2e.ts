import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { startsAfresh } from './archive.ts';
import { slixmpp, xmppJs } from './cast.ts';

test('@xmpp/client: an app that starts afresh finds what was said before, once', async (t) => {
  await startsAfresh(await openStage(t), { one: slixmpp, fresh: xmppJs });
});

test('slixmpp: an app that starts afresh finds what was said before, once', async (t) => {
  await startsAfresh(await openStage(t), { one: xmppJs, fresh: slixmpp });
});
