/** What lines say of each other, and what staff do about chats, as it is kept. */
import assert from 'node:assert/strict';
import type { ChatId, Note, StaffId, TenantId } from '../../../helpdesk/model.ts';
import type { ChatLine, KeptExtra } from '../chat/chat.ts';
import type { StoreRunner, StoreSubject } from './contract-suite.ts';
import type { Banned, EmbeddedStore, StoreChange } from './port.ts';

const acme = 'acme.test' as TenantId;
const other = 'other.test' as TenantId;
const jesse = 'jesse' as StaffId;
const varun = 'varun' as StaffId;
const chat = 'chatone' as ChatId;
const elsewhere = 'chattwo' as ChatId;

function line(number: number, staff: StaffId, more: { ref?: string; extra?: KeptExtra } = {}): ChatLine {
  return { number, id: `line-${number}`, at: number, from: { is: 'staff', staff, name: staff }, text: 'x', ...more };
}

export function linesContract(runner: StoreRunner, make: () => Promise<StoreSubject>): void {
  const contract = (name: string, test: (store: EmbeddedStore) => Promise<void>): void => {
    runner.it(name, async () => {
      const subject = await make();
      await test(subject.store);
      await subject.close();
    });
  };

  runner.describe('lines about lines', () => {
    contract('are kept as they are, and found by id or by the id of their author’s app', async (store) => {
      const file = { name: 'a b.png', type: 'image/png', size: 3, url: 'https://acme.test/f' };
      const lines = [
        line(1, jesse, { ref: 'r' }),
        line(2, varun, { ref: 'r' }),
        line(3, jesse, {
          ref: 'r',
          extra: { is: 'correction', of: 'line-1', number: 1, author: { staff: jesse, ref: 'r' } },
        }),
        line(4, jesse, { extra: { is: 'file', file } }),
        line(5, jesse, { extra: { is: 'push' } }),
      ];
      await store.write(
        acme,
        lines.map((one): StoreChange => ({ is: 'line', chat, line: one })),
      );
      assert.deepEqual(await store.lines(acme, chat, 0, 10), lines);
      assert.deepEqual(await store.findLine(acme, chat, { id: 'line-4' }), lines[3]);
      assert.deepEqual(await store.findLine(acme, chat, { staff: varun, ref: 'r' }), lines[1]);
      assert.deepEqual(await store.findLine(acme, chat, { staff: jesse, ref: 'r' }), lines[2], 'the newest of them');
      for (const name of [{ id: 'r' }, { id: '' }, { staff: jesse, ref: 'line-1' }]) {
        assert.equal(await store.findLine(acme, chat, name), undefined);
      }
      assert.equal(await store.findLine(acme, elsewhere, { id: 'line-1' }), undefined);
      assert.equal(await store.findLine(other, chat, { id: 'line-1' }), undefined);
    });

    contract('a line is taken back from the line on that says so', async (store) => {
      await store.write(acme, [
        { is: 'line', chat, line: line(1, jesse) },
        { is: 'line', chat, line: line(2, jesse, { extra: { is: 'reaction', of: 'line-1', number: 1 } }) },
      ]);
      assert.equal(await store.isTakenBack(acme, chat, 'line-1'), false);
      await store.write(acme, [
        { is: 'line', chat, line: line(3, jesse, { extra: { is: 'retraction', of: 'line-1', number: 1 } }) },
      ]);
      assert.equal(await store.isTakenBack(acme, chat, 'line-1'), true);
      assert.equal(await store.isTakenBack(acme, chat, 'line-2'), false);
      assert.equal(await store.isTakenBack(acme, elsewhere, 'line-1'), false);
      assert.equal(await store.isTakenBack(other, chat, 'line-1'), false);
    });

    contract('of what is taken back nothing is given any more, nor of what corrects it', async (store) => {
      const about = (is: 'correction' | 'retraction' | 'reply', number: number) => ({
        extra: { is, of: `line-${number}`, number } as const,
      });
      const file = { name: 'a.png', type: 'image/png', size: 3, url: 'https://acme.test/f' };
      const lines = [
        line(1, jesse, { ref: 'r' }),
        line(2, jesse, about('correction', 1)),
        line(3, jesse, { extra: { is: 'file', file } }),
        line(4, varun, about('reply', 1)),
        line(5, varun),
        { ...line(6, jesse, about('retraction', 1)), text: '' },
        { ...line(7, jesse, about('retraction', 3)), text: '' },
      ];
      await store.write(acme, [
        ...lines.map((one): StoreChange => ({ is: 'line', chat, line: one, readers: [jesse] })),
        // the same ids in another chat are other lines
        { is: 'line', chat: elsewhere, line: line(1, jesse) },
      ]);
      const gone = { text: '', takenBack: true as const };
      const { extra: _, ...bare } = lines[2] as ChatLine;
      const given = [{ ...lines[0], ...gone }, { ...lines[1], ...gone }, { ...bare, ...gone }, ...lines.slice(3)];
      assert.deepEqual(await store.lines(acme, chat, 0, 10), given);
      assert.deepEqual(await store.lines(acme, elsewhere, 0, 10), [line(1, jesse)]);
      const page = await store.archivePage(acme, jesse, { limit: 10 });
      assert.deepEqual(
        page?.entries.map((entry) => entry.is === 'line' && [entry.line.number, entry.line.text, entry.line.takenBack]),
        given.map((one) => [one.number, one.text, 'takenBack' in one ? true : undefined]),
      );
    });
  });

  runner.describe('notes', () => {
    contract('come in the order in which they were written, each of its chat', async (store) => {
      const note = (text: string, staff = jesse): Note => ({ at: 1, staff, name: 'N', text });
      await store.write(acme, [{ is: 'note', chat, note: note('one') }]);
      await store.write(acme, [
        { is: 'note', chat, note: note('two\n\\', varun) },
        { is: 'note', chat: elsewhere, note: note('x') },
      ]);
      assert.deepEqual(await store.notes(acme, chat), [note('one'), note('two\n\\', varun)]);
      assert.deepEqual(await store.notes(other, chat), []);
    });
  });

  runner.describe('bans', () => {
    const put = (who: Banned, until: number, more: object = {}): StoreChange => ({
      is: 'ban',
      ban: { at: 1, until, visitor: 'Rude', by: jesse, ...more },
      who,
    });

    contract('hold for an address or an e-mail address until they end or are lifted', async (store) => {
      await store.write(acme, [put({ address: '192.0.2.1', email: 'a@b.c' }, 100, { why: 'shouts', chat })]);
      await store.write(acme, [put({ email: 'd@e.f' }, 200), put({}, 300)]);
      const held = async (who: Banned, now: number, tenant = acme) => store.isBanned(tenant, who, now);
      assert.equal(await held({ address: '192.0.2.1' }, 99), true);
      assert.equal(await held({ address: '192.0.2.1' }, 100), false);
      assert.equal(await held({ address: '192.0.2.2', email: 'a@b.c' }, 99), true);
      assert.equal(await held({ address: 'a@b.c', email: '192.0.2.1' }, 99), false);
      assert.equal(await held({}, 99), false);
      assert.equal(await held({ address: '192.0.2.1' }, 99, other), false);
      const all = await store.bans(acme, 99, 10);
      assert.deepEqual(
        all.map(({ id, until }) => [id, until]),
        [
          ['3', 300],
          ['2', 200],
          ['1', 100],
        ],
      );
      const of = ['192.0.2.1', 'a@b.c'];
      assert.deepEqual(all[2], { id: '1', at: 1, until: 100, visitor: 'Rude', by: jesse, why: 'shouts', of, chat });
      assert.deepEqual(
        all.map((ban) => ban.of),
        [undefined, ['d@e.f'], of],
      );
      assert.equal((await store.bans(acme, 100, 1)).length, 1);
      assert.equal((await store.bans(acme, 100, 10)).length, 2);
      assert.deepEqual(await store.ban(acme, '1', 99), all[2]);
      for (const id of ['1', '9', '0', '1 OR 1=1']) assert.equal(await store.ban(acme, id, 100), undefined);
      await store.write(acme, [{ is: 'ban-lifted', id: '2', at: 50 }]);
      assert.equal(await held({ email: 'd@e.f' }, 60), false);
      assert.deepEqual(await store.ban(acme, '2', 60), undefined);
      assert.deepEqual(
        (await store.bans(acme, 60, 10)).map(({ id }) => id),
        ['3', '1'],
      );
    });
  });
}
