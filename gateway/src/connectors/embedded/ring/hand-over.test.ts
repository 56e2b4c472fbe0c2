import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatId, StaffId, TeamId } from '../../../helpdesk/model.ts';
import { askTeam } from './hand-over.ts';
import { settleQueue } from './queue.ts';
import { type Member, newRing, type RingRules } from './ring.ts';

const rules: RingRules = { strategy: 'round-robin', ringMs: 60_000, passes: 3, maxChats: 5, openQueueMs: 300_000 };
const open: RingRules = { ...rules, strategy: 'open-queue' };
const member = (name: string, running = 0, idleSince = 0): Member => ({ id: name as StaffId, running, idleSince });
const [ann, ben, cem] = [member('ann', 0, 1), member('ben', 0, 2), member('cem', 0, 3)];

interface Case {
  readonly members: readonly Member[];
  readonly out?: readonly Member[];
  readonly open?: readonly Member[];
  readonly occupied?: readonly Member[];
  readonly room?: number;
  readonly rules?: RingRules;
  readonly asks: readonly string[];
  readonly failed?: true;
  /** Until when somebody may be back, who is then waited for. */
  readonly back?: number;
  readonly waits?: true;
}

describe('a hand-over to a team asks', () => {
  const table: Record<string, Case> = {
    'who is idle longest': { members: [ben, ann, cem], asks: ['ann'] },
    'who has the fewest running chats': { members: [member('x', 1), cem], asks: ['cem'] },
    'nobody else while somebody is asked': { members: [ann, ben], out: [ann], open: [ann], asks: [] },
    'nobody twice': { members: [ann, ben], out: [ann], asks: ['ben'] },
    'not who is full': { members: [member('x', 5), cem], asks: ['cem'] },
    'nobody when all are full: it has failed': { members: [member('x', 5)], asks: [], failed: true },
    'nobody when nobody is available: it has failed': { members: [], asks: [], failed: true },
    'nobody when all were asked: it has failed': { members: [ann, ben], out: [ann, ben], asks: [], failed: true },
    'nobody yet when a connection dropped: it waits': { members: [], back: 60_000, asks: [], waits: true },
    'who is there before who may come back': { members: [ann], back: 60_000, asks: ['ann'] },
    'nobody yet in an open queue when a connection dropped': {
      members: [],
      back: 9,
      rules: open,
      asks: [],
      waits: true,
    },
    'nobody else while the only one is asked, whoever may come back': {
      members: [ann],
      out: [ann],
      open: [ann],
      back: 60_000,
      asks: [],
    },
    'not who is asked for another chat': { members: [ann, ben], occupied: [ann], asks: ['ben'] },
    'nobody while all are asked for other chats, and goes on': { members: [ann], occupied: [ann], asks: [] },
    'nobody while too many are asked for this chat': { members: [ann], room: 0, asks: [] },
    'everybody at once in an open queue': {
      members: [ann, ben, member('full', 9)],
      rules: open,
      asks: ['ann', 'ben', 'full'],
    },
    'in an open queue also who is asked for another chat': {
      members: [ann],
      occupied: [ann],
      rules: open,
      asks: ['ann'],
    },
    'in an open queue who comes later': { members: [ann, cem], out: [ann], open: [ann], rules: open, asks: ['cem'] },
    'in an open queue as many as may be asked': {
      members: [ann, ben, cem],
      room: 2,
      rules: open,
      asks: ['ann', 'ben'],
    },
    'nobody in an open queue when all said no: it has failed': {
      members: [ann],
      out: [ann],
      rules: open,
      asks: [],
      failed: true,
    },
    'nobody in an open queue while the last one is asked': {
      members: [ann],
      out: [ann],
      open: [ann],
      rules: open,
      asks: [],
    },
  };
  for (const [name, one] of Object.entries(table)) {
    it(name, () => {
      const ids = (members: readonly Member[] = []) => members.map(({ id }) => id);
      const passing = {
        isOut: (staff: StaffId) => ids(one.out).includes(staff),
        open: ids(one.open),
        room: one.room ?? 20,
      };
      const step = askTeam(
        passing,
        one.members,
        one.rules ?? rules,
        (staff) => ids(one.occupied).includes(staff),
        one.back,
      );
      const returnsUntil = one.waits && one.back;
      assert.deepEqual(step, { asks: one.asks, failed: one.failed ?? false, returnsUntil });
    });
  }
});

describe('hand-overs and a queue', () => {
  const team = 'sales' as TeamId;
  const waiting = { id: 'waits' as ChatId, team, ring: newRing(0) };
  const passed = { id: 'passed' as ChatId, team, isOut: () => false, open: [], room: 20 };
  const floor = (members: readonly Member[]) => ({
    now: 0,
    rules,
    members: () => members,
    mayReturnUntil: () => undefined,
  });
  const askedOf = (result: ReturnType<typeof settleQueue>) => [
    ...result.handOvers.flatMap(({ id, step }) => step.asks.map((staff) => [id, staff])),
    ...result.requests.flatMap(({ id, step }) => step.opened.map((offer) => [id, offer.staff])),
  ];

  it('ask each staff user for one chat at a time, who is handed over first', () => {
    assert.deepEqual(askedOf(settleQueue([waiting], floor([ann]), [passed])), [['passed', 'ann']]);
    assert.deepEqual(askedOf(settleQueue([waiting], floor([ann, ben]), [passed])), [
      ['passed', 'ann'],
      ['waits', 'ben'],
    ]);
  });

  it('wait for who is asked for another chat, and ask when that is over', () => {
    const [first] = settleQueue([waiting], floor([ann])).requests;
    assert.ok(first);
    const ringing = { ...waiting, ring: first.step.ring };
    assert.deepEqual(settleQueue([ringing], floor([ann]), [passed]).handOvers, []);
    const later = settleQueue([ringing], { ...floor([ann]), now: 60_000 }, [passed]);
    assert.deepEqual(askedOf(later), [['passed', 'ann']]);
  });

  it('two of them never ask the same one', () => {
    const other = { ...passed, id: 'other' as ChatId };
    assert.deepEqual(askedOf(settleQueue([], floor([ann, ben]), [passed, other])), [
      ['passed', 'ann'],
      ['other', 'ben'],
    ]);
  });
});
