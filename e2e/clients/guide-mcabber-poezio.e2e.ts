import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { mcabber, poezio } from './cast.ts';
import { playGuide } from './guide.ts';

test('the guide, with Jesse in mcabber and Varun in poezio', async (t) => {
  await playGuide(await openStage(t), { asking: mcabber, asked: poezio });
});
