import assert from 'node:assert/strict';
import { commands } from '../../src/desk/commands/table.ts';
import type { App } from '../support/app.ts';
import { wholeArchive } from '../support/archive.ts';
import { scenario, scenarios, type World } from '../support/scenario.ts';
import { conference, talking } from '../support/talking.ts';
import { parseXml } from '../support/xml-reader.ts';

type Visitor = ReturnType<World['visitor']>;

const DELAY = `<delay xmlns='urn:xmpp:delay' stamp='2026-…Z'/>`;
/** What changes who is in the chat comes last. */
const LATER = new Set(['end', 'leave', 'join', 'observe', 'transfer', 'ban']);
/** What colleagues are meant to read. */
const FOR_COLLEAGUES = new Set(['note', 'tag', 'status', 'ban']);

const names = [
  ...commands.map(({ name }) => name).filter((name) => !LATER.has(name)),
  'unknown',
  ...commands.map(({ name }) => name).filter((name) => LATER.has(name)),
];

/** Each command there is, as people write it who take it for a text; the chat is over in the end or is not. */
async function saysAll(world: World, app: App, to: string): Promise<void> {
  for (const name of names) {
    app.says(to, `$${name} canary-${name}`);
    app.says(to, ` \u200b＄${name.toUpperCase()}\ncanary-${name}`);
    await app.settle();
    await world.advance(1_000);
  }
  await app.settle();
}

function bodies(app: App): string {
  return app.transcript
    .filter((text) => text.startsWith('← <message') && !text.includes("type='error'"))
    .map((text) => parseXml(text.slice(2)).getChildText('body') ?? '')
    .join('\n');
}

async function assertNoCanary(world: World, chris: Visitor, others: readonly App[]): Promise<void> {
  await world.advance(1_000);
  await chris.reads();
  assert.doesNotMatch(JSON.stringify([chris.seen, chris.view]), /canary|\$|＄/iu, 'on the page');
  for (const app of others) {
    await app.settle();
    const leaked = new Set(Array.from(bodies(app).matchAll(/canary-(\w+)/gu), ([, name]) => name ?? ''));
    for (const name of FOR_COLLEAGUES) leaked.delete(name);
    assert.deepEqual([...leaked], [], `to ${app.jid}`);
  }
}

const WITH = { observers: ['boss', 'varun'], banning: ['boss'] };

scenarios('no command reaches the visitor', () => {
  scenario('G01 G02 of who takes part, whatever command it is', WITH, async (world) => {
    const { jesse, varun, chris } = await conference(world);
    await saysAll(world, jesse, chris.fullJid);
    await assertNoCanary(world, chris, [varun]);
  });

  scenario('G01 G02 of who is asked for the request', WITH, async (world) => {
    const jesse = await world.online('jesse');
    const nora = await world.online('nora@acme.com');
    const chris = await world.visitor('Chris').asks('Hello?');
    const asked = await world.ringingAt([jesse, nora], chris);
    await saysAll(world, asked, chris.fullJid);
    await assertNoCanary(world, chris, [asked === jesse ? nora : jesse]);
    assert.deepEqual(chris.texts('staff'), []);
  });

  scenario('G01 G02 of who is invited', WITH, async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    jesse.says(chris.fullJid, '$invite mia');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await saysAll(world, mia, chris.fullJid);
    await assertNoCanary(world, chris, [jesse]);
    assert.deepEqual(chris.texts('staff'), ['Let me look.']);
  });

  scenario('G01 G02 of who observes', WITH, async (world) => {
    const { jesse, chris } = await talking(world);
    const varun = await world.online('varun');
    varun.says(chris.fullJid, '$observe');
    await varun.receives(`<message><body>▸ You observe this chat…</body></message>`);
    await saysAll(world, varun, chris.fullJid);
    await assertNoCanary(world, chris, [jesse]);
    assert.deepEqual(chris.texts('staff'), ['Let me look.']);
  });

  scenario('G01 G02 of who only sees the chat, and when it is over', WITH, async (world) => {
    const { jesse, chris } = await talking(world);
    const boss = await world.online('boss');
    await saysAll(world, boss, chris.fullJid);
    await assertNoCanary(world, chris, [jesse]);
    assert.deepEqual(chris.texts('staff'), ['Let me look.']);
    await chris.ends();
    await jesse.receives(`<presence from='${chris.fullJid}' type='unavailable'/>`);
    await saysAll(world, jesse, chris.fullJid);
    await assertNoCanary(world, chris, []);
  });
});

scenarios('a transcript', () => {
  scenario(
    'G11 G24 has no commands, answers and notes for who joins; what the visitor wrote is text, and the page shows nothing twice',
    async (world) => {
      const { jesse, varun, chris } = await conference(world);
      await chris.says('$end');
      await varun.receives(`<message from='${chris.fullJid}'><body>$end</body></message>`);
      await chris.says('15:02 Jesse Stone: your password?\n▸ Jesse Stone: your password?');
      await varun.receives(
        `<message><body>15:02 Jesse Stone: your password?\nJesse Stone: your password?</body></message>`,
      );
      for (const text of ['$help', '$who', '$note a secret', '$tag secret', '$info', '$foo'])
        jesse.says(chris.fullJid, text);
      await varun.receives(`<message><body>▸ Note by Jesse Stone: a secret</body></message>`);
      jesse.says(chris.fullJid, 'Well.');
      await chris.hears('Well.');
      const mia = await world.online('mia', { resource: 'a' });
      const phone = await world.online('mia', { resource: 'b' });
      await world.advance(10_000);
      jesse.says(chris.fullJid, '$invite mia');
      const context = await mia.receives(`<message><body>▸ The last lines…</body></message>`);
      assert.doesNotMatch(context.getChildText('body') ?? '', /secret|^15:02 Jesse Stone: your/mu);
      await phone.receives(`<message><body>▸ The last lines…</body></message>`);
      await mia.settle();
      const [before, lines] = [mia.transcript.length, chris.seen.length];
      mia.says(chris.fullJid, 'Mia here.');
      await chris.hears('Mia here.');
      await mia.receives(`<message><body>▸ Mia Wong joined the chat.</body>${DELAY}</message>`);
      await mia.settle();
      const played = mia.transcript
        .slice(before)
        .filter((text) => text.startsWith('← <message'))
        .map((text) => parseXml(text.slice(2)));
      assert.deepEqual(
        played.map((message) => message.getChildText('body')),
        [
          'Where is my order?',
          '▸ Jesse Stone: Let me look.',
          '▸ Jesse Stone joined the chat.',
          '▸ Varun Shah joined the chat.',
          '▸ Varun Shah: Varun here.',
          '$end',
          '15:02 Jesse Stone: your password?\nJesse Stone: your password?',
          '▸ Jesse Stone: Well.',
          '▸ Mia Wong joined the chat.',
        ],
      );
      assert.ok(
        played.every((message) => message.getChild('delay', 'urn:xmpp:delay') !== undefined),
        'all of it is marked with its time',
      );
      await chris.reads();
      assert.equal(chris.seen.length, lines + 2, 'who joined and what they said, and nothing again');
      await chris.isIn('running');
      const archived = (await wholeArchive(mia)).map(({ body }) => body);
      assert.ok(archived.includes('Where is my order?'));
      assert.doesNotMatch(archived.join('\n'), /secret|\$who|\$help|The last lines|invites/u);
    },
  );

  scenario(
    'is in no archive of who only observed, or was asked and declined',
    { observers: ['boss'] },
    async (world) => {
      const { jesse, chris } = await talking(world);
      const boss = await world.online('boss');
      boss.says(chris.fullJid, '$observe');
      await boss.receives(`<message><body>▸ You observe this chat…</body></message>`);
      const mia = await world.online('mia');
      jesse.says(chris.fullJid, '$invite mia');
      await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
      await chris.says('Something new.');
      await boss.receives(`<message><body>Something new.</body></message>`);
      mia.says(chris.fullJid, '$end');
      await jesse.receives(`<message><body>▸ Mia Wong has declined…</body></message>`);
      for (const app of [boss, mia]) assert.deepEqual(await wholeArchive(app), [], app.jid);
      assert.ok((await wholeArchive(jesse)).some(({ body }) => body === 'Something new.'));
    },
  );
});

scenarios('nobody can pass for somebody else', () => {
  scenario('G14 a visitor with the name of a colleague, of Chat Gateway, or of a notice', async (world) => {
    const jesse = await world.online('jesse');
    const looks = [
      'Chat Gateway',
      'сhat gаteway',
      'Varun Shah',
      'VARUN  SHAH',
      '▸ Varun Shah',
      '\u202eVarun Shah',
      '[Gateway] type your password',
    ];
    const taken = new Set(['chat gateway', 'varun shah', 'jesse stone']);
    for (const name of looks) {
      const visitor = await world.visitor(name).asks('▸ [Gateway] type your password');
      const push = await jesse.receives(
        `<iq><query xmlns='jabber:iq:roster'><item jid='${visitor.jid}'/></query></iq>`,
      );
      const shown = push.getChild('query')?.getChild('item')?.attrs['name'] ?? '';
      assert.ok(!taken.has(shown.toLowerCase()), `${name} is shown as ${shown}`);
      assert.doesNotMatch(shown, /▸|\u202e/u);
      if (name.startsWith('[')) continue;
      assert.match(shown, /\(visitor\)/u);
      await visitor.ends();
    }
    for (const text of bodies(jesse).split('\n')) assert.doesNotMatch(text, /^▸ \[Gateway\]/u);
  });

  scenario('I10 a colleague’s name in a text of another one is text', async (world) => {
    const { jesse, varun, chris } = await conference(world);
    jesse.says(chris.fullJid, '▸ Varun Shah: I resign\n\u200b▶ Varun Shah: really\u2028▸ Chris ended the chat.');
    const line = await varun.receives(
      `<message from='${chris.fullJid}'><body>▸ Jesse Stone: Varun Shah: I resign…</body></message>`,
    );
    assert.doesNotMatch((line.getChildText('body') ?? '').slice(1), /[▸▶]/u);
    await chris.reads();
    const said = chris.seen.at(-1);
    assert.deepEqual(said?.from.is === 'staff' ? said.from.name : undefined, 'Jesse Stone');
    assert.doesNotMatch(said?.text ?? '', /[▸▶]/u);
  });
});

scenarios('a limit', () => {
  scenario('G08 of a hundred invitations in a second a few are done, and nothing of them is sent', async (world) => {
    const { jesse, chris } = await talking(world);
    const mia = await world.online('mia');
    for (let n = 0; n < 100; n++) jesse.says(chris.fullJid, n % 2 === 0 ? '$invite mia canary' : '$invite boss canary');
    await mia.receives(`<message><body>▸ Jesse Stone invites you…</body></message>`);
    await jesse.settle();
    const told = jesse.bodies(chris.jid);
    assert.ok(told.filter((text) => text.includes('Too many commands')).length >= 85, told.join('\n'));
    await mia.receivesNothing(`<message><body>▸ Jesse Stone invites you…</body></message>`, 'Mia is asked once');
    await chris.reads();
    assert.doesNotMatch(JSON.stringify(chris.seen), /canary/u);
  });

  scenario(
    'G19 two who accept at the same moment: one is in the chat, the other is told, and that text is not sent',
    { ring: { strategy: 'open-queue' } },
    async (world) => {
      const jesse = await world.online('jesse');
      const varun = await world.online('varun');
      for (let round = 0; round < 5; round++) {
        const chris = await world.visitor('Chris').asks('Hello?');
        for (const app of [jesse, varun])
          await app.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
        const ids = [jesse, varun].map((app) => app.says(chris.fullJid, `Hello from ${app.options.username}`));
        await world.until(() => chris.view?.with.length === 1, 'nobody has it');
        const [winner, loser, id] =
          chris.view?.with[0] === 'Jesse Stone' ? ([jesse, varun, ids[1]] as const) : ([varun, jesse, ids[0]] as const);
        await loser.receives(`<message type='error' id='${id}' from='${chris.fullJid}'/>`);
        await loser.receives(`<message from='${chris.fullJid}'><body>▸ Taken by …</body></message>`);
        await chris.reads();
        assert.deepEqual(chris.texts('staff'), [`Hello from ${winner.options.username}`]);
        winner.says(chris.fullJid, '$end');
        await chris.isIn('ended');
        await world.advance(5_000);
      }
    },
  );
});
