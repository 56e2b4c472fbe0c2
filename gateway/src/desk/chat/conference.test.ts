import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { StaffId } from '../../helpdesk/model.ts';
import type { TestApp } from '../testing/bench.ts';
import { news, peopleIn, talking } from '../testing/talking.ts';

describe('what is written while something is on its way', () => {
  it('right behind $join is said; behind a $join that fails, it is refused', async () => {
    const { bench, varun, chat } = await talking();
    await Promise.all([varun.says(chat, '$join'), varun.says(chat, 'Hi.')]);
    assert.equal(bench.said.at(-1), 'Hi.');
    const other = await talking();
    other.bench.helpdesk.faults.set('join', [{ is: 'not-found' }]);
    await Promise.all([other.varun.says(other.chat, '$join'), other.varun.says(other.chat, 'Hi.', { id: 'h' })]);
    assert.deepEqual(other.bench.said, ['Hello.']);
    assert.equal(other.varun.of('refusal')[0]?.of, 'h');
    await other.varun.says(other.chat, 'Again.');
    assert.equal(other.bench.said.at(-1), 'Again.', 'the next one is a text like any other');
  });
  it('G10 right behind $observe is not sent, also when the helpdesk hangs, or refuses', async () => {
    const { bench, chat } = await talking();
    const boss = await bench.online('boss');
    bench.helpdesk.faults.set('observe', ['hang']);
    await Promise.all([boss.says(chat, '$observe'), boss.says(chat, 'a secret', { id: 's1' })]);
    await bench.advance(10_000);
    await boss.says(chat, 'another', { id: 's2' });
    assert.deepEqual(bench.said, ['Hello.']);
    assert.deepEqual(
      boss.of('refusal').map(({ of }) => of),
      ['s1', 's2'],
    );
    assert.deepEqual(bench.helpdesk.chats.get(chat)?.observers, ['boss']);
  });
  it('a chat with as many observers as it can have says so to who may observe', async () => {
    const { bench, chat } = await talking();
    const boss = await bench.online('boss');
    bench.helpdesk.faults.set('observe', [{ is: 'forbidden' }]);
    boss.takes();
    await boss.says(chat, '$observe');
    assert.deepEqual(boss.takes(), ['▸ This chat has as many observers as it can have.']);
  });
  it('behind $leave and $end is not sent', async () => {
    for (const command of ['$leave', '$end']) {
      const { bench, jesse, varun, chat } = await talking();
      await varun.says(chat, 'Varun.');
      await Promise.all([jesse.says(chat, 'Bye.'), jesse.says(chat, command), jesse.says(chat, 'P.S.')]);
      assert.deepEqual(bench.said, ['Hello.', 'Varun.', 'Bye.']);
      assert.deepEqual(peopleIn(bench, chat), ['varun']);
    }
  });
  it('behind $end of an invitation is not sent', async () => {
    const { bench, jesse, varun, chat } = await talking();
    await jesse.says(chat, '$invite varun');
    bench.helpdesk.faults.set('decline', ['hang']);
    await Promise.all([varun.says(chat, '$end'), varun.says(chat, 'No time.', { id: 'n' })]);
    await bench.advance(10_000);
    assert.deepEqual(bench.said, ['Hello.']);
    assert.equal(varun.of('refusal')[0]?.of, 'n');
  });
  it('by two apps of one who joins is all said', async () => {
    const { bench, varun, chat } = await talking();
    const phone = await bench.online('varun', 'phone');
    await Promise.all([varun.says(chat, 'One.'), phone.says(chat, 'Two.')]);
    assert.deepEqual(bench.said, ['Hello.', 'One.', 'Two.']);
    assert.equal(news(varun).filter((text) => text.includes('One.')).length, 0);
  });
});

describe('a closed window in a conference', () => {
  it('G22 ends only the part of that staff user, each in their own time', async () => {
    const { bench, jesse, varun, chat } = await talking();
    await varun.says(chat, 'Varun.');
    await jesse.state(chat, 'gone');
    await bench.advance(10_000);
    await varun.state(chat, 'gone');
    await bench.advance(10_000);
    assert.deepEqual(peopleIn(bench, chat), ['varun']);
    await varun.state(chat, 'composing');
    await bench.advance(20_000);
    assert.deepEqual(peopleIn(bench, chat), ['varun']);
  });
  it('is kept over a restart for each', async () => {
    const { bench, jesse, varun, chat } = await talking();
    await varun.says(chat, 'Varun.');
    await jesse.state(chat, 'gone');
    const field = JSON.parse(bench.state.get('chat:c1') ?? '{}') as { leaving: unknown[] };
    assert.equal(field.leaving.length, 1);
    // as it was written when there was only one
    bench.state.set('chat:c1', JSON.stringify({ ...field, leaving: field.leaving[0] }));
    await bench.restart();
    assert.deepEqual(peopleIn(bench, chat), ['jesse', 'varun'], 'an app that is gone has closed no window');
  });
});

describe('who is in a chat', () => {
  const people = ['jesse', 'varun', 'boss'] as const;
  const act = fc.record({
    who: fc.constantFrom(...people),
    app: fc.constantFrom('a', 'b'),
    text: fc.constantFrom(
      'Hello.',
      '$join',
      '$observe',
      '$leave',
      '$end',
      '$invite jesse',
      '$invite varun',
      '$invite boss',
      '$transfer varun',
      '$transfer team:sales',
      '$who',
    ),
  });
  const event = fc.oneof(
    { weight: 8, arbitrary: act },
    fc.constant('visitor away' as const),
    fc.constant('visitor back' as const),
    fc.constant('visitor ends' as const),
    fc.constant('time' as const),
  );
  /** What an app shows: contacts with their groups and presence. */
  const shows = (app: TestApp) => {
    const items = new Map<string, string>();
    const presence = new Map<string, string>();
    for (const item of app.items) {
      if (item.kind === 'roster') for (const one of item.items ?? []) items.set(one.jid, one.groups.join());
      if (item.kind === 'roster-push')
        if ('removed' in item.item) items.delete(item.item.jid);
        else items.set(item.item.jid, item.item.groups.join());
      if (item.kind === 'presence' && item.from.includes('@visitors.')) {
        const jid = item.from.split('/')[0] ?? '';
        if (item.show === 'unavailable') presence.delete(jid);
        else presence.set(jid, `${item.show} ${item.status ?? ''}`);
      }
    }
    return [...items]
      .filter(([jid]) => jid.includes('@visitors.'))
      .map(([jid, groups]) => `${jid} [${groups}] ${presence.get(jid) ?? 'offline'}`)
      .sort();
  };

  it('is the same in every app of every staff user, also in one that has just logged in, and nobody is told of observers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 14 }), async (events) => {
        const { bench, chat } = await talking();
        const apps = new Map<string, TestApp>();
        for (const who of people) for (const app of ['a', 'b']) apps.set(`${who}/${app}`, await bench.logsIn(who, app));
        let fresh = 0;
        for (const one of events) {
          if (one === 'visitor away' || one === 'visitor back')
            bench.helpdesk.change(chat, { visitorPresent: one === 'visitor back' });
          else if (one === 'visitor ends') {
            if (bench.helpdesk.chats.get(chat)?.phase.is !== 'ended') bench.helpdesk.ends(chat, 'visitor');
          } else if (one === 'time') await bench.advance(4_000);
          else await apps.get(`${one.who}/${one.app}`)?.says(chat, one.text, { id: `p${++bench.made}` });
          await bench.settle();
          await bench.advance(1_000);
        }
        const { observers = [], phase } = bench.helpdesk.chats.get(chat) ?? {};
        for (const who of people) {
          const now = shows(await bench.logsIn(who, `fresh${++fresh}`));
          for (const app of ['a', 'b'])
            assert.deepEqual(shows(apps.get(`${who}/${app}`) as TestApp), now, `${who}/${app}`);
          const isTold = now.join().includes('observed by');
          assert.equal(isTold, phase?.is !== 'ended' && observers.includes(who as StaffId), `${who} of observers`);
        }
      }),
      { numRuns: 40 },
    );
  });
});
