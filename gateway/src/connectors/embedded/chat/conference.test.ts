import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatId, StaffId, TeamId } from '../../../helpdesk/model.ts';
import { type ChatState, revived, type RunningChat } from './chat.ts';
import { OBSERVERS, OPEN_INVITATIONS } from '../limits.ts';
import { type ChatEvent, step } from './step.ts';

const [jesse, varun, mia, ada] = ['jesse', 'varun', 'mia', 'ada'] as StaffId[] as [StaffId, StaffId, StaffId, StaffId];
const names: Readonly<Record<string, string>> = { jesse: 'Jesse Stone', varun: 'Varun Shah', mia: 'Mia Wong' };
const speaker = (id: StaffId) => ({ id, name: names[id] ?? id });
const [sales, support] = ['sales', 'support'] as TeamId[] as [TeamId, TeamId];

const alone: RunningChat = {
  is: 'running',
  id: 'c' as ChatId,
  team: sales,
  card: { name: 'Chris' },
  question: 'Hello?',
  startedAt: 0,
  since: 0,
  waitingSince: 0,
  lastLine: 3,
  lastWordsAt: 0,
  requests: 1,
  participants: [jesse],
  observers: [],
  invitations: [],
};

const invite = (by: StaffId, whom: StaffId): ChatEvent => ({ type: 'invited', whom, asking: { by, until: 60_000 } });
const transfer = (by: StaffId, whom: StaffId): ChatEvent => ({
  type: 'transferring',
  whom,
  asking: { by, until: 60_000, why: 'mine is done' },
});
const handOver = (by: StaffId, team = support): ChatEvent => ({ type: 'handing-over', by, team });
const asking = (...staff: StaffId[]): ChatEvent => ({ type: 'asking', staff, until: 60_000 });
const accept = (staff: StaffId, from?: StaffId): ChatEvent => ({
  type: 'accepted',
  staff: speaker(staff),
  words: { id: `words of ${staff}`, text: 'Hello' },
  ...(from !== undefined && { from: speaker(from) }),
});
const join = (staff: StaffId): ChatEvent => ({ type: 'joined', staff: speaker(staff) });
const observe = (staff: StaffId, on = true): ChatEvent => ({ type: 'observing', staff, on });
const left = (staff: StaffId): ChatEvent => ({ type: 'staff-left', staff: speaker(staff), why: 'left' });
const end = (staff: StaffId): ChatEvent => ({ type: 'staff-ended', staff: speaker(staff) });

/** Who is what in a chat, as one line. */
function shown(chat: ChatState): string {
  if (chat.is !== 'running') return chat.is;
  const asked = chat.invitations.map(
    ({ kind, by, staff, team }) =>
      `${by} ${kind === 'transfer' ? '=>' : '->'} ${staff}${team === undefined ? '' : ` of ${team}`}`,
  );
  const on = chat.handOver === undefined ? [] : [`${chat.handOver.by} to ${chat.handOver.team}`];
  const silent = chat.observers.length === 0 ? [] : [`silent: ${chat.observers.join()}`];
  return [chat.participants.join(), ...asked, ...on, ...silent].join('; ');
}

function play(events: readonly ChatEvent[]) {
  let chat: ChatState = alone;
  let last: ReturnType<typeof step> = { is: 'done', chat, lines: [], offers: [] };
  for (const event of events) {
    last = step(chat, event, 1_000);
    if (last.is === 'done') chat = last.chat;
  }
  const ends = last.is === 'done' ? last.offers.map(({ offer, end: how }) => `${offer.staff} ${how.is}`) : [];
  return { chat, ends, last };
}

describe('several staff in one chat', () => {
  const table: Record<string, [events: ChatEvent[], chat: string, ends?: string[]]> = {
    'an invitation is open': [[invite(jesse, varun)], 'jesse; jesse -> varun'],
    'one who is asked is not asked twice': [[invite(jesse, varun), invite(jesse, varun)], 'jesse; jesse -> varun'],
    'who accepts an invitation takes part': [[invite(jesse, varun), accept(varun)], 'jesse,varun', ['varun accepted']],
    'who joins while asked has accepted': [[invite(jesse, varun), join(varun)], 'jesse,varun', ['varun accepted']],
    'the other invitations stay': [
      [invite(jesse, varun), invite(jesse, mia), accept(varun)],
      'jesse,varun; jesse -> mia',
      ['varun accepted'],
    ],
    'an invitation stays when the inviter goes': [
      [join(varun), invite(jesse, mia), left(jesse)],
      'varun; jesse -> mia',
      [],
    ],
    'who accepts a transfer is in it alone': [
      [transfer(jesse, varun), accept(varun, jesse)],
      'varun',
      ['varun accepted'],
    ],
    'who accepts a transfer is in it with the others': [
      [join(mia), transfer(jesse, varun), accept(varun, jesse)],
      'mia,varun',
      ['varun accepted'],
    ],
    'who joins on a transfer has accepted it': [[transfer(jesse, varun), join(varun)], 'varun', ['varun accepted']],
    'a transfer ends when who hands over goes': [
      [join(mia), transfer(jesse, varun), left(jesse)],
      'mia',
      ['varun withdrawn'],
    ],
    'a transfer ends when who hands over ends': [
      [join(mia), transfer(jesse, varun), end(jesse)],
      'mia',
      ['varun withdrawn'],
    ],
    'the newer transfer takes the place of the older': [
      [transfer(jesse, varun), transfer(jesse, mia)],
      'jesse; jesse => mia',
      ['varun withdrawn'],
    ],
    'a transfer takes the place of one’s own invitation': [
      [invite(jesse, varun), transfer(jesse, varun)],
      'jesse; jesse => varun',
      ['varun withdrawn'],
    ],
    'a hand-over to a team asks nobody by itself': [[handOver(jesse)], 'jesse; jesse to support', []],
    'members of the team are asked': [
      [handOver(jesse), asking(mia, ada)],
      'jesse; jesse => mia of support; jesse => ada of support; jesse to support',
    ],
    'the member who accepts has it, and the other is told': [
      [handOver(jesse), asking(mia, ada), accept(ada, jesse)],
      'ada',
      ['ada accepted', 'mia taken'],
    ],
    'members who take part or are asked otherwise are not asked': [
      [join(mia), invite(jesse, ada), handOver(jesse), asking(mia, ada)],
      'jesse,mia; jesse -> ada; jesse to support',
      [],
    ],
    'a transfer to a colleague takes the place of a hand-over': [
      [handOver(jesse), asking(mia), transfer(jesse, mia)],
      'jesse; jesse => mia',
      ['mia withdrawn'],
    ],
    'a hand-over takes the place of a transfer': [
      [transfer(jesse, mia), handOver(jesse)],
      'jesse; jesse to support',
      ['mia withdrawn'],
    ],
    'a hand-over is given up': [
      [handOver(jesse), asking(mia), { type: 'gave-up' }],
      'jesse; jesse => mia of support',
      [],
    ],
    'a hand-over ends when who hands over goes': [
      [join(varun), handOver(jesse), asking(mia), left(jesse)],
      'varun',
      ['mia withdrawn'],
    ],
    'asking without a hand-over asks nobody': [[asking(mia)], 'jesse', []],
    'who observes is silent': [[observe(varun)], 'jesse; silent: varun'],
    'who observes twice observes once': [[observe(varun), observe(varun)], 'jesse; silent: varun'],
    'who stops is not there': [[observe(varun), observe(varun, false)], 'jesse'],
    'who joins observes no more': [[observe(varun), join(varun)], 'jesse,varun'],
    'an observer may be invited': [[observe(varun), invite(jesse, varun)], 'jesse; jesse -> varun; silent: varun'],
    'when the last one leaves nobody is asked or listens': [
      [observe(varun), invite(jesse, mia), transfer(jesse, ada), left(jesse)],
      'waiting',
      ['mia withdrawn', 'ada withdrawn'],
    ],
    'when the chat ends nobody is asked': [
      [invite(jesse, mia), { type: 'visitor-ended' }],
      'ended',
      ['mia chat-ended'],
    ],
  };
  for (const [name, [events, chat, ends]] of Object.entries(table)) {
    it(name, () => {
      const after = play(events);
      assert.equal(after.last.is, 'done');
      assert.equal(shown(after.chat), chat);
      if (ends !== undefined) assert.deepEqual(after.ends, ends);
    });
  }

  const refusals: Record<string, [events: ChatEvent[], fault: object]> = {
    'who takes no part invites nobody': [[invite(mia, varun)], { is: 'not-found' }],
    'who takes no part hands nothing over': [[transfer(mia, varun)], { is: 'not-found' }],
    'who takes no part hands nothing over to a team': [[handOver(mia)], { is: 'not-found' }],
    'an observer invites nobody': [[observe(mia), invite(mia, varun)], { is: 'not-found' }],
    'who takes part is not invited': [[join(varun), invite(jesse, varun)], { is: 'taken', by: varun }],
    'nobody invites themselves': [[invite(jesse, jesse)], { is: 'taken', by: jesse }],
    'nothing is handed over to who takes part': [[join(varun), transfer(jesse, varun)], { is: 'taken', by: varun }],
    'nothing is handed over to who is asked by somebody else': [
      [join(varun), invite(jesse, mia), transfer(varun, mia)],
      { is: 'taken', by: jesse },
    ],
    'one at a time hands over to a team': [[join(varun), handOver(jesse), handOver(varun)], { is: 'taken', by: jesse }],
    'who is not asked accepts nothing': [[accept(varun)], { is: 'taken', by: jesse }],
    'who was asked accepts nothing': [
      [invite(jesse, varun), { type: 'offers-over', ends: new Map([['c.r2', { is: 'timed-out' }]]) }, accept(varun)],
      { is: 'taken', by: jesse },
    ],
    'who lost the race for a hand-over accepts nothing': [
      [handOver(jesse), asking(mia, ada), accept(ada, jesse), accept(mia, jesse)],
      { is: 'taken', by: ada },
    ],
    'who takes part does not observe': [[observe(jesse)], { is: 'taken', by: jesse }],
    'G06 a chat that waits is not joined': [[left(jesse), join(varun)], { is: 'not-found' }],
    'G06 a chat that waits is not observed': [[left(jesse), observe(varun)], { is: 'not-found' }],
    'G06 in a chat that is over nobody is invited': [[end(jesse), invite(jesse, varun)], { is: 'not-found' }],
  };
  for (const [name, [events, fault]] of Object.entries(refusals)) {
    it(name, () => {
      const { last } = play(events);
      assert.deepEqual(last, { is: 'refused', fault });
    });
  }

  it('G08 a chat asks 20 at a time, and 50 observe', () => {
    const many = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${prefix}${index}` as StaffId);
    const invited = many('staff', OPEN_INVITATIONS).map((whom) => invite(jesse, whom));
    assert.equal(play(invited).last.is, 'done');
    assert.deepEqual(play([...invited, invite(jesse, varun)]).last, { is: 'refused', fault: { is: 'forbidden' } });
    const { chat, last } = play([...invited.slice(1), handOver(jesse), asking(mia, ada)]);
    assert.ok(last.is === 'done' && chat.is === 'running' && chat.invitations.length === OPEN_INVITATIONS);
    assert.deepEqual(chat.handOver?.asked, [mia], 'who is not asked can be asked later');
    const silent = many('staff', OBSERVERS).map((staff) => observe(staff));
    assert.equal(play(silent).last.is, 'done');
    assert.deepEqual(play([...silent, observe(varun)]).last, { is: 'refused', fault: { is: 'forbidden' } });
  });

  const lines = (...events: ChatEvent[]) => {
    const { last } = play(events);
    assert.ok(last.is === 'done');
    return last.lines.map((line) => (line.from.is === 'staff' ? `${line.from.name}: ${line.text}` : line.text));
  };

  it('the visitor reads who joined, who took over, who left; then the words', () => {
    assert.deepEqual(lines(invite(jesse, varun), accept(varun)), ['Varun Shah joined the chat.', 'Varun Shah: Hello']);
    assert.deepEqual(lines(join(varun)), ['Varun Shah joined the chat.']);
    assert.deepEqual(lines(transfer(jesse, varun), accept(varun, jesse)), [
      'Jesse Stone handed the chat over to Varun Shah.',
      'Varun Shah: Hello',
    ]);
    assert.deepEqual(lines(handOver(jesse), asking(mia), accept(mia, jesse)), [
      'Jesse Stone handed the chat over to Mia Wong.',
      'Mia Wong: Hello',
    ]);
    assert.deepEqual(lines(join(varun), end(jesse)), ['Jesse Stone left the chat.']);
  });

  it('a team that takes a chat over has it; a colleague who does leaves it where it was', () => {
    assert.equal(play([handOver(jesse), asking(mia), accept(mia, jesse)]).chat.team, support);
    assert.equal(play([transfer(jesse, mia), accept(mia, jesse)]).chat.team, sales);
  });

  it('states that were kept before there were conferences are read', () => {
    const { observers: _observers, invitations: _invitations, ...old } = alone;
    const read = revived(JSON.parse(JSON.stringify(old)) as ChatState);
    assert.deepEqual(read, alone);
    assert.equal(shown(read), 'jesse');
  });
});
