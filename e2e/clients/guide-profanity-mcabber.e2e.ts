import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { mcabber, profanity } from './cast.ts';
import { playGuide } from './guide.ts';

test('the guide, with Jesse in profanity and Varun in mcabber', async (t) => {
  await playGuide(await openStage(t), { asking: profanity, asked: mcabber });
});
