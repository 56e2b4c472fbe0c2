/** Invitations, and the conference that comes of them. */
import assert from 'node:assert/strict';
import type { Where } from './contract-conference-subject.ts';
import { faulty } from './contract-subject.ts';
import type { StaffId } from './model.ts';

export function inviteContract(where: Where): void {
  where(
    ['invite'],
    'an invitation says who asks whom and why, rings for a time, and no visitor reads of it',
    async (c) => {
      const { first, second } = c.desk.subject.staff;
      const lines = (await c.desk.helpdesk.history(c.chat, 0, 100)).length;
      await c.invite(first, second, 'please look');
      const { kind, staff, by, why, at, until } = c.offer;
      assert.deepEqual({ kind, staff, by, why }, { kind: 'invitation', staff: second, by: first, why: 'please look' });
      assert.equal(until - at, c.desk.subject.ringMs);
      assert.equal(await c.linesSince(lines), 0);
      await c.decline(c.offer);
      assert.equal(await c.linesSince(lines), 0);
      assert.deepEqual(c.offers, []);
    },
  );

  where(['invite'], 'who accepts takes part: the visitor reads who joined, then the words', async (c) => {
    const { first, other } = c.desk.subject.staff;
    // of another team: who is asked may enter
    await c.invite(first, other);
    const offer = c.offer;
    const before = c.desk.events.length;
    await c.accept(other, 'Hello');
    assert.deepEqual(
      c.desk.events.slice(before).map((event) => event.type),
      ['chat', 'offer-ended', 'line', 'line'],
    );
    assert.equal(c.desk.endOf(offer), 'accepted');
    assert.deepEqual(c.participants, [first, other]);
    assert.deepEqual(
      c.desk
        .lines(c.chat)
        .slice(-2)
        .map((line) => line.from.is),
      ['notice', 'staff'],
    );
    await c.say(first, 'Here they are');
    await c.say(other, 'I am');
    assert.deepEqual((await c.texts('staff')).slice(-3), ['Hello', 'Here they are', 'I am']);
  });

  for (const why of ['declined', 'unseen'] as const) {
    where(['invite'], `an invitation may be refused, and the chat goes on (${why})`, async (c) => {
      const { first, second } = c.desk.subject.staff;
      await c.invite(first, second);
      const offer = c.offer;
      await c.decline(offer, why);
      assert.equal(c.desk.endOf(offer), why);
      await c.decline(offer, why);
      assert.equal(c.desk.of('offer-ended').filter((event) => event.offer.id === offer.id).length, 1);
      await assert.rejects(c.accept(second, 'late'), faulty('taken'));
      assert.deepEqual(c.participants, [first]);
      await c.invite(first, second);
      assert.notEqual(c.offer.id, offer.id);
    });
  }

  where(['invite'], 'G20 an invitation that nobody answers is over in time, and cannot be accepted then', async (c) => {
    const { first, second } = c.desk.subject.staff;
    await c.invite(first, second);
    const offer = c.offer;
    await c.desk.subject.advance(c.desk.subject.ringMs - 1);
    assert.equal(c.desk.endOf(offer), undefined);
    await c.desk.subject.advance(1);
    assert.equal(c.desk.endOf(offer), 'timed-out');
    await assert.rejects(c.accept(second, 'late'), faulty('taken'));
    assert.deepEqual(await c.texts('staff'), ['Let me look.']);
  });

  where(
    ['invite'],
    'G07 nobody unknown is invited, nor who is in the chat; one who is asked is not asked twice',
    async (c) => {
      const { first, second, other } = c.desk.subject.staff;
      await assert.rejects(c.invite(first, 'nobody' as StaffId), faulty('not-found'));
      await assert.rejects(c.invite(first, first), faulty('taken'));
      await assert.rejects(c.invite(other, second), faulty('not-found'), 'only who takes part invites');
      await c.invite(first, second);
      await c.invite(first, second);
      assert.equal(c.offers.length, 1);
      await c.accept(second, 'Here');
      await assert.rejects(c.invite(first, second), faulty('taken'));
      assert.deepEqual(c.offers, []);
    },
  );

  where(['invite'], 'an invitation stays open when its inviter leaves, and ends with the chat', async (c) => {
    const { first, second, other } = c.desk.subject.staff;
    await c.invite(first, second);
    await c.accept(second, 'Here');
    await c.invite(first, other);
    const offer = c.offer;
    await c.leave(first);
    assert.deepEqual(c.offers, [offer]);
    await c.end(second);
    assert.equal(c.desk.endOf(offer), 'chat-ended');
    await assert.rejects(c.accept(other, 'late'), faulty('not-found'));
  });

  where(
    ['invite'],
    'when the last one leaves, the chat goes back to its queue and nobody is invited any more',
    async (c) => {
      const { first, other } = c.desk.subject.staff;
      await c.invite(first, other);
      const offer = c.offer;
      await c.leave(first);
      assert.equal(c.desk.endOf(offer), 'withdrawn');
      assert.equal(c.desk.chat(c.chat)?.phase.is, 'waiting');
    },
  );

  where(['invite'], 'an invitation of who goes offline was not seen', async (c) => {
    const { first, second, other } = c.desk.subject.staff;
    await c.invite(first, second);
    const offer = c.offer;
    await c.desk.helpdesk.setStatus(c.desk.call(), second, 'offline');
    assert.equal(c.desk.endOf(offer), 'unseen');
    await c.desk.helpdesk.setStatus(c.desk.call(), other, 'offline');
    await c.invite(first, other);
    assert.deepEqual(c.offers, []);
  });

  where(['invite'], 'G23 who ends in a conference only leaves, and the visitor reads who left', async (c) => {
    const { first, second } = c.desk.subject.staff;
    await c.invite(first, second);
    await c.accept(second, 'Here');
    const notices = (await c.texts('notice')).length;
    await c.end(first);
    assert.equal(c.desk.chat(c.chat)?.phase.is, 'running');
    assert.deepEqual(c.participants, [second]);
    assert.equal((await c.texts('notice')).length, notices + 1);
    await assert.rejects(c.say(first, 'late'), faulty('not-found'));
    await c.end(second);
    assert.equal(c.desk.chat(c.chat)?.phase.is, 'ended');
  });

  where(['invite'], 'who is away for too long is in no chat, and the others go on', async (c) => {
    const { first, second, other } = c.desk.subject.staff;
    await c.invite(first, second);
    await c.accept(second, 'Here');
    await c.invite(second, other);
    await c.desk.helpdesk.giveBack(c.desk.call(), first);
    assert.deepEqual(c.participants, [second]);
    assert.equal(c.desk.chat(c.chat)?.phase.is, 'running');
    const offer = c.offer;
    await c.desk.helpdesk.giveBack(c.desk.call(), other);
    assert.equal(c.desk.endOf(offer), 'unseen');
    await c.desk.helpdesk.giveBack(c.desk.call(), second);
    assert.equal(c.desk.chat(c.chat)?.phase.is, 'waiting');
  });
}
