import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChatId, StaffId, TeamId } from '../../../helpdesk/model.ts';
import { type Queued, settleQueue } from './queue.ts';
import { type Member, newRing, NOBODY_MS, ringDeadline, type RingRules, withoutOffer } from './ring.ts';

const rules: RingRules = { strategy: 'round-robin', ringMs: 60_000, passes: 3, maxChats: 2, openQueueMs: 300_000 };
const team = 'sales' as TeamId;
const STAFF = ['ann', 'ben', 'cem'] as StaffId[];

type Move =
  | { is: 'asks' }
  | { is: 'wait'; ms: number }
  | { is: 'status'; staff: number; online: boolean }
  | { is: 'answers'; chat: number; how: 'accept' | 'no' | 'unseen' }
  | { is: 'done'; staff: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.constant<Move>({ is: 'asks' }),
  fc.record({ is: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 120_000 }) }),
  fc.record({ is: fc.constant('status' as const), staff: fc.nat(2), online: fc.boolean() }),
  fc.record({
    is: fc.constant('answers' as const),
    chat: fc.nat(5),
    how: fc.constantFrom('accept' as const, 'no' as const, 'unseen' as const),
  }),
  fc.record({ is: fc.constant('done' as const), staff: fc.nat(2) }),
);

/** A team and its queue, as simple as can be. */
class Model {
  now = 0;
  queue: Queued[] = [];
  readonly online = new Set<StaffId>();
  readonly running = new Map<StaffId, number>();
  accepted = 0;
  unanswered = 0;
  started = 0;
  readonly strategy: RingRules['strategy'];

  constructor(strategy: RingRules['strategy']) {
    this.strategy = strategy;
  }

  do(what: Move): void {
    switch (what.is) {
      case 'asks':
        this.queue.push({ id: `c${this.started++}` as ChatId, team, ring: newRing(0) });
        break;
      case 'wait':
        this.#passes(what.ms);
        break;
      case 'status': {
        const staff = STAFF[what.staff] as StaffId;
        if (what.online) this.online.add(staff);
        else this.online.delete(staff);
        break;
      }
      case 'answers': {
        const chat = this.queue[what.chat % Math.max(this.queue.length, 1)];
        const offer = chat?.ring.offers[0];
        if (chat === undefined || offer === undefined) break;
        if (what.how === 'accept') {
          this.queue = this.queue.filter((other) => other !== chat);
          this.running.set(offer.staff, (this.running.get(offer.staff) ?? 0) + 1);
          this.accepted++;
        } else {
          const ring = withoutOffer(chat.ring, offer, what.how === 'no' ? 'no' : 'asked');
          this.queue = this.queue.map((other) => (other === chat ? { ...chat, ring } : other));
        }
        break;
      }
      case 'done': {
        const staff = STAFF[what.staff] as StaffId;
        this.running.set(staff, Math.max(0, (this.running.get(staff) ?? 0) - 1));
        break;
      }
    }
    this.settle();
  }

  /** Time goes on from deadline to deadline. */
  #passes(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = Math.min(...this.queue.map((chat) => ringDeadline(chat.ring)));
      if (next > end) break;
      assert.ok(next > this.now, 'a deadline that is over was not acted on');
      this.now = next;
      this.settle();
    }
    this.now = end;
  }

  members(): Member[] {
    return STAFF.filter((id) => this.online.has(id)).map((id) => ({
      id,
      running: this.running.get(id) ?? 0,
      idleSince: 0,
    }));
  }

  settle(): void {
    const { requests: steps } = settleQueue(this.queue, {
      now: this.now,
      rules: { ...rules, strategy: this.strategy },
      members: () => this.members(),
      mayReturnUntil: () => undefined,
    });
    for (const { id, step } of steps) {
      if (step.gaveUp) {
        assert.ok(step.ring.offers.length === 0, 'gives up with nobody asked');
        this.unanswered++;
        this.queue = this.queue.filter((chat) => chat.id !== id);
      } else {
        this.queue = this.queue.map((chat) => (chat.id === id ? { ...chat, ring: step.ring } : chat));
      }
    }
    const { requests: again } = settleQueue(this.queue, {
      now: this.now,
      rules: { ...rules, strategy: this.strategy },
      members: () => this.members(),
      mayReturnUntil: () => undefined,
    });
    assert.deepEqual(again, [], 'settling twice changes nothing');
  }
}

describe('rings, whatever happens', () => {
  it('round-robin: one request for a chat, one for a staff user, only to who is available and has room when asked', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const model = new Model('round-robin');
        for (const one of moves) {
          model.do(one);
          const offers = model.queue.flatMap((chat) => chat.ring.offers);
          assert.ok(model.queue.every((chat) => chat.ring.offers.length <= 1));
          assert.equal(new Set(offers.map((offer) => offer.staff)).size, offers.length);
          for (const offer of offers) {
            assert.ok(model.online.has(offer.staff));
            assert.ok(offer.at <= model.now && model.now < offer.until);
          }
          assert.equal(model.accepted + model.unanswered + model.queue.length, model.started, 'no chat is lost');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('round-robin: in the end each chat is accepted, unanswered, or waits with somebody full', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const model = new Model('round-robin');
        for (const one of moves) model.do(one);
        // nobody answers any more
        model.do({ is: 'wait', ms: rules.passes * STAFF.length * model.started * rules.ringMs + NOBODY_MS });
        if (model.queue.length === 0) return;
        const members = model.members();
        assert.ok(members.length > 0, 'nobody is available, and the chat still waits');
        assert.ok(
          members.some((member) => member.running >= rules.maxChats),
          'somebody has room, and the chat still waits',
        );
        assert.deepEqual(
          model.queue.flatMap((chat) => chat.ring.offers),
          [],
        );
      }),
      { numRuns: 300 },
    );
  });

  it('open queue: each chat is over in 300 s at most, and no staff user is asked twice for one chat', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const model = new Model('open-queue');
        for (const one of moves) {
          model.do(one);
          for (const chat of model.queue) {
            const staff = chat.ring.offers.map((offer) => offer.staff);
            assert.equal(new Set(staff).size, staff.length);
            for (const one of staff) assert.ok(!chat.ring.declined.includes(one) && model.online.has(one));
          }
        }
        model.do({ is: 'wait', ms: rules.openQueueMs });
        assert.deepEqual(model.queue, []);
      }),
      { numRuns: 300 },
    );
  });
});
