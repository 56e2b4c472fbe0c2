/** The part of the contract suite about several staff in one chat: each test runs where the helpdesk has its verbs. */
import assert from 'node:assert/strict';
import { person, whereOf } from './contract-conference-subject.ts';
import { inviteContract } from './contract-invite.ts';
import { observeContract } from './contract-observe.ts';
import type { Contract } from './contract-subject.ts';
import { transferContract } from './contract-transfer.ts';
import type { Offer, StaffId } from './model.ts';
import type { CallContext, Helpdesk } from './port.ts';

const NO_OFFER = { id: 'none', kind: 'invitation', staff: 'nobody' as StaffId, at: 0, until: 1 } as const;

export function conferenceContract(contract: Contract): void {
  const where = whereOf(contract);
  inviteContract(where);
  transferContract(where);
  observeContract(where);

  where(['invite', 'transfer', 'join', 'observe'], 'what happens at once comes out as one of the orders', async (c) => {
    const { first, second, observer } = c.desk.subject.staff;
    const settled = async (...verbs: Promise<void>[]): Promise<string[]> =>
      (await Promise.allSettled(verbs)).map((result) => result.status);
    await c.transfer(first, person(second));
    await settled(c.accept(second, 'mine'), c.leave(first));
    assert.deepEqual(c.participants, [second]);
    assert.deepEqual(c.offers, []);
    await settled(c.invite(second, first), c.join(first, 'me too'), c.decline({ ...NO_OFFER, chat: c.chat }));
    assert.deepEqual([c.participants, c.offers], [[second, first], []]);
    if (observer === undefined) return;
    await settled(c.observe(observer, true), c.join(observer), c.invite(second, observer));
    assert.deepEqual([c.participants, c.observers, c.offers], [[second, first, observer], [], []]);
    await settled(c.end(first), c.end(second), c.end(observer), c.invite(observer, first));
    assert.equal(c.desk.chat(c.chat)?.phase.is, 'ended');
    assert.deepEqual(c.offers, []);
  });

  where(
    ['invite', 'transfer', 'join', 'observe'],
    'a call made twice invites, transfers, joins and observes once',
    async (c) => {
      const { first, second, other, observer } = c.desk.subject.staff;
      const twice = async (verb: (call: CallContext) => Promise<void>): Promise<void> => {
        const call = c.desk.call();
        await Promise.all([verb(call), verb(call)]);
        await verb(call);
      };
      await twice((call) => c.invite(first, second, undefined, call));
      await c.decline(c.offer);
      await twice((call) => c.transfer(first, person(second), undefined, call));
      assert.equal(
        c.desk.of('offer').filter(({ offer }) => offer.chat === c.chat && offer.kind !== 'request').length,
        2,
      );
      const words = c.desk.words('once');
      const join = c.desk.helpdesk.join?.bind(c.desk.helpdesk) as NonNullable<Helpdesk['join']>;
      await twice((call) => join(call, c.chat, second, words));
      await join(c.desk.call(), c.chat, second, words);
      assert.deepEqual(await c.texts('staff'), ['Let me look.', 'once']);
      await c.invite(second, other);
      if (observer === undefined) return;
      await twice((call) => c.observe(observer, true, call));
      assert.deepEqual(c.observers, [observer]);
    },
  );

  where(['invite', 'transfer', 'observe'], 'all of it is as it was after a restart, and rings no longer', async (c) => {
    const { first, second, other, observer } = c.desk.subject.staff;
    await c.invite(first, second, 'please look');
    await c.transfer(first, { is: 'team', team: c.desk.subject.otherTeam });
    if (observer !== undefined) await c.observe(observer, true);
    const { offers } = c;
    await c.desk.subject.advance(c.desk.subject.ringMs - 10_000);
    await c.desk.reopen();
    const kept = c.desk.snapshot.chats.find((chat) => chat.id === c.chat);
    assert.deepEqual(kept?.participants, [first]);
    assert.deepEqual(kept?.observers, observer === undefined ? [] : [observer]);
    const byId = (all: readonly Offer[]) => [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(byId(c.desk.snapshot.offers), byId(offers));
    for (const staff of [first, second, other]) await c.desk.helpdesk.setStatus(c.desk.call(), staff, 'online');
    await c.desk.subject.advance(9_999);
    assert.deepEqual(c.desk.of('offer-ended'), []);
    await c.desk.subject.advance(1);
    assert.deepEqual(
      c.desk.of('offer-ended').map((event) => event.end.is),
      ['timed-out', 'timed-out'],
    );
    assert.equal(c.desk.of('transfer-failed').length, 1);
  });
}
