import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { dino, gajim } from './cast.ts';
import { playGuide } from './guide.ts';

test('the guide, with Jesse in Gajim and Varun in Dino', async (t) => {
  await playGuide(await openStage(t), { asking: gajim, asked: dino });
});
