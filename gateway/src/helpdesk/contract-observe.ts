/** Joining unasked, and listening in silence. */
import assert from 'node:assert/strict';
import type { Where } from './contract-conference-subject.ts';
import { faulty } from './contract-subject.ts';

export function observeContract(where: Where): void {
  where(['join'], 'who sees a chat joins it unasked, with words or without; others do not', async (c) => {
    const { first, second, other } = c.desk.subject.staff;
    await assert.rejects(c.join(other, 'x'), faulty('not-found'));
    await c.join(second, 'May I?');
    assert.deepEqual(c.participants, [first, second]);
    await c.join(second, 'more');
    await c.join(second);
    assert.deepEqual(await c.texts('staff'), ['Let me look.', 'May I?', 'more']);
    assert.equal((await c.texts('notice')).filter((text) => /joined/u.test(text)).length, 2);
    await c.leave(second);
    await c.join(second);
    assert.deepEqual(c.participants, [first, second]);
    assert.deepEqual(await c.texts('staff'), ['Let me look.', 'May I?', 'more']);
  });

  where(['join'], 'a chat that waits or is over is not joined', async (c) => {
    const { first, second } = c.desk.subject.staff;
    await c.leave(first);
    await assert.rejects(c.join(second, 'x'), faulty('not-found'));
    await c.desk.subject.visitorEnds(c.chat);
    await assert.rejects(c.join(second, 'x'), faulty('not-found'));
    assert.deepEqual(await c.texts('staff'), ['Let me look.']);
  });

  where(['observe'], 'an observer listens in silence: no visitor reads of it', async (c) => {
    const { first, second, observer } = c.desk.subject.staff;
    if (observer === undefined) return;
    const lines = (await c.desk.helpdesk.history(c.chat, 0, 100)).length;
    await c.observe(observer, true);
    await c.observe(observer, true);
    assert.deepEqual(c.observers, [observer]);
    assert.deepEqual(c.participants, [first]);
    await assert.rejects(c.say(observer, 'x'), faulty('not-found'));
    await assert.rejects(c.end(observer), faulty('not-found'));
    await c.observe(observer, false);
    await c.observe(observer, false);
    assert.deepEqual(c.observers, []);
    assert.equal(await c.linesSince(lines), 0);
    await c.observe(second, false);
  });

  where(
    ['observe'],
    'G09 nobody observes without the permission, nor a chat that waits or that they are in',
    async (c) => {
      const { first, second, other, observer } = c.desk.subject.staff;
      if (observer === undefined) return;
      await assert.rejects(c.observe(second, true), faulty('forbidden'));
      await assert.rejects(c.observe(other, true), faulty('not-found'));
      if (c.desk.helpdesk.join !== undefined) {
        await c.join(observer);
        await assert.rejects(c.observe(observer, true), faulty('taken'));
        await c.leave(observer);
      }
      await c.observe(observer, true);
      await c.leave(first);
      assert.deepEqual(c.observers, []);
      await assert.rejects(c.observe(observer, true), faulty('not-found'));
    },
  );

  where(['observe', 'join'], 'an observer who joins or is away for too long observes no more', async (c) => {
    const { first, observer } = c.desk.subject.staff;
    if (observer === undefined) return;
    await c.observe(observer, true);
    await c.join(observer, 'Let me help');
    assert.deepEqual([c.participants, c.observers], [[first, observer], []]);
    await c.leave(observer);
    await c.observe(observer, true);
    await c.desk.helpdesk.giveBack(c.desk.call(), observer);
    assert.deepEqual(c.observers, []);
  });

  where(['observe'], 'who observed when the chat ended is told with its end', async (c) => {
    const { first, observer } = c.desk.subject.staff;
    if (observer === undefined) return;
    await c.observe(observer, true);
    await c.end(first);
    assert.deepEqual([c.participants, c.observers], [[first], [observer]]);
  });
}
