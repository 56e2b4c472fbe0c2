import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { gajim, pidgin } from './cast.ts';
import { playGuide } from './guide.ts';

test('the guide, with Jesse in Pidgin and Varun in Gajim', async (t) => {
  await playGuide(await openStage(t), { asking: pidgin, asked: gajim });
});
