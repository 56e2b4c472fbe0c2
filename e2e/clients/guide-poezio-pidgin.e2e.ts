import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { pidgin, poezio } from './cast.ts';
import { playGuide } from './guide.ts';

test('the guide, with Jesse in poezio and Varun in Pidgin', async (t) => {
  await playGuide(await openStage(t), { asking: poezio, asked: pidgin });
});
