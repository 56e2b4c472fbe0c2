import { test } from 'node:test';
import { openStage } from '../support/stage.ts';
import { startsAfresh } from './archive.ts';
import { dino, xmppJs } from './cast.ts';

test('Dino: an app that starts afresh shows what was said before, once', async (t) => {
  await startsAfresh(await openStage(t), { one: xmppJs, fresh: dino });
});
