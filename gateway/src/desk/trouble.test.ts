import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BusyError } from '../bus/port.ts';
import type { Fault } from '../helpdesk/errors.ts';
import { type Bench, openBench } from './testing/bench.ts';

const AWAY: Fault = { is: 'unreachable' };

/** Until it is let go, the helpdesk does not answer what is asked of it. */
function goesAway(bench: Bench, ...verbs: readonly string[]): () => void {
  for (const verb of [...verbs, 'history'])
    bench.helpdesk.faults.set(
      verb,
      Array.from({ length: 1_000 }, () => AWAY),
    );
  return () => {
    for (const verb of [...verbs, 'history']) bench.helpdesk.faults.delete(verb);
  };
}

const GATEWAY = 'gateway@visitors.acme.example/gateway';

describe('a helpdesk that is away', () => {
  it('is told once to every staff user online, by Chat Gateway, with the time, and so is that it is back', async () => {
    const bench = await openBench();
    const [jesse, varun] = [await bench.online('jesse'), await bench.online('varun')];
    const chat = await bench.running(jesse);
    const isBack = goesAway(bench, 'say');
    await jesse.says(chat, 'kept');
    await bench.advance(3_000);
    assert.deepEqual(varun.takes(), [], 'a stumble is no outage');
    await bench.advance(60_000);
    const [note, ...more] = varun.of('message');
    assert.equal(note?.from, GATEWAY);
    assert.match(note.body, /^▸ The helpdesk has not answered since \d\d:\d\d\. What you write to visitors is kept/u);
    assert.deepEqual(more, []);
    varun.takes();
    assert.equal(jesse.takes().filter((text) => text.includes('has not answered since')).length, 1);
    isBack();
    await bench.advance(6_000);
    assert.match(
      varun.takes().join('\n'),
      /^▸ The helpdesk answers again \(\d\d:\d\d\)\. What was kept goes out now\.$/u,
    );
    assert.deepEqual(bench.said, ['Hello.', 'kept'], 'and it does');
    await bench.advance(600_000);
    assert.deepEqual(varun.takes(), []);
  });

  it('is told to who logs in in the middle, and that it is back to all who were told', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    const isBack = goesAway(bench, 'say');
    await jesse.says(chat, 'kept');
    await bench.advance(10_000);
    const phone = await bench.logsIn('jesse', 'phone');
    assert.match(phone.takes().join('\n'), /▸ The helpdesk has not answered since/u);
    await phone.shows({ show: 'away' });
    assert.doesNotMatch(phone.takes().join('\n'), /has not answered/u, 'once to each app');
    const later = await bench.logsIn('varun', 'quiet', { priority: -1 });
    isBack();
    await bench.advance(10_000);
    assert.match(phone.takes().join('\n'), /▸ The helpdesk answers again/u);
    assert.doesNotMatch(later.takes().join('\n'), /answers again/u, 'who was told nothing hears nothing');
  });

  it('that answers some calls is not away: one chat hangs', async () => {
    const bench = await openBench();
    const [jesse, varun] = [await bench.online('jesse'), await bench.online('varun')];
    const chat = await bench.running(jesse);
    const other = bench.helpdesk.waits('c2', 'Kim');
    bench.helpdesk.faults.set('say', ['hang', 'hang', 'hang']);
    await jesse.says(chat, 'hangs');
    await bench.advance(2_000);
    await varun.says(other, 'Hi, Kim.');
    await bench.advance(2_500);
    assert.doesNotMatch(varun.takes().join('\n'), /has not answered/u);
  });

  it('for a moment, and later for another, was not away all the while', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    for (let n = 0; n < 2; n++) {
      const isBack = goesAway(bench);
      await jesse.says(chat, '$history');
      await bench.advance(800);
      isBack();
      await bench.advance(200_000);
    }
    assert.doesNotMatch(jesse.takes().join('\n'), /has not answered since|answers again/u);
  });

  it('is noticed to be back also when nobody asks anything of it', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    const isBack = goesAway(bench);
    await jesse.says(chat, '$history');
    await bench.advance(1_000);
    await jesse.says(chat, '$history');
    await bench.advance(4_000);
    await jesse.says(chat, '$history');
    await bench.advance(4_000);
    assert.match(jesse.takes().join('\n'), /has not answered since/u);
    await bench.advance(300_000);
    assert.doesNotMatch(jesse.takes().join('\n'), /answers again/u);
    isBack();
    await bench.advance(6_000);
    assert.match(jesse.takes().join('\n'), /▸ The helpdesk answers again/u);
  });
});

describe('a full queue', () => {
  it('is told to all staff when it begins and when it ends, once each, and to who logs in in the middle', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    bench.helpdesk.tells({ type: 'queue-full', on: true });
    bench.helpdesk.tells({ type: 'queue-full', on: true });
    await bench.settle();
    const [note, ...more] = jesse.of('message');
    assert.equal(note?.from, GATEWAY);
    assert.match(note.body, /^▸ As many visitors wait as can\. .*\$queue/u);
    assert.deepEqual(more, []);
    jesse.takes();
    const varun = await bench.logsIn('varun');
    assert.match(varun.takes().join('\n'), /▸ As many visitors wait as can/u);
    bench.helpdesk.tells({ type: 'queue-full', on: false });
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['▸ There is room in the queue again: visitors can wait.']);
    const ada = await bench.logsIn('ada');
    assert.doesNotMatch(ada.takes().join('\n'), /wait as can/u);
  });
});

describe('more than may be pending', () => {
  it('is held back outside, and who writes is told once what happens to the text', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    bench.helpdesk.faults.set('say', ['hang']);
    for (let n = 0; n < 1_000; n++) void jesse.says(chat, `text ${n}`);
    await bench.settle();
    jesse.takes();
    const put = () =>
      jesse.do({ type: 'message', session: jesse.id, to: { is: 'visitor', chat }, message: { body: 'more' } });
    await assert.rejects(put(), BusyError);
    await assert.rejects(put(), BusyError);
    await bench.settle();
    const [note, ...more] = jesse.of('message');
    assert.equal(note?.from, GATEWAY);
    assert.match(note.body, /^▸ More is waiting for the helpdesk than may\. What you write is kept/u);
    assert.deepEqual(more, []);
    await bench.advance(10_000);
    assert.equal(bench.said.length, 1_001);
    await put();
    assert.equal(bench.said.at(-1), 'more', 'and goes out');
  });
});
