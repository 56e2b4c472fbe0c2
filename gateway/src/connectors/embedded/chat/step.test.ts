import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatId, StaffId, TeamId } from '../../../helpdesk/model.ts';
import { newRing } from '../ring/ring.ts';
import { type ChatState, compareWaiting, type RunningChat, type WaitingChat } from './chat.ts';
import { type ChatEvent, step } from './step.ts';
import { portLine } from '../port-line.ts';

const jesse = { id: 'jesse' as StaffId, name: 'Jesse Stone' };
const varun = { id: 'varun' as StaffId, name: 'Varun Shah' };
const limits = { away: 5, idle: 60 };
const offer = { id: 'c.r1', staff: jesse.id, at: 0, until: 60_000 };

const waiting: WaitingChat = {
  is: 'waiting',
  id: 'c' as ChatId,
  team: 'sales' as TeamId,
  card: { name: 'Chris' },
  question: 'Hello?',
  startedAt: 0,
  since: 0,
  isFront: false,
  lastLine: 1,
  lastWordsAt: 0,
  requests: 0,
  ring: { ...newRing(1), offers: [offer], made: 1 },
};
function done(chat: ChatState, event: ChatEvent, at = 1_000) {
  const result = step(chat, event, at);
  assert.ok(result.is === 'done', `refused: ${JSON.stringify(result)}`);
  return result;
}
const words = (text: string) => ({ id: `id of ${text}`, text });
const running = done(waiting, { type: 'accepted', staff: jesse, words: words('Hi') }).chat as RunningChat;
const conference: RunningChat = { ...running, participants: [jesse.id, varun.id] };
const over = done(running, { type: 'visitor-ended' }).chat;

describe('a chat, state by state', () => {
  type Expected = 'refused: not-found' | 'refused: taken' | 'nothing' | 'waiting' | 'running' | 'ended';
  const table: Record<string, [ChatEvent, waiting: Expected, running: Expected, conference: Expected, over: Expected]> =
    {
      'the visitor says something': [
        { type: 'visitor-said', messageId: 'm', text: 'x' },
        'waiting',
        'running',
        'running',
        'refused: not-found',
      ],
      'who takes part accepts again': [
        { type: 'accepted', staff: jesse, words: words('x') },
        'running',
        'running',
        'running',
        'refused: not-found',
      ],
      'somebody else accepts': [
        { type: 'accepted', staff: { id: 'mia' as StaffId, name: 'Mia' }, words: words('x') },
        'running',
        'refused: taken',
        'refused: taken',
        'refused: not-found',
      ],
      'who takes part speaks': [
        { type: 'staff-said', staff: jesse, words: words('x') },
        'refused: not-found',
        'running',
        'running',
        'refused: not-found',
      ],
      'who takes part ends': [
        { type: 'staff-ended', staff: jesse },
        'refused: not-found',
        'ended',
        'running',
        'refused: not-found',
      ],
      'who takes part leaves': [
        { type: 'staff-left', staff: jesse, why: 'left' },
        'refused: not-found',
        'waiting',
        'running',
        'refused: not-found',
      ],
      'who takes part is lost': [
        { type: 'staff-left', staff: jesse, why: 'lost' },
        'refused: not-found',
        'waiting',
        'running',
        'refused: not-found',
      ],
      'who does not take part ends': [
        { type: 'staff-ended', staff: { id: 'mia' as StaffId, name: 'Mia' } },
        'refused: not-found',
        'refused: not-found',
        'refused: not-found',
        'refused: not-found',
      ],
      'the visitor ends': [{ type: 'visitor-ended' }, 'ended', 'ended', 'ended', 'nothing'],
      'the visitor leaves a message': [{ type: 'message-left' }, 'ended', 'nothing', 'nothing', 'nothing'],
      'nobody is left to ask': [{ type: 'unanswered' }, 'ended', 'nothing', 'nothing', 'nothing'],
      'nobody writes': [{ type: 'idle', limits }, 'nothing', 'ended', 'ended', 'nothing'],
      'the page is gone': [{ type: 'visitor-gone', limits }, 'ended', 'ended', 'ended', 'nothing'],
      'the page is not heard': [{ type: 'unheard', since: 5 }, 'waiting', 'running', 'running', 'nothing'],
      'the page is heard, as before': [{ type: 'heard' }, 'nothing', 'nothing', 'nothing', 'nothing'],
      'the visitor goes to another page': [
        { type: 'visited', card: { name: 'Chris', pageUrl: 'https://x.example/' } },
        'waiting',
        'running',
        'running',
        'nothing',
      ],
    };
  for (const [name, [event, ...expected]] of Object.entries(table)) {
    [waiting, running, conference, over].forEach((chat, index) => {
      const state = ['waiting', 'running', 'in conference', 'over'][index];
      it(`${state}: ${name} → ${expected[index]}`, () => {
        const result = step(chat, event, 1_000);
        const outcome =
          result.is === 'refused' ? `refused: ${result.fault.is}` : result.chat === chat ? 'nothing' : result.chat.is;
        assert.equal(outcome, expected[index]);
      });
    });
  }
});

describe('a chat', () => {
  it('the reply that accepts is the first line after the question, and the notice comes after it', () => {
    const { chat, lines, offers } = done(waiting, { type: 'accepted', staff: jesse, words: words('Hi') });
    assert.deepEqual(
      lines.map(({ number, id, from, text }) => [number, id, from.is, text]),
      [
        [2, 'id of Hi', 'staff', 'Hi'],
        [3, 'c.3', 'notice', 'Jesse Stone joined the chat.'],
      ],
    );
    assert.equal(chat.lastLine, 3);
    assert.deepEqual(offers, [{ offer, end: { is: 'accepted' } }]);
  });

  it('the request of others ends as taken', () => {
    const { offers } = done(waiting, { type: 'accepted', staff: varun, words: words('Hi') });
    assert.deepEqual(offers, [{ offer, end: { is: 'taken', by: varun.id } }]);
  });

  it('taken names who has it', () => {
    const result = step(running, { type: 'accepted', staff: varun, words: words('x') }, 0);
    assert.deepEqual(result, { is: 'refused', fault: { is: 'taken', by: jesse.id } });
  });

  it('each way out has its own words', () => {
    const last = (chat: ChatState, event: ChatEvent) => done(chat, event).lines.at(-1)?.text;
    assert.equal(last(running, { type: 'staff-ended', staff: jesse }), 'Jesse Stone ended the chat.');
    assert.equal(last(conference, { type: 'staff-ended', staff: jesse }), 'Jesse Stone left the chat.');
    assert.match(last(running, { type: 'staff-left', staff: jesse, why: 'left' }) ?? '', /left.*first in line/u);
    assert.match(last(running, { type: 'staff-left', staff: jesse, why: 'lost' }) ?? '', /had to go.*first in line/u);
    assert.equal(last(running, { type: 'visitor-ended' }), 'You ended the chat.');
    assert.match(last(running, { type: 'idle', limits }) ?? '', /nobody wrote for 60 minutes/u);
    assert.match(last(running, { type: 'visitor-gone', limits: { away: 1, idle: 60 } }) ?? '', /away for 1 minute\./u);
    assert.match(last(waiting, { type: 'unanswered' }) ?? '', /leave a message/u);
  });

  it('what is said to the visitor is not what staff read', () => {
    const toStaff = (chat: ChatState, event: ChatEvent) => {
      const line = done(chat, event).lines.at(-1);
      assert.ok(line);
      const text = portLine(line).text;
      assert.doesNotMatch(text, /\byou\b|\byour\b/iu);
      return text;
    };
    assert.equal(toStaff(running, { type: 'visitor-ended' }), 'Chris ended the chat.');
    assert.match(toStaff(running, { type: 'visitor-gone', limits }), /the visitor's page was away/u);
    for (const why of ['left', 'lost'] as const)
      assert.match(toStaff(running, { type: 'staff-left', staff: jesse, why }), /front of the queue/u);
    assert.match(toStaff(waiting, { type: 'unanswered' }), /visitor was asked to leave a message/u);
    const toVisitor = done(running, { type: 'visitor-gone', limits }).lines.at(-1)?.text ?? '';
    assert.match(toVisitor, /your page was away/u);
  });

  it('given back, it is in front of the queue, after others that were given back before it', () => {
    const at = (chat: ChatState, when: number) =>
      done(chat, { type: 'staff-left', staff: jesse, why: 'lost' }, when).chat as WaitingChat;
    const early = { ...at(running, 5_000), id: 'early' as ChatId };
    const late = { ...at(running, 6_000), id: 'late' as ChatId };
    const queue = [waiting, late, early].sort(compareWaiting);
    assert.deepEqual(
      queue.map((chat) => chat.id),
      ['early', 'late', 'c'],
    );
  });

  it('requests are numbered on over rounds of waiting', () => {
    const again = done(running, { type: 'staff-left', staff: jesse, why: 'left' }).chat as WaitingChat;
    assert.equal(again.ring.made, 1);
  });

  it('only words of people count against idleness', () => {
    assert.equal(done(running, { type: 'visitor-said', messageId: 'm', text: 'x' }, 9_000).chat.lastWordsAt, 9_000);
    assert.equal(done(running, { type: 'unheard', since: 5 }, 9_000).chat.lastWordsAt, 1_000);
    const parted = done(conference, { type: 'staff-left', staff: varun, why: 'left' }, 9_000).chat;
    assert.equal(parted.lastWordsAt, 1_000);
  });
});
