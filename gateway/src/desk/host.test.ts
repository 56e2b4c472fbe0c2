import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BusUnavailableError, BusyError, type SessionRecord } from '../bus/port.ts';
import { HelpdeskError } from '../helpdesk/errors.ts';
import type { ChatId, StaffId } from '../helpdesk/model.ts';
import { type Bench, openBench, type TestApp } from './testing/bench.ts';

function recordOf(bench: Bench, app: TestApp, rest: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: app.id,
    tenant: bench.tenant.id,
    staff: app.staff,
    bareJid: `${app.staff}@acme.example`,
    resource: app.resource,
    pod: 'pod',
    epoch: 1,
    availability: { show: 'available', priority: 0 },
    carbons: false,
    attached: true,
    handled: 0,
    written: 0,
    ...rest,
  };
}

describe('a restart', () => {
  it('finds chats, late lines and who was asked as they were', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    bench.helpdesk.visitorSays(chat, 'proved');
    await bench.settle();
    await jesse.proves();
    bench.helpdesk.visitorSays(chat, 'not proved');
    const asked = bench.helpdesk.waits('c2', 'Kim');
    bench.helpdesk.asks(asked, 'jesse');
    await bench.settle();
    await bench.restart();
    bench.helpdesk.visitorSays(chat, 'meanwhile');
    await bench.settle();
    const again = await bench.logsIn('jesse');
    const [question, notice, ...late] = again.takes();
    assert.equal(question, 'Where is my order?');
    assert.match(notice ?? '', /^▸ Chat request for Sales/u);
    assert.deepEqual(late, ['(late) not proved', '(late) meanwhile']);
    await again.says(chat, 'Still here.');
    await again.says(asked, 'Hi, Kim.');
    assert.deepEqual(bench.said, ['Hello.', 'Still here.', 'Hi, Kim.']);
  });
  it('gives apps 10 s to come back before a request that rang counts as not seen', async () => {
    const bench = await openBench();
    await bench.online('jesse');
    bench.helpdesk.asks(bench.helpdesk.waits('c1'), 'jesse');
    await bench.advance(9_000);
    await bench.restart();
    await bench.advance(9_999);
    assert.deepEqual(bench.helpdesk.declined, []);
    await bench.advance(1);
    assert.deepEqual(bench.helpdesk.declined, ['jesse unseen']);
  });
  it('remembers lines: one that is sent again is not said twice', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    await jesse.says(chat, 'once', { id: 'same' });
    await bench.restart();
    const again = await bench.online('jesse');
    await again.says(chat, 'once', { id: 'same' });
    assert.deepEqual(bench.said, ['Hello.', 'once']);
  });
  it('remembers them as long as an app that was cut off may come back, and no longer', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    await jesse.says(chat, 'once', { id: 'same' });
    await bench.restart();
    await bench.advance(200_000);
    await bench.restart();
    await bench.advance(101_000);
    const again = await bench.online('jesse');
    await again.says(chat, 'once', { id: 'same' });
    assert.deepEqual(bench.said, ['Hello.', 'once', 'once']);
  });
  it('knows after a restart that an app has said goodbye', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    await jesse.says(chat, 'ok', { id: '1' });
    await jesse.closed();
    await bench.restart();
    const again = await bench.online('jesse');
    await again.says(chat, 'ok', { id: '1' });
    assert.deepEqual(bench.said, ['Hello.', 'ok', 'ok']);
  });
  it('leaves nothing of chats that are over', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    await bench.host.stop(bench.tenant.id);
    bench.helpdesk.ends(chat, 'visitor');
    await bench.restart();
    await bench.advance(301_000);
    assert.ok(!bench.state.has('chat:c1'));
  });
  it('is not hindered by a field that cannot be read', async () => {
    const bench = await openBench();
    bench.state.set('chat:c9', '{"chat":');
    bench.state.set('person:jesse', 'null');
    bench.state.set('what', '1');
    await bench.restart();
    await bench.logsIn('jesse');
    assert.ok(!bench.state.has('chat:c9') && !bench.state.has('what'));
  });
});

describe('a desk that moves', () => {
  it('goes on with the sessions that are there, and tells them what has changed', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    const gone = bench.helpdesk.waits('c2', 'Kim');
    await bench.settle();
    await bench.host.stop(bench.tenant.id);
    bench.helpdesk.visitorSays(chat, 'meanwhile');
    bench.helpdesk.ends(gone, 'visitor');
    bench.helpdesk.waits('c3', 'Ali');
    const statuses = bench.helpdesk.statuses.length;
    jesse.items.length = 0;
    await bench.start([recordOf(bench, jesse)]);
    assert.deepEqual(jesse.takes.call(jesse), ['(late) meanwhile']);
    assert.deepEqual(bench.helpdesk.statuses.slice(statuses), ['jesse online']);
    await jesse.says(chat, 'Here.');
    assert.equal(bench.said.at(-1), 'Here.');
  });
  it('pushes what came and went', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const gone = bench.helpdesk.waits('c2', 'Kim');
    await bench.settle();
    await bench.host.stop(bench.tenant.id);
    bench.helpdesk.ends(gone, 'visitor');
    bench.helpdesk.waits('c3', 'Ali');
    jesse.items.length = 0;
    await bench.start([recordOf(bench, jesse)]);
    assert.deepEqual(
      jesse.of('roster-push').map(({ item }) => item),
      [
        { jid: 'c2@visitors.acme.example', removed: true },
        { jid: 'c3@visitors.acme.example', name: 'Ali', groups: ['Visitors (Waiting)'] },
      ],
    );
    assert.match(jesse.presenceOf('c3@') ?? '', /^chat/u);
  });
  it('leaves what was not answered to the next one, which does it once', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    bench.helpdesk.faults.set('say', ['hang']);
    const act = { type: 'message', session: jesse.id, to: { is: 'visitor', chat }, message: { body: 'once' } } as const;
    const first = bench.handle(act, 'entry-1');
    const rejected = assert.rejects(first, BusUnavailableError);
    await bench.settle();
    await bench.host.stop(bench.tenant.id);
    await rejected;
    await assert.rejects(bench.handle(act, 'entry-1'), BusUnavailableError);
    await bench.start([recordOf(bench, jesse)]);
    await bench.handle(act, 'entry-1');
    await bench.handle(act, 'entry-1');
    assert.deepEqual(bench.said, ['Hello.', 'once'], 'the entry’s id is the call’s');
  });
});

describe('handling an entry', () => {
  it('resolves when its line is committed', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    bench.helpdesk.faults.set('say', [{ is: 'unreachable' }]);
    let isDone = false;
    const act = { type: 'message', session: jesse.id, to: { is: 'visitor', chat }, message: { body: 'x' } } as const;
    const handled = bench.handle(act, 'entry-1').then(() => (isDone = true));
    await bench.settle();
    assert.equal(isDone, false);
    await bench.advance(1_000);
    await handled;
    assert.equal(bench.said.at(-1), 'x');
  });
  it('resolves when a refusal was told', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const to = { is: 'visitor', chat: 'none' as ChatId } as const;
    await bench.handle({ type: 'message', session: jesse.id, to, message: { body: 'x' } }, 'entry-1');
    assert.equal(jesse.of('refusal').length, 1);
  });
  it('rejects when what it changed could not be stored, which goes with the next commit', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    bench.failing = 1;
    await assert.rejects(jesse.closed(), /disk full/u);
    bench.helpdesk.waits('c1');
    await bench.settle();
    assert.match(bench.state.get('person:jesse') ?? '', /absence/u);
  });
  it('of an app that is gone does nothing', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    await jesse.closed();
    await jesse.says('gateway', '$help');
    assert.deepEqual(jesse.of('message'), []);
  });
  it('of the web side reaches the helpdesk, once, and tells who brought it of a fault', async () => {
    const bench = await openBench();
    await bench.handle({ type: 'site', input: { a: 1 } }, 'v1');
    await bench.handle({ type: 'site', input: { a: 1 } }, 'v1');
    bench.host.signal(bench.tenant.id, { type: 'site', signal: 'alive' });
    assert.deepEqual(bench.helpdesk.received, [{ a: 1 }, 'alive']);
    bench.helpdesk.faults.set('receive', [{ is: 'not-found' }]);
    await assert.rejects(bench.handle({ type: 'site', input: 1 }, 'v2'), HelpdeskError);
  });
  it('is refused for a tenant that is not here', async () => {
    const bench = await openBench();
    await bench.host.stop(bench.tenant.id);
    await assert.rejects(bench.handle({ type: 'site', input: 1 }, 'v1'), BusUnavailableError);
    bench.host.signal(bench.tenant.id, { type: 'site', signal: 1 });
  });
  it('H25 is refused when 1,000 calls or 4 MiB are pending, and taken again after', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    bench.helpdesk.faults.set('say', ['hang']);
    const pending: Promise<void>[] = [];
    for (let n = 0; n < 1_000; n++)
      pending.push(
        bench.handle(
          { type: 'message', session: jesse.id, to: { is: 'visitor', chat }, message: { body: `${n}` } },
          `e${n}`,
        ),
      );
    await assert.rejects(bench.handle({ type: 'site', input: 1 }, 'v1'), BusyError);
    await bench.handle({ type: 'session-carbons', session: jesse.id, on: true }, 'carbons');
    await bench.advance(6_000);
    await Promise.all(pending);
    await bench.handle({ type: 'site', input: 1 }, 'v1');
    assert.equal(bench.said.length, 1_001);
    bench.helpdesk.faults.set('say', ['hang']);
    for (let n = 0; n < 600; n++)
      void bench
        .handle(
          {
            type: 'message',
            session: jesse.id,
            to: { is: 'visitor', chat },
            message: { body: `${'x'.repeat(3_900)} ${n}` },
          },
          `f${n}`,
        )
        .catch(() => undefined);
    await assert.rejects(bench.handle({ type: 'site', input: 1 }, 'v3'), BusyError);
  });
});

describe('questions', () => {
  it('are answered for those who may see, and for nobody else (E23)', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const ada = await bench.online('ada');
    const chat = bench.helpdesk.waits('c1', 'Chris', 'Hi', { visitor: { name: 'Chris', email: 'c@example.com' } });
    await bench.advance(30_000);
    const ask = (app: TestApp, id: ChatId) =>
      app.do({ type: 'asked', session: app.id, ask: 'q', question: { about: 'visitor-card', chat: id } });
    await ask(jesse, chat);
    await ask(ada, chat);
    await ask(ada, 'unknown' as ChatId);
    assert.deepEqual(jesse.of('answer')[0]?.answer, {
      about: 'visitor-card',
      card: { name: 'Chris', email: 'c@example.com' },
      idle: 30,
      state: 'waiting since 14:02 for Sales',
    });
    assert.deepEqual(
      ada.of('answer').map(({ answer }) => answer),
      [{ about: 'nothing' }, { about: 'nothing' }],
    );
    await jesse.do({
      type: 'asked',
      session: jesse.id,
      ask: 's',
      question: { about: 'staff-card', staff: 'ada' as StaffId },
    });
    assert.deepEqual(jesse.of('answer')[1]?.answer, {
      about: 'staff-card',
      name: 'Ada Byron',
      username: 'ada',
      teams: ['Support'],
      idle: 30,
    });
    await jesse.do({
      type: 'asked',
      session: jesse.id,
      ask: 's',
      question: { about: 'staff-card', staff: 'nobody' as StaffId },
    });
    assert.deepEqual(jesse.of('answer')[2]?.answer, { about: 'nothing' });
  });
});
