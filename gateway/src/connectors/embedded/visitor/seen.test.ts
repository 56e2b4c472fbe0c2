import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatId, StaffId } from '../../../helpdesk/model.ts';
import { Bench, boss, jesse, TENANT, varun } from '../testing/bench.ts';

function scenario(sentence: string, test: (bench: Bench, chat: ChatId) => Promise<void>): void {
  it(sentence, async () => {
    const bench = await new Bench().open();
    await bench.online(jesse);
    const chat = await bench.asks('Where is my order?');
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('Let me look.'));
    await bench.says(chat, 'Thanks');
    bench.hints.length = 0;
    try {
      await test(bench, chat);
    } finally {
      await bench.close();
    }
  });
}

/** The app has shown the line of this number. */
async function shows(bench: Bench, chat: ChatId, staff: StaffId, number: number): Promise<void> {
  const [line] = await bench.helpdesk.history(chat, number - 1, 1);
  bench.helpdesk.seen?.(chat, staff, line?.id ?? 'none');
  await bench.settled();
}

const seen = (bench: Bench, chat: ChatId) => bench.site.read(TENANT, bench.ticket(chat), 0).then((view) => view.seen);
const hinted = (bench: Bench) => bench.hints.flatMap(({ hint }) => (hint.type === 'seen' ? [hint.line] : []));

describe('what an app has shown', () => {
  scenario('is told to the page, once, and is there when the page is loaded again', async (bench, chat) => {
    assert.equal(await seen(bench, chat), undefined);
    for (const number of [4, 4, 1, 4]) await shows(bench, chat, jesse, number);
    assert.deepEqual(hinted(bench), [4]);
    assert.equal(await seen(bench, chat), 4);
    assert.equal((await (await bench.restart()).open(() => undefined)).chats.length, 1);
    assert.equal(await seen(bench, chat), 4);
  });

  scenario('goes on when the chat goes back to the queue and is taken again', async (bench, chat) => {
    await shows(bench, chat, jesse, 4);
    await bench.helpdesk.leave(bench.call(), chat, jesse);
    await shows(bench, chat, jesse, 5);
    await bench.helpdesk.accept(bench.call(), chat, varun, bench.words('I am Varun'));
    assert.equal(await seen(bench, chat), 4);
    await shows(bench, chat, varun, 6);
    assert.equal(await seen(bench, chat), 6);
  });

  scenario('is nothing of those who listen, are asked, or have nothing to do with the chat', async (bench, chat) => {
    await bench.helpdesk.observe(bench.call(), chat, boss, true);
    await bench.helpdesk.invite(bench.call(), chat, jesse, varun);
    for (const staff of [boss, varun]) await shows(bench, chat, staff, 4);
    bench.helpdesk.seen?.(chat, jesse, 'none');
    bench.helpdesk.seen?.('none' as ChatId, jesse, 'none');
    await bench.settled();
    assert.deepEqual(hinted(bench), []);
    assert.equal(await seen(bench, chat), undefined);
  });
});
