/** What every store of the embedded helpdesk keeps to, and the checkpoints beside it. */
import assert from 'node:assert/strict';
import type { Checkpoints } from '../../../bus/port.ts';
import type { ChatId, LeftMessage, StaffId, TeamId, TenantId } from '../../../helpdesk/model.ts';
import type { ChatLine, ChatState, EndedChat, WaitingChat } from '../chat/chat.ts';
import { newRing } from '../ring/ring.ts';
import type { EmbeddedStore, StoreChange } from './port.ts';

/** `describe` and `it` of whichever runner. */
export interface StoreRunner {
  readonly describe: (name: string, suite: () => void) => void;
  readonly it: (name: string, test: () => Promise<void>) => void;
}

export interface StoreSubject {
  readonly store: EmbeddedStore;
  readonly checkpoints: Checkpoints;
  /** Closes it and opens it again. */
  reopen(): Promise<StoreSubject>;
  close(): Promise<void>;
}

const acme = 'acme.test' as TenantId;
const other = 'other.test' as TenantId;
const sales = 'sales' as TeamId;
const support = 'support' as TeamId;
const jesse = 'jesse' as StaffId;
const id = 'abcdefghijklmnopqrstuvwx23' as ChatId;

const waiting: WaitingChat = {
  is: 'waiting',
  id,
  team: sales,
  card: { name: 'Chris', fields: [{ label: 'Order', value: '17' }] },
  question: 'Where is it?',
  startedAt: 1_000,
  since: 1_000,
  isFront: false,
  lastLine: 1,
  lastWordsAt: 1_000,
  requests: 0,
  ring: newRing(0),
};
const { ring: _ring, since: _since, isFront: _front, ...rest } = waiting;
const ended: EndedChat = {
  ...rest,
  is: 'ended',
  at: 2_000,
  why: 'visitor',
  waitingSince: 1_000,
  participants: [],
  observers: [],
};

function line(number: number, from: ChatLine['from'] = { is: 'notice' }, text = `line ${number}`): ChatLine {
  return { number, id: `line-${number}`, at: number, from, text };
}

function put(chat: ChatState, ticket?: string): StoreChange {
  return { is: 'chat', chat, ...(ticket !== undefined && { ticket }) };
}

function left(number: number, team = sales): StoreChange {
  const message: LeftMessage = {
    id: String(number),
    at: number,
    team,
    name: 'Dana',
    email: 'dana@example.com',
    text: `message ${number}`,
    done: false,
  };
  return { is: 'left-message', message, messageId: `message-id-${number}` };
}

export function storeContract(runner: StoreRunner, make: () => Promise<StoreSubject>): void {
  const contract = (name: string, test: (subject: StoreSubject) => Promise<void | StoreSubject>): void => {
    runner.it(name, async () => {
      const subject = await make();
      const last = await test(subject);
      await (last ?? subject).close();
    });
  };

  runner.describe('chats and lines', () => {
    contract('a chat is as it was written, by its id and among those that are open', async ({ store }) => {
      await store.write(acme, [put(waiting, 'a1b2')]);
      assert.deepEqual(await store.chat(acme, id), { chat: waiting, ticket: 'a1b2' });
      assert.deepEqual((await store.load(acme)).chats, [waiting]);
      assert.equal(await store.countWaiting(acme), 1);
      await store.write(acme, [put(ended)]);
      assert.deepEqual(await store.chat(acme, id), { chat: ended, ticket: 'a1b2' });
      assert.deepEqual((await store.load(acme)).chats, []);
      assert.equal(await store.countWaiting(acme), 0);
    });

    contract('lines are read by number, with whoever said them', async ({ store }) => {
      const lines = [
        line(1, { is: 'visitor', messageId: 'm1' }, 'a\u2028b\0c 💬 \\ \' "'),
        line(2, { is: 'staff', staff: jesse, name: 'Jesse ✓' }),
        line(3, { is: 'notice', forStaff: 'as staff read it' }),
        line(4),
      ];
      await store.write(acme, [
        put(waiting, 'a1b2'),
        ...lines.map((one): StoreChange => ({ is: 'line', chat: id, line: one })),
      ]);
      assert.deepEqual(await store.lines(acme, id, 0, 10), lines);
      assert.deepEqual(await store.lines(acme, id, 1, 2), lines.slice(1, 3));
      assert.deepEqual(await store.lines(acme, id, 4, 10), []);
      assert.equal(await store.hasLine(acme, id, 'line-2'), true);
      assert.equal(await store.hasLine(acme, id, 'line-5'), false);
      assert.equal(await store.knowsLine(acme, id, 'm1'), true);
      assert.equal(await store.knowsLine(acme, id, 'm2'), false);
    });

    contract(
      'J18 a line whose number, id or message id is taken is not stored, nor what comes with it',
      async ({ store }) => {
        await store.write(acme, [
          put(waiting, 'a1b2'),
          { is: 'line', chat: id, line: line(1, { is: 'visitor', messageId: 'm1' }) },
        ]);
        const doubles = [line(1), { ...line(2), id: 'line-1' }, line(2, { is: 'visitor', messageId: 'm1' })];
        for (const double of doubles) {
          await assert.rejects(
            store.write(acme, [
              { is: 'call', id: 'with it', at: 1 },
              { is: 'line', chat: id, line: double },
            ]),
          );
        }
        assert.equal((await store.lines(acme, id, 0, 10)).length, 1);
        assert.equal(await store.knowsCall(acme, 'with it'), false);
      },
    );
  });

  runner.describe('writes', () => {
    contract(
      'of one run of the event loop stand or fall together, each tenant by itself',
      async ({ store, checkpoints }) => {
        await store.write(acme, [put(waiting, 'a1b2')]);
        const outcomes = await Promise.allSettled([
          store.write(acme, [{ is: 'call', id: 'before', at: 1 }]),
          checkpoints.write(acme, new Map([['seat', 'after']])),
          store.write(acme, [put(waiting, 'twice')]),
          store.write(acme, [{ is: 'call', id: 'after', at: 1 }]),
          store.write(other, [{ is: 'call', id: 'other', at: 1 }]),
        ]);
        assert.deepEqual(
          outcomes.map(({ status }) => status),
          ['rejected', 'rejected', 'rejected', 'rejected', 'fulfilled'],
        );
        assert.equal(await store.knowsCall(acme, 'before'), false);
        assert.equal(await store.knowsCall(acme, 'after'), false);
        assert.equal((await checkpoints.load(acme)).size, 0);
        assert.equal(await store.knowsCall(other, 'other'), true);
        await store.write(acme, [{ is: 'call', id: 'later', at: 1 }]);
        assert.equal(await store.knowsCall(acme, 'later'), true);
      },
    );

    contract('resolve in their order', async ({ store }) => {
      const order: number[] = [];
      await Promise.all(
        [1, 2, 3, 4].map(async (number) => {
          await store.write(acme, number % 2 === 0 ? [] : [{ is: 'call', id: String(number), at: 1 }]);
          order.push(number);
        }),
      );
      assert.deepEqual(order, [1, 2, 3, 4]);
    });

    contract('are all there after it is opened again', async (subject) => {
      await subject.store.write(acme, [
        put(waiting, 'a1b2'),
        { is: 'line', chat: id, line: line(1) },
        { is: 'staff', staff: { id: jesse, status: 'away', text: 'lunch', idleSince: 5 } },
        { is: 'call', id: 'call', at: 1 },
        left(1),
        { is: 'delivery', delivery: { message: '1', attempts: 0, nextAt: 1, expires: 2 } },
      ]);
      await subject.checkpoints.write(acme, new Map([['seat', '{}']]));
      const secret = await subject.store.secret(acme, () => 'f00d');
      const again = await subject.reopen();
      assert.deepEqual(await again.store.load(acme), {
        chats: [waiting],
        staff: [{ id: jesse, status: 'away', text: 'lunch', idleSince: 5 }],
        people: [],
        deliveries: [{ message: '1', attempts: 0, nextAt: 1, expires: 2 }],
        lastMessage: 1,
      });
      assert.equal((await again.store.lines(acme, id, 0, 10)).length, 1);
      assert.equal(await again.store.knowsCall(acme, 'call'), true);
      assert.equal(await again.store.secret(acme, () => 'beef'), secret);
      assert.deepEqual(await again.checkpoints.load(acme), new Map([['seat', '{}']]));
      return again;
    });
  });

  runner.describe('staff, calls and messages', () => {
    contract('the last status of a staff user counts', async ({ store }) => {
      await store.write(acme, [{ is: 'staff', staff: { id: jesse, status: 'busy', text: 'x', idleSince: 1 } }]);
      await store.write(acme, [{ is: 'staff', staff: { id: jesse, status: 'online', idleSince: 2 } }]);
      assert.deepEqual(await store.staff(acme), [{ id: jesse, status: 'online', idleSince: 2 }]);
    });

    contract('calls are forgotten by age', async ({ store }) => {
      await store.write(acme, [
        { is: 'call', id: 'old', at: 1_000 },
        { is: 'call', id: 'new', at: 2_000 },
      ]);
      await store.forgetCalls(2_000);
      assert.equal(await store.knowsCall(acme, 'old'), false);
      assert.equal(await store.knowsCall(acme, 'new'), true);
    });

    contract('left messages are listed newest first, of some teams, until they are done', async ({ store }) => {
      await store.write(acme, [left(1), left(2, support), left(3)]);
      const listed = async (...teams: TeamId[]) => (await store.leftMessages(acme, teams, 2)).map((one) => one.id);
      assert.deepEqual(await listed(sales), ['3', '1']);
      assert.deepEqual(await listed(sales, support), ['3', '2']);
      assert.deepEqual(await listed(), []);
      await store.write(acme, [{ is: 'message-done', id: '3', at: 9 }]);
      assert.deepEqual(await listed(sales, support), ['2', '1']);
      assert.equal((await store.leftMessage(acme, '3'))?.done, true);
      assert.equal(await store.leftMessage(acme, '4'), undefined);
      assert.equal(await store.leftMessage(acme, '1 OR 1=1'), undefined);
      assert.equal(await store.knowsLeftMessage(acme, 'message-id-2'), true);
      assert.equal(await store.knowsLeftMessage(acme, 'message-id-9'), false);
      assert.equal((await store.load(acme)).lastMessage, 3);
    });

    contract('a delivery is kept until it is delivered', async ({ store }) => {
      const delivery = { message: '1', attempts: 0, nextAt: 5, expires: 100 };
      await store.write(acme, [left(1), { is: 'delivery', delivery }]);
      await store.write(acme, [{ is: 'delivery', delivery: { ...delivery, attempts: 1, nextAt: 9 } }]);
      assert.deepEqual((await store.load(acme)).deliveries, [{ ...delivery, attempts: 1, nextAt: 9 }]);
      await store.write(acme, [{ is: 'delivered', message: '1' }]);
      assert.deepEqual((await store.load(acme)).deliveries, []);
    });

    contract('a secret is made once', async ({ store }) => {
      const secrets = await Promise.all(['a1', 'b2', 'c3'].map((fresh) => store.secret(acme, () => fresh)));
      assert.equal(new Set(secrets).size, 1);
      assert.notEqual(await store.secret(other, () => 'd4'), secrets[0]);
    });
  });

  runner.describe('I01 tenants', () => {
    contract('see nothing of each other, with the same ids in both', async ({ store, checkpoints }) => {
      await store.write(acme, [
        put(waiting, 'a1b2'),
        { is: 'line', chat: id, line: line(1) },
        left(1),
        { is: 'call', id: 'call', at: 1 },
      ]);
      await checkpoints.write(acme, new Map([['seat', 'acme']]));
      assert.deepEqual(await store.load(other), { chats: [], staff: [], people: [], deliveries: [], lastMessage: 0 });
      assert.equal(await store.chat(other, id), undefined);
      assert.deepEqual(await store.lines(other, id, 0, 10), []);
      assert.deepEqual(await store.leftMessages(other, [sales], 10), []);
      assert.equal(await store.leftMessage(other, '1'), undefined);
      assert.equal(await store.knowsCall(other, 'call'), false);
      assert.equal(await store.knowsLeftMessage(other, 'message-id-1'), false);
      assert.equal((await checkpoints.load(other)).size, 0);
      const theirs = { ...waiting, question: 'theirs' };
      await store.write(other, [put(theirs, 'c3d4'), left(1), { is: 'message-done', id: '1', at: 1 }]);
      assert.deepEqual(await store.chat(acme, id), { chat: waiting, ticket: 'a1b2' });
      assert.equal((await store.leftMessage(acme, '1'))?.done, false);
    });
  });

  runner.describe('accounts of lab tenants', () => {
    const ann = { username: 'ann', name: 'Ann ✓', email: 'ann@example.org', hash: '$argon2id$a' };
    const bob = { username: 'bob@example.org', name: 'Bob', hash: '$argon2id$b' };

    contract('are as they were written, after a restart too, and each tenant has its own', async (first) => {
      await first.store.write(acme, [
        { is: 'account', account: bob },
        { is: 'account', account: ann },
      ]);
      await first.store.write(other, [{ is: 'account', account: { ...ann, name: 'another Ann' } }]);
      const second = await first.reopen();
      assert.deepEqual(await second.store.accounts(acme), [ann, bob]);
      assert.deepEqual(
        (await second.store.accounts(other)).map(({ name }) => name),
        ['another Ann'],
      );
      return second;
    });

    contract('a username is given once', async ({ store }) => {
      await store.write(acme, [{ is: 'account', account: ann }]);
      await store.write(acme, [{ is: 'account', account: { ...bob, username: 'ann' } }]);
      assert.deepEqual(await store.accounts(acme), [ann]);
    });

    contract('one that is gone leaves no status behind', async ({ store }) => {
      const status: StoreChange = { is: 'staff', staff: { id: 'ann' as StaffId, status: 'busy', idleSince: 1 } };
      await store.write(acme, [{ is: 'account', account: ann }, { is: 'account', account: bob }, status]);
      await store.write(acme, [{ is: 'account-gone', username: 'ann' }]);
      assert.deepEqual(await store.accounts(acme), [bob]);
      assert.deepEqual(await store.staff(acme), []);
      await store.write(acme, [{ is: 'account', account: ann }]);
      assert.deepEqual(await store.accounts(acme), [ann, bob]);
    });

    contract('who listens hears of what is committed, and of nothing else', async ({ store }) => {
      const heard: TenantId[] = [];
      const stop = store.onAccounts((tenant) => heard.push(tenant));
      await store.write(acme, [{ is: 'call', id: 'c', at: 1 }]);
      assert.deepEqual(heard, []);
      await store.write(acme, [{ is: 'account', account: ann }]);
      assert.deepEqual(heard, [acme]);
      await assert.rejects(
        store.write(other, [
          { is: 'account', account: bob },
          { is: 'line', chat: id, line: line(1) },
          { is: 'line', chat: id, line: line(1) },
        ]),
      );
      assert.deepEqual(heard, [acme]);
      await store.write(acme, [{ is: 'account-gone', username: 'ann' }]);
      assert.deepEqual(heard, [acme, acme]);
      stop();
      await store.write(acme, [{ is: 'account', account: ann }]);
      assert.equal(heard.length, 2);
    });
  });

  runner.describe('checkpoints', () => {
    contract('only what changed is written; null removes', async ({ checkpoints }) => {
      await checkpoints.write(
        acme,
        new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
      );
      await checkpoints.write(
        acme,
        new Map<string, string | null>([
          ['a', null],
          ['c', '3'],
        ]),
      );
      assert.deepEqual(
        await checkpoints.load(acme),
        new Map([
          ['b', '2'],
          ['c', '3'],
        ]),
      );
    });

    contract('counts of streams are found until they expire', async ({ checkpoints }) => {
      const count = { tenant: acme, staff: jesse, handled: 4_294_967_295 };
      await checkpoints.saveCount('r1', { ...count, handled: 7 }, 1_000);
      await checkpoints.saveCount('r1', count, 2_000);
      assert.deepEqual(await checkpoints.findCount('r1', 1_999), count);
      assert.equal(await checkpoints.findCount('r1', 2_000), undefined);
      assert.equal(await checkpoints.findCount('r2', 0), undefined);
    });
  });
}
