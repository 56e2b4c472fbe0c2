import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StaffId } from '../../helpdesk/model.ts';
import { staffUser } from '../testing/fake-helpdesk.ts';
import { talking } from '../testing/talking.ts';

describe('a playback', () => {
  const long = async () => {
    const setup = await talking();
    for (let n = 1; n <= 120; n++) setup.bench.helpdesk.visitorSays(setup.chat, `line ${n}`);
    await setup.bench.settle();
    return setup;
  };
  const lines = (texts: readonly string[]) =>
    texts.flatMap((text) => /line (?<n>\d+)$/u.exec(text)?.groups?.['n'] ?? []).map(Number);
  const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

  it('G25 comes page by page as it is proved, and what is new comes after it', async () => {
    const { bench, varun, chat } = await long();
    await varun.says(chat, 'Here.');
    assert.equal(varun.of('message').length, 50);
    bench.helpdesk.visitorSays(chat, 'line 121');
    await bench.settle();
    assert.equal(varun.of('message').length, 50, 'nothing new before the old');
    for (let n = 0; n < 4; n++) await varun.proves();
    assert.deepEqual(lines(varun.takes()), upTo(121));
    bench.helpdesk.visitorSays(chat, 'line 122');
    await bench.settle();
    assert.deepEqual(varun.takes(), ['line 122']);
  });
  it('reaches an app that logs in in the middle of it whole', async () => {
    const { bench, varun, chat } = await long();
    await varun.says(chat, 'Here.');
    await varun.proves();
    const phone = await bench.online('varun', 'phone');
    // what came at login was taken out with the rest
    assert.equal(phone.items.length, 0);
    const tablet = await bench.logsIn('varun', 'tablet');
    for (let n = 0; n < 4; n++) {
      await tablet.proves();
      await varun.proves();
    }
    assert.deepEqual(lines(tablet.takes()), upTo(120));
    assert.deepEqual(lines(varun.takes()), upTo(120));
    const late = await bench.logsIn('varun', 'late');
    await late.proves();
    assert.deepEqual(lines(late.takes()), [], 'when one app has all of it, a new one begins there');
  });
  it('is of each staff user, also where one id begins as another with a slash behind it', async () => {
    const { bench, varun, chat } = await long();
    const id = 'varun/x' as StaffId;
    bench.helpdesk.directory(() => bench.helpdesk.staff.set(id, staffUser(id, 'Vera Axe', { status: 'online' })));
    await bench.settle();
    await varun.says(chat, 'Here.');
    for (let n = 0; n < 4; n++) await varun.proves();
    const vera = await bench.online(id);
    await vera.says(chat, 'Me too.');
    for (let n = 0; n < 4; n++) await vera.proves();
    assert.deepEqual(lines(vera.takes()), upTo(120));
    const phone = await bench.online(id, 'phone');
    await vera.says(chat, 'Again.');
    assert.deepEqual(
      phone.of('message').map(({ from, body }) => `${from} ${body}`),
      ['varun\\2fx@acme.example/desk Again.'],
    );
    bench.helpdesk.directory(() => bench.helpdesk.staff.delete('varun' as StaffId));
    await bench.settle();
    const late = await bench.logsIn(id, 'late');
    assert.deepEqual(lines(late.takes()), [], 'what she proved is hers, also when he is gone');
  });
  it('goes on over a restart of the desk', async () => {
    const { bench, varun, chat } = await long();
    await varun.says(chat, 'Here.');
    await varun.proves();
    await bench.restart();
    const again = await bench.logsIn('varun', 'phone');
    for (let n = 0; n < 4; n++) await again.proves();
    assert.deepEqual(lines(again.takes()), upTo(120));
  });
  it('that the helpdesk cannot give for a while comes as soon as it can', async () => {
    const { bench, jesse, chat } = await talking();
    await jesse.closed();
    bench.helpdesk.visitorSays(chat, 'line 1');
    await bench.settle();
    bench.helpdesk.faults.set(
      'history',
      Array.from({ length: 10 }, () => ({ is: 'unreachable' })),
    );
    const again = await bench.logsIn('jesse');
    assert.deepEqual(lines(again.takes()), []);
    await bench.advance(120_000);
    assert.deepEqual(lines(again.takes()), [1], 'also when nobody says anything more');
  });
  it('that the helpdesk cannot give is given with the next line', async () => {
    const { bench, varun, chat } = await talking();
    bench.helpdesk.faults.set('history', [{ is: 'forbidden' }]);
    await varun.says(chat, 'Here.');
    assert.deepEqual(lines(varun.takes()), []);
    bench.helpdesk.visitorSays(chat, 'line 1');
    await bench.settle();
    assert.deepEqual(varun.takes(), [
      '(late) Where is my order?',
      '(late) ▸ Jesse Lee: Hello.',
      '(late) ▸ Varun Shah joined the chat.',
      '(late) line 1',
    ]);
  });
  it('G24 has no commands and no answers to them', async () => {
    const { bench, jesse, varun, chat } = await talking();
    await jesse.says(chat, '$who');
    await jesse.says(chat, '$$5 off');
    await varun.says(chat, 'Here.');
    await bench.settle();
    assert.deepEqual(varun.takes(), [
      '(late) Where is my order?',
      '(late) ▸ Jesse Lee: Hello.',
      '(late) ▸ Jesse Lee: $5 off',
      '(late) ▸ Varun Shah joined the chat.',
    ]);
    assert.deepEqual(bench.said, ['Hello.', '$5 off', 'Here.'], 'nothing is echoed to the visitor');
  });
});
