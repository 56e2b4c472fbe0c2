import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RosterItem } from '../../bus/messages.ts';
import type { Chat, ChatId, StaffId, TeamId } from '../../helpdesk/model.ts';
import { abilitiesOf } from '../abilities.ts';
import { setDirectory } from '../chat/chats.ts';
import { changedSum, difference, projection, type Projection } from './roster.ts';
import { type Desk, emptyDesk, newTalk } from '../state.ts';
import { openBench, type TestApp } from '../testing/bench.ts';
import { FakeHelpdesk, SALES, SUPPORT, staffUser } from '../testing/fake-helpdesk.ts';

const visitor = 'c1@visitors.acme.example';

function itemsOf(app: TestApp): Map<string, RosterItem> {
  const items = new Map<string, RosterItem>();
  for (const item of app.items) {
    if (item.kind === 'roster') {
      items.clear();
      for (const one of item.items ?? []) items.set(one.jid, one);
    }
    if (item.kind !== 'roster-push') continue;
    if ('removed' in item.item) items.delete(item.item.jid);
    else items.set(item.item.jid, item.item);
  }
  return items;
}

describe('the roster', () => {
  it('has the teams, the waiting visitors and Chat Gateway', async () => {
    const bench = await openBench();
    bench.helpdesk.waits('c1');
    const jesse = await bench.logsIn('jesse');
    assert.deepEqual(
      [...itemsOf(jesse).values()],
      [
        { jid: 'gateway@visitors.acme.example', name: 'Chat Gateway', groups: ['Chat Gateway'] },
        { jid: 'varun@acme.example', name: 'Varun Shah', groups: ['Sales'] },
        { jid: 'ada@acme.example', name: 'Ada Byron', groups: ['Support'] },
        { jid: visitor, name: 'Chris', groups: ['Visitors (Waiting)'] },
      ],
    );
    assert.equal(jesse.presenceOf('gateway@'), 'available Write $help for what you can do.');
    assert.equal(jesse.presenceOf(`${visitor}/chat`), 'chat waiting since 14:02 for Sales');
    const caps = jesse.of('presence').map(({ from, caps: kind }) => [from.split('@')[0], kind]);
    assert.deepEqual(caps, [
      ['jesse', undefined],
      ['gateway', 'gateway'],
      ['c1', 'visitor'],
    ]);
  });
  it('shows a visitor appear, move and disappear as the chat does', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const varun = await bench.online('varun');
    const chat = bench.helpdesk.waits('c1');
    await bench.settle();
    const kinds = varun.items.map((item) => item.kind);
    assert.deepEqual(kinds, ['roster-push', 'presence'], 'the contact is there before its presence');
    await jesse.says(chat, 'Hello.');
    assert.deepEqual(itemsOf(varun).get(visitor)?.groups, ['Visitors (Chatting)']);
    assert.equal(varun.presenceOf(visitor), 'dnd with Jesse Lee since 14:02');
    assert.equal(jesse.presenceOf(visitor), 'available with Jesse Lee since 14:02');
    bench.helpdesk.change(chat, { visitorPresent: false });
    await bench.settle();
    assert.equal(jesse.presenceOf(visitor), 'away with Jesse Lee since 14:02, away from the page');
    varun.items.length = 0;
    await jesse.says(chat, '$end');
    assert.deepEqual(
      varun.items.map((item) => (item.kind === 'presence' ? item.show : item.kind)),
      ['unavailable', 'roster-push'],
    );
    assert.equal(itemsOf(varun).has(visitor), false);
  });
  it('has visitors of the own teams and chats only, and all of them with all-teams', async () => {
    const bench = await openBench();
    bench.helpdesk.directory(() =>
      bench.helpdesk.staff.set(
        'boss' as StaffId,
        staffUser('boss', 'The Boss', { teams: [], permissions: ['all-teams'] }),
      ),
    );
    bench.helpdesk.waits('c1');
    const ada = await bench.logsIn('ada');
    const boss = await bench.logsIn('boss');
    assert.equal(itemsOf(ada).has(visitor), false);
    assert.equal(itemsOf(boss).has(visitor), true);
    bench.helpdesk.change('c1' as ChatId, { phase: { is: 'running', since: 0 }, participants: ['ada' as StaffId] });
    await bench.settle();
    assert.equal(itemsOf(ada).has(visitor), true);
    bench.helpdesk.directory(() =>
      bench.helpdesk.staff.set('boss' as StaffId, staffUser('boss', 'The Boss', { teams: [] })),
    );
    await bench.settle();
    assert.equal(itemsOf(boss).has(visitor), false, 'a right that was taken away');
  });
  it('one payload goes to all who get the same', async () => {
    const bench = await openBench();
    await bench.online('jesse');
    await bench.online('jesse', 'phone');
    await bench.online('varun');
    const before = bench.commits.length;
    bench.helpdesk.waits('c1');
    await bench.settle();
    const sent = bench.commits.slice(before).flatMap(({ deliveries }) => deliveries);
    const presences = sent.filter(({ item }) => item.kind === 'presence');
    assert.deepEqual(
      presences.map(({ sessions }) => sessions.length),
      [3],
    );
    const pushes = sent.filter(({ item }) => item.kind === 'roster-push');
    assert.deepEqual(
      pushes.map(({ sessions }) => sessions.length),
      [3],
    );
  });
  it('is not sent again to an app that has its version, also after a restart', async () => {
    const bench = await openBench();
    bench.helpdesk.waits('c1');
    const jesse = await bench.logsIn('jesse');
    const version = jesse.of('roster')[0]?.version ?? '';
    await jesse.do({ type: 'roster-asked', session: jesse.id, ask: 'r2', version });
    await bench.restart();
    const again = await bench.online('jesse');
    await again.do({ type: 'roster-asked', session: again.id, ask: 'r3', version });
    assert.deepEqual(again.of('roster'), [{ kind: 'roster', ask: 'r3', version }]);
    const chat = bench.helpdesk.waits('c2', 'Kim');
    await bench.settle();
    const pushed = again.of('roster-push').at(-1)?.version ?? '';
    assert.notEqual(pushed, version);
    bench.helpdesk.ends(chat, 'visitor');
    await bench.settle();
    assert.equal(again.of('roster-push').at(-1)?.version, version, 'the same roster has the same version');
  });
  it('of a team whose name is that of the visitors’ group is told apart', async () => {
    const bench = await openBench();
    bench.helpdesk.directory(() => (bench.helpdesk.teams = [{ id: SALES, name: 'visitors (waiting)' }]));
    const jesse = await bench.logsIn('jesse');
    assert.deepEqual(itemsOf(jesse).get('varun@acme.example')?.groups, ['visitors (waiting) (team)']);
  });
  it('follows the helpdesk when a name or a team changes', async () => {
    const bench = await openBench();
    const jesse = await bench.logsIn('jesse');
    bench.helpdesk.directory(() => {
      bench.helpdesk.staff.set('varun' as StaffId, staffUser('varun', 'Varun S.', { teams: [SUPPORT] }));
      bench.helpdesk.staff.delete('ada' as StaffId);
    });
    await bench.settle();
    assert.deepEqual(itemsOf(jesse).get('varun@acme.example'), {
      jid: 'varun@acme.example',
      name: 'Varun S.',
      groups: ['Support'],
    });
    assert.equal(itemsOf(jesse).has('ada@acme.example'), false);
  });
  it('escapes usernames', async () => {
    const bench = await openBench();
    bench.helpdesk.directory(() => bench.helpdesk.staff.set('x' as StaffId, staffUser('jo@corp.example', 'Jo')));
    const jesse = await bench.logsIn('jesse');
    assert.ok(itemsOf(jesse).has('jo\\40corp.example@acme.example'));
  });
});

describe('presence of contacts', () => {
  it('comes after the roster result, and again after each later one', async () => {
    const bench = await openBench();
    bench.helpdesk.waits('c1');
    const { TestApp } = await import('../testing/bench.ts');
    const app = await new TestApp(bench, 'jesse', 'desk').open();
    await app.shows({});
    assert.equal(app.presenceOf(visitor), undefined, 'COMPAT profanity sends presence first');
    await app.do({ type: 'roster-asked', session: app.id, ask: 'r' });
    const kinds = app.items.map((item) => item.kind);
    assert.ok(kinds.indexOf('roster') < kinds.lastIndexOf('presence'));
    app.items.length = 0;
    await app.do({ type: 'roster-asked', session: app.id, ask: 'r' });
    assert.equal(app.presenceOf(visitor), 'chat waiting since 14:02 for Sales');
  });
  it('comes after 2 s to an app that does not ask for its roster, which gets no pushes', async () => {
    const bench = await openBench();
    const { TestApp } = await import('../testing/bench.ts');
    const app = await new TestApp(bench, 'jesse', 'desk').open();
    await app.shows({});
    await bench.advance(1_999);
    assert.equal(app.presenceOf('gateway@'), undefined);
    await bench.advance(1);
    assert.match(app.presenceOf('gateway@') ?? '', /^available/u);
    bench.helpdesk.waits('c1');
    await bench.settle();
    assert.equal(app.of('roster-push').length, 0);
    assert.match(app.presenceOf(visitor) ?? '', /^chat/u);
  });
  it('does not come to an app that is not available', async () => {
    const bench = await openBench();
    const { TestApp } = await import('../testing/bench.ts');
    const app = await new TestApp(bench, 'jesse', 'desk').open();
    await app.do({ type: 'roster-asked', session: app.id, ask: 'r' });
    await bench.advance(10_000);
    assert.equal(app.of('presence').length, 0);
  });
  it('is sent afresh after a resume, with those who went meanwhile', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const varun = await bench.online('varun');
    const chat = bench.helpdesk.waits('c1');
    await bench.settle();
    await jesse.lost();
    bench.helpdesk.ends(chat, 'visitor');
    await varun.closed();
    await bench.advance(61_000);
    jesse.items.length = 0;
    await jesse.resumed();
    await bench.settle();
    assert.equal(jesse.presenceOf('varun@'), 'unavailable');
    assert.equal(jesse.presenceOf(visitor), 'unavailable');
    assert.match(jesse.presenceOf('gateway@') ?? '', /^available/u);
  });
  it('of the own apps goes to all of them, the one that changes included', async () => {
    const bench = await openBench();
    const desk = await bench.online('jesse');
    const phone = await bench.logsIn('jesse', 'phone', { show: 'away', status: 'bus', priority: 5 });
    const own = {
      kind: 'presence',
      from: 'jesse@acme.example/phone',
      show: 'away',
      status: 'bus',
      priority: 5,
    } as const;
    assert.deepEqual(desk.of('presence'), [own]);
    assert.deepEqual(phone.of('presence').slice(0, 2), [
      own,
      { kind: 'presence', from: 'jesse@acme.example/desk', show: 'available', priority: 0 },
    ]);
    await phone.shows(null);
    assert.equal(desk.presenceOf('jesse@acme.example/phone'), 'unavailable');
    assert.equal(phone.presenceOf('jesse@acme.example/phone'), 'unavailable');
  });
  it('of a colleague is the helpdesk’s word', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    await bench.online('varun', 'desk', { show: 'dnd', status: 'meeting' });
    assert.equal(jesse.presenceOf('varun@acme.example/helpdesk'), 'dnd meeting');
  });
});

describe('names', () => {
  it('of two visitors called the same are told apart, and do not change when one goes', async () => {
    const bench = await openBench();
    const jesse = await bench.logsIn('jesse');
    const first = bench.helpdesk.waits('c1');
    bench.helpdesk.waits('c2');
    bench.helpdesk.waits('c3', 'Varun Shah');
    bench.helpdesk.waits('c4', 'Vаrun Shаh');
    bench.helpdesk.waits('c5', 'Chat  Gateway');
    bench.helpdesk.waits('c6', '');
    await bench.settle();
    const name = (id: string) => itemsOf(jesse).get(`${id}@visitors.acme.example`)?.name;
    assert.deepEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].map(name), [
      'Chris',
      'Chris (2)',
      'Varun Shah (visitor)',
      'Vаrun Shаh (visitor) (2)',
      'Chat  Gateway (visitor)',
      'Visitor',
    ]);
    bench.helpdesk.ends(first, 'visitor');
    await bench.settle();
    assert.equal(name('c2'), 'Chris (2)');
  });
  it('D11 of two colleagues that look alike have the username with them', async () => {
    const bench = await openBench();
    bench.helpdesk.directory(() => bench.helpdesk.staff.set('v2' as StaffId, staffUser('v2', 'Vаrun Shah')));
    const jesse = await bench.logsIn('jesse');
    assert.equal(itemsOf(jesse).get('varun@acme.example')?.name, 'Varun Shah (varun)');
    assert.equal(itemsOf(jesse).get('v2@acme.example')?.name, 'Vаrun Shah (v2)');
  });
});

describe('projection and difference', () => {
  const chat = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    name: fc.constantFrom('Chris', 'Kim'),
    team: fc.constantFrom(SALES, SUPPORT),
    isRunning: fc.boolean(),
    present: fc.boolean(),
    by: fc.constantFrom('jesse', 'ada'),
  });
  const world = fc.record({
    chats: fc.uniqueArray(chat, { selector: ({ id }) => id }),
    staff: fc.uniqueArray(fc.constantFrom('jesse', 'varun', 'ada', 'kim'), { minLength: 0 }),
    online: fc.boolean(),
    teams: fc.subarray<TeamId>([SALES, SUPPORT]),
  });

  function deskOf({ chats, staff, online }: typeof world extends fc.Arbitrary<infer World> ? World : never): Desk {
    const desk = emptyDesk({
      place: { domain: 'acme.example', visitorsDomain: 'visitors.acme.example', timeZone: 'UTC' },
      windowClose: { enabled: true, grace: 20_000 },
      can: abilitiesOf(FakeHelpdesk.prototype),
      off: new Set(),
      canned: [],
    });
    setDirectory(
      desk,
      [
        { id: SALES, name: 'Sales' },
        { id: SUPPORT, name: 'Support' },
      ],
      staff.map((id) => staffUser(id, id, { status: online ? 'online' : 'offline' })),
    );
    for (const one of chats) {
      const known: Chat = {
        id: one.id as ChatId,
        visitor: { name: one.name },
        team: one.team,
        phase: one.isRunning ? { is: 'running', since: 0 } : { is: 'waiting' },
        waitingSince: 0,
        participants: one.isRunning ? [one.by as StaffId] : [],
        observers: [],
        visitorPresent: one.present,
        question: '?',
        lastLine: 1,
      };
      desk.talks.set(known.id, newTalk(known, one.name));
    }
    return desk;
  }
  const plain = (roster: Projection) =>
    new Map(
      [...roster].map(([jid, { item, presence }]) => [
        jid,
        JSON.stringify([item, presence.show === 'unavailable' ? null : presence]),
      ]),
    );

  const sumOf = (roster: Projection) =>
    [...roster.values()].reduce((sum, { item }) => changedSum(sum, undefined, item), 0n);

  it('the difference leads from one roster to the other, and the version follows', () => {
    fc.assert(
      fc.property(world, world, (one, other) => {
        const viewer = staffUser('viewer', 'Viewer', { teams: one.teams });
        const before = projection(deskOf(one), viewer);
        const after = projection(deskOf(other), viewer);
        const { pushes, presences, farewells } = difference(before, after);
        const items = new Map([...before].map(([jid, { item }]) => [jid, item]));
        const shown = new Map([...before].map(([jid, { presence }]) => [jid, presence]));
        let sum = sumOf(before);
        for (const presence of farewells) shown.set(presence.from.split('/')[0] ?? '', presence);
        for (const push of pushes) {
          const removed = 'removed' in push;
          sum = changedSum(sum, items.get(push.jid), removed ? undefined : push);
          if (removed) {
            assert.ok((shown.get(push.jid)?.show ?? 'unavailable') === 'unavailable', 'it went offline before it went');
            items.delete(push.jid);
            shown.delete(push.jid);
          } else items.set(push.jid, push);
        }
        for (const presence of presences) {
          const jid = presence.from.split('/')[0] ?? '';
          assert.ok(items.has(jid), 'presence of a contact that is in the roster');
          shown.set(jid, presence);
        }
        const result: Projection = new Map(
          [...items].map(([jid, item]) => [
            jid,
            { item, presence: shown.get(jid) ?? { kind: 'presence', from: jid, show: 'unavailable' } },
          ]),
        );
        assert.deepEqual(plain(result), plain(after));
        assert.equal(sum, sumOf(after));
      }),
    );
  });
  it('a visitor of another team is in no roster', () => {
    fc.assert(
      fc.property(world, (one) => {
        const viewer = staffUser('viewer', 'Viewer', { teams: one.teams });
        for (const jid of projection(deskOf(one), viewer).keys()) {
          const [id, domain] = jid.split('@');
          const found = one.chats.find((known) => known.id === id);
          if (domain?.startsWith('visitors.') === true && found !== undefined)
            assert.ok(one.teams.includes(found.team));
        }
      }),
    );
  });
});
