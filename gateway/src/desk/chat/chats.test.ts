import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChatId } from '../../helpdesk/model.ts';
import { openBench, type TestApp } from '../testing/bench.ts';

async function chatting() {
  const bench = await openBench();
  const jesse = await bench.online('jesse');
  const chat = await bench.running(jesse);
  return { bench, jesse, chat };
}

describe('in a chat', () => {
  it('text goes both ways in order', async () => {
    const { bench, jesse, chat } = await chatting();
    for (let n = 1; n <= 5; n++) {
      bench.helpdesk.visitorSays(chat, `v${n}`);
      void jesse.says(chat, `s${n}`);
    }
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['v1', 'v2', 'v3', 'v4', 'v5']);
    assert.deepEqual(bench.said, ['Hello.', 's1', 's2', 's3', 's4', 's5']);
  });
  it('every copy of a line has its id', async () => {
    const { bench, jesse, chat } = await chatting();
    const phone = await bench.online('jesse', 'phone');
    await jesse.says(chat, 'mine');
    bench.helpdesk.visitorSays(chat, 'theirs');
    await bench.settle();
    const ids = bench.helpdesk.lines
      .get(chat)
      ?.slice(-2)
      .map(({ id }) => id);
    assert.deepEqual(
      phone.of('message').map(({ stanzaId }) => stanzaId),
      ids,
    );
    assert.deepEqual(
      jesse.of('message').map(({ stanzaId }) => stanzaId),
      ids?.slice(1),
    );
  });
  it('own lines come to the other apps as own', async () => {
    const { bench, jesse, chat } = await chatting();
    const phone = await bench.online('jesse', 'phone');
    await jesse.says(chat, 'mine', { id: 'a1' });
    const [own] = phone.of('message');
    assert.equal(own?.from, 'jesse@acme.example/desk');
    assert.deepEqual(own?.own, { to: 'c1@visitors.acme.example/chat', ref: 'a1' });
    assert.deepEqual(jesse.of('message'), []);
  });
  it('notices of the helpdesk begin with the mark', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.notice(chat, 'Jesse Lee joined the chat.');
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['▸ Jesse Lee joined the chat.']);
  });
  it('colleagues read each other’s lines, marked with the name', async () => {
    const { bench, jesse, chat } = await chatting();
    const varun = await bench.online('varun');
    bench.helpdesk.change(chat, { participants: [jesse.staff, varun.staff] });
    await bench.settle();
    assert.deepEqual(varun.takes(), ['(late) Where is my order?', '(late) ▸ Jesse Lee: Hello.']);
    await jesse.says(chat, 'This is Varun.');
    assert.deepEqual(varun.takes(), ['▸ Jesse Lee: This is Varun.']);
    await jesse.says(chat, '$end');
    assert.deepEqual(jesse.takes(), ['▸ You have left this chat. It goes on without you.']);
    assert.deepEqual(bench.helpdesk.chats.get(chat)?.participants, ['varun']);
  });
  it('a staff user’s text has no mark', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, 'a\n▸ b');
    assert.equal(bench.said.at(-1), 'a\nb');
  });

  it('M18 a line sent again by the app is not said twice', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, 'once', { id: 'same' });
    await jesse.says(chat, 'once', { id: 'same' });
    const again = await bench.online('jesse');
    await again.says(chat, 'once', { id: 'same', receipt: true });
    assert.deepEqual(bench.said, ['Hello.', 'once']);
    assert.equal(again.of('receipt').length, 1);
    await again.says(chat, 'once', { id: 'other' });
    await again.says(chat, 'twice', { id: 'same' });
    assert.deepEqual(bench.said, ['Hello.', 'once', 'once', 'twice']);
  });
  it('M18 the same words with the same id are said again after a goodbye', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, 'ok', { id: '1' });
    await jesse.closed();
    const again = await bench.online('jesse');
    await again.says(chat, 'ok', { id: '1' });
    await again.says(chat, 'ok', { id: '1' });
    assert.deepEqual(bench.said, ['Hello.', 'ok', 'ok']);
    await again.lost();
    // its window is over
    await again.closed();
    const late = await bench.online('jesse');
    await late.says(chat, 'ok', { id: '1' });
    assert.deepEqual(bench.said, ['Hello.', 'ok', 'ok', 'ok']);
    const other = await bench.online('jesse', 'elsewhere');
    await other.says(chat, 'ok', { id: '1' });
    assert.equal(bench.said.length, 5, 'another app says what it says');
  });
  it('a line whose answer was lost is said once', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.faults.set('say', ['answer-lost']);
    await jesse.says(chat, 'once');
    await bench.advance(5_000);
    assert.deepEqual(bench.said, ['Hello.', 'once']);
  });
  it('a helpdesk that does not answer is told, and the line is kept', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.faults.set('say', ['hang', { is: 'unreachable' }, { is: 'rate-limited', retryAfter: 1_000 }]);
    const said = jesse.says(chat, 'patience');
    await bench.advance(20_000);
    await said;
    assert.deepEqual(bench.said, ['Hello.', 'patience']);
    assert.match(jesse.takes().join('\n'), /^▸ The helpdesk does not answer\. Your text is kept/mu);
  });
  it('a hanging chat stops no other', async () => {
    const { bench, jesse, chat } = await chatting();
    const other = bench.helpdesk.waits('c2', 'Kim');
    bench.helpdesk.faults.set('say', ['hang']);
    await jesse.says(chat, 'hangs');
    await jesse.says(other, 'goes on');
    assert.deepEqual(bench.said, ['Hello.', 'goes on']);
  });

  it('G28 a message after the end is an error, and nothing is sent', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.ends(chat, 'visitor');
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['▸ Chris has ended the chat.']);
    await jesse.says(chat, 'too late', { id: 'l1' });
    await jesse.says(chat, '$end', { id: 'l2' });
    assert.deepEqual(
      jesse.of('refusal').map(({ of, condition, text }) => [of, condition, text]),
      [['l1', 'item-not-found', 'This chat has ended, or is not one of yours. Nothing was sent.']],
    );
    assert.deepEqual(jesse.takes(), ['▸ This chat has ended already.']);
    assert.deepEqual(bench.said, ['Hello.']);
  });
  it('the end is told once when the helpdesk has told it itself', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.notice(chat, 'Chris ended the chat.');
    bench.helpdesk.ends(chat, 'visitor');
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['▸ Chris ended the chat.']);
  });
  it('G29 encrypted text is not sent, and told', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, 'I sent you an OMEMO message', { encrypted: true });
    assert.deepEqual(bench.said, ['Hello.']);
    assert.equal(jesse.of('refusal').length, 1);
    assert.match(jesse.takes()[0] ?? '', /^▸ Not sent: visitors cannot read encrypted messages/u);
  });
  it('a text that is too long is not cut but refused', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, 'x'.repeat(4_001));
    await jesse.says(chat, '😀'.repeat(4_000));
    assert.equal(bench.said.length, 2);
    assert.equal(jesse.of('refusal').length, 1);
  });
  it('G30 /me and /help are text', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, '/me waves');
    assert.equal(bench.said.at(-1), '/me waves');
  });
});

describe('an app that logs in without a resume', () => {
  it('gets the lines after the last one that it proved, with their original time', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.visitorSays(chat, 'proved');
    await bench.settle();
    await jesse.proves();
    bench.helpdesk.visitorSays(chat, 'maybe seen');
    await jesse.lost();
    bench.helpdesk.visitorSays(chat, 'missed');
    await jesse.closed();
    const at = bench.clock.now();
    await bench.advance(5_000);
    bench.helpdesk.visitorSays(chat, 'missed too');
    const again = await bench.logsIn('jesse');
    assert.deepEqual(
      again.of('message').map((item) => [item.body, item.at]),
      [
        ['maybe seen', at],
        ['missed', at],
        ['missed too', at + 5_000],
      ],
    );
  });
  it('takes the place of its former self and misses nothing (soft rebind)', async () => {
    const { bench, jesse, chat } = await chatting();
    const statuses = bench.helpdesk.statuses.length;
    await jesse.lost();
    bench.helpdesk.visitorSays(chat, 'missed');
    await bench.settle();
    const { TestApp } = await import('../testing/bench.ts');
    const again = await new TestApp(bench, 'jesse', 'desk').open(jesse);
    await bench.advance(100_000);
    await again.online();
    assert.deepEqual(again.takes(), ['(late) missed']);
    assert.deepEqual(bench.helpdesk.statuses.slice(statuses), ['jesse away (may return)', 'jesse online']);
  });
  it('gets, as an app that the chat does not know, what no app of this staff user has proved', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.visitorSays(chat, 'proved');
    await bench.settle();
    await jesse.proves();
    bench.helpdesk.visitorSays(chat, 'not proved');
    await bench.settle();
    const phone = await bench.logsIn('jesse', 'phone');
    assert.deepEqual(phone.takes(), ['(late) not proved']);
    bench.helpdesk.visitorSays(chat, 'live');
    await bench.settle();
    assert.deepEqual(phone.takes(), ['live']);
  });
  it('does not get its own lines again', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, 'mine');
    await jesse.closed();
    const again = await bench.logsIn('jesse');
    assert.deepEqual(again.takes(), []);
  });
  it('gets the last lines of a chat that ended meanwhile', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.lost();
    await jesse.closed();
    bench.helpdesk.visitorSays(chat, 'Call me at 555.');
    bench.helpdesk.notice(chat, 'Chris ended the chat.');
    bench.helpdesk.ends(chat, 'visitor');
    await bench.advance(20_000);
    const again = await bench.logsIn('jesse');
    assert.deepEqual(again.takes(), ['(late) Call me at 555.', '(late) ▸ Chris ended the chat.']);
    await bench.advance(300_000);
    assert.ok(!Array.from(bench.state.keys()).includes('chat:c1'), 'it is forgotten in the end');
  });
  it('G25 is not flooded by an old chat', async () => {
    const { bench, chat } = await chatting();
    for (let n = 0; n < 700; n++) bench.helpdesk.visitorSays(chat, `line ${n}`);
    const varun = await bench.online('varun');
    bench.helpdesk.change(chat, { participants: ['jesse', 'varun'] as never });
    await bench.settle();
    assert.equal(varun.of('message').length, 51, 'the next ones follow when these are proved');
    for (let n = 0; n < 10; n++) await varun.proves();
    const got = varun.takes();
    assert.equal(got.length, 401);
    assert.equal(got[0], '▸ 302 earlier lines are not shown here.');
    assert.deepEqual(
      got.slice(1),
      Array.from({ length: 400 }, (_, n) => `(late) line ${n + 300}`),
    );
    assert.equal(got.at(-1), '(late) line 699');
  });
});

describe('whatever happens in whatever order', () => {
  const event = fc.oneof(
    { weight: 4, arbitrary: fc.record({ is: fc.constant('visitor' as const) }) },
    { weight: 4, arbitrary: fc.record({ is: fc.constant('says' as const), app: fc.nat(1) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        is: fc.constant('command' as const),
        app: fc.nat(1),
        text: fc.constantFrom('$who', '$foo', ' \u200b$end!', 'x\n$end', '＄x'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('again' as const), app: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('lost' as const), app: fc.nat(1) }) },
    fc.record({ is: fc.constant('resumed' as const), app: fc.nat(1) }),
    { weight: 2, arbitrary: fc.record({ is: fc.constant('anew' as const), app: fc.nat(1) }) },
    fc.record({ is: fc.constant('proves' as const), app: fc.nat(1) }),
    fc.record({
      is: fc.constant('fault' as const),
      verb: fc.constantFrom('say', 'history'),
      how: fc.constantFrom('answer-lost' as const, 'hang' as const),
    }),
    fc.record({ is: fc.constant('time' as const), ms: fc.constantFrom(10, 1_000, 6_000) }),
  );
  it('no line is lost, doubled or out of order, and no command is said', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 25, size: 'max' }), async (events) => {
        const bench = await openBench();
        const apps = [await bench.online('jesse', 'a0'), await bench.online('jesse', 'a1')];
        const first = apps[0];
        if (first === undefined) return;
        const chat = await bench.running(first);
        const last = new Map<number, string>();
        const isLost = new Set<TestApp>();
        const proved = new Map<TestApp, number>();
        let count = 0;
        const expected = new Set<string>(['Hello.']);
        for (const happens of events) {
          const app = 'app' in happens ? apps[happens.app] : undefined;
          if (happens.is === 'visitor') bench.helpdesk.visitorSays(chat, `visitor ${count++}`);
          if (happens.is === 'says' && app !== undefined) {
            const text = `staff ${count++}`;
            expected.add(text);
            last.set(happens.app, text);
            void app.says(chat, text, { id: text }).catch(() => undefined);
          }
          if (happens.is === 'again' && app !== undefined) {
            const text = last.get(happens.app);
            if (text !== undefined) void app.says(chat, text, { id: text }).catch(() => undefined);
          }
          if (happens.is === 'command' && app !== undefined) void app.says(chat, happens.text);
          if (app !== undefined && happens.is === 'lost') {
            await app.lost();
            isLost.add(app);
          }
          if (app !== undefined && happens.is === 'resumed') {
            await app.resumed();
            isLost.delete(app);
          }
          if (app !== undefined && happens.is === 'proves' && !isLost.has(app)) {
            await app.proves();
            proved.set(app, app.items.length);
          }
          if (happens.is === 'anew' && app !== undefined) {
            // Of what it had not proved when its connection went, it got nothing.
            if (isLost.has(app)) app.items.length = Math.min(app.items.length, proved.get(app) ?? 0);
            // Who says goodbye sends nothing again.
            else {
              await app.closed();
              last.delete(happens.app);
            }
            apps[happens.app] = await bench.logsIn('jesse', app.resource);
          }
          if (happens.is === 'fault') bench.helpdesk.faults.set(happens.verb, [happens.how]);
          if (happens.is === 'time') await bench.advance(happens.ms);
        }
        await bench.settle();
        await bench.advance(30_000);
        // every text of the staff is said once
        assert.deepEqual([...bench.said].sort(), [...expected].sort());
        const lines = bench.helpdesk.lines.get(chat as ChatId) ?? [];
        for (const app of bench.apps.values()) {
          const got = app.of('message').filter(({ proof }) => proof?.startsWith('line') === true);
          const numbers = got.map(({ stanzaId }) => lines.findIndex(({ id }) => id === stanzaId));
          // in order and once per session
          for (let index = 1; index < numbers.length; index++)
            assert.ok((numbers[index] ?? 0) > (numbers[index - 1] ?? 0));
        }
        // apps that are there at the end have, over all sessions of their resource, every line of the visitor
        for (const app of apps) {
          const got = new Set(
            [...bench.apps.values()]
              .filter(({ resource }) => resource === app.resource)
              .flatMap((one) => one.of('message').map(({ stanzaId }) => stanzaId)),
          );
          for (const line of lines.slice(1))
            if (line.from.is === 'visitor') assert.ok(got.has(line.id), `${app.resource} has ${line.text}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});
