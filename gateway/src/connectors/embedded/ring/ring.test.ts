import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatId, StaffId, TeamId } from '../../../helpdesk/model.ts';
import { settleQueue } from './queue.ts';
import { type Member, newRing, type Ring, ringDeadline, type RingRules } from './ring.ts';

const team = 'sales' as TeamId;
const rules: RingRules = { strategy: 'round-robin', ringMs: 60_000, passes: 3, maxChats: 5, openQueueMs: 300_000 };
const open: RingRules = { ...rules, strategy: 'open-queue' };

const member = (name: string, running = 0, idleSince = 0): Member => ({ id: name as StaffId, running, idleSince });
const [ann, ben, cem] = [member('ann', 0, 1), member('ben', 0, 2), member('cem', 0, 3)];

/** What one waiting chat does when the team is as it is. */
function settle(
  ring: Ring,
  members: readonly Member[],
  now = 0,
  more: { rules?: RingRules; mayReturnUntil?: number } = {},
) {
  const { requests: steps } = settleQueue([{ id: 'c' as ChatId, team, ring }], {
    now,
    rules: more.rules ?? rules,
    members: () => members,
    mayReturnUntil: () => more.mayReturnUntil,
  });
  return {
    ring: steps.at(-1)?.step.ring ?? ring,
    asked: steps.flatMap(({ step }) => step.opened.map((offer) => offer.staff)),
    ended: steps.flatMap(({ step }) => step.ended.map(({ end }) => end.is)),
    gaveUp: steps.some(({ step }) => step.gaveUp),
  };
}

const fresh = newRing(0);
const no = (ring: Ring, ...staff: Member[]): Ring => ({ ...ring, declined: staff.map(({ id }) => id) });
const asked = (ring: Ring, ...staff: Member[]): Ring => ({ ...ring, asked: staff.map(({ id }) => id) });

describe('round-robin asks', () => {
  const table: Record<string, { ring?: Ring; members: Member[]; asked: string[]; gaveUp?: boolean }> = {
    'who is idle longest': { members: [ben, ann, cem], asked: ['ann'] },
    'who has the fewest running chats, even if idle for less': { members: [member('x', 1, 0), cem], asked: ['cem'] },
    'nobody above maxChats; the chat waits if all are full': { members: [member('x', 5), member('y', 6)], asked: [] },
    'the one who has room': { members: [member('x', 5), member('y', 4)], asked: ['y'] },
    'nobody when nobody is available: the end at once': { members: [], asked: [], gaveUp: true },
    'not who said no': { ring: no(fresh, ann), members: [ann, ben], asked: ['ben'] },
    'nobody when all said no: the end': { ring: no(fresh, ann, ben), members: [ann, ben], asked: [], gaveUp: true },
    'nobody while those who did not say no are full': {
      ring: no(fresh, ann),
      members: [ann, member('x', 5)],
      asked: [],
    },
    'not who was asked in this pass': { ring: asked(fresh, ann), members: [ann, ben], asked: ['ben'] },
    'all once more in the next pass': { ring: asked(fresh, ann, ben), members: [ann, ben], asked: ['ann'] },
    'nobody after the last pass': {
      ring: { ...asked(fresh, ann), passes: 2 },
      members: [ann],
      asked: [],
      gaveUp: true,
    },
    'who has left the chat only after the others': {
      ring: newRing(3, { leaver: ann.id }),
      members: [ann, ben],
      asked: ['ben'],
    },
    'who has left the chat if nobody else is there': {
      ring: newRing(3, { leaver: ann.id }),
      members: [ann],
      asked: ['ann'],
    },
  };
  for (const [name, { ring, members, asked: expected, gaveUp }] of Object.entries(table)) {
    it(name, () => {
      const after = settle(ring ?? fresh, members);
      assert.deepEqual(after.asked, expected);
      assert.equal(after.gaveUp, gaveUp ?? false);
    });
  }

  it('one at a time, 60 s each, three times round, then gives up', () => {
    let ring = fresh;
    const order: string[] = [];
    let now = 0;
    for (; now < 10 * 60_000; now += 60_000) {
      const step = settle(ring, [ann, ben], now);
      if (step.gaveUp) break;
      order.push(...step.asked);
      assert.equal(step.ring.offers.length, 1);
      assert.deepEqual(settle(step.ring, [ann, ben], now + 59_999).asked, [], 'not before the time is over');
      ring = step.ring;
    }
    assert.deepEqual(order, ['ann', 'ben', 'ann', 'ben', 'ann', 'ben']);
    assert.equal(now, 6 * 60_000);
  });

  it('on at once when who is asked goes away', () => {
    const { ring } = settle(fresh, [ann, ben]);
    const after = settle(ring, [ben], 1_000);
    assert.deepEqual(after.ended, ['withdrawn']);
    assert.deepEqual(after.asked, ['ben']);
  });

  it('numbers requests without a repetition', () => {
    let { ring } = settle(newRing(7), [ann]);
    const ids = [ring.offers[0]?.id];
    ring = settle(ring, [ann], 60_000).ring;
    ids.push(ring.offers[0]?.id);
    assert.deepEqual(ids, ['c.r8', 'c.r9']);
  });
});

describe('a team that goes while a chat waits', () => {
  const waited = { mayReturnUntil: 61_000 };

  it('is waited for where a connection dropped', () => {
    const { ring } = settle(fresh, [ann]);
    const alone = settle(ring, [], 1_000, waited);
    assert.deepEqual(alone.ended, ['withdrawn']);
    assert.equal(alone.gaveUp, false);
    assert.equal(ringDeadline(alone.ring), 61_000);
    assert.equal(settle(alone.ring, [], 60_999, waited).gaveUp, false);
    assert.equal(settle(alone.ring, [], 61_000, waited).gaveUp, true);
    assert.deepEqual(settle(alone.ring, [ann], 60_000, waited).asked, ['ann']);
  });

  it('is not waited for where it went of its own accord, for a new chat as for one that is given back', () => {
    assert.equal(settle(settle(fresh, [ann]).ring, [], 1_000).gaveUp, true);
    assert.equal(settle(newRing(1, { leaver: ann.id }), []).gaveUp, true);
    assert.equal(settle(settle(fresh, [ann]).ring, [], 1_000).asked.length, 0);
  });

  it('ends the wait when who was waited for says that they are away', () => {
    const { ring } = settle(settle(fresh, [ann]).ring, [], 1_000, waited);
    assert.equal(settle(ring, [], 2_000).gaveUp, true);
  });
});

describe('an open queue asks', () => {
  it('every available member at once, and who becomes available later', () => {
    const all = settle(fresh, [ann, ben, member('full', 9)], 0, { rules: open });
    assert.deepEqual(all.asked, ['ann', 'ben', 'full']);
    assert.deepEqual(
      all.ring.offers.map((offer) => offer.until),
      [300_000, 300_000, 300_000],
    );
    const later = settle(all.ring, [ann, ben, cem], 100_000, { rules: open });
    assert.deepEqual(later.asked, ['cem']);
    assert.deepEqual(later.ended, ['withdrawn']);
    assert.equal(later.ring.offers.at(-1)?.until, 300_000);
  });

  it('gives up after 300 s, and not before', () => {
    const { ring } = settle(fresh, [ann], 0, { rules: open });
    assert.equal(settle(ring, [ann], 299_999, { rules: open }).gaveUp, false);
    const end = settle(ring, [ann], 300_000, { rules: open });
    assert.deepEqual([end.gaveUp, end.ended], [true, ['timed-out']]);
  });

  it('hides it for who said no, and gives up when all did', () => {
    const hidden = settle(no(fresh, ann), [ann, ben], 0, { rules: open });
    assert.deepEqual(hidden.asked, ['ben']);
    assert.equal(settle(no(fresh, ann, ben), [ann, ben], 0, { rules: open }).gaveUp, true);
  });

  it('waits for somebody when nobody is there', () => {
    const alone = settle(fresh, [], 0, { rules: open });
    assert.equal(alone.gaveUp, false);
    assert.deepEqual(settle(alone.ring, [ann], 10_000, { rules: open }).asked, ['ann']);
  });
});

describe('a queue', () => {
  it('asks each staff user for one chat at a time, the first chat first', () => {
    const queue = ['a', 'b', 'c'].map((id) => ({ id: id as ChatId, team, ring: fresh }));
    const floor = { now: 0, rules, members: () => [ann, ben], mayReturnUntil: () => undefined };
    const { requests: steps } = settleQueue(queue, floor);
    assert.deepEqual(
      steps.flatMap(({ id, step }) => step.opened.map((offer) => [id, offer.staff])),
      [
        ['a', 'ann'],
        ['b', 'ben'],
      ],
    );
    assert.ok(!steps.some(({ step }) => step.gaveUp), 'the third waits');
  });

  it('asks who is free again in the same step', () => {
    const [first, second] = ['a', 'b'].map((id) => ({ id: id as ChatId, team, ring: fresh }));
    assert.ok(first && second);
    const ringing = { ...second, ring: settle(fresh, [ann]).ring };
    const { requests: steps } = settleQueue([first, ringing], {
      now: 60_000,
      rules,
      members: () => [ann],
      mayReturnUntil: () => undefined,
    });
    assert.deepEqual(
      steps.flatMap(({ id, step }) => step.opened.map((offer) => [id, offer.staff])),
      [['a', 'ann']],
    );
  });
});
