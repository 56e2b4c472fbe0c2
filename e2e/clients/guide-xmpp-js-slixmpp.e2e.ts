import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { xmppJs, slixmpp } from './cast.ts';
import { playGuide } from './guide.ts';

test('the guide, with Jesse in @xmpp/client and Varun in slixmpp', async (t) => {
  await playGuide(await openStage(t), { asking: xmppJs, asked: slixmpp });
});
