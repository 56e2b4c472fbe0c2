/** Handing a chat over, to a colleague or a team. */
import assert from 'node:assert/strict';
import { person, type Where } from './contract-conference-subject.ts';
import { faulty } from './contract-subject.ts';
import type { StaffId } from './model.ts';

export function transferContract(where: Where): void {
  where(
    ['transfer'],
    'a transfer to a colleague: who hands over stays until it is accepted, then is out',
    async (c) => {
      const { first, other } = c.desk.subject.staff;
      await c.transfer(first, person(other), 'a question about support');
      const { kind, staff, by, why, team } = c.offer;
      assert.deepEqual(
        { kind, staff, by, why, team },
        { kind: 'transfer', staff: other, by: first, why: 'a question about support', team: undefined },
      );
      await c.say(first, 'One moment');
      const offer = c.offer;
      const before = c.desk.events.length;
      await c.accept(other, 'Hello');
      const told = c.desk.events.slice(before);
      assert.deepEqual(
        told.map((event) => event.type),
        ['chat', 'offer-ended', 'line', 'line', 'chat'],
      );
      const chats = told.flatMap((event) => (event.type === 'chat' ? [event.chat.participants] : []));
      assert.deepEqual(
        chats.map((staff) => [...staff].sort()),
        [[first, other].sort(), [other]],
        'who goes is in it until the line that says so',
      );
      assert.equal(c.desk.endOf(offer), 'accepted');
      assert.equal(c.desk.chat(c.chat)?.team, c.desk.subject.team);
      await assert.rejects(c.say(first, 'late'), faulty('not-found'));
      assert.equal((await c.texts('staff')).at(-1), 'Hello');
    },
  );

  where(['transfer'], 'a transfer to a colleague that is refused changes nothing', async (c) => {
    const { first, second } = c.desk.subject.staff;
    await c.transfer(first, person(second));
    const offer = c.offer;
    await c.decline(offer);
    assert.equal(c.desk.endOf(offer), 'declined');
    assert.deepEqual(c.participants, [first]);
    await c.say(first, 'I stay');
    await assert.rejects(c.transfer(first, person('nobody' as StaffId)), faulty('not-found'));
    await assert.rejects(c.transfer(first, person(first)), faulty('taken'));
    await assert.rejects(c.transfer(second, person(second)), faulty('not-found'));
  });

  where(['transfer'], 'the open transfers of who leaves or is gone end with that', async (c) => {
    const { first, second, other } = c.desk.subject.staff;
    await c.transfer(first, person(second));
    const offer = c.offer;
    await c.leave(first);
    assert.equal(c.desk.endOf(offer), 'withdrawn');
    await c.desk.helpdesk.accept(c.desk.call(), c.chat, second, c.desk.words('Mine'));
    await c.transfer(second, person(other));
    const next = c.offer;
    await c.desk.helpdesk.giveBack(c.desk.call(), second);
    assert.equal(c.desk.endOf(next), 'withdrawn');
  });

  where(['transfer'], 'the newer transfer takes the place of the older one', async (c) => {
    const { first, second, other } = c.desk.subject.staff;
    await c.transfer(first, person(second));
    const older = c.offer;
    await c.transfer(first, person(second));
    assert.deepEqual(c.offers, [older], 'the same one again is no other one');
    await c.transfer(first, person(other));
    assert.equal(c.desk.endOf(older), 'withdrawn');
    assert.deepEqual(
      c.offers.map((offer) => offer.staff),
      [other],
    );
    await c.transfer(first, { is: 'team', team: c.desk.subject.team });
    assert.deepEqual(
      c.offers.map(({ staff, team }) => [staff, team]),
      [[second, c.desk.subject.team]],
    );
  });

  where(['invite', 'transfer'], 'an invitation of one’s own becomes a transfer; a colleague’s does not', async (c) => {
    const { first, second, other } = c.desk.subject.staff;
    await c.invite(first, second);
    const invitation = c.offer;
    const before = c.desk.events.length;
    await c.transfer(first, person(second));
    assert.equal(c.desk.endOf(invitation), 'withdrawn');
    const told = c.desk.events.slice(before).map(({ type }) => type);
    assert.deepEqual(told, ['offer', 'offer-ended'], 'they are asked all the while');
    assert.equal(c.offer.kind, 'transfer');
    await c.decline(c.offer);
    await c.invite(first, second);
    await c.accept(second, 'Here');
    await c.invite(first, other);
    await assert.rejects(c.transfer(second, person(other)), faulty('taken'));
    assert.equal(c.offer.by, first);
  });

  where(['transfer'], 'a transfer to a team: its members are asked, and the chat is theirs', async (c) => {
    const { first, other } = c.desk.subject.staff;
    const { otherTeam } = c.desk.subject;
    await c.transfer(first, { is: 'team', team: otherTeam }, 'they know');
    const { kind, staff, by, why, team } = c.offer;
    assert.deepEqual(
      { kind, staff, by, why, team },
      { kind: 'transfer', staff: other, by: first, why: 'they know', team: otherTeam },
    );
    assert.equal(c.desk.chat(c.chat)?.team, c.desk.subject.team, 'until it is accepted');
    await c.accept(other, 'Hello');
    assert.deepEqual(c.participants, [other]);
    assert.equal(c.desk.chat(c.chat)?.team, otherTeam);
    assert.deepEqual(c.desk.of('transfer-failed'), []);
  });

  where(
    ['transfer'],
    'a transfer to a team where nobody takes it has failed, and who hands over is still in it',
    async (c) => {
      const { first, other } = c.desk.subject.staff;
      const { otherTeam } = c.desk.subject;
      await c.transfer(first, { is: 'team', team: otherTeam });
      await c.decline(c.offer);
      const failed = { type: 'transfer-failed', chat: c.chat, by: first, team: otherTeam } as const;
      assert.deepEqual(c.desk.of('transfer-failed'), [failed]);
      await c.say(first, 'I stay');
      await c.transfer(first, { is: 'team', team: otherTeam });
      await c.desk.subject.advance(c.desk.subject.ringMs);
      assert.deepEqual(c.desk.of('transfer-failed'), [failed, failed]);
      await c.desk.helpdesk.setStatus(c.desk.call(), other, 'away');
      await c.transfer(first, { is: 'team', team: otherTeam });
      assert.deepEqual(c.desk.of('transfer-failed'), [failed, failed, failed], 'nobody is available');
      await assert.rejects(c.transfer(first, { is: 'team', team: 'nowhere' as typeof otherTeam }), faulty('not-found'));
      assert.deepEqual(c.participants, [first]);
    },
  );

  where(['join', 'transfer'], 'who joins while asked accepts with that', async (c) => {
    const { first, other } = c.desk.subject.staff;
    await c.transfer(first, person(other));
    const offer = c.offer;
    await c.join(other);
    assert.equal(c.desk.endOf(offer), 'accepted');
    assert.deepEqual(c.participants, [other]);
  });
}
