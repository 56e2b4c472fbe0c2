import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { bitlbee, profanity } from './cast.ts';
import { playGuide } from './guide.ts';

test('the guide, with Jesse in BitlBee and Varun in profanity', async (t) => {
  await playGuide(await openStage(t), { asking: bitlbee, asked: profanity });
});
