import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openBench } from '../testing/bench.ts';

describe('availability', () => {
  const shows = {
    'an available app': [['available'], 'online'],
    'one that is free to talk': [['chat'], 'online'],
    'an away app': [['away'], 'away'],
    'an app away for long': [['xa'], 'away'],
    'a busy app': [['dnd'], 'busy'],
    'any available app among others': [['away', 'dnd', 'available'], 'online'],
    'a busy one among away ones': [['xa', 'dnd', 'away'], 'busy'],
  } as const;
  for (const [name, [apps, status]] of Object.entries(shows)) {
    it(`of ${name} is ${status}`, async () => {
      const bench = await openBench();
      for (const [index, show] of apps.entries()) await bench.online('jesse', `app-${index}`, { show });
      assert.equal(bench.helpdesk.staff.get('jesse' as never)?.status, status);
    });
  }
  it('tells the helpdesk a status once, and the text with it', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    await jesse.shows({ priority: 3, capsNode: 'http://profanity-im.github.io' });
    await jesse.shows({ show: 'away', status: 'lunch' });
    assert.deepEqual(bench.helpdesk.statuses, ['jesse online', 'jesse away lunch']);
  });
  for (const first of ['the directory', 'the session'])
    it(`who is staff no more leaves nothing behind, ${first} being the first to say so`, async () => {
      const bench = await openBench();
      const person = bench.helpdesk.staff.get('jesse' as never);
      assert.ok(person);
      const goes = async () => {
        bench.helpdesk.directory(() => bench.helpdesk.staff.delete(person.id));
        await bench.settle();
      };
      for (let round = 0; round < 2; round++) {
        bench.helpdesk.directory(() => bench.helpdesk.staff.set(person.id, { ...person, status: 'offline' }));
        const jesse = await bench.online('jesse');
        assert.equal(bench.helpdesk.staff.get(person.id)?.status, 'online', 'asked for again');
        if (first === 'the directory') await goes();
        await jesse.closed();
        if (first === 'the session') await goes();
        await bench.settle();
        assert.equal(bench.state.has('person:jesse'), false);
      }
      const told = bench.helpdesk.statuses.length;
      await bench.advance(600_000);
      assert.equal(bench.helpdesk.statuses.length, told, 'nobody is left to be told of');
      assert.deepEqual(bench.helpdesk.givenBack, []);
    });
  it('ends with the last app: no new requests at once, told after 60 s, chats back after 5 min', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    await bench.running(jesse);
    await jesse.closed();
    await bench.settle();
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse away');
    await bench.advance(59_999);
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse away');
    await bench.advance(1);
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse offline');
    await bench.advance(239_999);
    assert.deepEqual(bench.helpdesk.givenBack, []);
    await bench.advance(1);
    assert.deepEqual(bench.helpdesk.givenBack, ['jesse']);
    assert.equal(bench.helpdesk.chats.get('c1' as never)?.phase.is, 'waiting');
    await bench.advance(600_000);
    assert.deepEqual(bench.helpdesk.givenBack, ['jesse']);
  });
  it('counts from when the connection was lost, not from the end of the resume window', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    await bench.running(jesse);
    await jesse.lost();
    await bench.advance(300_000);
    await jesse.closed();
    await bench.settle();
    assert.deepEqual(bench.helpdesk.givenBack, ['jesse']);
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse offline');
  });
  it('is as before for who is back in time', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = await bench.running(jesse);
    await jesse.closed();
    await bench.advance(299_000);
    const again = await bench.online('jesse');
    await bench.advance(600_000);
    assert.deepEqual(bench.helpdesk.givenBack, []);
    await again.says(chat, 'Sorry, train.');
    assert.equal(bench.said.at(-1), 'Sorry, train.');
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse online');
  });
  it('of a dropped connection does not flicker for colleagues', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const varun = await bench.online('varun');
    varun.items.length = 0;
    await jesse.lost();
    await bench.advance(30_000);
    await jesse.resumed();
    await bench.settle();
    assert.deepEqual(
      varun.of('presence').map(({ show }) => show),
      [],
    );
    await jesse.lost();
    await bench.advance(60_000);
    assert.equal(varun.presenceOf('jesse@'), 'unavailable');
  });
  it('stays while another app is connected', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    await bench.online('jesse', 'phone', { show: 'away' });
    await jesse.lost();
    await bench.advance(100_000);
    assert.deepEqual(bench.helpdesk.statuses, ['jesse online']);
    await jesse.closed();
    await bench.settle();
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse away');
  });
  it('ends when the last app says that it is unavailable', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    await jesse.shows(null);
    await bench.advance(60_000);
    assert.deepEqual(bench.helpdesk.statuses, ['jesse online', 'jesse away', 'jesse offline']);
  });
  it('goes on over a restart: who was there has 5 min from then, who was gone has the rest', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const varun = await bench.online('varun');
    await bench.running(jesse);
    await bench.running(varun, 'c2', 'Kim');
    await varun.closed();
    await bench.advance(200_000);
    await bench.restart();
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse away (may return)', 'no requests for who is not there');
    await bench.advance(100_000);
    assert.deepEqual(bench.helpdesk.givenBack, ['varun']);
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse offline');
    await bench.advance(200_000);
    assert.deepEqual(bench.helpdesk.givenBack, ['varun', 'jesse']);
  });
  it('tells the helpdesk whether somebody went or may be back', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    await jesse.lost();
    await bench.settle();
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse away (may return)');
    await jesse.resumed();
    await jesse.closed();
    await bench.settle();
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse away');
  });
  it('counts only apps that chats can come to', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse', 'bot', { priority: -1 });
    assert.deepEqual(bench.helpdesk.statuses, []);
    await jesse.shows({ priority: 0 });
    assert.deepEqual(bench.helpdesk.statuses, ['jesse online']);
    await jesse.shows({ priority: -1 });
    assert.deepEqual(bench.helpdesk.statuses, ['jesse online', 'jesse away']);
  });
});

describe('what $status said', () => {
  const busy = async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    await jesse.says('gateway', '$status busy');
    const status = () => bench.helpdesk.staff.get('jesse' as never)?.status;
    assert.equal(status(), 'busy');
    return { bench, jesse, status };
  };
  it('holds over a restart, for who logs in again within the grace', async () => {
    const { bench, status } = await busy();
    await bench.restart();
    await bench.online('jesse');
    assert.equal(status(), 'busy');
  });
  it('ends over a restart with the grace', async () => {
    const { bench, status } = await busy();
    await bench.restart();
    await bench.advance(301_000);
    await bench.online('jesse');
    assert.equal(status(), 'online');
  });
  it('holds over a dropped connection', async () => {
    const { bench, jesse, status } = await busy();
    await jesse.lost();
    await bench.advance(30_000);
    await jesse.resumed();
    await bench.settle();
    assert.equal(status(), 'busy');
  });
  for (const how of ['says that it is unavailable', 'logs out'] as const) {
    it(`holds when one of two apps ${how}, and ends with the last`, async () => {
      const { bench, jesse, status } = await busy();
      const phone = await bench.online('jesse', 'phone');
      const goes = async (app: typeof phone) => {
        if (how === 'logs out') await app.closed();
        else await app.shows(null);
        await bench.settle();
      };
      await goes(jesse);
      assert.equal(status(), 'busy');
      await goes(phone);
      await bench.online('jesse', 'other');
      assert.equal(status(), 'online');
    });
  }
  it('lets a person whose app says away take a chat with the first reply', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse', 'desk', { show: 'away' });
    await jesse.says('gateway', '$status online');
    const chat = bench.helpdesk.waits('c1', 'Chris');
    await jesse.says(chat, 'Hello.');
    assert.deepEqual(bench.said, ['Hello.']);
  });
});
