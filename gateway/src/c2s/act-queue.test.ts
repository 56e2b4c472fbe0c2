import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, settled } from '@chat-gateway/runtime';
import type { InboxEntry, SessionId } from '../bus/messages.ts';
import { BusUnavailableError, BusyError } from '../bus/port.ts';
import type { TenantId } from '../helpdesk/model.ts';
import { ActQueue, GIVE_UP } from './act-queue.ts';

const entry = (id: string): InboxEntry => ({
  tenant: 'acme.test' as TenantId,
  id,
  act: { type: 'session-closed', session: 's' as SessionId },
});

class FlakyBus {
  stored: string[] = [];
  failure: Error | undefined;
  async put({ id }: InboxEntry): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.stored.push(id);
  }
}

describe('the way to a desk', () => {
  it('what cannot be stored now is stored later, in its order', async () => {
    for (const failure of [new BusUnavailableError(), new BusyError()]) {
      const clock = new ManualClock();
      const bus = new FlakyBus();
      const queue = new ActQueue(bus, clock);
      bus.failure = failure;
      const done: string[] = [];
      for (const id of ['1', '2', '3']) void queue.put(entry(id)).then(() => done.push(id));
      await settled();
      bus.failure = undefined;
      void queue.put(entry('4')).then(() => done.push('4'));
      await settled();
      assert.deepEqual(bus.stored, [], 'nothing overtakes');
      await clock.advance(1_000);
      assert.deepEqual(bus.stored, ['1', '2', '3', '4']);
      assert.deepEqual(done, ['1', '2', '3', '4']);
      await queue.put(entry('5'));
      assert.deepEqual(bus.stored.at(-1), '5');
    }
  });
  it('what is wrong is not tried again', async () => {
    const bus = new FlakyBus();
    const queue = new ActQueue(bus, new ManualClock());
    bus.failure = new TypeError('bad');
    await assert.rejects(queue.put(entry('1')), TypeError);
    bus.failure = undefined;
    await queue.put(entry('2'));
    assert.deepEqual(bus.stored, ['2']);
  });
  it('an entry whose id nobody would know any more is given up', async () => {
    const clock = new ManualClock();
    const bus = new FlakyBus();
    const queue = new ActQueue(bus, clock);
    bus.failure = new BusUnavailableError();
    const put = queue.put(entry('1'));
    const refused = assert.rejects(put, BusUnavailableError);
    await clock.advance(GIVE_UP + 10_000);
    await refused;
    bus.failure = undefined;
    await queue.put(entry('2'));
    assert.deepEqual(bus.stored, ['2']);
  });
});
