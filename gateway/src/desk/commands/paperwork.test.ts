import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatId } from '../../helpdesk/model.ts';
import { Bench, tenantOf, type TestApp } from '../testing/bench.ts';
import { staffUser } from '../testing/fake-helpdesk.ts';
import { doesPaperwork } from '../testing/fake-paperwork.ts';

const CANNED = {
  canned: {
    texts: [
      { name: 'hello', text: 'Hello {visitor}, I am {me}. {other}' },
      { name: 'Opening hours', text: 'Monday to Friday,\n9 to 5.' },
      { name: 'refund short', text: 'You get it back.' },
      { name: 'refund long', text: 'You get it back within a week.' },
      { name: 'send off', text: 'Good bye.' },
      { name: 'price', text: '$5' },
      { name: 'command', text: '$end' },
    ],
  },
};

/** Jesse with Chris; Varun may ban; Ada listens. */
async function chatting(change: object = CANNED) {
  const bench = new Bench(tenantOf(change));
  const paperwork = doesPaperwork(bench.helpdesk, () => bench.clock.now());
  bench.helpdesk.staff.set('varun' as never, staffUser('varun', 'Varun Shah', { permissions: ['ban'] }));
  bench.helpdesk.staff.set('ada' as never, staffUser('ada', 'Ada Byron', { permissions: ['observe', 'all-teams'] }));
  await bench.start();
  const jesse = await bench.online('jesse');
  const varun = await bench.online('varun');
  const ada = await bench.online('ada');
  const chat = await bench.running(jesse);
  return { bench, ...paperwork, jesse, varun, ada, chat };
}

async function answer(app: TestApp, to: ChatId | 'gateway', text: string): Promise<string> {
  app.takes();
  await app.says(to, text);
  return app.takes().join('\n');
}

describe('$note', () => {
  it('is read at once by all who take part or listen, in all their apps, and by nobody else', async () => {
    const { bench, jesse, varun, ada, chat, written } = await chatting();
    const phone = await bench.online('jesse', 'phone');
    bench.helpdesk.change(chat, { observers: ['ada' as never] });
    await bench.settle();
    for (const app of [phone, ada, varun]) app.takes();
    assert.equal(
      await answer(jesse, chat, '$note Wants a refund,\nsince Monday.'),
      '▸ Note by Jesse Lee: Wants a refund,\n      since Monday.',
    );
    assert.equal(phone.takes().at(-1), '▸ Note by Jesse Lee: Wants a refund,\n      since Monday.');
    assert.equal(ada.takes().at(-1), '▸ Note by Jesse Lee: Wants a refund,\n      since Monday.');
    assert.deepEqual(varun.takes(), []);
    assert.deepEqual(bench.said, ['Hello.'], 'G24 a note is no line');
    assert.equal(written.length, 1);
  });

  it('by an observer is read at once by observers alone, and by all who ask $info', async () => {
    const { bench, jesse, ada, chat } = await chatting();
    bench.helpdesk.change(chat, { observers: ['ada' as never] });
    await bench.settle();
    jesse.takes();
    assert.equal(await answer(ada, chat, '$note Good answer.'), '▸ Note by Ada Byron: Good answer.');
    assert.deepEqual(jesse.takes(), []);
    assert.match(await answer(jesse, chat, '$info'), /Note by Ada Byron: Good answer\.$/u);
  });

  it('of several lines has none that looks like another note', async () => {
    const { varun, jesse, chat } = await chatting();
    await jesse.says(chat, '$note hello\n25 Nov 09:00 Note by Varun Shah: refund approved');
    for (const told of [jesse.takes().at(-1) ?? '', await answer(varun, chat, '$info')])
      assert.match(told, /Note by Jesse Lee: hello\n {6}25 Nov 09:00 Note by Varun Shah: refund approved$/u);
  });

  it('is shown again by $info, with the tags', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    await jesse.says(chat, '$note Wants a refund.');
    await jesse.says(chat, '$tag refund, vip');
    await bench.settle();
    const told = await answer(varun, chat, '$info');
    assert.match(told, /^Tags: refund, vip$/mu);
    assert.match(told, /^\d{4}-\d\d-\d\d \d\d:\d\d Note by Jesse Lee: Wants a refund\.$/mu);
  });

  it('says that there are too many where the helpdesk takes no more', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.faults.set('note', [{ is: 'forbidden' }]);
    assert.equal(
      await answer(jesse, chat, '$note One more.'),
      '▸ This chat has as many notes as it can have. Nothing was written down.',
    );
  });

  it('G06 of a chat that is not yours is refused', async () => {
    const { varun, chat, written } = await chatting();
    assert.match(await answer(varun, chat, '$note x'), /^▸ You are not in this chat/u);
    assert.deepEqual(written, []);
  });

  it('needs a text that can be seen', async () => {
    const { jesse, chat, written } = await chatting();
    for (const text of ['$note', '$note \u200b']) assert.match(await answer(jesse, chat, text), /^▸ Write \$note/u);
    assert.match(await answer(jesse, chat, `$note ${'x'.repeat(4_001)}`), /at most 4000 characters/u);
    assert.deepEqual(written, []);
  });

  it('is kept while the helpdesk does not answer', async () => {
    const { bench, jesse, chat, written } = await chatting();
    bench.helpdesk.faults.set(
      'note',
      Array.from({ length: 4 }, () => ({ is: 'unreachable' as const })),
    );
    await jesse.says(chat, '$note later');
    await bench.advance(3_000);
    assert.match(jesse.takes().join('\n'), /The helpdesk does not answer\. \$note is done as soon as it does\./u);
    await bench.advance(20_000);
    assert.equal(written.length, 1);
    assert.match(jesse.takes().join('\n'), /▸ Note by Jesse Lee: later/u);
  });

  it('that an app sends again after a cut, in a new stream, is written once', async () => {
    const { bench, jesse, chat, written } = await chatting();
    await jesse.says(chat, '$note once', { id: 'n1' });
    await jesse.lost();
    const again = await bench.online('jesse');
    await again.says(chat, '$note once', { id: 'n1' });
    assert.equal(written.length, 1);
    await again.says(chat, '$note once', { id: 'n2' });
    assert.equal(written.length, 2, 'another message is another note');
  });
});

describe('$tag', () => {
  it('puts tags in place of those that there were, each once', async () => {
    const { jesse, chat } = await chatting();
    assert.equal(await answer(jesse, chat, '$tag'), '▸ This chat has no tags. Write $tag A,B.');
    assert.equal(await answer(jesse, chat, '$tag Refund, #vip ,refund,,'), '▸ Tags: Refund, vip.');
    assert.equal(await answer(jesse, chat, '$tag billing'), '▸ Tags: billing.');
    assert.equal(await answer(jesse, chat, '$tag'), '▸ Tags: billing.');
    assert.equal(await answer(jesse, chat, '$tag -'), '▸ This chat has no tags any more.');
  });
  it('has a bound, and changes nothing beyond it', async () => {
    const { jesse, chat, bench } = await chatting();
    const many = Array.from({ length: 21 }, (_, n) => `t${n}`).join();
    assert.match(await answer(jesse, chat, `$tag ${many}`), /at most 20 tags/u);
    assert.match(await answer(jesse, chat, `$tag ${'x'.repeat(51)}`), /at most 50 characters/u);
    assert.match(await answer(jesse, chat, '$tag , ,'), /^▸ Write \$tag/u);
    assert.equal(bench.helpdesk.chats.get(chat)?.tags, undefined);
  });
});

describe('$canned', () => {
  it('lists the texts, finds them by name and text, and shows one as it would go out', async () => {
    const { jesse, chat } = await chatting();
    assert.match(
      await answer(jesse, 'gateway', '$canned'),
      /^hello: Hello \{visitor\}, I am \{me\}\.[^]*^Opening hours: Monday to Friday, 9 to 5\.$/mu,
    );
    assert.match(await answer(jesse, chat, '$canned refund'), /^refund short: .*\nrefund long: /mu);
    assert.match(await answer(jesse, chat, '$canned FRIDAY'), /^▸ Opening hours .*:\nMonday to Friday,\n9 to 5\.$/mu);
    assert.match(await answer(jesse, chat, '$canned hello'), /:\nHello Chris, I am Jesse Lee\. \{other\}$/u);
    assert.match(await answer(jesse, chat, '$canned nonsense'), /^▸ No canned text has these words/u);
    assert.match(await answer(jesse, chat, '$canned send off'), /^▸ send off .*Good bye\.$/su, 'a text of this name');
  });

  it('send says a text as this staff user’s line, and shows it in the app that asked for it too', async () => {
    const { bench, jesse, chat } = await chatting();
    const phone = await bench.online('jesse', 'phone');
    const told = await answer(jesse, chat, '$canned send hello');
    assert.deepEqual(bench.said, ['Hello.', 'Hello Chris, I am Jesse Lee. {other}']);
    assert.match(told, /^You: Hello Chris, I am Jesse Lee\. \{other\}$/mu);
    assert.equal(phone.takes().at(-1), 'You: Hello Chris, I am Jesse Lee. {other}');
  });

  it('send knows a text by a part of its name that no other has', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, '$canned send opening');
    assert.equal(bench.said.at(-1), 'Monday to Friday,\n9 to 5.');
    assert.match(await answer(jesse, chat, '$canned send refund'), /Which one\?\nrefund short: /u);
    assert.match(await answer(jesse, chat, '$canned send nothing'), /no canned text of this name/u);
    assert.match(await answer(jesse, chat, '$canned send'), /^▸ Write the name too/u);
    assert.equal(bench.said.length, 2);
  });

  it('send accepts a request, as any text does, also from an app that says it is away', async () => {
    const { bench, varun } = await chatting();
    const chat = bench.helpdesk.waits('c2', 'Kim');
    await varun.shows({ show: 'away' });
    await varun.says(chat, '$canned send hello');
    assert.equal(bench.said.at(-1), 'Hello Kim, I am Varun Shah. {other}');
    assert.deepEqual(bench.helpdesk.chats.get(chat)?.participants, ['varun']);
  });

  it('send of somebody who listens is not sent', async () => {
    const { bench, ada, chat } = await chatting();
    bench.helpdesk.change(chat, { observers: ['ada' as never] });
    assert.match(await answer(ada, chat, '$canned send hello'), /^▸ Not sent: you observe this chat/u);
    assert.deepEqual(bench.said, ['Hello.']);
  });

  it('no command reaches a visitor, and none is done', async () => {
    const { bench, jesse, chat } = await chatting();
    assert.match(await answer(jesse, chat, '$canned send command'), /Nothing was sent/u);
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'running');
    await jesse.says(chat, '$canned send price');
    assert.deepEqual(bench.said, ['Hello.', '$5']);
  });

  it('send that an app sends again after a cut is said once', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, '$canned send hello', { id: 'x1' });
    await jesse.lost();
    const again = await bench.online('jesse');
    await again.says(chat, '$canned send hello', { id: 'x1' });
    assert.equal(bench.said.length, 2);
  });

  it('send belongs to a chat', async () => {
    const { jesse } = await chatting();
    assert.match(await answer(jesse, 'gateway', '$canned send hello'), /in the window of the visitor/u);
  });

  it('follows the configuration while it runs; without texts there is no such command', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.configure({ canned: { texts: [{ name: 'new', text: 'New.' }] } });
    assert.match(await answer(jesse, chat, '$canned'), /^new: New\.$/mu);
    bench.configure({});
    assert.equal(await answer(jesse, chat, '$canned'), '▸ This helpdesk cannot do $canned. $help shows what it can.');
    assert.doesNotMatch(await answer(jesse, chat, '$help'), /canned/u);
  });
});

describe('$push', () => {
  it('asks the visitor to look at a page', async () => {
    const { bench, jesse, chat } = await chatting();
    const told = await answer(jesse, chat, '$push HTTPS://www.acme.example/a?b=c');
    assert.equal(bench.said.at(-1), 'https://www.acme.example/a?b=c');
    assert.match(told, /▸ Chris is asked to look at the page\./u);
  });
  const refused = [
    '',
    'www.acme.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://acme.example',
    'https://',
    'https://acme.example@evil.example/',
    'https://a.example https://b.example',
    'https://a.example\nhello',
    `https://a.example/${'x'.repeat(2_000)}`,
  ];
  for (const address of refused)
    it(`G16 ${JSON.stringify(address.slice(0, 40))} is refused`, async () => {
      const { bench, jesse, chat } = await chatting();
      assert.match(await answer(jesse, chat, `$push ${address}`), /^▸ (?:Write \$push|Not sent)/u);
      assert.deepEqual(bench.said, ['Hello.']);
    });
});

describe('$ban', () => {
  it('needs the permission', async () => {
    const { bench, jesse, chat } = await chatting();
    assert.equal(
      await answer(jesse, chat, '$ban rude'),
      '▸ You may not use $ban: it needs the permission “ban”. $help shows what you can do.',
    );
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'running');
    assert.doesNotMatch(await answer(jesse, chat, '$help'), /\$ban/u);
  });

  it('ends the chat; bans are listed and lifted in the window of Chat Gateway', async () => {
    const { bench, varun, inForce } = await chatting();
    const chat = await bench.running(varun, 'c2', 'Kim');
    bench.helpdesk.change(chat, { visitor: { name: 'Kim', address: '192.0.2.7' } });
    assert.equal(
      await answer(varun, chat, '$ban rude'),
      '▸ The chat has ended.\n▸ Kim is banned and can start no chats for now, nor can anybody else from the address 192.0.2.7. ' +
        '$ban list shows the bans.',
    );
    assert.equal(bench.helpdesk.chats.get(chat)?.phase.is, 'ended');
    assert.match(
      await answer(varun, 'gateway', '$ban list'),
      /^\[1\] Kim, known by 192\.0\.2\.7, by Varun Shah until \d{4}-\d\d-\d\d \d\d:\d\d: rude$/mu,
    );
    assert.match(await answer(varun, 'gateway', '$ban lift 7'), /no ban with this id/u);
    assert.equal(await answer(varun, 'gateway', '$ban lift [1]'), '▸ The ban is lifted.');
    assert.equal(inForce.size, 0);
    assert.equal(await answer(varun, 'gateway', '$ban list'), '▸ Nobody is banned.');
  });

  it('of whom nothing is known says that nobody is banned', async () => {
    const { bench, varun } = await chatting();
    const chat = await bench.running(varun, 'c2', 'Kim');
    const told = await answer(varun, chat, '$ban rude');
    assert.match(told, /Neither an address nor an e-mail address of Kim is known.*nobody was banned/u);
    assert.doesNotMatch(told, /is banned/u);
  });

  it('of a chat that ended before a restart says what was done, and $info what was known', async () => {
    const { bench, varun, inForce } = await chatting();
    const chat = await bench.running(varun, 'c2', 'Kim');
    bench.helpdesk.change(chat, { visitor: { name: 'Kim', address: '192.0.2.7' } });
    bench.helpdesk.ends(chat, 'visitor');
    await bench.settle();
    await bench.restart();
    const again = await bench.online('varun');
    assert.match(await answer(again, chat, '$info'), /^Address: 192\.0\.2\.7$/mu);
    assert.match(
      await answer(again, chat, '$ban rude'),
      /Kim is banned .* nor can anybody else from the address 192\.0\.2\.7\./u,
    );
    assert.equal(inForce.size, 1);
  });

  it('is possible for a while after the end, for those who were in it', async () => {
    const { bench, varun, jesse, inForce } = await chatting();
    const chat = await bench.running(varun, 'c2', 'Kim');
    bench.helpdesk.change(chat, { visitor: { name: 'Kim', email: 'kim@example.com' } });
    bench.helpdesk.ends(chat, 'visitor');
    await bench.settle();
    await jesse.says(chat, '$ban');
    assert.equal(inForce.size, 0);
    assert.match(await answer(varun, chat, '$ban rude'), /▸ Kim is banned/u);
    assert.equal(inForce.size, 1);
  });

  it('lifts one that is too old for the list, by its id', async () => {
    const { bench, varun, inForce } = await chatting();
    inForce.set('1', { id: '1', at: 0, until: 9e15, visitor: 'Old', by: 'varun' as never });
    Object.assign(bench.helpdesk, { bans: () => Promise.resolve([]) });
    assert.equal(await answer(varun, 'gateway', '$ban lift 1'), '▸ The ban is lifted.');
    assert.equal(inForce.size, 0);
  });

  it('is possible while a request rings, and not in somebody else’s chat', async () => {
    const { bench, varun, chat, inForce } = await chatting();
    assert.match(await answer(varun, chat, '$ban'), /^▸ You are not in this chat/u);
    const waiting = bench.helpdesk.waits('c2', 'Kim');
    assert.match(await answer(varun, waiting, '$ban'), /^▸ You are not in this chat/u, 'G06 waiting, not ringing');
    bench.helpdesk.asks(waiting, 'varun');
    await varun.says(waiting, '$ban');
    assert.equal(inForce.size, 1);
  });

  it('names nobody in the window of Chat Gateway', async () => {
    const { varun, inForce } = await chatting();
    assert.match(await answer(varun, 'gateway', '$ban rude'), /^▸ Who is to be banned\?/u);
    assert.match(await answer(varun, 'gateway', '$ban lift'), /Write the id too/u);
    assert.equal(inForce.size, 0);
  });
});

describe('$mail', () => {
  it('confirms that the transcript is on its way', async () => {
    const { jesse, chat, mailed } = await chatting();
    assert.equal(
      await answer(jesse, chat, '$mail chris@example.com'),
      '▸ What was said is on its way to chris@example.com.',
    );
    assert.deepEqual(mailed, ['c1 chris@example.com']);
  });

  for (const address of ['', 'chris', 'a@b, c@d', 'Chris <a@b.example>', 'a@b.example c@d.example', '@b', 'a@'])
    it(`${JSON.stringify(address)} is no address`, async () => {
      const { jesse, chat, mailed } = await chatting();
      assert.match(await answer(jesse, chat, `$mail ${address}`), /^▸ Write \$mail and one e-mail address/u);
      assert.deepEqual(mailed, []);
    });

  it('a line end and a header in an address are no address', async () => {
    const { jesse, chat, mailed } = await chatting();
    await jesse.says(chat, '$mail a@b.example\nBcc: c@d.example');
    assert.deepEqual(mailed, []);
  });

  it('tells why it did not work', async () => {
    const { bench, jesse, chat } = await chatting();
    const told = async (fault: object) => {
      bench.helpdesk.faults.set('mail', [fault as never]);
      return answer(jesse, chat, '$mail a@b.example');
    };
    assert.match(await told({ is: 'refused' }), /mail server did not take/u);
    assert.match(await told({ is: 'rate-limited', retryAfter: 1 }), /as many mails as you can/u);
    bench.helpdesk.faults.set(
      'mail',
      Array.from({ length: 3 }, () => ({ is: 'unreachable' as const })),
    );
    await jesse.says(chat, '$mail a@b.example');
    await bench.advance(5_000);
    assert.match(jesse.takes().join('\n'), /mail server does not answer/u);
  });

  it('goes on for those who took part when the chat has ended', async () => {
    const { bench, jesse, varun, chat, mailed } = await chatting();
    assert.match(await answer(varun, chat, '$mail a@b.example'), /not in this chat/u);
    bench.helpdesk.ends(chat, 'visitor');
    await bench.settle();
    await jesse.says(chat, '$mail a@b.example');
    assert.deepEqual(mailed, ['c1 a@b.example']);
  });
});

describe('commands that are switched off', () => {
  it('are not pointed to', async () => {
    const { bench, jesse, chat } = await chatting();
    for (const isOn of [true, false]) {
      bench.configure({ ...CANNED, commands: { off: isOn ? [] : ['staff'] } });
      const shows = isOn ? ' $staff shows who is available.' : '';
      assert.equal(await answer(jesse, chat, '$invite'), `▸ Write $invite and a name.${shows}`);
      assert.equal(await answer(jesse, chat, '$invite zed'), `▸ There is no colleague named “zed”.${shows}`);
    }
  });

  it('say so when tried, and are not in $help', async () => {
    const { bench, jesse, chat } = await chatting({ ...CANNED, commands: { off: ['push', 'history'] } });
    for (const name of ['push', 'history']) {
      assert.equal(
        await answer(jesse, chat, `$${name} https://a.example`),
        `▸ $${name} is switched off on this helpdesk. $help shows what it can.`,
      );
      assert.doesNotMatch(await answer(jesse, chat, '$help'), new RegExp(`\\$${name}`, 'u'));
      assert.doesNotMatch(await answer(jesse, 'gateway', '$help'), new RegExp(`\\$${name}`, 'u'));
    }
    bench.configure(CANNED);
    assert.match(await answer(jesse, chat, '$help'), /^\$push URL/mu, 'until they are switched on');
  });
});

describe('$help', () => {
  it('shows what can be done, in the order of the user guide', async () => {
    const { bench, jesse, varun, ada, chat } = await chatting();
    const names = async (app: TestApp, to: ChatId | 'gateway') =>
      Array.from((await answer(app, to, '$help')).matchAll(/^\$([a-z]+)/gmu), ([, name]) => name).join(' ');
    const always = 'who staff queue messages info history';
    assert.equal(await names(jesse, chat), `help end invite transfer leave ${always} note tag canned push mail status`);
    assert.equal(await names(varun, chat), `help join ${always} canned status`, 'in a chat of others');
    assert.equal(await names(ada, chat), `help join observe ${always} canned status`, 'with the permission to observe');
    bench.helpdesk.change(chat, { observers: ['ada' as never] });
    await bench.settle();
    assert.equal(await names(ada, chat), `help end join leave ${always} note tag canned mail status`, 'listening');
    const waiting = bench.helpdesk.waits('c2', 'Kim');
    await bench.advance(10_000);
    assert.equal(await names(varun, waiting), `help ${always} canned status`, 'of who waits');
    bench.helpdesk.asks(waiting, 'varun');
    await bench.settle();
    assert.equal(await names(varun, waiting), `help end ${always} canned ban status`, 'of who rings');
    await bench.advance(10_000);
    assert.equal(await names(jesse, 'gateway'), 'help staff queue messages canned status');
    assert.equal(await names(varun, 'gateway'), 'help staff queue messages canned ban status');
    bench.helpdesk.ends(chat, 'visitor');
    await bench.settle();
    assert.equal(
      await names(jesse, chat),
      'help who staff queue messages info history mail status',
      'of one that has ended',
    );
  });
});
