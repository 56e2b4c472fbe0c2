import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { ChatId, StaffId } from '../../helpdesk/model.ts';
import type { HelpdeskEvent } from '../../helpdesk/port.ts';
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

const MINUTE = 60_000;

function scenario(name: string, test: (bench: Bench) => Promise<void>, options: BenchOptions = {}): void {
  it(name, async () => {
    const bench = new Bench(options);
    await bench.open();
    await test(bench);
    await bench.close();
  });
}

/** A chat that Jesse has taken. */
async function chatting(bench: Bench): Promise<ChatId> {
  await bench.online(jesse);
  const chat = await bench.asks('Hello?');
  await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hi'));
  return chat;
}

function events<Type extends HelpdeskEvent['type']>(bench: Bench, type: Type) {
  return bench.events.filter((event): event is Extract<HelpdeskEvent, { type: Type }> => event.type === type);
}

function lastChat(bench: Bench, id: ChatId) {
  return events(bench, 'chat').findLast((event) => event.chat.id === id)?.chat;
}

/** As a disk that fails, until what it returns is called. */
function refusesWrites({ store }: Bench, refused: () => void = () => undefined): () => void {
  const write = store.write.bind(store);
  Object.assign(store, {
    write: () => {
      refused();
      return Promise.reject(new Error('disk'));
    },
  });
  return () => Object.assign(store, { write });
}

describe('ringing', () => {
  scenario('three passes of 60 s over the team, then the visitor is asked to leave a message', async (bench) => {
    await bench.online(jesse, varun);
    const chat = await bench.asks('Hello?');
    const order: StaffId[] = [];
    for (let ring = 0; ring < 6; ring++) {
      order.push(...bench.asked(chat));
      assert.equal(await bench.phase(chat), 'waiting');
      await bench.advance(MINUTE);
    }
    assert.deepEqual(order, [jesse, varun, jesse, varun, jesse, varun]);
    assert.equal(await bench.phase(chat), 'ended: unanswered');
    assert.match((await bench.texts(chat, 'notice')).join(), /leave a message/u);
    assert.equal(lastChat(bench, chat)?.phase.is, 'ended');
  });

  scenario('when everybody said no, the visitor is asked to leave a message at once', async (bench) => {
    await bench.online(jesse, varun);
    const chat = await bench.asks('Hello?');
    await bench.helpdesk.decline(bench.call(), bench.offerOf(chat, jesse), 'declined');
    assert.deepEqual(bench.asked(chat), [varun]);
    await bench.helpdesk.decline(bench.call(), bench.offerOf(chat, varun), 'declined');
    assert.equal(await bench.phase(chat), 'ended: unanswered');
  });

  scenario('a chat that finds nobody is over at once, and no app ever sees it', async (bench) => {
    await bench.online(mia);
    bench.events.length = 0;
    const chat = await bench.asks('Hello?');
    assert.equal(await bench.phase(chat), 'ended: unanswered');
    assert.deepEqual(bench.events, []);
    assert.deepEqual(await bench.texts(chat, 'you'), ['Hello?']);
  });

  scenario(
    'a member who is full is not asked; the chat waits, and rings when there is room',
    async (bench) => {
      const first = await chatting(bench);
      const second = await bench.asks('And I?');
      await bench.advance(20 * MINUTE);
      assert.equal(await bench.phase(second), 'waiting');
      assert.deepEqual(bench.asked(second), []);
      await bench.helpdesk.end(bench.call(), first, jesse);
      assert.deepEqual(bench.asked(second), [jesse]);
    },
    { helpdesk: { ring: { ...configOf().helpdesk.ring, maxChats: 1 } } },
  );

  scenario(
    'of those who have as many chats, who took one, ended one or came online last is asked last',
    async (bench) => {
      await bench.online(jesse, varun);
      const next = async (): Promise<StaffId[]> => {
        const chat = await bench.asks('Hello?');
        const asked = bench.asked(chat);
        await bench.site.end(TENANT, bench.ticket(chat));
        return asked;
      };
      assert.deepEqual(await next(), [jesse]);
      await bench.helpdesk.setStatus(bench.call(), jesse, 'away');
      await bench.online(jesse);
      assert.deepEqual(await next(), [varun]);
      const chat = await bench.asks('Hello?');
      await bench.helpdesk.accept(bench.call(), chat, varun, bench.words('Hi'));
      await bench.helpdesk.end(bench.call(), chat, varun);
      assert.deepEqual(await next(), [jesse]);
    },
  );

  scenario('who comes online is asked for what waits', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    await bench.helpdesk.setStatus(bench.call(), jesse, 'away', undefined, true);
    assert.deepEqual(bench.asked(chat), []);
    assert.equal(await bench.phase(chat), 'waiting');
    await bench.online(varun);
    assert.deepEqual(bench.asked(chat), [varun]);
  });

  scenario('anybody who sees a waiting chat may take it: the team, and who sees all teams', async (bench) => {
    await bench.online(jesse);
    const [one, two, three] = [await bench.asks('1'), await bench.asks('2'), await bench.asks('3')];
    await bench.helpdesk.accept(bench.call(), one, varun, bench.words('mine'));
    await bench.helpdesk.accept(bench.call(), two, boss, bench.words('mine'));
    await assert.rejects(bench.helpdesk.accept(bench.call(), three, mia, bench.words('mine')));
    assert.deepEqual(await bench.texts(two, 'staff'), ['mine']);
  });

  scenario(
    'an open queue whose request was not seen by one app asks again when that user comes back',
    async (bench) => {
      await bench.online(jesse, varun);
      const chat = await bench.asks('Hello?');
      await bench.helpdesk.decline(bench.call(), bench.offerOf(chat, jesse), 'unseen');
      assert.deepEqual(bench.asked(chat), [varun]);
      await bench.helpdesk.setStatus(bench.call(), jesse, 'away');
      await bench.online(jesse);
      assert.deepEqual(bench.asked(chat), [varun, jesse]);
    },
    { helpdesk: { ring: { ...configOf().helpdesk.ring, strategy: 'open-queue' } } },
  );
});

describe('the visitor’s page', () => {
  scenario('not heard for 20 s it is away; heard again it is back', async (bench) => {
    const chat = await chatting(bench);
    bench.closesPage(chat);
    await bench.clock.advance(19_999);
    assert.equal(lastChat(bench, chat)?.visitorPresent, true);
    await bench.clock.advance(1);
    await bench.settled();
    assert.equal(lastChat(bench, chat)?.visitorPresent, false);
    bench.opensPage(chat);
    await bench.settled();
    assert.equal(lastChat(bench, chat)?.visitorPresent, true);
  });

  scenario('away for 5 min, a running chat ends with a notice to its staff', async (bench) => {
    const chat = await chatting(bench);
    bench.closesPage(chat);
    await bench.advance(5 * MINUTE - 1);
    assert.equal(await bench.phase(chat), 'running');
    await bench.helpdesk.say(bench.call(), chat, jesse, bench.words('Are you there?'));
    await bench.advance(1);
    assert.equal(await bench.phase(chat), 'ended: visitor-away');
    assert.deepEqual(await bench.texts(chat, 'staff'), ['Hi', 'Are you there?']);
    const notice = bench.events.findLastIndex((event) => event.type === 'line');
    const end = bench.events.findLastIndex((event) => event.type === 'chat');
    assert.ok(notice < end, 'who took part is told before the chat is over');
  });

  scenario('away for 5 min, a waiting chat is withdrawn', async (bench) => {
    await bench.online(jesse, varun);
    const chat = await bench.asks('Hello?');
    bench.closesPage(chat);
    await bench.advance(5 * MINUTE);
    assert.equal(await bench.phase(chat), 'ended: visitor-away');
    assert.deepEqual(bench.asked(chat), []);
    assert.equal(events(bench, 'offer-ended').at(-1)?.end.is, 'chat-ended');
  });

  scenario('a reload is not an end', async (bench) => {
    const chat = await chatting(bench);
    bench.closesPage(chat);
    await bench.clock.advance(4 * MINUTE);
    bench.opensPage(chat);
    await bench.advance(10 * MINUTE);
    assert.equal(await bench.phase(chat), 'running');
  });

  scenario('whatever the visitor does shows that the page is there', async (bench) => {
    const chat = await chatting(bench);
    bench.closesPage(chat);
    await bench.advance(30_000);
    assert.equal(lastChat(bench, chat)?.visitorPresent, false);
    await bench.says(chat, 'back');
    assert.equal(lastChat(bench, chat)?.visitorPresent, true);
  });

  scenario('typing ends with the line, or after 30 s', async (bench) => {
    const chat = await chatting(bench);
    const told = () => events(bench, 'typing').map((event) => event.on);
    bench.site.typing(TENANT, bench.ticket(chat), true);
    await bench.says(chat, 'there');
    assert.deepEqual(told(), [true, false]);
    const [typing, line] = bench.events.slice(-2);
    assert.deepEqual([typing?.type, line?.type], ['typing', 'line']);
    bench.site.typing(TENANT, bench.ticket(chat), true);
    await bench.advance(29_000);
    assert.deepEqual(told(), [true, false, true]);
    await bench.advance(1_000);
    assert.deepEqual(told(), [true, false, true, false]);
  });

  scenario('another page of the website goes onto the card', async (bench) => {
    const chat = await chatting(bench);
    await bench.site.visitPage(TENANT, bench.ticket(chat), { url: 'https://shop.example/cart', title: 'Cart' });
    assert.deepEqual(lastChat(bench, chat)?.visitor, {
      name: 'Chris',
      pageUrl: 'https://shop.example/cart',
      pageTitle: 'Cart',
    });
  });
});

describe('a chat’s end', () => {
  scenario('comes when nobody writes for 60 min', async (bench) => {
    const chat = await chatting(bench);
    await bench.advance(50 * MINUTE);
    await bench.says(chat, 'still here');
    await bench.advance(60 * MINUTE - 1_000);
    assert.equal(await bench.phase(chat), 'running');
    await bench.advance(1_000);
    assert.equal(await bench.phase(chat), 'ended: idle');
  });

  scenario(
    'is not idleness while it waits',
    async (bench) => {
      const first = await chatting(bench);
      const second = await bench.asks('And I?');
      for (let half = 0; half < 4; half++) {
        await bench.advance(30 * MINUTE);
        await bench.says(first, 'x');
      }
      assert.equal(await bench.phase(second), 'waiting');
    },
    { helpdesk: { ring: { ...configOf().helpdesk.ring, maxChats: 1 } } },
  );
});

describe('absence', () => {
  scenario('chats that are given back come first, and the visitor is told', async (bench) => {
    const chat = await chatting(bench);
    const other = await bench.asks('And I?');
    await bench.helpdesk.setStatus(bench.call(), jesse, 'away', undefined, true);
    await bench.advance(1_000);
    await bench.helpdesk.giveBack(bench.call(), jesse);
    assert.match((await bench.texts(chat, 'notice')).at(-1) ?? '', /had to go.*first in line/u);
    await bench.online(varun);
    assert.deepEqual(bench.asked(chat), [varun]);
    assert.deepEqual(bench.asked(other), []);
    assert.equal(lastChat(bench, chat)?.phase.is, 'waiting');
  });

  scenario('with nobody else there, the visitor is asked to leave a message at once', async (bench) => {
    const chat = await chatting(bench);
    await bench.helpdesk.setStatus(bench.call(), jesse, 'offline');
    await bench.helpdesk.giveBack(bench.call(), jesse);
    assert.equal(await bench.phase(chat), 'ended: unanswered');
  });

  for (const status of ['away', 'busy', 'offline'] as const) {
    scenario(`of the last one (${status}) ends what waits at once`, async (bench) => {
      await bench.online(jesse);
      const chat = await bench.asks('Hello?');
      await bench.helpdesk.setStatus(bench.call(), jesse, status);
      assert.equal(await bench.phase(chat), 'ended: unanswered');
    });
  }

  scenario('by a dropped connection is waited for, 60 s at most', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    await bench.helpdesk.setStatus(bench.call(), jesse, 'away', undefined, true);
    await bench.advance(MINUTE - 1);
    assert.equal(await bench.phase(chat), 'waiting');
    await bench.advance(1);
    assert.equal(await bench.phase(chat), 'ended: unanswered');
  });
});

describe('hours and limits', () => {
  scenario(
    'too many waiting chats: a start that got past the page is over at once',
    async (bench) => {
      await chatting(bench);
      const [one, two] = await Promise.all([bench.asks('1'), bench.asks('2')]);
      const phases = [await bench.phase(one), await bench.phase(two)];
      assert.deepEqual(phases.toSorted(), ['ended: unanswered', 'waiting']);
    },
    { limits: { waitingChatsPerTenant: 1 } },
  );

  scenario('what staff say loses the mark, and is refused when nothing is left', async (bench) => {
    const chat = await chatting(bench);
    await bench.helpdesk.say(bench.call(), chat, jesse, bench.words('▸ Chris ended the chat.\n\u200b▶ x'));
    assert.deepEqual((await bench.texts(chat, 'staff')).at(-1), 'Chris ended the chat.\nx');
    for (const text of ['▸', ' \n', 'x'.repeat(70_000)]) {
      await assert.rejects(
        bench.helpdesk.say(bench.call(), chat, jesse, bench.words(text)),
        (error) => error instanceof HelpdeskError && error.fault.is === 'forbidden',
      );
    }
  });

  scenario('input that is not of its form is refused, whatever it is', async (bench) => {
    const inputs = [
      null,
      1,
      'x',
      [],
      {},
      { type: 'start' },
      { type: 'say', chat: 'x', messageId: 'm', text: 'x' },
      JSON.parse('{"__proto__":{"type":"end"}}'),
    ];
    for (const input of inputs) {
      await assert.rejects(
        bench.helpdesk.receive(bench.call(), input),
        (error) => error instanceof HelpdeskError && error.fault.is === 'protocol',
      );
      bench.helpdesk.hear(input);
    }
    assert.deepEqual(bench.events, []);
  });
});

describe('a line', () => {
  scenario('is said once, even by another call', async (bench) => {
    const chat = await chatting(bench);
    const words = bench.words('once');
    await bench.helpdesk.say(bench.call(), chat, jesse, words);
    await bench.helpdesk.say(bench.call(), chat, jesse, words);
    assert.deepEqual(await bench.texts(chat, 'staff'), ['Hi', 'once']);
  });
});

describe('a changed configuration', () => {
  scenario('who is removed or disabled leaves the chats; their requests go on', async (bench) => {
    const chat = await chatting(bench);
    const other = await bench.asks('And I?');
    assert.deepEqual(bench.asked(other), [jesse]);
    await bench.online(varun);
    const staff = configOf().helpdesk.staff.map((one) => ({ ...one, disabled: one.username === 'jesse' }));
    await bench.helpdesk.reconfigure(configOf({ staff }));
    assert.equal(lastChat(bench, chat)?.phase.is, 'waiting');
    assert.deepEqual(bench.asked(chat), [varun], 'given back, it comes first');
    assert.deepEqual(bench.asked(other), []);
    assert.match((await bench.texts(chat, 'notice')).at(-1) ?? '', /Jesse Stone/u);
    const directory = events(bench, 'directory').at(-1);
    assert.ok(!directory?.staff.some((one) => one.id === jesse));
  });

  for (const [sentence, isRunning] of [
    ['who gets somebody else’s username gets none of their chats, nor what was shown of them', true],
    ['that came while nobody ran gives nobody else’s chats to who has their username', false],
  ] as const) {
    scenario(sentence, async (bench) => {
      // not only what the configuration begins with is known
      await bench.settled();
      const chat = await chatting(bench);
      await bench.online(varun);
      await bench.helpdesk.setStatus(bench.call(), jesse, 'busy', 'lunch');
      const jane = { name: 'Jane Doe', hash: 'another' };
      const staff = configOf().helpdesk.staff.map((one) => (one.username === 'jesse' ? { ...one, ...jane } : one));
      bench.events.length = 0;
      bench.config = configOf({ staff });
      if (isRunning) await bench.helpdesk.reconfigure(bench.config);
      else await (await bench.restart()).open((event) => bench.events.push(event));
      await bench.settled();
      assert.equal(lastChat(bench, chat)?.phase.is, 'waiting');
      assert.match((await bench.texts(chat, 'notice')).at(-1) ?? '', /^Jesse Stone had to go\./u);
      await assert.rejects(bench.helpdesk.say(bench.call(), chat, jesse, bench.words('I am Jane')));
      const shown = events(bench, 'directory').map(({ staff: all }) => all.find(({ id }) => id === jesse));
      assert.equal(shown[0], undefined, 'whoever had it goes first');
      const { name, status, statusText } = shown.at(-1) ?? {};
      assert.deepEqual([name, status, statusText], ['Jane Doe', 'offline', undefined]);
    });
  }

  for (const [sentence, isRunning] of [
    ['who was disabled while online is not there when they may come again, over a restart too', true],
    ['who was disabled while nobody ran is not there either', false],
  ] as const) {
    scenario(sentence, async (bench) => {
      await bench.online(jesse);
      const staff = configOf().helpdesk.staff.map((one) => ({ ...one, disabled: one.username === 'jesse' }));
      const disabled = configOf({ staff });
      if (isRunning) await bench.helpdesk.reconfigure(disabled);
      bench.config = disabled;
      const helpdesk = await bench.restart();
      await helpdesk.open((event) => bench.events.push(event));
      await bench.advance(2 * MINUTE);
      bench.config = configOf();
      await helpdesk.reconfigure(bench.config);
      const directory = events(bench, 'directory').at(-1);
      assert.equal(directory?.staff.find(({ id }) => id === jesse)?.status, 'offline');
      assert.equal((await bench.site.reception(TENANT)).teams.find(({ id }) => id === SALES)?.available, false);
      assert.equal(await bench.phase(await bench.asks('Hello?')), 'ended: unanswered');
    });
  }

  scenario('a team that is gone has nobody: what waits for it is asked to leave a message', async (bench) => {
    await bench.online(mia);
    const chat = await bench.asks('Hello?', { team: SUPPORT });
    assert.deepEqual(bench.asked(chat), [mia]);
    const { teams, staff } = configOf().helpdesk;
    await bench.helpdesk.reconfigure(
      configOf({
        teams: teams.filter((team) => team.id !== SUPPORT),
        staff: staff.map((one) => ({ ...one, teams: one.teams.filter((team) => team !== SUPPORT) })),
      }),
    );
    assert.deepEqual(bench.asked(chat), []);
    await bench.advance(MINUTE);
    assert.equal(await bench.phase(chat), 'ended: unanswered');
  });

  scenario('another way of ringing begins anew', async (bench) => {
    await bench.online(jesse, varun);
    const chat = await bench.asks('Hello?');
    assert.deepEqual(bench.asked(chat), [jesse]);
    const ring = { ...configOf().helpdesk.ring, strategy: 'open-queue' as const };
    await bench.helpdesk.reconfigure(configOf({ ring }));
    assert.deepEqual(bench.asked(chat).toSorted(), [jesse, varun]);
    await bench.helpdesk.reconfigure(configOf());
    assert.equal(bench.asked(chat).length, 1);
  });

  scenario('another way of ringing waits no more for who was to come back', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    await bench.helpdesk.setStatus(bench.call(), jesse, 'away', undefined, true);
    const ring = { ...configOf().helpdesk.ring, strategy: 'open-queue' as const };
    await bench.helpdesk.reconfigure(configOf({ ring }));
    await bench.advance(MINUTE);
    const write = bench.store.write.bind(bench.store);
    let turns = 0;
    Object.assign(bench.store, {
      write: (...of: Parameters<typeof write>) => {
        turns++;
        return write(...of);
      },
    });
    await bench.advance(MINUTE);
    assert.equal(await bench.phase(chat), 'waiting');
    assert.ok(turns < 20, `nothing is due, and there were ${turns} turns`);
  });
});

describe('a restart', () => {
  scenario('with another way of ringing begins the rings anew', async (bench) => {
    await bench.online(jesse, varun);
    const chat = await bench.asks('Hello?');
    const ring = configOf().helpdesk.ring;
    for (const [strategy, expected] of [
      ['open-queue', 2],
      ['round-robin', 1],
    ] as const) {
      bench.config = configOf({ ring: { ...ring, strategy } });
      const helpdesk = await bench.restart();
      await helpdesk.open((event) => bench.events.push(event));
      await bench.advance(0);
      assert.equal(bench.asked(chat).length, expected);
    }
    await bench.advance(6 * MINUTE);
    assert.equal(await bench.phase(chat), 'ended: unanswered');
  });

  scenario('goes on with the absence of a page that was away, and gives others time to come back', async (bench) => {
    const gone = await chatting(bench);
    const there = await bench.asks('And I?');
    await bench.helpdesk.accept(bench.call(), there, jesse, bench.words('Hi'));
    bench.closesPage(gone);
    await bench.advance(4 * MINUTE);
    bench.closesPage(there);
    const helpdesk = await bench.restart();
    await helpdesk.open((event) => bench.events.push(event));
    await bench.clock.advance(29_999);
    assert.equal(lastChat(bench, there)?.visitorPresent, true);
    bench.opensPage(there);
    await bench.advance(31_000);
    assert.equal(await bench.phase(gone), 'ended: visitor-away');
    assert.equal(lastChat(bench, there)?.visitorPresent, true);
    assert.equal(await bench.phase(there), 'running');
  });

  scenario('after a long time off, nobody loses a chat before they could be heard', async (bench) => {
    const chat = await chatting(bench);
    bench.closesPage(chat);
    await bench.advance(MINUTE);
    await bench.helpdesk.close();
    await bench.clock.advance(3 * 60 * MINUTE);
    const helpdesk = await bench.restart();
    await helpdesk.open((event) => bench.events.push(event));
    await bench.clock.advance(29_999);
    assert.equal(await bench.phase(chat), 'running');
    bench.opensPage(chat);
    await bench.says(chat, 'here I am');
    await bench.advance(MINUTE);
    assert.equal(await bench.phase(chat), 'running');
  });

  scenario('who is not spoken of within 60 s is offline, all of them at once', async (bench) => {
    await bench.online(jesse, varun, mia);
    const helpdesk = await bench.restart();
    await helpdesk.open((event) => bench.events.push(event));
    await helpdesk.setStatus(bench.call(), varun, 'online');
    bench.events.length = 0;
    await bench.advance(MINUTE);
    assert.equal(events(bench, 'directory').length, 1);
    const staff = events(bench, 'directory').at(-1)?.staff ?? [];
    const statuses = [jesse, varun, mia].map((one) => staff.find(({ id }) => id === one)?.status);
    assert.deepEqual(statuses, ['offline', 'online', 'offline']);
  });

  scenario('a waiting chat outlasts it while nobody has logged in again', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    const helpdesk = await bench.restart();
    await helpdesk.open((event) => bench.events.push(event));
    await helpdesk.setStatus(bench.call(), jesse, 'away');
    const late = await bench.asks('And I?');
    await bench.advance(MINUTE - 1_000);
    assert.deepEqual([await bench.phase(chat), await bench.phase(late)], ['waiting', 'waiting']);
    await bench.online(jesse);
    assert.deepEqual(bench.asked(chat), [jesse]);
  });
});

describe('a process that stands still', () => {
  scenario('F34 counts nobody as absent for that time, nor for a clock that is set', async (bench) => {
    const chat = await chatting(bench);
    const waiting = await bench.asks('And I?');
    const now = bench.clock.now.bind(bench.clock);
    let skipped = 10 * MINUTE;
    bench.clock.now = () => now() + skipped;
    // the timers that were due meanwhile fire late
    await bench.clock.advance(20_000, () => bench.settled());
    assert.deepEqual([await bench.phase(chat), await bench.phase(waiting)], ['running', 'waiting']);
    for (const one of [chat, waiting]) bench.opensPage(one);
    await bench.advance(MINUTE);
    assert.equal(lastChat(bench, chat)?.visitorPresent, true);
    skipped = 20 * MINUTE;
    bench.closesPage(chat);
    await bench.advance(6 * MINUTE);
    assert.equal(await bench.phase(chat), 'ended: visitor-away');
    assert.notEqual(await bench.phase(waiting), 'ended: visitor-away');
  });
});

describe('a clock that is set back', () => {
  scenario('F34 shows a page that is closed as away in time all the same', async (bench) => {
    const chat = await chatting(bench);
    const now = bench.clock.now.bind(bench.clock);
    bench.clock.now = () => now() - 60 * MINUTE;
    await bench.advance(MINUTE);
    assert.equal(lastChat(bench, chat)?.visitorPresent, true);
    bench.closesPage(chat);
    await bench.advance(MINUTE);
    assert.equal(lastChat(bench, chat)?.visitorPresent, false);
    await bench.advance(5 * MINUTE);
    assert.equal(await bench.phase(chat), 'ended: visitor-away');
  });

  scenario('F34 counts a page that was closed before as away from then on', async (bench) => {
    const chat = await chatting(bench);
    bench.closesPage(chat);
    const now = bench.clock.now.bind(bench.clock);
    bench.clock.now = () => now() - 60 * MINUTE;
    await bench.advance(6 * MINUTE);
    assert.equal(await bench.phase(chat), 'ended: visitor-away');
  });
});

describe('a store that fails', () => {
  const full: BenchOptions = { maxPages: 110 };
  scenario(
    'F35 a call is refused softly, nothing of it is told, and it succeeds when there is room',
    async (bench) => {
      const chat = await chatting(bench);
      bench.events.length = 0;
      const call = bench.call();
      const words = bench.words('😀'.repeat(60_000));
      const filling: Promise<void>[] = [];
      for (let count = 0; count < 3; count++) {
        filling.push(bench.helpdesk.say(bench.call(), chat, jesse, bench.words('😀'.repeat(60_000))));
      }
      const failed = await Promise.allSettled([...filling, bench.helpdesk.say(call, chat, jesse, words)]);
      for (const one of failed) {
        assert.ok(one.status === 'rejected' && one.reason instanceof HelpdeskError && one.reason.soft);
      }
      assert.deepEqual(bench.events, []);
      // the state is that of the store again: the next line has the number that the lost ones had
      await bench.helpdesk.say(call, chat, jesse, { ...words, text: 'short' });
      await bench.says(chat, 'and I');
      assert.deepEqual(
        (await bench.helpdesk.history(chat, 0, 10)).map((line) => line.number),
        [1, 2, 3, 4, 5],
      );
      assert.equal(events(bench, 'line').length, 2);
    },
    full,
  );

  scenario('who typed at that moment is told to stop, and what was seen is not told again', async (bench) => {
    const chat = await chatting(bench);
    const told = () => events(bench, 'typing').map((event) => event.on);
    bench.site.seen?.(TENANT, bench.ticket(chat), 2);
    bench.site.typing(TENANT, bench.ticket(chat), true);
    const takesAgain = refusesWrites(bench);
    await assert.rejects(bench.helpdesk.say(bench.call(), chat, jesse, bench.words('lost')));
    takesAgain();
    await bench.settled();
    bench.site.seen?.(TENANT, bench.ticket(chat), 2);
    assert.deepEqual([told(), events(bench, 'seen').length], [[true], 1]);
    await bench.advance(30_000);
    assert.deepEqual(told(), [true, false]);
  });

  scenario('a chat whose end was not stored goes on, its page is still there', async (bench) => {
    const chat = await chatting(bench);
    await bench.advance(10 * MINUTE);
    const takesAgain = refusesWrites(bench);
    await assert.rejects(bench.helpdesk.end(bench.call(), chat, jesse));
    takesAgain();
    await bench.clock.advance(5_000, () => bench.settled());
    assert.equal(await bench.phase(chat), 'running');
    assert.equal(lastChat(bench, chat)?.visitorPresent, true);
    bench.closesPage(chat);
    await bench.advance(5 * MINUTE);
    assert.equal(await bench.phase(chat), 'ended: visitor-away');
  });

  scenario('what comes meanwhile waits until the store can be read again', async (bench) => {
    const chat = await chatting(bench);
    const takesAgain = refusesWrites(bench);
    const load = bench.store.load.bind(bench.store);
    Object.assign(bench.store, { load: () => Promise.reject(new Error('disk')) });
    await assert.rejects(bench.helpdesk.say(bench.call(), chat, jesse, bench.words('lost')));
    takesAgain();
    const saying = bench.helpdesk.say(bench.call(), chat, jesse, bench.words('kept'));
    await bench.advance(3_000);
    assert.deepEqual(await bench.texts(chat, 'staff'), ['Hi']);
    Object.assign(bench.store, { load });
    await bench.advance(1_000);
    await saying;
    assert.deepEqual(
      (await bench.helpdesk.history(chat, 0, 10)).map(({ number }) => number),
      [1, 2, 3, 4],
    );
  });

  scenario('deadlines go on after a failure', async (bench) => {
    await bench.online(jesse, varun);
    const chat = await bench.asks('Hello?');
    let failures = 0;
    const takesAgain = refusesWrites(bench, () => failures++);
    await bench.advance(MINUTE);
    assert.ok(failures > 0);
    takesAgain();
    await bench.advance(5_000);
    assert.deepEqual(bench.asked(chat), [varun]);
  });
});

describe('left messages', () => {
  scenario('one that closes a waiting chat takes its request away', async (bench) => {
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    const form = { messageId: bench.uuid(), name: 'Chris', email: 'c@example.com', team: SALES, text: 'Call me' };
    await bench.site.leaveMessage(TENANT, form, bench.ticket(chat));
    await bench.site.leaveMessage(TENANT, form, bench.ticket(chat));
    assert.equal(await bench.phase(chat), 'ended: visitor');
    assert.deepEqual(bench.asked(chat), []);
    assert.equal((await bench.helpdesk.leftMessages([SALES], 10)).length, 1);
  });
});
