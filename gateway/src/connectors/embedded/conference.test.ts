import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { ChatId, StaffId, TeamId } from '../../helpdesk/model.ts';
import type { HelpdeskEvent } from '../../helpdesk/port.ts';
import type { ChatState } from './chat/chat.ts';
import {
  Bench,
  type BenchOptions,
  boss,
  configOf,
  jesse,
  mia,
  SALES,
  SUPPORT,
  TENANT,
  varun,
} from './testing/bench.ts';

const ada = 'ada' as StaffId;
const finn = 'finn' as StaffId;
const standard = configOf().helpdesk;
/** As the bench has them, with Ada of Sales, who may observe, and Finn of Support. */
const STAFF = [
  ...standard.staff,
  ...standard.staff.slice(0, 1).flatMap((one) => [
    { ...one, username: 'ada', name: 'Ada Byron', permissions: ['observe' as const] },
    { ...one, username: 'finn', name: 'Finn Oak', teams: ['support'] },
  ]),
];
const openQueue = { ...standard.ring, strategy: 'open-queue' as const };

function scenario(name: string, test: (bench: Bench, chat: ChatId) => Promise<void>, options: BenchOptions = {}): void {
  it(name, async () => {
    const bench = new Bench({ ...options, helpdesk: { staff: STAFF, ...options.helpdesk } });
    await bench.open();
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hi'));
    await test(bench, chat);
    await bench.close();
  });
}

function events<Type extends HelpdeskEvent['type']>(bench: Bench, type: Type) {
  return bench.events.filter((event): event is Extract<HelpdeskEvent, { type: Type }> => event.type === type);
}

function chatOf(bench: Bench, id: ChatId) {
  const chat = events(bench, 'chat').findLast((event) => event.chat.id === id)?.chat;
  assert.ok(chat);
  return chat;
}

function endsOf(bench: Bench, chat: ChatId): string[] {
  return events(bench, 'offer-ended').flatMap(({ offer, end }) =>
    offer.chat === chat && offer.kind !== 'request' ? [`${offer.staff} ${end.is}`] : [],
  );
}

const invite = (bench: Bench, chat: ChatId, whom: StaffId, by = jesse) =>
  bench.helpdesk.invite(bench.call(), chat, by, whom);
const join = (bench: Bench, chat: ChatId, staff: StaffId) => bench.helpdesk.join(bench.call(), chat, staff);
const observe = (bench: Bench, chat: ChatId, staff: StaffId) => bench.helpdesk.observe(bench.call(), chat, staff, true);
const toTeam = (bench: Bench, chat: ChatId, team: TeamId, by = jesse) =>
  bench.helpdesk.transfer(bench.call(), chat, by, { is: 'team', team });
const accept = (bench: Bench, chat: ChatId, staff: StaffId, text = 'Hello') =>
  bench.helpdesk.accept(bench.call(), chat, staff, bench.words(text));
const isFault = (fault: object) => (error: unknown) => {
  assert.ok(error instanceof HelpdeskError);
  assert.deepEqual(error.fault, fault);
  return true;
};

describe('what the visitor’s page shows of a conference', () => {
  scenario('who joins, speaks, hands over and leaves', async (bench, chat) => {
    const names = async () => (await bench.site.read(TENANT, bench.ticket(chat), 0)).with;
    await bench.online(varun, mia);
    await invite(bench, chat, varun);
    await accept(bench, chat, varun, 'I know this one');
    assert.deepEqual(await names(), ['Jesse Stone', 'Varun Shah']);
    await bench.helpdesk.transfer(bench.call(), chat, jesse, { is: 'staff', staff: mia });
    await accept(bench, chat, mia);
    assert.deepEqual(await names(), ['Varun Shah', 'Mia Wong']);
    await bench.helpdesk.end(bench.call(), chat, varun);
    assert.deepEqual(await names(), ['Mia Wong']);
    assert.deepEqual(await bench.texts(chat, 'notice'), [
      'Jesse Stone joined the chat.',
      'Varun Shah joined the chat.',
      'Jesse Stone handed the chat over to Mia Wong.',
      'Varun Shah left the chat.',
    ]);
    assert.deepEqual(await bench.texts(chat, 'staff'), ['Hi', 'I know this one', 'Hello']);
  });

  scenario('nobody types any more who has left, handed over or is lost', async (bench, chat) => {
    await bench.online(varun, mia);
    await join(bench, chat, varun);
    await join(bench, chat, boss);
    const stopped = () =>
      bench.hints.splice(0).flatMap(({ hint }) => (hint.type === 'typing' && !hint.on ? [hint.name] : []));
    stopped();
    await bench.helpdesk.leave(bench.call(), chat, varun);
    assert.deepEqual(stopped(), ['Varun Shah']);
    await bench.helpdesk.transfer(bench.call(), chat, jesse, { is: 'staff', staff: mia });
    assert.deepEqual(stopped(), []);
    await accept(bench, chat, mia);
    assert.deepEqual(stopped(), ['Jesse Stone']);
    await bench.helpdesk.reconfigure(configOf());
    await bench.helpdesk.giveBack(bench.call(), mia);
    assert.deepEqual(stopped(), ['Mia Wong']);
  });

  scenario('I17 G18 nothing of who is asked or listens: no line, no typing, not even a wake', async (bench, chat) => {
    await bench.online(varun, ada);
    const view = await bench.site.read(TENANT, bench.ticket(chat), 0);
    bench.hints.length = 0;
    await invite(bench, chat, varun);
    await observe(bench, chat, ada);
    for (const staff of [varun, ada]) bench.helpdesk.typing(chat, staff, true);
    await bench.helpdesk.decline(bench.call(), bench.offerOf(chat, varun), 'declined');
    await toTeam(bench, chat, SUPPORT);
    await bench.helpdesk.observe(bench.call(), chat, ada, false);
    assert.deepEqual(bench.hints, []);
    assert.deepEqual(await bench.site.read(TENANT, bench.ticket(chat), 0), view);
    bench.helpdesk.typing(chat, jesse, true);
    assert.deepEqual(bench.hints, [{ chat, hint: { type: 'typing', name: 'Jesse Stone', on: true } }]);
  });
});

describe('a hand-over to a team', () => {
  scenario('asks one member after the other, 60 s each, once', async (bench, chat) => {
    await bench.online(mia, finn);
    await toTeam(bench, chat, SUPPORT);
    assert.deepEqual(bench.asked(chat), [mia]);
    await bench.advance(59_999);
    assert.deepEqual(bench.asked(chat), [mia]);
    await bench.advance(1);
    assert.deepEqual(bench.asked(chat), [finn]);
    await bench.helpdesk.decline(bench.call(), bench.offerOf(chat, finn), 'unseen');
    assert.deepEqual(endsOf(bench, chat), ['mia timed-out', 'finn unseen']);
    assert.deepEqual(events(bench, 'transfer-failed'), [{ type: 'transfer-failed', chat, by: jesse, team: SUPPORT }]);
    assert.deepEqual(chatOf(bench, chat).participants, [jesse]);
    await toTeam(bench, chat, SUPPORT);
    assert.deepEqual(bench.asked(chat), [mia], 'a new one begins anew');
  });

  scenario(
    'in an open queue asks all at once: the first has it, the second is told who was faster',
    async (bench, chat) => {
      await bench.online(mia, finn);
      await toTeam(bench, chat, SUPPORT);
      assert.deepEqual(bench.asked(chat), [mia, finn]);
      const [one, two] = await Promise.allSettled([
        accept(bench, chat, finn, 'mine'),
        accept(bench, chat, mia, 'no, mine'),
      ]);
      assert.equal(one.status, 'fulfilled');
      assert.ok(two.status === 'rejected' && isFault({ is: 'taken', by: finn })(two.reason));
      assert.deepEqual(endsOf(bench, chat).toSorted(), ['finn accepted', 'mia taken']);
      assert.deepEqual(await bench.texts(chat, 'staff'), ['Hi', 'mine']);
      assert.deepEqual(chatOf(bench, chat).participants, [finn]);
    },
    { helpdesk: { ring: openQueue } },
  );

  scenario(
    'in an open queue asks who becomes available meanwhile, and takes it back from who goes',
    async (bench, chat) => {
      await bench.online(mia);
      await toTeam(bench, chat, SUPPORT);
      await bench.online(finn);
      assert.deepEqual(bench.asked(chat), [mia, finn]);
      await bench.helpdesk.setStatus(bench.call(), mia, 'away');
      assert.deepEqual(bench.asked(chat), [finn]);
      await bench.helpdesk.setStatus(bench.call(), finn, 'busy');
      assert.deepEqual(endsOf(bench, chat), ['mia withdrawn', 'finn withdrawn']);
      assert.equal(events(bench, 'transfer-failed').length, 1);
    },
    { helpdesk: { ring: openQueue } },
  );

  scenario('waits for a member who is asked for another chat, and rings when that is over', async (bench, chat) => {
    await bench.online(mia);
    const other = await bench.asks('And I?', { team: SUPPORT });
    assert.deepEqual(bench.asked(other), [mia]);
    await toTeam(bench, chat, SUPPORT);
    assert.deepEqual([bench.asked(chat), events(bench, 'transfer-failed')], [[], []]);
    await accept(bench, other, mia);
    assert.deepEqual(bench.asked(chat), [mia]);
    const third = await bench.asks('Hm?', { team: SUPPORT });
    assert.deepEqual(bench.asked(third), [], 'one at a time');
    await bench.helpdesk.decline(bench.call(), bench.offerOf(chat, mia), 'declined');
    assert.deepEqual(bench.asked(third), [mia]);
  });

  scenario(
    'asks nobody who has as many chats as may be, those of conferences too',
    async (bench, chat) => {
      await bench.online(varun, mia);
      await toTeam(bench, chat, SUPPORT);
      await accept(bench, chat, mia);
      const second = await bench.asks('And I?');
      await accept(bench, second, varun);
      await invite(bench, second, mia, varun);
      assert.deepEqual(bench.asked(second), [mia], 'who is asked by name may have more');
      await bench.helpdesk.decline(bench.call(), bench.offerOf(second, mia), 'declined');
      await toTeam(bench, second, SUPPORT, varun);
      assert.equal(events(bench, 'transfer-failed').length, 1);
      await join(bench, chat, boss);
      await bench.helpdesk.leave(bench.call(), chat, mia);
      await toTeam(bench, second, SUPPORT, varun);
      assert.deepEqual(bench.asked(second), [mia]);
    },
    { helpdesk: { ring: { ...standard.ring, maxChats: 1 } } },
  );

  scenario(
    'rings on at who was cut off and may be back, and waits for such a one, 60 s at most',
    async (bench, chat) => {
      await bench.online(mia);
      await bench.helpdesk.setStatus(bench.call(), mia, 'away', undefined, true);
      await toTeam(bench, chat, SUPPORT);
      assert.deepEqual([bench.asked(chat), events(bench, 'transfer-failed')], [[], []]);
      await bench.advance(30_000);
      await bench.online(mia);
      assert.deepEqual(bench.asked(chat), [mia]);
      await bench.helpdesk.setStatus(bench.call(), mia, 'away', undefined, true);
      assert.deepEqual(bench.asked(chat), [mia]);
      await bench.helpdesk.setStatus(bench.call(), mia, 'offline');
      assert.deepEqual(endsOf(bench, chat), ['mia withdrawn']);
      assert.equal(events(bench, 'transfer-failed').length, 1);
      await bench.online(finn);
      await bench.helpdesk.setStatus(bench.call(), finn, 'away', undefined, true);
      await toTeam(bench, chat, SUPPORT);
      // not when the page is to be heard
      await bench.advance(7_000);
      await bench.advance(53_000 - 1);
      assert.equal(events(bench, 'transfer-failed').length, 1);
      await bench.advance(1);
      assert.equal(events(bench, 'transfer-failed').length, 2);
    },
  );

  scenario('is as it was after a restart, for those who come back and for those who do not', async (bench, chat) => {
    await bench.online(mia, finn);
    await toTeam(bench, chat, SUPPORT);
    const offer = bench.offerOf(chat, mia);
    await bench.restart();
    bench.events.length = 0;
    const snapshot = await bench.helpdesk.open((event) => bench.events.push(event));
    assert.deepEqual(snapshot.offers, [offer]);
    // as a desk does that has lost all connections
    for (const staff of [jesse, mia, finn])
      await bench.helpdesk.setStatus(bench.call(), staff, 'away', undefined, true);
    assert.deepEqual(endsOf(bench, chat), []);
    await bench.helpdesk.decline(bench.call(), offer, 'unseen');
    assert.deepEqual(endsOf(bench, chat), ['mia unseen']);
    await bench.online(jesse, finn);
    assert.deepEqual(bench.asked(chat), [finn]);
    assert.deepEqual(events(bench, 'transfer-failed'), []);
  });

  scenario('within one’s own team asks the others', async (bench, chat) => {
    await bench.online(varun);
    await toTeam(bench, chat, SALES);
    assert.deepEqual(bench.asked(chat), [varun]);
    await bench.helpdesk.leave(bench.call(), chat, jesse);
    assert.deepEqual(endsOf(bench, chat), ['varun withdrawn']);
    assert.equal(events(bench, 'transfer-failed').length, 0);
    assert.deepEqual(events(bench, 'offer').at(-1)?.offer.kind, 'request');
  });

  scenario('that goes to another team is out of sight of observers who do not see that team', async (bench, chat) => {
    await bench.online(mia);
    await observe(bench, chat, ada);
    await observe(bench, chat, boss);
    await toTeam(bench, chat, SUPPORT);
    assert.deepEqual(chatOf(bench, chat).observers, [ada, boss]);
    await accept(bench, chat, mia);
    assert.deepEqual(chatOf(bench, chat).observers, [boss]);
    await assert.rejects(observe(bench, chat, ada), isFault({ is: 'not-found' }));
  });
});

describe('who is away', () => {
  scenario('may still be invited; who goes offline did not see it', async (bench, chat) => {
    await bench.online(varun);
    await bench.helpdesk.setStatus(bench.call(), varun, 'away');
    await invite(bench, chat, varun);
    assert.deepEqual(bench.asked(chat), [varun]);
    await bench.helpdesk.setStatus(bench.call(), varun, 'offline');
    assert.deepEqual(endsOf(bench, chat), ['varun unseen']);
  });

  scenario('keeps part and observing until the absence is seen through', async (bench, chat) => {
    await bench.online(varun, ada);
    await join(bench, chat, varun);
    await observe(bench, chat, ada);
    for (const staff of [varun, ada]) await bench.helpdesk.setStatus(bench.call(), staff, 'offline');
    assert.deepEqual(chatOf(bench, chat).participants, [jesse, varun]);
    assert.deepEqual(chatOf(bench, chat).observers, [ada]);
    for (const staff of [varun, ada]) await bench.helpdesk.giveBack(bench.call(), staff);
    assert.deepEqual(chatOf(bench, chat).participants, [jesse]);
    assert.deepEqual(chatOf(bench, chat).observers, []);
    assert.equal((await bench.texts(chat, 'notice')).at(-1), 'Varun Shah had to go.');
  });
});

describe('another configuration', () => {
  const without = (...gone: StaffId[]) =>
    configOf({ staff: STAFF.map((one) => ({ ...one, disabled: gone.includes(one.username as StaffId) })) });

  scenario('who is disabled leaves conference, invitations and observing', async (bench, chat) => {
    await bench.online(varun, mia, ada);
    await join(bench, chat, varun);
    await invite(bench, chat, mia);
    await invite(bench, chat, boss, varun);
    await observe(bench, chat, ada);
    await bench.helpdesk.reconfigure(without(mia));
    assert.deepEqual(endsOf(bench, chat), ['boss unseen', 'mia withdrawn']);
    await bench.online(boss);
    await invite(bench, chat, boss, varun);
    await bench.helpdesk.reconfigure(without(mia, varun, ada));
    assert.deepEqual(chatOf(bench, chat).participants, [jesse]);
    assert.deepEqual(chatOf(bench, chat).observers, []);
    assert.deepEqual(endsOf(bench, chat).slice(2), ['boss withdrawn'], 'what a disabled one asked is void');
    assert.equal((await bench.texts(chat, 'notice')).at(-1), 'Varun Shah had to go.');
    await assert.rejects(invite(bench, chat, mia), isFault({ is: 'not-found' }));
  });

  scenario('an observer who loses the permission observes no more', async (bench, chat) => {
    await observe(bench, chat, ada);
    await bench.helpdesk.reconfigure(configOf({ staff: STAFF.map((one) => ({ ...one, permissions: [] })) }));
    assert.deepEqual(chatOf(bench, chat).observers, []);
    await assert.rejects(observe(bench, chat, ada), isFault({ is: 'forbidden' }));
  });

  scenario('that came while nobody ran counts after the start', async (bench, chat) => {
    await bench.online(varun, ada);
    await join(bench, chat, varun);
    await observe(bench, chat, ada);
    bench.config = without(varun, ada);
    await bench.restart();
    await bench.open();
    await bench.advance(1);
    assert.deepEqual(chatOf(bench, chat).participants, [jesse]);
    assert.deepEqual(chatOf(bench, chat).observers, []);
  });

  scenario('a team that is gone takes nothing over', async (bench, chat) => {
    await bench.online(mia);
    await toTeam(bench, chat, SUPPORT);
    await bench.helpdesk.reconfigure(
      configOf({
        staff: STAFF.map((one) => ({ ...one, teams: one.teams.filter((team) => team !== SUPPORT) })),
        teams: standard.teams.filter((team) => team.id !== SUPPORT),
      }),
    );
    assert.deepEqual(endsOf(bench, chat), ['mia withdrawn']);
    assert.equal(events(bench, 'transfer-failed').length, 1);
    await assert.rejects(toTeam(bench, chat, SUPPORT), isFault({ is: 'not-found' }));
  });
});

describe('a chat that was kept before there were conferences', () => {
  scenario('goes on, and colleagues can be asked in', async (bench, chat) => {
    const kept = (await bench.store.chat(TENANT, chat))?.chat;
    assert.ok(kept?.is === 'running');
    const { observers: _observers, invitations: _invitations, ...old } = kept;
    await bench.store.write(TENANT, [{ is: 'chat', chat: old as ChatState }]);
    await bench.restart();
    await bench.open();
    await bench.online(varun);
    await invite(bench, chat, varun);
    await accept(bench, chat, varun);
    assert.deepEqual(chatOf(bench, chat).participants, [jesse, varun]);
  });
});

describe('what an inviter says', () => {
  scenario('is cleaned and capped', async (bench, chat) => {
    await bench.online(varun);
    const why = `▸ look\u0000 here${'x'.repeat(20_000)}`;
    await bench.helpdesk.invite(bench.call(), chat, jesse, varun, why);
    const told = bench.offerOf(chat, varun).why;
    assert.ok(told?.startsWith('look here') && told.length <= 1_000);
    await bench.helpdesk.decline(bench.call(), bench.offerOf(chat, varun), 'declined');
    await bench.helpdesk.invite(bench.call(), chat, jesse, varun, '▸ \u200b');
    assert.equal(bench.offerOf(chat, varun).why, undefined);
  });
});
