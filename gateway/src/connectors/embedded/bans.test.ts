import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HelpdeskError } from '../../helpdesk/errors.ts';
import type { ChatId } from '../../helpdesk/model.ts';
import { bannedOf } from './bans.ts';
import { Bench, type BenchOptions, boss, configOf, jesse, mia, SALES, SUPPORT, TENANT } from './testing/bench.ts';
import { SiteError, type SiteRefusal } from './visitor-site.ts';

const refusedAs = (refusal: SiteRefusal) => (error: unknown) => error instanceof SiteError && error.refusal === refusal;

const notFound = (error: unknown) => error instanceof HelpdeskError && error.fault.is === 'not-found';

function scenario(sentence: string, test: (bench: Bench) => Promise<void>, options: BenchOptions = {}): void {
  it(sentence, async () => {
    const bench = new Bench(options);
    await bench.open();
    // otherwise nobody's chat waits
    await bench.online(jesse);
    try {
      await test(bench);
    } finally {
      await bench.close();
    }
  });
}

const from = (address: string, email?: string) => ({ page: { address }, ...(email !== undefined && { email }) });
const ban = (bench: Bench, chat: ChatId) => bench.helpdesk.ban(bench.call(), chat, boss, 'shouts');
const leave = (bench: Bench, email: string, address?: string) =>
  bench.site.leaveMessage(TENANT, {
    messageId: bench.uuid(),
    name: 'Chris',
    email,
    team: SALES,
    text: 'x',
    ...(address !== undefined && { address }),
  });

describe('what a visitor is known by', () => {
  for (const [address, known] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['somewhere', undefined],
  ] as const) {
    it(`is ${known ?? 'nothing'} for ${address}`, () => {
      assert.equal(bannedOf({ address }).address, known);
    });
  }

  it('is an e-mail address however it is written', () => {
    assert.deepEqual(bannedOf({ email: ' Chris@Example.COM ' }), { email: 'chris@example.com' });
    assert.deepEqual(bannedOf({ email: ' ' }), {});
  });
});

describe('a banned visitor', () => {
  scenario(
    'is banned in a chat that one sees: of one’s own teams',
    async (bench) => {
      await bench.online(mia);
      const chat = await bench.asks('!!!', { ...from('192.0.2.7'), team: SUPPORT });
      await assert.rejects(bench.helpdesk.ban(bench.call(), chat, jesse), notFound);
      assert.deepEqual([await bench.phase(chat), await bench.helpdesk.bans(10)], ['waiting', []]);
      await bench.helpdesk.ban(bench.call(), chat, mia);
      assert.equal((await bench.helpdesk.bans(10)).length, 1);
    },
    { helpdesk: { staff: configOf().helpdesk.staff.map((one) => ({ ...one, permissions: ['ban'] })) } },
  );

  scenario('loses the chat, and reads no reason', async (bench) => {
    const chat = await bench.asks('!!!', from('192.0.2.7'));
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hello'));
    await ban(bench, chat);
    assert.equal(await bench.phase(chat), 'ended: staff');
    assert.equal((await bench.texts(chat, 'notice')).at(-1), 'The chat was ended.');
    const [line] = bench.events.flatMap((event) => (event.type === 'line' ? [event.line] : [])).slice(-1);
    assert.equal(line?.text, 'Bo Ström ended the chat and banned the visitor for 7 days.');
  });

  scenario('starts no chat and leaves no message from that address, nor with that e-mail address', async (bench) => {
    const chat = await bench.asks('!!!', from('2001:db8:1:2::3', 'Rude@Example.com'));
    await ban(bench, chat);
    const starts = (address: string, email?: string) => bench.asks('?', from(address, email));
    await assert.rejects(starts('2001:db8:1:2:ffff::1'), refusedAs('banned'));
    await assert.rejects(starts('192.0.2.1', 'rude@example.com'), refusedAs('banned'));
    await assert.rejects(leave(bench, 'RUDE@example.com'), refusedAs('banned'));
    await assert.rejects(leave(bench, 'new@example.com', '2001:db8:1:2::9'), refusedAs('banned'));
    await assert.rejects(
      bench.site.leaveMessage(
        TENANT,
        { messageId: bench.uuid(), name: 'x', email: 'new@example.com', team: SALES, text: 'x' },
        bench.ticket(chat),
      ),
      refusedAs('banned'),
      'a message in place of their chat is theirs too',
    );
    await starts('2001:db8:1:3::3', 'kind@example.com');
    await leave(bench, 'kind@example.com', '192.0.2.1');
    assert.equal((await bench.helpdesk.leftMessages([SALES], 10)).length, 1);
  });

  scenario(
    'may come back when the time is over, after a restart too',
    async (bench) => {
      await ban(bench, await bench.asks('!!!', from('192.0.2.7')));
      const helpdesk = await bench.restart();
      await helpdesk.open(() => undefined);
      await bench.clock.advance(86_400_000 - 1);
      await assert.rejects(bench.asks('?', from('192.0.2.7')), refusedAs('banned'));
      assert.equal((await helpdesk.bans(10)).length, 1);
      await bench.clock.advance(1);
      assert.deepEqual(await helpdesk.bans(10), []);
      await bench.asks('?', from('192.0.2.7'));
    },
    { helpdesk: { banDays: 1 } },
  );

  scenario('can be banned for 5 minutes after the end, by those who were in the chat, and once', async (bench) => {
    const chat = await bench.asks('!!!', from('192.0.2.7'));
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hello'));
    await assert.rejects(
      bench.helpdesk.ban(bench.call(), chat, jesse),
      (error) => error instanceof HelpdeskError && error.fault.is === 'forbidden',
    );
    await bench.helpdesk.join(bench.call(), chat, boss);
    await bench.site.end(TENANT, bench.ticket(chat));
    const elsewhere = await bench.asks('!!!', from('192.0.2.8'));
    await bench.helpdesk.accept(bench.call(), elsewhere, jesse, bench.words('Hello'));
    await bench.site.end(TENANT, bench.ticket(elsewhere));
    await assert.rejects(ban(bench, elsewhere), notFound, 'they were not in it');
    await bench.clock.advance(299_000);
    await ban(bench, chat);
    await ban(bench, chat);
    assert.equal((await bench.helpdesk.bans(10)).length, 1);
    await assert.rejects(bench.asks('?', from('192.0.2.7')), refusedAs('banned'));
    await bench.helpdesk.liftBan(bench.call(), boss, chat);
    await bench.asks('?', from('192.0.2.7'));
    await bench.clock.advance(2_000);
    await assert.rejects(ban(bench, chat), notFound);
  });

  scenario('by whom nothing is known loses the chat alone, and staff read that', async (bench) => {
    const chat = await bench.asks('!!!');
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Hello'));
    await ban(bench, chat);
    assert.equal(await bench.phase(chat), 'ended: staff');
    assert.deepEqual(await bench.helpdesk.bans(10), []);
    const [line] = bench.events.flatMap((event) => (event.type === 'line' ? [event.line] : [])).slice(-1);
    assert.match(line?.text ?? '', /^Bo Ström ended the chat\. The visitor could not be banned/u);
  });

  scenario('is let in again by the id also when many are banned', async (bench) => {
    for (let n = 0; n < 205; n++) await ban(bench, await bench.asks('!!!', from(`192.0.2.${n}`)));
    assert.equal((await bench.helpdesk.bans(1_000)).length, 205);
    await bench.helpdesk.liftBan(bench.call(), boss, '1');
    await bench.asks('?', from('192.0.2.0'));
    await assert.rejects(bench.asks('?', from('192.0.2.1')), refusedAs('banned'));
  });

  scenario('is told apart from the chat that is started again by the same message', async (bench) => {
    const form = bench.form('!!!', from('192.0.2.7'));
    const ticket = await bench.site.start(TENANT, form);
    await ban(bench, ticket.chat);
    assert.deepEqual(
      await bench.site.start(TENANT, form),
      ticket,
      'the page that tries again finds its chat, which is over',
    );
  });
});
