import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { dino, xmppJs } from './cast.ts';
import { playGuide } from './guide.ts';

test('the guide, with Jesse in Dino and Varun in @xmpp/client', async (t) => {
  await playGuide(await openStage(t), { asking: dino, asked: xmppJs });
});
