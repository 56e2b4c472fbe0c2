import assert from 'node:assert/strict';
import { jesse } from '../support/helpdesk.ts';
import type { Stage } from '../support/stage.ts';
import { takeChat } from './chat.ts';
import { note, type Player } from './guide.ts';

/**
 * Jesse is in a chat with one app, and starts another one that has nothing of its own: it shows what was said before,
 * once, and goes on with what is said then.
 */
export async function startsAfresh(stage: Stage, { one, fresh }: Record<'one' | 'fresh', Player>): Promise<void> {
  const before = stage.use(await one.start(stage, jesse));
  await before.seesLogin();
  const chris = await stage.visitor();
  const began = Date.now();
  const contact = await takeChat(before, chris);
  await chris.says('It is number 12.');
  await before.seesText('It is number 12.');
  await before.says(contact, 'Thank you.');
  await chris.sees('Thank you.');
  // when it has this, it has missed nothing that another app would be told at its login
  await chris.says('You are welcome.');
  await before.seesText('You are welcome.');

  const started = Date.now();
  const app = stage.use(await fresh.start(stage, jesse));
  await app.seesLogin();
  await app.asksArchive?.(contact);
  await app.seesText('Where is my order?');
  await app.seesText('It is number 12.');
  await chris.says('Are you there?');
  await app.seesText('Are you there?');
  const said = ['Where is my order?', 'It is number 12.', 'You are welcome.', 'Are you there?'];
  const texts = await app.textsFrom(contact);
  assert.deepEqual(
    texts.filter((text) => said.includes(text)),
    said,
    'once each, in order',
  );
  const at = await app.saidAt?.(contact, 'Where is my order?');
  if (at !== undefined) assert.ok(at >= began - 1_000 && at < started, `has its own time: ${at}`);
  note({ app, record: fresh.record }, 'archive');
}
