import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBitlbee } from '../drivers/bitlbee.ts';
import { startProfanity } from '../drivers/profanity.ts';
import { jesse, varun } from '../support/helpdesk.ts';
import { openStage } from '../support/stage.ts';
import { counts } from './chat.ts';

test('two staff reply at once: one wins, the other is told, and the text of the other is not sent', async (t) => {
  const stage = await openStage(t, { ring: 'open-queue' });
  const [bitlbee, profanity] = await Promise.all([
    stage.place('bitlbee', { system: [stage.authority] }).then((place) => startBitlbee(stage.account(jesse), place)),
    stage.place('profanity').then((place) => startProfanity(stage.account(varun), place)),
  ]);
  stage.use(bitlbee);
  stage.use(profanity);
  await Promise.all([bitlbee.seesLogin(), profanity.seesLogin()]);

  const chris = await stage.visitor();
  await chris.asks('Chris', 'Sales', 'Who is faster?');
  const contact = await bitlbee.seesText('Who is faster?');
  assert.equal(await profanity.seesText('Who is faster?'), contact, 'one visitor, one address');
  await Promise.all([bitlbee.says(contact, 'This is Jesse.'), profanity.says(contact, 'This is Varun.')]);

  await chris.sees(/This is (?:Jesse|Varun)\./u);
  const jesseWon = counts(await chris.texts(), ['This is Jesse.'])[0] === 1;
  const [winner, loser] = jesseWon ? [jesse, varun] : [varun, jesse];
  const [winning, losing] = jesseWon ? [bitlbee, profanity] : [profanity, bitlbee];
  await losing.seesText(winner.name);
  await Promise.all([bitlbee, profanity].map((app) => app.seesInGroup('Visitors (Chatting)', contact)));

  // the winner goes on, so that a text of the loser would have come before
  await winning.says(contact, 'How can I help?');
  await chris.sees('How can I help?');
  await chris.says('Thank you both.');
  await winning.seesText('Thank you both.');
  const first = (name: string): string => name.split(' ')[0] ?? '';
  const said = [`This is ${first(winner.name)}.`, `This is ${first(loser.name)}.`];
  assert.deepEqual(counts(await chris.texts(), said), [1, 0]);
  assert.deepEqual(counts(await losing.textsFrom(contact), ['Thank you both.']), [0], 'the chat is not the loser’s');
});
