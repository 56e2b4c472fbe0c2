import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { slixmpp, bitlbee } from './cast.ts';
import { playGuide } from './guide.ts';

test('the guide, with Jesse in slixmpp and Varun in BitlBee', async (t) => {
  await playGuide(await openStage(t), { asking: slixmpp, asked: bitlbee });
});
