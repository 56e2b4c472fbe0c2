import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Bench, openBench } from '../testing/bench.ts';
import type { ChatId } from '../../helpdesk/model.ts';

async function ringing(show: 'available' | 'away' | 'dnd' = 'available') {
  const bench = await openBench();
  const jesse = await bench.online('jesse', 'desk', { show });
  const chat = bench.helpdesk.waits('c1');
  const offer = bench.helpdesk.asks(chat, 'jesse');
  await bench.settle();
  return { bench, jesse, chat, offer };
}

const statusOf = (bench: Bench, chat: ChatId) => bench.helpdesk.chats.get(chat)?.phase.is;

describe('a chat request', () => {
  it('comes as the visitor’s question and a notice that says what it is', async () => {
    const { jesse } = await ringing();
    const [question, notice] = jesse.of('message');
    assert.equal(question?.body, 'Where is my order?');
    assert.equal(question?.from, 'c1@visitors.acme.example/chat');
    assert.equal(question?.stanzaId, 'c1.1');
    assert.equal(question?.urgent, true);
    assert.match(
      notice?.body ?? '',
      /^▸ Chat request for Sales\. Any reply accepts it, .*\$end declines\. You have 60 seconds\.$/u,
    );
    assert.equal(jesse.of('message').length, 2);
  });
  it('is accepted by any reply, which is the first thing the visitor reads', async () => {
    const { bench, jesse, chat } = await ringing();
    jesse.takes();
    await jesse.says(chat, 'Let me look.', { receipt: true, id: 'x1' });
    assert.deepEqual(bench.said, ['Let me look.']);
    assert.deepEqual(jesse.of('receipt'), [{ kind: 'receipt', from: 'c1@visitors.acme.example/chat', of: 'x1' }]);
    assert.deepEqual(jesse.takes(), []);
  });
  it('is declined by $end', async () => {
    const { bench, jesse, chat } = await ringing();
    jesse.takes();
    await jesse.says(chat, '$end');
    assert.deepEqual(bench.helpdesk.declined, ['jesse declined']);
    assert.deepEqual(jesse.takes(), ['▸ Declined.']);
    assert.deepEqual(bench.said, []);
  });
  it('goes to every app of the staff user, but not to one with a negative priority', async () => {
    const bench = await openBench();
    const desk = await bench.online('jesse');
    const phone = await bench.online('jesse', 'phone', { show: 'away' });
    const robot = await bench.online('jesse', 'robot', { priority: -1 });
    bench.helpdesk.asks(bench.helpdesk.waits('c1'), 'jesse');
    await bench.settle();
    assert.equal(desk.of('message').length, 2);
    assert.equal(phone.of('message').length, 2);
    assert.equal(robot.of('message').length, 0);
  });
  it('comes to an app that logs in while it rings, and says how long is left', async () => {
    const { bench } = await ringing();
    await bench.advance(8_000);
    const phone = await bench.logsIn('jesse', 'phone');
    const [question, notice, ...rest] = phone.takes();
    assert.equal(question, 'Where is my order?');
    assert.match(notice ?? '', /You have 52 seconds\.$/u);
    assert.deepEqual(rest, []);
  });
  it('brings what the visitor writes while it rings', async () => {
    const { bench, jesse, chat } = await ringing();
    jesse.takes();
    bench.helpdesk.visitorSays(chat, 'Hello?');
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['Hello?']);
    await jesse.says(chat, 'Here.');
    assert.deepEqual(jesse.takes(), [], 'nothing comes twice');
  });

  it('counts as not seen when no app proves it within 10 s', async () => {
    const { bench } = await ringing();
    await bench.advance(9_999);
    assert.deepEqual(bench.helpdesk.declined, []);
    await bench.advance(1);
    assert.deepEqual(bench.helpdesk.declined, ['jesse unseen']);
  });
  it('is seen when any app proves it', async () => {
    const { bench } = await ringing();
    const phone = await bench.logsIn('jesse', 'phone');
    await phone.proves();
    await bench.advance(30_000);
    assert.deepEqual(bench.helpdesk.declined, []);
  });
  it('is seen when somebody types an answer, and the visitor is told nothing of it (G18)', async () => {
    const { bench, jesse, chat } = await ringing();
    await jesse.state(chat, 'composing');
    await bench.advance(30_000);
    assert.deepEqual(bench.helpdesk.declined, []);
    assert.deepEqual(bench.helpdesk.typed, []);
  });
  it('is passed on at once when the last app logs out', async () => {
    const { bench, jesse } = await ringing();
    await jesse.proves();
    await jesse.closed();
    await bench.settle();
    assert.deepEqual(bench.helpdesk.declined, ['jesse unseen']);
  });
  it('waits 10 s for a connection that was lost', async () => {
    const { bench, jesse } = await ringing();
    await jesse.proves();
    await jesse.lost();
    await bench.advance(9_000);
    await jesse.resumed();
    await bench.advance(30_000);
    assert.deepEqual(bench.helpdesk.declined, []);
    await jesse.lost();
    await bench.advance(10_000);
    assert.deepEqual(bench.helpdesk.declined, ['jesse unseen']);
  });

  it('that was seen before a login without a resume stays seen', async () => {
    const { bench, jesse } = await ringing();
    await jesse.proves();
    await jesse.lost();
    await bench.advance(5_000);
    await bench.logsIn('jesse');
    await bench.advance(30_000);
    assert.deepEqual(bench.helpdesk.declined, []);
  });

  const times = {
    60: '60 seconds',
    90: '90 seconds',
    120: '2 minutes',
    150: '2 minutes and 30 seconds',
    300: '5 minutes',
  };
  for (const [seconds, time] of Object.entries(times)) {
    it(`says how long it rings: ${time}`, async () => {
      const bench = await openBench();
      const jesse = await bench.online('jesse');
      bench.helpdesk.asks(bench.helpdesk.waits('c1'), 'jesse', Number(seconds) * 1_000);
      await bench.settle();
      assert.ok(jesse.takes().at(-1)?.endsWith(`You have ${time}.`));
    });
  }

  it('says why it goes to who is not available any more', async () => {
    const { bench, jesse, offer } = await ringing();
    await jesse.shows({ show: 'away' });
    jesse.takes();
    bench.helpdesk.endOffer(offer, { is: 'withdrawn' });
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['▸ The request was withdrawn, because you are not available now.']);
  });

  it('leaves nothing of who is staff no more', async () => {
    const { bench, jesse, chat, offer } = await ringing();
    await jesse.lost();
    bench.helpdesk.change(chat, { observers: [offer.staff] });
    await bench.settle();
    assert.match(bench.state.get(`chat:${chat}`) ?? '', /jesse/u);
    bench.helpdesk.directory(() => bench.helpdesk.staff.delete(offer.staff));
    bench.helpdesk.endOffer(offer, { is: 'withdrawn' });
    bench.helpdesk.change(chat, { observers: [] });
    await bench.settle();
    assert.doesNotMatch(bench.state.get(`chat:${chat}`) ?? '', /jesse/u);
  });

  const ends = {
    'a colleague was faster': [{ is: 'taken', by: 'varun' }, '▸ Taken by Varun Shah.'],
    'it was not answered in time': [{ is: 'timed-out' }, '▸ Missed: you did not answer in time.'],
    'it was not seen': [{ is: 'unseen' }, '▸ Passed on: your app did not confirm in time that it got the request.'],
    'the visitor is gone': [{ is: 'chat-ended' }, '▸ Chris is gone. The request is over.'],
    'it was withdrawn': [{ is: 'withdrawn' }, '▸ The request was withdrawn.'],
  } as const;
  for (const [name, [end, text]] of Object.entries(ends)) {
    it(`goes away with a word when ${name}`, async () => {
      const { bench, jesse, offer } = await ringing();
      jesse.takes();
      bench.helpdesk.endOffer(offer, end as never);
      await bench.settle();
      assert.deepEqual(jesse.takes(), [text]);
    });
  }
});

describe('an answer that a machine makes', () => {
  it('Q16 does not accept: an away app that nobody typed in', async () => {
    const { bench, jesse, chat } = await ringing('away');
    jesse.takes();
    await jesse.says(chat, 'I am away.', { state: 'active' });
    assert.deepEqual(bench.said, []);
    assert.equal(statusOf(bench, chat), 'waiting');
    assert.match(jesse.takes()[0] ?? '', /^▸ Not sent: your app says that you are away/u);
    await jesse.says(chat, 'I am away.');
    assert.deepEqual(bench.said, [], 'a machine says the same again');
  });
  it('is a person’s when somebody typed before, or writes another text', async () => {
    const typed = await ringing('away');
    await typed.jesse.state(typed.chat, 'composing');
    await typed.jesse.says(typed.chat, 'Hello');
    assert.deepEqual(typed.bench.said, ['Hello']);
    const second = await ringing('dnd');
    await second.jesse.says(second.chat, 'I am away.');
    await second.jesse.says(second.chat, 'It is really me');
    assert.deepEqual(second.bench.said, ['It is really me']);
  });
  it('Q13 does not accept: no body, an empty one, one of invisible characters', async () => {
    const { bench, jesse, chat } = await ringing();
    for (const body of ['', ' ', '\n', '\u200b\u200e'])
      await jesse.do({ type: 'message', session: jesse.id, to: { is: 'visitor', chat }, message: { id: 'e', body } });
    await jesse.do({ type: 'message', session: jesse.id, to: { is: 'visitor', chat }, message: { state: 'active' } });
    await bench.settle();
    assert.equal(statusOf(bench, chat), 'waiting');
  });
});

describe('a waiting visitor who does not ring at you', () => {
  it('is taken by a message', async () => {
    const bench = await openBench();
    const varun = await bench.online('varun');
    const chat = bench.helpdesk.waits('c1');
    await varun.says(chat, 'Hi, Chris.');
    assert.deepEqual(bench.said, ['Hi, Chris.']);
    assert.deepEqual(varun.takes(), ['(late) Where is my order?']);
  });
  it('does not exist for staff of other teams (D21)', async () => {
    const bench = await openBench();
    const ada = await bench.online('ada');
    const chat = bench.helpdesk.waits('c1');
    await ada.says(chat, 'Hi', { id: 'a1' });
    await ada.says('nobody' as ChatId, 'Hi', { id: 'a1' });
    const [theirs, unknown] = ada.of('refusal');
    assert.equal(theirs?.condition, 'item-not-found');
    assert.deepEqual({ ...theirs, from: '' }, { ...unknown, from: '' }, 'D20 not told apart');
    assert.equal(statusOf(bench, chat), 'waiting');
  });
});

describe('two staff users who reply at once', () => {
  it('G19 one wins, the other is told and the text is not sent', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const varun = await bench.online('varun');
    const chat = bench.helpdesk.waits('c1');
    bench.helpdesk.asks(chat, 'jesse');
    bench.helpdesk.asks(chat, 'varun');
    await bench.settle();
    jesse.takes();
    varun.takes();
    await Promise.all([jesse.says(chat, 'Jesse here'), varun.says(chat, 'Varun here', { id: 'v1' })]);
    assert.deepEqual(bench.said, ['Jesse here']);
    assert.deepEqual(
      varun.of('refusal').map(({ of, condition }) => [of, condition]),
      [['v1', 'not-acceptable']],
    );
    assert.deepEqual(varun.takes(), ['▸ Taken by Jesse Lee. Your text was not sent.']);
    assert.deepEqual(jesse.takes(), []);
  });
  it('the other apps of the one who was slower are told too', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const varun = await bench.online('varun');
    const phone = await bench.online('varun', 'phone');
    const chat = bench.helpdesk.waits('c1');
    bench.helpdesk.asks(chat, 'varun');
    await bench.settle();
    varun.takes();
    phone.takes();
    await Promise.all([jesse.says(chat, 'Jesse here'), varun.says(chat, 'Varun here')]);
    assert.deepEqual(varun.takes(), ['▸ Taken by Jesse Lee. Your text was not sent.']);
    assert.deepEqual(phone.takes(), ['▸ Taken by Jesse Lee.']);
  });
  it('a second reply of the one who accepts is a line', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const phone = await bench.online('jesse', 'phone');
    const chat = bench.helpdesk.waits('c1');
    await Promise.all([jesse.says(chat, 'One'), phone.says(chat, 'Two'), jesse.says(chat, 'Three')]);
    assert.deepEqual(bench.said, ['One', 'Two', 'Three']);
    assert.deepEqual(phone.takes().slice(1), ['(late) You: One', '(late) You: Three']);
  });
  it('G20 a reply after the request moved on to somebody is not sent, and told', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const varun = await bench.online('varun');
    const chat = await bench.running(jesse);
    await varun.says(chat, 'Late', { id: 'v1' });
    assert.deepEqual(bench.said, ['Hello.']);
    assert.deepEqual(varun.takes(), ['▸ Taken by Jesse Lee. Your text was not sent. To join the chat, send it again.']);
    const asked = bench.helpdesk.waits('c2', 'Kim');
    const offer = bench.helpdesk.asks(asked, 'varun');
    bench.helpdesk.endOffer(offer, { is: 'timed-out' });
    await jesse.says(asked, 'Hi, Kim.');
    await bench.advance(29_000);
    varun.takes();
    await varun.says(asked, 'Hello?', { id: 'v2' });
    assert.deepEqual(
      varun.of('refusal').map(({ of }) => of),
      ['v2'],
    );
    assert.match(varun.takes().join(), /^▸ Taken by Jesse Lee/u);
    assert.deepEqual(bench.said, ['Hello.', 'Hi, Kim.']);
    await varun.says(asked, 'Hello?', { id: 'v3' });
    assert.deepEqual(bench.helpdesk.chats.get(asked)?.participants, ['jesse', 'varun'], 'the next one is meant so');
  });
});
