/** What every bus must do. A bus is done when it passes; the runner is an argument (`node:test` or another). */
import assert from 'node:assert/strict';
import { type ManualClock, settled } from '@chat-gateway/runtime';
import type { ChatId, StaffId, TenantId } from '../helpdesk/model.ts';
import type { InboxEntry, Item, SessionId } from './messages.ts';
import {
  type Bus,
  BusUnavailableError,
  BusyError,
  type DeskHost,
  type DeskSeat,
  type OutboxEntry,
  type SessionReceiver,
  SupersededError,
  TooManyResourcesError,
} from './port.ts';

export interface BusRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
}

export interface BusSubject {
  readonly bus: Bus;
  readonly clock: ManualClock;
  close(): Promise<void>;
}

const acme = 'acme.test' as TenantId;
const jesse = 'jesse' as StaffId;
const aChat = 'c1' as ChatId;

/** A pod's desks that note what they are told. */
export class FakeHost implements DeskHost {
  readonly seats = new Map<TenantId, DeskSeat>();
  readonly entries: InboxEntry[] = [];
  readonly signals: unknown[] = [];
  onEntry: (entry: InboxEntry, seat: DeskSeat) => Promise<void> = async () => undefined;
  async start(tenant: TenantId, seat: DeskSeat): Promise<void> {
    this.seats.set(tenant, seat);
  }
  async stop(tenant: TenantId): Promise<void> {
    this.seats.delete(tenant);
  }
  async handle(entry: InboxEntry): Promise<void> {
    const seat = this.seats.get(entry.tenant);
    assert.ok(seat, 'an entry came to a desk that is not here');
    this.entries.push(entry);
    await this.onEntry(entry, seat);
  }
  signal(_tenant: TenantId, signal: unknown): void {
    this.signals.push(signal);
  }
}

class FakeApp implements SessionReceiver {
  readonly got: (OutboxEntry | { readonly item: Item })[] = [];
  supersededTimes = 0;
  alive = true;
  receive(entries: readonly (OutboxEntry | { readonly item: Item })[]): void {
    this.got.push(...entries);
  }
  superseded(): void {
    this.supersededTimes++;
  }
  expiredTimes = 0;
  expired(): void {
    this.expiredTimes++;
  }
  async probe(): Promise<boolean> {
    return this.alive;
  }
}

const closing = (id: string, tenant = acme): InboxEntry => ({
  tenant,
  id,
  act: { type: 'session-closed', session: 's' as SessionId },
});
const text = (body: string): Item => ({ kind: 'message', from: 'x@visitors.acme.test/chat', body, stanzaId: body });
const bodies = (entries: FakeApp['got']): string[] =>
  entries.map(({ item }) => (item.kind === 'message' ? item.body : item.kind));

export function busContract(runner: BusRunner, make: () => Promise<BusSubject>): void {
  const test = (name: string, body: (subject: BusSubject) => Promise<void>): void => {
    runner.it(name, async () => {
      const subject = await make();
      try {
        await body(subject);
      } finally {
        await subject.close();
      }
    });
  };
  const bindAs = (bus: Bus, app: FakeApp, resource?: string, maxResources = 10, pod = 'pod-1') =>
    bus.sessions.bind(
      {
        tenant: acme,
        staff: jesse,
        bareJid: 'jesse@acme.test',
        maxResources,
        ...(resource === undefined ? {} : { resource }),
      },
      pod,
      app,
    );

  runner.describe('the inbox', () => {
    test('an entry reaches the desk of its tenant, in order, and is stored when the desk has handled it', async ({
      bus,
    }) => {
      const host = new FakeHost();
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      await Promise.all([bus.put(closing('1')), bus.put(closing('2')), bus.put(closing('3'))]);
      assert.deepEqual(
        host.entries.map((entry) => entry.id),
        ['1', '2', '3'],
      );
    });
    test('the next entry is handled without waiting for the one before', async ({ bus }) => {
      const host = new FakeHost();
      let release = (): void => undefined;
      host.onEntry = (entry) =>
        entry.id === 'slow' ? new Promise((resolve) => (release = resolve)) : Promise.resolve();
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      const slow = bus.put(closing('slow'));
      await bus.put(closing('fast'));
      release();
      await slow;
    });
    test('a known id is dropped and resolves with the first', async ({ bus }) => {
      const host = new FakeHost();
      let release = (): void => undefined;
      host.onEntry = () => new Promise((resolve) => (release = resolve));
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      const first = bus.put(closing('1'));
      const again = bus.put(closing('1'));
      await settled();
      release();
      await Promise.all([first, again]);
      await bus.put(closing('1'));
      assert.equal(host.entries.length, 1);
    });
    test('an entry whose handling failed is not known', async ({ bus }) => {
      const host = new FakeHost();
      host.onEntry = () => Promise.reject(new Error('planted'));
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      await assert.rejects(bus.put(closing('1')), /planted/u);
      host.onEntry = async () => undefined;
      await bus.put(closing('1'));
      assert.equal(host.entries.length, 2);
    });
    test('no tenant and no pod are told as unavailable', async ({ bus }) => {
      await assert.rejects(bus.put(closing('1')), BusUnavailableError);
      await bus.setTenants([acme]);
      await assert.rejects(bus.put(closing('1')), BusUnavailableError);
    });
    test('signals reach the desk', async ({ bus }) => {
      const host = new FakeHost();
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      bus.signal(acme, { type: 'site', signal: { heard: 1 } });
      await settled();
      assert.deepEqual(host.signals, [{ type: 'site', signal: { heard: 1 } }]);
    });
  });

  runner.describe('desks', () => {
    test('each desk is on one pod, and moves when that pod leaves, with its state', async ({ bus }) => {
      const hosts = [new FakeHost(), new FakeHost(), new FakeHost()];
      const leave: (() => Promise<void>)[] = [];
      for (const [index, host] of hosts.entries()) leave.push(await bus.join(`pod-${index}`, host));
      const tenants = Array.from({ length: 30 }, (_, index) => `t${index}.test` as TenantId);
      await bus.setTenants(tenants);
      await settled();
      for (const tenant of tenants) assert.equal(hosts.filter((host) => host.seats.has(tenant)).length, 1);
      assert.ok(hosts.every((host) => host.seats.size > 0));
      const [tenant, seat] = [...(hosts[0] as FakeHost).seats][0] as [TenantId, DeskSeat];
      await seat.commit({
        changes: new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
        deliveries: [],
      });
      await seat.commit({ changes: new Map([['b', null]]), deliveries: [] });
      const kept = new Map(hosts.map((host) => [host, new Set(host.seats.keys())]));
      await (leave[0] as () => Promise<void>)();
      await settled();
      const now = hosts.slice(1).find((host) => host.seats.has(tenant)) as FakeHost;
      assert.deepEqual([...(now.seats.get(tenant) as DeskSeat).state], [['a', '1']]);
      for (const host of hosts.slice(1))
        for (const before of kept.get(host) as Set<TenantId>)
          assert.ok(host.seats.has(before), 'a desk moved without need');
    });
    test('entries that a leaving desk did not finish go to the next one, in order', async ({ bus }) => {
      const hosts = [new FakeHost(), new FakeHost()] as const;
      const leave = [await bus.join('pod-0', hosts[0]), await bus.join('pod-1', hosts[1])] as const;
      await bus.setTenants([acme]);
      await settled();
      const from = hosts[0].seats.has(acme) ? 0 : 1;
      const rejects: ((reason: unknown) => void)[] = [];
      hosts[from].onEntry = () => new Promise((_resolve, reject) => rejects.push(reject));
      hosts[from].stop = async () => {
        for (const reject of rejects) reject(new BusUnavailableError('stopping'));
      };
      const puts = [bus.put(closing('1')), bus.put(closing('2'))];
      await settled();
      await leave[from]();
      await Promise.all(puts);
      assert.deepEqual(
        hosts[1 - from]?.entries.map((entry) => entry.id),
        ['1', '2'],
      );
    });
    test('a desk that does not start is tried again, holds up nobody, and what waits for it is bounded', async ({
      bus,
      clock,
    }) => {
      const host = new FakeHost();
      const start = host.start.bind(host);
      let failures = 0;
      host.start = async (tenant, seat) => {
        if (tenant === acme && failures++ < 3) throw new Error('planted');
        await start(tenant, seat);
      };
      await bus.join('pod-1', host);
      await bus.setTenants([acme, 'b.test' as TenantId]);
      await settled();
      await bus.put(closing('other', 'b.test' as TenantId));
      const waiting = bus.put(closing('1'));
      const line = (id: string): InboxEntry => ({ tenant: acme, id, act: { type: 'site', input: {} } });
      const puts = Array.from({ length: 1_001 }, (_, index) => bus.put(line(`line ${index}`)));
      const outcomes = Promise.allSettled(puts);
      await clock.advance(60_000);
      await waiting;
      const refused = (await outcomes).filter(({ status }) => status === 'rejected');
      assert.equal(refused.length, 2);
      assert.ok(refused.every((one) => one.status === 'rejected' && one.reason instanceof BusyError));
      assert.equal(host.entries.length, 1 + 1 + 999);
    });
    test('a desk that does not stop cleanly has stopped all the same', async ({ bus }) => {
      const host = new FakeHost();
      let failures = 0;
      const stop = host.stop.bind(host);
      host.stop = async (tenant) => {
        await stop(tenant);
        if (failures++ === 0) throw new Error('planted');
      };
      const leave = await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      await settled();
      await leave();
      await bus.join('pod-1', host);
      await bus.put(closing('1'));
      await bus.setTenants([]);
      assert.equal(failures, 2);
    });
    test('a start that hangs is given up when the tenant goes', async ({ bus }) => {
      const host = new FakeHost();
      const { promise: hangs, reject } = Promise.withResolvers<void>();
      host.start = () => hangs;
      host.stop = async () => {
        reject(new BusUnavailableError('stopped'));
      };
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      const put = bus.put(closing('1'));
      const refused = assert.rejects(put, BusUnavailableError);
      await bus.setTenants([]);
      await refused;
    });
    test('a tenant that is gone has no desk', async ({ bus }) => {
      const host = new FakeHost();
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      await bus.setTenants([]);
      assert.equal(host.seats.size, 0);
      await assert.rejects(bus.put(closing('1')), BusUnavailableError);
    });
    test('a tenant that goes slowly holds up no other, and comes back only when it has gone', async ({ bus }) => {
      const host = new FakeHost();
      const [start, stop] = [host.start.bind(host), host.stop.bind(host)];
      const { promise: gone, resolve: go } = Promise.withResolvers<void>();
      const told: string[] = [];
      host.start = async (tenant, seat) => {
        told.push(`start ${tenant}`);
        await start(tenant, seat);
      };
      host.stop = async (tenant) => {
        await gone;
        told.push(`stopped ${tenant}`);
        await stop(tenant);
      };
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      await settled();
      const other = 'b.test' as TenantId;
      const changed = bus.setTenants([other]);
      await settled();
      assert.deepEqual(told, [`start ${acme}`, `start ${other}`]);
      const again = bus.setTenants([other, acme]);
      await settled();
      assert.deepEqual(told, [`start ${acme}`, `start ${other}`], 'two desks of one tenant at a time');
      const put = bus.put(closing('1'));
      go();
      await Promise.all([changed, again, put]);
      assert.deepEqual(told.slice(2), [`stopped ${acme}`, `start ${acme}`]);
      assert.equal(host.entries.length, 1);
    });
    test('deliveries reach the sessions named, each in order', async ({ bus }) => {
      const host = new FakeHost();
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      const [one, two] = [new FakeApp(), new FakeApp()];
      const first = (await bindAs(bus, one, 'one')).handle.record.id;
      const second = (await bindAs(bus, two, 'two')).handle.record.id;
      const seat = host.seats.get(acme) as DeskSeat;
      await seat.commit({
        changes: new Map(),
        deliveries: [
          { sessions: [first, second], item: text('a') },
          { sessions: [second], item: text('b') },
        ],
      });
      await settled();
      assert.deepEqual(bodies(one.got), ['a']);
      assert.deepEqual(bodies(two.got), ['a', 'b']);
    });
  });

  runner.describe('bind', () => {
    test('D04 the resource of a live app stays its own, the new one gets a suffix', async ({ bus }) => {
      const [one, two] = [new FakeApp(), new FakeApp()];
      await bindAs(bus, one, 'desk');
      const second = await bindAs(bus, two, 'desk');
      assert.match(second.handle.record.resource, /^desk-[0-9a-f]{8}$/u);
      assert.equal(second.replaces, undefined);
      assert.equal(one.supersededTimes, 0);
    });
    test('D03 without a resource nobody is asked but those whose number may be free', async ({ bus }) => {
      class Asked extends FakeApp {
        times = 0;
        override async probe(): Promise<boolean> {
          this.times++;
          return this.alive;
        }
      }
      const [named, first, third] = [new Asked(), new Asked(), new Asked()];
      await bindAs(bus, named, 'phone');
      await bindAs(bus, first);
      await bindAs(bus, third, 'app-3');
      assert.equal((await bindAs(bus, new FakeApp())).handle.record.resource, 'app-2');
      assert.deepEqual([named.times, first.times, third.times], [0, 1, 0]);
    });
    test('D04 the resource of an app that does not answer is taken over', async ({ bus }) => {
      const [one, two] = [new FakeApp(), new FakeApp()];
      const first = await bindAs(bus, one, 'desk');
      one.alive = false;
      const second = await bindAs(bus, two, 'desk');
      assert.equal(second.handle.record.resource, 'desk');
      assert.equal(second.replaces, first.handle.record.id);
      assert.equal(one.supersededTimes, 1);
      await assert.rejects(async () => first.handle.note({ handled: 1 }), SupersededError);
    });
    test('the resource of an app that was cut off is taken over', async ({ bus }) => {
      const first = await bindAs(bus, new FakeApp(), 'desk');
      first.handle.detach(300_000);
      const second = await bindAs(bus, new FakeApp(), 'desk');
      assert.equal(second.replaces, first.handle.record.id);
      assert.equal((await bus.sessions.of(acme, jesse)).length, 1);
    });
    test('who takes over a resource gets what colleagues and the desk said and nobody proved, once the app is there', async ({
      bus,
      clock,
    }) => {
      const [one, two] = [new FakeApp(), new FakeApp()];
      const first = await bindAs(bus, one, 'desk');
      const given = clock.now();
      const fromColleague: Item = {
        kind: 'message',
        from: 'varun@acme.test/helpdesk',
        body: 'lunch?',
        stanzaId: 's',
        peer: { id: 'p1' },
      };
      await bus.sessions.deliver(first.handle.record.id, { ...text('a line'), proof: 'line 1' } as Item);
      await bus.sessions.deliver(first.handle.record.id, fromColleague);
      first.handle.detach(300_000);
      await clock.advance(5_000);
      const second = await bindAs(bus, two, 'desk');
      await second.handle.note({ handled: 1, written: 1 });
      assert.deepEqual(two.got, [], 'it has not said that it takes messages');
      await second.handle.note({ availability: { show: 'available', priority: 0 } });
      assert.deepEqual(
        two.got.map(({ item }) => item),
        [{ ...fromColleague, at: given }],
      );
    });
    test('what is inherited comes as fast as the app proves it, however much it is', async ({ bus }) => {
      const [one, two] = [new FakeApp(), new FakeApp()];
      const first = await bindAs(bus, one, 'desk');
      first.handle.detach(300_000);
      const wrote = (body: string): Item => ({
        kind: 'message',
        from: 'varun@acme.test/helpdesk',
        body,
        stanzaId: body,
        peer: {},
      });
      const sent = Array.from({ length: 1_200 }, (_, index) => `${index} ${'x'.repeat(1_000)}`);
      for (const body of sent) await bus.sessions.deliver(first.handle.record.id, wrote(body));
      const { handle } = await bindAs(bus, two, 'desk');
      await handle.note({ availability: { show: 'available', priority: 0 } });
      for (let rounds = 0; rounds < 100 && handle.pending().length > 0; rounds++) {
        assert.ok(handle.pending().length <= 100);
        handle.proved(() => true);
      }
      assert.deepEqual(bodies(two.got), sent);
    });
    test('without a resource the lowest free app-N is given, and a returning app finds its own', async ({ bus }) => {
      const apps = [new FakeApp(), new FakeApp(), new FakeApp()] as const;
      const first = await bindAs(bus, apps[0]);
      const second = await bindAs(bus, apps[1]);
      assert.equal(first.handle.record.resource, 'app-1');
      assert.equal(second.handle.record.resource, 'app-2');
      apps[0].alive = false;
      const back = await bindAs(bus, apps[2]);
      assert.equal(back.handle.record.resource, 'app-1');
      assert.equal(back.replaces, first.handle.record.id);
    });
    test('C23 parallel binds of one account hold the limit, and no resource is given twice', async ({ bus }) => {
      const results = await Promise.allSettled(Array.from({ length: 50 }, () => bindAs(bus, new FakeApp(), 'desk')));
      const resources = results.flatMap((one) =>
        one.status === 'fulfilled' ? [one.value.handle.record.resource] : [],
      );
      assert.equal(resources.length, 10);
      assert.equal(new Set(resources).size, 10);
      for (const one of results) if (one.status === 'rejected') assert.ok(one.reason instanceof TooManyResourcesError);
    });
    test('D06 one resource more than allowed is refused, unless an app that is away can give way', async ({ bus }) => {
      const host = new FakeHost();
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      const first = await bindAs(bus, new FakeApp(), 'one', 2);
      await bindAs(bus, new FakeApp(), 'two', 2);
      await assert.rejects(bindAs(bus, new FakeApp(), 'three', 2), TooManyResourcesError);
      first.handle.detach(300_000);
      await bindAs(bus, new FakeApp(), 'three', 2);
      await settled();
      assert.deepEqual(host.entries, [
        {
          tenant: acme,
          id: `${first.handle.record.id}:closed`,
          act: { type: 'session-closed', session: first.handle.record.id },
        },
      ]);
    });
  });

  runner.describe('resume', () => {
    const resumable = async (bus: Bus, app: FakeApp) => {
      const { handle } = await bindAs(bus, app, 'desk');
      await handle.note({ resumption: { id: 'r1', window: 300_000 } });
      return handle;
    };
    const account = { tenant: acme, staff: jesse };
    const resume = (bus: Bus, app: FakeApp, id = 'r1', as: typeof account = account, accept = true) =>
      bus.sessions.resume(id, as, 'pod-2', app, () => accept);

    test('a session that was cut off goes on with what the app has not proved', async ({ bus }) => {
      const [one, two] = [new FakeApp(), new FakeApp()];
      const handle = await resumable(bus, one);
      await bus.sessions.deliver(handle.record.id, text('a'));
      await bus.sessions.deliver(handle.record.id, text('b'));
      assert.deepEqual(
        handle.proved((entry) => entry.sequence === 1).map((entry) => entry.sequence),
        [1],
      );
      handle.detach(300_000);
      await bus.sessions.deliver(handle.record.id, text('c'));
      await bus.sessions.deliver(handle.record.id, { kind: 'chat-state', from: 'x', state: 'composing' });
      const resumed = await resume(bus, two);
      assert.ok(resumed.is === 'resumed');
      assert.equal(one.supersededTimes, 1, 'who had it keeps nothing of it');
      assert.deepEqual(bodies([...resumed.handle.pending()]), ['b', 'c']);
      assert.equal(resumed.handle.record.attached, true);
      assert.equal(resumed.handle.record.pod, 'pod-2');
      await bus.sessions.deliver(handle.record.id, text('d'));
      await settled();
      assert.deepEqual(bodies(two.got), ['d']);
    });
    test('what the edge adds itself is returned, not received, and waits for its proof', async ({ bus }) => {
      const app = new FakeApp();
      const handle = await resumable(bus, app);
      const entry = handle.add(text('mine'));
      await settled();
      assert.deepEqual(app.got, []);
      assert.deepEqual(handle.pending(), [entry]);
    });
    test('M10 a resume beside the old stream supersedes it', async ({ bus }) => {
      const [one, two] = [new FakeApp(), new FakeApp()];
      const handle = await resumable(bus, one);
      await resume(bus, two);
      assert.equal(one.supersededTimes, 1);
      await assert.rejects(async () => handle.note({ handled: 1 }), SupersededError);
      assert.throws(() => {
        handle.add(text('x'));
      }, SupersededError);
      handle.detach(300_000);
      await bus.sessions.deliver(handle.record.id, text('a'));
      await settled();
      assert.deepEqual(bodies(two.got), ['a']);
      assert.deepEqual(bodies(one.got), []);
    });
    test('D04 an app that resumes while it is asked whether it is there keeps its resource', async ({ bus }) => {
      const one = new FakeApp();
      const back = new FakeApp();
      await resumable(bus, one);
      one.probe = async () => {
        await resume(bus, back);
        return false;
      };
      const other = await bindAs(bus, new FakeApp(), 'desk');
      assert.match(other.handle.record.resource, /^desk-/u);
      assert.equal(back.supersededTimes, 0);
    });
    test('M11 of two resumes at once exactly one has the session', async ({ bus }) => {
      const apps = [new FakeApp(), new FakeApp()] as const;
      (await resumable(bus, new FakeApp())).detach(300_000);
      await Promise.all([resume(bus, apps[0]), resume(bus, apps[1])]);
      assert.equal(apps[0].supersededTimes + apps[1].supersededTimes, 1);
    });
    test('M08 an id that is unknown, or of another account, gives nothing and takes nothing', async ({ bus }) => {
      const one = new FakeApp();
      const handle = await resumable(bus, one);
      await handle.note({ handled: 7 });
      assert.deepEqual(await resume(bus, new FakeApp(), 'r2'), { is: 'gone' });
      assert.deepEqual(await resume(bus, new FakeApp(), 'r1', { tenant: acme, staff: 'varun' as StaffId }), {
        is: 'gone',
      });
      assert.deepEqual(await resume(bus, new FakeApp(), 'r1', { tenant: 'b.test' as TenantId, staff: jesse }), {
        is: 'gone',
      });
      assert.equal(one.supersededTimes, 0);
    });
    test('M03 a resume whose count cannot be right takes nothing and hears the count', async ({ bus }) => {
      const one = new FakeApp();
      const handle = await resumable(bus, one);
      await handle.note({ handled: 7 });
      assert.deepEqual(await resume(bus, new FakeApp(), 'r1', account, false), { is: 'gone', handled: 7 });
      assert.equal(one.supersededTimes, 0);
    });
    test('the count of a session that is over is known for 24 h', async ({ bus, clock }) => {
      const handle = await resumable(bus, new FakeApp());
      await handle.note({ handled: 7 });
      handle.detach(300_000);
      await clock.advance(300_000);
      assert.deepEqual(await resume(bus, new FakeApp()), { is: 'gone', handled: 7 });
      assert.deepEqual(await resume(bus, new FakeApp(), 'r1', { tenant: acme, staff: 'varun' as StaffId }), {
        is: 'gone',
      });
      await clock.advance(24 * 3_600_000);
      assert.deepEqual(await resume(bus, new FakeApp()), { is: 'gone' });
    });
    test('M16 a session that ended cleanly cannot be resumed', async ({ bus }) => {
      const handle = await resumable(bus, new FakeApp());
      handle.close();
      assert.equal((await resume(bus, new FakeApp())).is, 'gone');
      assert.deepEqual(await bus.sessions.of(acme, jesse), []);
    });
    test('the desk and the pod that had it hear that a window is over', async ({ bus, clock }) => {
      const host = new FakeHost();
      await bus.join('pod-1', host);
      await bus.setTenants([acme]);
      const app = new FakeApp();
      const handle = await resumable(bus, app);
      handle.detach(300_000);
      await clock.advance(299_999);
      assert.equal(host.entries.length, 0);
      assert.equal(app.expiredTimes, 0);
      await clock.advance(1);
      assert.equal(app.expiredTimes, 1);
      assert.deepEqual(
        host.entries.map((entry) => entry.act),
        [{ type: 'session-closed', session: handle.record.id }],
      );
      assert.equal(await bus.sessions.deliver(handle.record.id, text('late')), false);
    });
    test('a colleague hears that a message reached nobody', async ({ bus, clock }) => {
      const sender = new FakeApp();
      await bus.sessions.bind(
        { tenant: acme, staff: 'varun' as StaffId, bareJid: 'varun@acme.test', maxResources: 10 },
        'pod-1',
        sender,
      );
      const handle = await resumable(bus, new FakeApp());
      handle.detach(300_000);
      await bus.sessions.deliver(handle.record.id, {
        kind: 'message',
        from: 'varun@acme.test/helpdesk',
        body: 'lunch?',
        stanzaId: 's',
        peer: { id: 'p1' },
      });
      await clock.advance(300_000);
      assert.deepEqual(
        sender.got.map(({ item }) => item.kind === 'refusal' && [item.from, item.of, item.condition]),
        [['jesse@acme.test', 'p1', 'service-unavailable']],
      );
    });
    test('a colleague hears nothing of it while the account has another app: that got the message, too', async ({
      bus,
      clock,
    }) => {
      const sender = new FakeApp();
      await bus.sessions.bind(
        { tenant: acme, staff: 'varun' as StaffId, bareJid: 'varun@acme.test', maxResources: 10 },
        'pod-1',
        sender,
      );
      const handle = await resumable(bus, new FakeApp());
      await bindAs(bus, new FakeApp(), 'phone');
      handle.detach(300_000);
      await bus.sessions.deliver(handle.record.id, {
        kind: 'message',
        from: 'varun@acme.test/helpdesk',
        body: 'lunch?',
        stanzaId: 's',
        peer: { id: 'p1' },
      });
      await clock.advance(300_000);
      assert.deepEqual(sender.got, []);
    });
    test('a colleague hears it, too, when the account of an app that was cut off is closed', async ({ bus }) => {
      const sender = new FakeApp();
      await bus.sessions.bind(
        { tenant: acme, staff: 'varun' as StaffId, bareJid: 'varun@acme.test', maxResources: 10 },
        'pod-1',
        sender,
      );
      const handle = await resumable(bus, new FakeApp());
      handle.detach(300_000);
      const item: Item = {
        kind: 'message',
        from: 'varun@acme.test/helpdesk',
        body: 'x',
        stanzaId: 's',
        peer: { id: 'p1' },
      };
      await bus.sessions.deliver(handle.record.id, item);
      handle.close();
      assert.deepEqual(
        sender.got.map(({ item: { kind } }) => kind),
        ['refusal'],
      );
    });
    test('nobody is told of what carries a proof, and who takes over gets none of it: it is repeated from elsewhere', async ({
      bus,
    }) => {
      const sender = new FakeApp();
      await bus.sessions.bind(
        { tenant: acme, staff: 'varun' as StaffId, bareJid: 'varun@acme.test', maxResources: 10 },
        'pod-1',
        sender,
      );
      const given = async (stanzaId: string) => {
        const handle = await resumable(bus, new FakeApp());
        handle.detach(300_000);
        const from = 'varun@acme.test/helpdesk';
        const kept: Item = {
          kind: 'message',
          from,
          body: 'x',
          stanzaId,
          proof: `text ${stanzaId}`,
          peer: { id: 'p1' },
        };
        await bus.sessions.deliver(handle.record.id, kept);
        return handle;
      };
      (await given('a')).close();
      await given('b');
      const next = new FakeApp();
      const { handle } = await bindAs(bus, next, 'desk');
      await handle.note({ availability: { show: 'available', priority: 0 } });
      await settled();
      assert.deepEqual([sender.got, next.got], [[], []]);
    });
    test('what waits for an app that is away is bounded', async ({ bus }) => {
      const handle = await resumable(bus, new FakeApp());
      handle.detach(300_000);
      for (let count = 0; count < 3_000; count++) await bus.sessions.deliver(handle.record.id, text('x'));
      assert.equal((await resume(bus, new FakeApp())).is, 'gone');
    });
  });

  runner.describe('hints', () => {
    test('those who watch a chat are woken, nobody else', async ({ bus }) => {
      const hints: string[] = [];
      const stop = bus.watch(acme, aChat, (hint) => hints.push(hint.type));
      bus.watch(acme, 'c2' as ChatId, () => hints.push('wrong chat'));
      bus.watch('b.test' as TenantId, aChat, () => hints.push('wrong tenant'));
      bus.wake(acme, aChat, { type: 'changed' });
      await settled();
      stop();
      bus.wake(acme, aChat, { type: 'changed' });
      await settled();
      assert.deepEqual(hints, ['changed']);
    });
  });
}
