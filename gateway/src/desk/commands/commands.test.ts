import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LeftMessage } from '../../helpdesk/model.ts';
import { Bench, openBench, type TestApp } from '../testing/bench.ts';
import { SALES, SUPPORT } from '../testing/fake-helpdesk.ts';

async function chatting() {
  const bench = await openBench();
  const jesse = await bench.online('jesse');
  const chat = await bench.running(jesse);
  return { bench, jesse, chat };
}

/** What a command is answered, as one text. */
async function answer(app: TestApp, to: Parameters<TestApp['says']>[0], text: string): Promise<string> {
  app.takes();
  await app.says(to, text);
  const items = app.of('message');
  const from = to === 'gateway' ? 'gateway@visitors.acme.example/gateway' : `${to}@visitors.acme.example/chat`;
  for (const item of items) {
    assert.equal(item.from, from, 'an answer comes from where the command was written');
    assert.match(item.body, /^▸ /u);
  }
  return app.takes().join('\n');
}

function left(id: string, rest: Partial<LeftMessage> = {}): LeftMessage {
  return {
    id,
    at: Date.UTC(2026, 0, 5, 9, 30),
    team: SALES,
    name: 'Kim',
    email: 'kim@example.com',
    text: 'Call me.',
    done: false,
    ...rest,
  };
}

const asSeen = async (bench: Bench) => {
  await bench.settle();
  return bench.said.filter((text) => text !== 'Hello.');
};

describe('no command reaches a visitor', () => {
  const texts = {
    'G01 $end in capitals with text': '$END now',
    'G01 $end after an empty line': '\n$end',
    'G02 a full-width dollar': '＄foo',
    'G02 a zero-width space before': '\u200b$foo',
    'G03 an unknown word': '$foo bar',
    'G03 a lone dollar': '$',
    'G03 a dollar and a sign': '$-5',
    'a later line': 'bye\n$end',
    'a reply quotation before it': '> you said\n$foo',
  };
  for (const [name, text] of Object.entries(texts)) {
    it(name, async () => {
      const { bench, jesse, chat } = await chatting();
      const told = await answer(jesse, chat, text);
      assert.deepEqual(await asSeen(bench), []);
      if (!/end/iu.test(text) || text.startsWith('bye')) assert.match(told, /sent|command/u);
    });
  }
  it('G03 $$ sends a dollar and a price is sent as it is', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, '$$end');
    await jesse.says(chat, '$5 off');
    assert.deepEqual(await asSeen(bench), ['$end', '$5 off']);
  });
  it('a message with a command in a later line says why it was not sent', async () => {
    const { jesse, chat } = await chatting();
    await jesse.says(chat, 'bye\n$end', { id: 'x' });
    assert.equal(jesse.of('refusal')[0]?.of, 'x');
    assert.match(jesse.takes().join(), /line 2 looks like a command/u);
  });
  it('G05 a correction that is a command is neither sent nor done', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, 'hello', { id: 'a' });
    const told = await answer(jesse, chat, '$end');
    assert.equal(told, '▸ The chat has ended.');
    const next = await bench.running(jesse, 'c2', 'Kim');
    await jesse.says(next, '$end', { id: 'b', replaces: 'a' });
    assert.equal(bench.helpdesk.chats.get(next)?.phase.is, 'running');
    assert.deepEqual(jesse.takes(), ['▸ A correction cannot be a command. Nothing was sent or done.']);
    await jesse.says(next, 'hello, Kim', { id: 'c', replaces: 'a' });
    assert.equal(bench.said.at(-1), '* hello, Kim', 'this helpdesk knows no corrections');
  });
  it('G11 what the visitor writes is never a command', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.visitorSays(chat, '$end');
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['$end']);
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'running');
  });
});

describe('commands', () => {
  it('G08 are limited', async () => {
    const { bench, jesse, chat } = await chatting();
    for (let n = 0; n < 100; n++) void jesse.says(chat, '$who');
    await bench.settle();
    const told = jesse.takes();
    assert.equal(told.filter((text) => text.includes('Too many commands')).length, 90);
    await bench.advance(1_000);
    assert.doesNotMatch(await answer(jesse, chat, '$who'), /Too many/u);
  });
  for (const verb of ['invite', 'transfer', 'join', 'observe'] as const)
    it(`$${verb} of a helpdesk that cannot do it says so, and is not in $help`, async () => {
      const bench = new Bench();
      Object.assign(bench.helpdesk, { [verb]: undefined });
      await bench.start();
      const jesse = await bench.online('jesse');
      const chat = await bench.running(jesse);
      assert.equal(
        await answer(jesse, chat, `$${verb} Varun`),
        `▸ This helpdesk cannot do $${verb}. $help shows what it can.`,
      );
      assert.doesNotMatch(await answer(jesse, chat, '$help'), new RegExp(`^\\$${verb}`, 'mu'));
    });
  it('of a chat are refused in the window of Chat Gateway', async () => {
    const { jesse } = await chatting();
    assert.equal(
      await answer(jesse, 'gateway', '$end'),
      '▸ $end belongs to a chat: write it in the window of the visitor.',
    );
  });
  it('are the only thing that Chat Gateway understands', async () => {
    const { bench, jesse } = await chatting();
    const hint = '▸ Nobody reads this: only commands work here. $help shows them.';
    for (const text of ['hello', '$$', '$5', 'a\n$end']) {
      assert.equal(await answer(jesse, 'gateway', text), hint);
      await bench.advance(5_000);
    }
    await jesse.says('gateway', '\u200b ');
    assert.deepEqual(jesse.takes(), []);
    for (let n = 0; n < 50; n++) void jesse.says('gateway', 'I am an automatic reply.');
    await bench.settle();
    assert.equal(jesse.takes().length, 2, 'no endless talk with another machine');
  });
  it('a receipt is given for a command too', async () => {
    const { jesse, chat } = await chatting();
    await jesse.says(chat, '$who', { id: 'w', receipt: true });
    assert.deepEqual(
      jesse.of('receipt').map(({ of }) => of),
      ['w'],
    );
  });
});

describe('$help', () => {
  it('lists what can be done in this chat now', async () => {
    const { bench, jesse, chat } = await chatting();
    assert.equal(
      await answer(jesse, chat, '$help'),
      [
        '▸ You are in this chat: what you write goes to Chris. Commands:',
        '$help: this list',
        '$end: declines what you are asked; ends a chat, or leaves it if others are in it; stops observing',
        '$invite NAME [text]: asks a colleague into this chat',
        '$transfer NAME|team:TEAM [text]: hands this chat over: you leave as soon as somebody accepts',
        '$leave: goes without ending the chat: the last one to leave gives it back to the queue',
        '$who: who is in this chat',
        '$staff [team]: who is available',
        '$queue: who is waiting',
        '$messages [n] [before ID] · $messages done ID: messages that visitors left for your teams, or older ones; marks one as dealt with',
        '$info: what is known of the visitor, with notes and tags',
        '$history [n]: the last lines again',
        '$status online|away|busy [text]: your status, whatever your apps say, until one of them changes it',
        'What begins with $ is a command and is never sent, with two exceptions: $$ at the start sends a $, ' +
          'and a price such as $5 is sent as it is.',
      ].join('\n'),
    );
    const waiting = bench.helpdesk.waits('c2', 'Kim');
    await bench.settle();
    assert.doesNotMatch(await answer(jesse, waiting, '$help'), /\$end/u);
  });
  it('lists in the window of Chat Gateway what needs no chat', async () => {
    const { jesse } = await chatting();
    const told = await answer(jesse, 'gateway', '$help');
    assert.match(told, /\$queue/u);
    assert.match(told, /^In the window of a visitor also: \$end · .*\$leave · .*\$who · .*\$history \[n\]/mu);
    assert.doesNotMatch(told, /^\$(?:info|end|who|history)/mu);
    assert.match(told, /two exceptions: \$\$.*\$5/u);
  });
});

describe('$end', () => {
  it('ends a chat', async () => {
    const { bench, jesse, chat } = await chatting();
    assert.equal(await answer(jesse, chat, '$end'), '▸ The chat has ended.');
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'ended');
  });
  it('G06 does nothing to a chat that is not yours', async () => {
    const { bench, jesse, chat } = await chatting();
    const varun = await bench.online('varun');
    assert.equal(await answer(varun, chat, '$end'), '▸ You are not in this chat, so you cannot end it.');
    const waiting = bench.helpdesk.waits('c2', 'Kim');
    await bench.settle();
    assert.match(await answer(jesse, waiting, '$end'), /nothing to decline/u);
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'running');
    assert.equal(bench.helpdesk.chats.get(waiting)?.phase.is, 'waiting');
  });
  it('written right behind the reply that accepts ends that chat', async () => {
    const bench = await openBench();
    const jesse = await bench.online('jesse');
    const chat = bench.helpdesk.waits('c1');
    await Promise.all([jesse.says(chat, 'We are closed, sorry.'), jesse.says(chat, '$end')]);
    assert.deepEqual(bench.said, ['We are closed, sorry.']);
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'ended');
  });
  it('tells when it did not work', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.faults.set('end', [{ is: 'forbidden' }]);
    assert.equal(await answer(jesse, chat, '$end'), '▸ The helpdesk does not allow this.');
  });
});

describe('$who, $staff, $queue, $info', () => {
  it('$who says who is in the chat', async () => {
    const { bench, jesse, chat } = await chatting();
    assert.equal(
      await answer(jesse, chat, '$who'),
      '▸ Chris (visitor): with Jesse Lee since 14:02.\nIn the chat: Jesse Lee (you).',
    );
    await bench.online('varun');
    const waiting = bench.helpdesk.waits('c2', 'Kim');
    bench.helpdesk.asks(waiting, 'varun');
    await bench.settle();
    assert.equal(
      await answer(jesse, waiting, '$who'),
      '▸ Kim (visitor): waiting since 14:02 for Sales.\nBeing asked: Varun Shah.',
    );
  });
  it('$staff says who is available, by team', async () => {
    const { bench, jesse } = await chatting();
    await bench.online('varun', 'desk', { show: 'away', status: 'lunch' });
    assert.equal(
      await answer(jesse, 'gateway', '$staff'),
      '▸ Available now:\nSales: Jesse Lee; not available: Varun Shah (away: lunch)\nSupport: nobody',
    );
    assert.equal(await answer(jesse, 'gateway', '$staff supp'), '▸ Available now:\nSupport: nobody');
    assert.equal(
      await answer(jesse, 'gateway', '$staff xyz'),
      '▸ There is no team of that name. The teams are: Sales, Support.',
    );
  });
  it('$queue says who is waiting for your teams, and how many messages were left', async () => {
    const { bench, jesse } = await chatting();
    assert.equal(
      await answer(jesse, 'gateway', '$queue'),
      '▸ Nobody is waiting.\nNo messages were left for your teams.',
    );
    bench.helpdesk.waits('c2', 'Kim');
    await bench.advance(60_000);
    bench.helpdesk.asks(bench.helpdesk.waits('c3', 'Ali', 'Hi', { visitorPresent: false }), 'jesse');
    bench.helpdesk.waits('c4', 'Other', 'Hi', { team: SUPPORT });
    bench.helpdesk.left.push(left('a1'), left('b2', { team: SUPPORT }));
    await bench.settle();
    assert.equal(
      await answer(jesse, 'gateway', '$queue'),
      [
        '▸ Waiting (write to one of them to take the chat):',
        '1. Kim: waiting since 14:02 for Sales',
        '2. Ali: waiting since 14:03 for Sales, away from the page, ringing at you',
        '1 message was left for your teams. $messages shows it.',
      ].join('\n'),
    );
    bench.helpdesk.left.push(left('a3'));
    assert.match(
      await answer(jesse, 'gateway', '$queue'),
      /\n2 messages were left for your teams\. \$messages shows them\.$/u,
    );
  });
  it('$info is the visitor’s card as text', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.change(chat, {
      visitor: {
        name: 'Chris',
        email: 'chris@example.com',
        browser: 'Firefox',
        platform: 'Linux',
        pageUrl: 'https://shop.example/cart',
        fields: [{ label: 'Order', value: '42' }],
      },
    });
    await bench.settle();
    assert.equal(
      await answer(jesse, chat, '$info'),
      [
        "▸ What the visitor's page and form say:",
        'Name: Chris',
        'E-mail: chris@example.com',
        'Page: https://shop.example/cart',
        'Browser: Firefox on Linux',
        'Order: 42',
        'Team: Sales',
        'Chat: with Jesse Lee since 14:02',
      ].join('\n'),
    );
  });
  for (const [facts, line] of [
    [{ browser: 'Firefox 140' }, 'Browser: Firefox 140'],
    [{ platform: 'Linux' }, 'System: Linux'],
  ] as const)
    it(`$info of what is known: “${line}”`, async () => {
      const { bench, jesse, chat } = await chatting();
      bench.helpdesk.change(chat, { visitor: { name: 'Chris', email: 'chris@example.com', ...facts } });
      await bench.settle();
      const lines = (await answer(jesse, chat, '$info')).split('\n');
      assert.deepEqual(lines.slice(3, 5), [line, 'Team: Sales']);
    });
});

describe('$history', () => {
  it('shows the last lines again, marked as a whole', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.visitorSays(chat, 'two\nlines');
    await bench.settle();
    assert.equal(
      await answer(jesse, chat, '$history 2'),
      '▸ The last 2 lines:\n14:02 You: Hello.\n14:02 Chris: two\n      lines',
    );
    assert.match(await answer(jesse, chat, '$history all'), /^▸ Write \$history/u);
    assert.match(await answer(jesse, chat, '$history 0'), /^▸ Write \$history/u);
  });
  it('G25 is capped, and comes in parts that an app can take', async () => {
    const { bench, jesse, chat } = await chatting();
    for (let n = 0; n < 500; n++) bench.helpdesk.visitorSays(chat, `${n} ${'x'.repeat(3_000)}`);
    await bench.settle();
    jesse.takes();
    await jesse.says(chat, '$history 9999');
    const parts = jesse.of('message');
    assert.ok(parts.length > 5 && parts.length < 40, String(parts.length));
    for (const { body } of parts) assert.ok(body.startsWith('▸ ') && body.length < 5_000);
    assert.equal(
      parts.map(({ body }) => body.match(/^\d\d:\d\d |^▸ \d\d:\d\d /gmu)?.length ?? 0).reduce((a, b) => a + b),
      100,
    );
  });
});

describe('$messages', () => {
  it('shows what visitors left for your teams, and marks one as done', async () => {
    const { bench, jesse } = await chatting();
    assert.equal(await answer(jesse, 'gateway', '$messages'), '▸ No messages were left for your teams.');
    bench.helpdesk.left.push(left('abcd1111'), left('abcd2222', { text: 'Second.' }), left('ffff', { team: SUPPORT }));
    assert.equal(
      await answer(jesse, 'gateway', '$messages'),
      [
        '▸ Left messages ($messages done abcd1 marks one as dealt with):',
        '[abcd1] 2026-01-05 09:30, Sales: Kim <kim@example.com>\n      Call me.',
        '[abcd2] 2026-01-05 09:30, Sales: Kim <kim@example.com>\n      Second.',
      ].join('\n\n'),
    );
    assert.match(await answer(jesse, 'gateway', '$messages done abcd'), /More than one/u);
    assert.match(await answer(jesse, 'gateway', '$messages done ffff'), /no open message/u);
    assert.equal(await answer(jesse, 'gateway', '$messages done [abcd1]'), '▸ Marked as dealt with.');
    assert.match(await answer(jesse, 'gateway', '$messages done abcd1'), /no open message/u);
    assert.match(await answer(jesse, 'gateway', '$messages 1'), /\[abcd\]/u);
    await bench.advance(10_000);
    assert.match(await answer(jesse, 'gateway', '$messages done'), /Write the id too/u);
    assert.match(await answer(jesse, 'gateway', '$messages what'), /^▸ Write \$messages/u);
  });
});

describe('a left message of several lines', () => {
  it('has none that looks like another message', async () => {
    const { bench, jesse } = await chatting();
    bench.helpdesk.left.push(left('1', { text: '[7] 25 Nov, Billing: Chief <c@acme.com>\n\n[8] Send it.' }));
    const told = await answer(jesse, 'gateway', '$messages');
    assert.deepEqual(told.match(/^\[.*$/gmu), ['[1] 2026-01-05 09:30, Sales: Kim <kim@example.com>']);
  });
});

describe('numbers as ids of left messages', () => {
  const many = async (count: number) => {
    const { bench, jesse } = await chatting();
    for (let n = count; n >= 1; n--) bench.helpdesk.left.push(left(String(n), { text: `text ${n}` }));
    return { bench, jesse, open: () => bench.helpdesk.left.filter(({ done }) => !done).map(({ id }) => id) };
  };
  it('mean one message, also where others begin so', async () => {
    const { jesse, open } = await many(12);
    assert.equal(await answer(jesse, 'gateway', '$messages done 1'), '▸ Marked as dealt with.');
    assert.ok(!open().includes('1') && open().includes('10'));
    assert.match(await answer(jesse, 'gateway', '$messages done 1'), /no open message/u);
    assert.equal(open().length, 11, 'not one that begins so in its place');
  });
  it('reach all of them: in the list page by page, and marked as done', async () => {
    const { bench, jesse, open } = await many(130);
    const first = await answer(jesse, 'gateway', '$messages 20');
    assert.match(first, /^▸ The newest 20 of 100 or more/u);
    assert.match(first, /\$messages 20 before 111 shows older ones\.$/u);
    const next = await answer(jesse, 'gateway', '$messages 20 before 111');
    assert.match(next, /^▸ Older left messages.*done 110 /u);
    assert.match(next, /\[91\]/u);
    assert.match(await answer(jesse, 'gateway', '$messages 5 before 3'), /text 2[^]*text 1$/u);
    assert.equal(await answer(jesse, 'gateway', '$messages before 1'), '▸ No message is older than this one.');
    await bench.advance(10_000);
    assert.match(await answer(jesse, 'gateway', '$messages before x'), /no open message/u);
    assert.equal(await answer(jesse, 'gateway', '$messages done 2'), '▸ Marked as dealt with.');
    assert.ok(!open().includes('2'));
  });
});

describe('commands of one app', () => {
  it('are done in order', async () => {
    const { bench, jesse } = await chatting();
    bench.helpdesk.left.push(left('1', { text: 'the only one' }));
    await Promise.all([jesse.says('gateway', '$messages done 1'), jesse.says('gateway', '$messages')]);
    assert.deepEqual(jesse.takes(), ['▸ Marked as dealt with.', '▸ No messages were left for your teams.']);
  });
});

describe('commands in the window of a chat that has ended', () => {
  it('that only read go on for who took part', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.visitorSays(chat, 'Call me at 555.');
    bench.helpdesk.ends(chat, 'visitor');
    await bench.settle();
    assert.match(await answer(jesse, chat, '$history'), /Call me at 555/u);
    assert.match(await answer(jesse, chat, '$help'), /^▸ This chat has ended\. Commands:\n(?![^]*\$end:)/u);
    assert.equal(await answer(jesse, chat, '$end'), '▸ This chat has ended already.');
    assert.match(await answer(jesse, chat, '$who'), /^▸ Chris \(visitor\): ended at/u);
    const varun = await bench.online('varun');
    await varun.says(chat, '$history');
    assert.deepEqual(varun.takes(), []);
  });
});

describe('a message that a visitor leaves', () => {
  it('is told to the staff of that team', async () => {
    const { bench, jesse } = await chatting();
    const ada = await bench.online('ada');
    bench.helpdesk.leaves(left('a1'));
    await bench.settle();
    assert.deepEqual(
      jesse.of('message').map(({ from, body }) => [from, body]),
      [['gateway@visitors.acme.example/gateway', '▸ Kim left a message for Sales. $messages shows it.']],
    );
    assert.deepEqual(ada.takes(), []);
  });
});

describe('$status', () => {
  it('overrides all apps until one of them changes its presence', async () => {
    const { bench, jesse } = await chatting();
    const phone = await bench.online('jesse', 'phone', { show: 'away' });
    assert.match(await answer(jesse, 'gateway', '$status busy writing a report'), /^▸ You are busy now/u);
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse busy writing a report');
    await phone.shows({ show: 'away' });
    await bench.online('jesse', 'laptop');
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse busy writing a report', 'nobody has changed anything');
    assert.match(await answer(jesse, 'gateway', '$status'), /busy: writing a report \(set by \$status\)/u);
    await phone.shows({ show: 'xa' });
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse online');
  });
  it('ends when the last app logs out', async () => {
    const { bench, jesse } = await chatting();
    await jesse.says('gateway', '$status away');
    await jesse.closed();
    await bench.advance(10_000);
    await bench.online('jesse');
    assert.equal(bench.helpdesk.statuses.at(-1), 'jesse online');
  });
  it('says what it takes', async () => {
    const { jesse } = await chatting();
    assert.match(await answer(jesse, 'gateway', '$status offline'), /^▸ Write \$status online/u);
  });
});
