import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HelpdeskEvent } from '../../helpdesk/port.ts';
import { Bench, jesse, TENANT } from './testing/bench.ts';

const told = (events: readonly HelpdeskEvent[]) =>
  events.flatMap((event) => (event.type === 'queue-full' ? [event.on] : []));

async function full(places: number): Promise<{ bench: Bench; chats: Awaited<ReturnType<Bench['asks']>>[] }> {
  const bench = await new Bench({ limits: { waitingChatsPerTenant: places } }).open();
  await bench.online(jesse);
  const chats = [];
  for (let waiting = 0; waiting < places; waiting++) chats.push(await bench.asks(`${waiting}`));
  return { bench, chats };
}

describe('a queue', () => {
  it('is told to be full when the last place is taken, once', async () => {
    const { bench } = await full(2);
    assert.deepEqual(told(bench.events), [true]);
    const at = bench.events.findIndex((event) => event.type === 'queue-full');
    assert.equal(bench.events.filter((event, index) => event.type === 'line' && index < at).length, 2);
    await bench.close();
  });

  it('is told to have room again when a tenth of it is free, not with each place', async () => {
    const { bench, chats } = await full(20);
    const [one, two] = chats;
    assert.ok(one && two);
    await bench.site.end(TENANT, bench.ticket(one));
    await bench.asks('again');
    assert.deepEqual(told(bench.events), [true]);
    await bench.site.end(TENANT, bench.ticket(two));
    assert.deepEqual(told(bench.events), [true], 'one free place is nearly none');
    await bench.site.end(TENANT, bench.ticket(chats[2] ?? one));
    assert.deepEqual(told(bench.events), [true, false]);
    await bench.close();
  });

  it('of one place has room when that is free', async () => {
    const { bench, chats } = await full(1);
    await bench.site.end(TENANT, bench.ticket(chats[0] ?? assert.fail()));
    assert.deepEqual(told(bench.events), [true, false]);
    await bench.asks('again');
    assert.deepEqual(told(bench.events), [true, false, true]);
    await bench.close();
  });

  it('is told to be full after a restart, after the snapshot', async () => {
    const { bench } = await full(2);
    const events: HelpdeskEvent[] = [];
    const helpdesk = await bench.restart();
    await helpdesk.open((event) => events.push(event));
    assert.deepEqual(told(events), []);
    await bench.advance(0);
    assert.deepEqual(told(events), [true]);
    await bench.close();
  });
});
