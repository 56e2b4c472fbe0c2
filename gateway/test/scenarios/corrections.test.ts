import assert from 'node:assert/strict';
import type { App } from '../support/app.ts';
import { wholeArchive } from '../support/archive.ts';
import { serialize } from '../../src/xmpp/serialize.ts';
import { scenario, scenarios, type World } from '../support/scenario.ts';
import type { Visitor } from '../support/visitor.ts';

const REPLACE = "<replace xmlns='urn:xmpp:message-correct:0' id='ID'/>";

async function chatting(world: World) {
  const jesse = await world.online('jesse', { resource: 'desk' });
  const phone = await world.online('jesse', { resource: 'phone', carbons: true });
  const chris = await world.visitor('Chris').asks('Hello?');
  await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
  const first = jesse.says(chris.jid, 'Helo');
  await chris.hears('Helo');
  await phone.receives(`<message><sent xmlns='urn:xmpp:carbons:2'/></message>`);
  return { jesse, phone, chris, first };
}

/** A colleague takes part as well. */
async function joined(world: World, chris: Visitor): Promise<App> {
  const varun = await world.online('varun');
  await varun.receives(`<presence from='${chris.fullJid}'/>`);
  await world.advance(10_000);
  varun.says(chris.jid, 'Me too.');
  await chris.hears('Me too.');
  return varun;
}

const numberOf = (visitor: Visitor, text: string) => visitor.seen.find((line) => line.text === text)?.number;

scenarios('what staff correct and take back', () => {
  scenario(
    'a correction takes the place of the line on the visitor’s page, and in every app of the staff',
    async (world) => {
      const { jesse, phone, chris, first } = await chatting(world);
      const varun = await joined(world, chris);
      jesse.says(chris.jid, 'Hello', REPLACE.replace('ID', first));
      const corrected = await chris.hears('Hello');
      assert.deepEqual(corrected.extra, { is: 'correction', of: numberOf(chris, 'Helo') });
      await phone.receives(
        `<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>Hello</body>${REPLACE.replace('ID', first)}</message></forwarded></sent></message>`,
      );
      const before = await varun.receives(
        `<message from='${chris.fullJid}'><body>▸ Jesse Stone: Helo</body></message>`,
      );
      await varun.receives(
        `<message from='${chris.fullJid}'><body>▸ Jesse Stone: Hello</body>${REPLACE.replace('ID', before.attrs['id'] ?? '')}</message>`,
      );
    },
  );

  scenario('a correction of a correction is one of the first line', async (world) => {
    const { jesse, chris, first } = await chatting(world);
    const second = jesse.says(chris.jid, 'Hello', REPLACE.replace('ID', first));
    await chris.hears('Hello');
    jesse.says(chris.jid, 'Hello!', REPLACE.replace('ID', second));
    assert.deepEqual((await chris.hears('Hello!')).extra, { is: 'correction', of: numberOf(chris, 'Helo') });
  });

  scenario('what is taken back is gone from the page, and apps are told in words too', async (world) => {
    const { jesse, phone, chris, first } = await chatting(world);
    const varun = await joined(world, chris);
    const shown = await varun.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone: Helo</body></message>`);
    jesse.sends(
      `<message to='${chris.jid}' type='chat' id='r1'><body>/me retracted</body><retract xmlns='urn:xmpp:message-retract:1' id='${first}'/></message>`,
    );
    await world.until(() => chris.seen.some(({ extra }) => extra?.is === 'retraction'), 'it was not taken back');
    const line = chris.seen.find(({ extra }) => extra?.is === 'retraction');
    assert.deepEqual([line?.text, line?.extra], ['', { is: 'retraction', of: numberOf(chris, 'Helo') }]);
    await phone.receives(
      `<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><retract xmlns='urn:xmpp:message-retract:1' id='${first}'/></message></forwarded></sent></message>`,
    );
    await varun.receives(
      `<message from='${chris.fullJid}'><body>▸ Jesse Stone took back a message.</body><retract xmlns='urn:xmpp:message-retract:1' id='${shown.attrs['id'] ?? ''}'/></message>`,
    );
  });

  scenario(
    'what was taken back is given to nobody who comes later: page, playback, archive, $history',
    async (world) => {
      const { jesse, chris, first } = await chatting(world);
      const secret = 'The password is hunter2';
      jesse.says(chris.jid, secret, REPLACE.replace('ID', first));
      await chris.hears(secret);
      jesse.sends(
        `<message to='${chris.jid}' type='chat' id='r1'><retract xmlns='urn:xmpp:message-retract:1' id='${first}'/></message>`,
      );
      await world.until(() => chris.seen.some(({ extra }) => extra?.is === 'retraction'), 'it was not taken back');
      jesse.says(chris.jid, 'Again.');
      await chris.hears('Again.');
      const view = await world.site.read(world.tenant, chris.ticket, 0);
      const of = numberOf(chris, 'Helo');
      assert.deepEqual(
        view.lines.filter(({ from }) => from.is === 'staff').map(({ text, extra }) => [text, extra]),
        [
          ['', undefined],
          ['', { is: 'correction', of }],
          ['', { is: 'retraction', of }],
          ['Again.', undefined],
        ],
      );
      const varun = await joined(world, chris);
      await varun.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone: (taken back)</body></message>`);
      await varun.receives(`<message from='${chris.fullJid}'><body>▸ Jesse Stone: Again.</body></message>`);
      varun.says(chris.jid, '$history 20');
      const history = await varun.receives(
        `<message from='${chris.fullJid}'><body>…Jesse Stone: (taken back)…</body></message>`,
      );
      assert.doesNotMatch(history.getChildText('body') ?? '', /hunter2|Helo/u);
      for (const app of [jesse, varun]) {
        const archived = (await wholeArchive(app, { with: chris.jid })).map(({ message }) => serialize(message));
        assert.doesNotMatch(archived.join(), /hunter2|Helo/u);
      }
      assert.doesNotMatch(varun.received.map((one) => serialize(one)).join(), /hunter2|Helo/u);
    },
  );

  scenario('G05 a correction that is a command is neither sent nor done', async (world) => {
    const { jesse, chris, first } = await chatting(world);
    for (const text of ['$end', ' ＄end', '$leave', '$foo']) jesse.says(chris.jid, text, REPLACE.replace('ID', first));
    for (let n = 0; n < 4; n++)
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ A correction cannot be a command…</body></message>`,
      );
    await chris.isIn('running');
    assert.deepEqual(chris.texts('staff'), ['Helo']);
  });

  scenario('nobody changes what is not theirs, and the app is told why', async (world) => {
    const { jesse, chris } = await chatting(world);
    const varun = await joined(world, chris);
    const shown = await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Varun Shah: Me too.</body></message>`);
    for (const [id, of] of [
      ['a', shown.attrs['id']],
      ['b', 'never-said'],
    ])
      jesse.sends(
        `<message to='${chris.jid}' type='chat' id='${id}'><body>forged</body>${REPLACE.replace('ID', of ?? '')}</message>`,
      );
    await jesse.receives(
      `<message type='error' id='a'><error><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Only texts of your own…</text></error></message>`,
    );
    await jesse.receives(
      `<message type='error' id='b'><error><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>…not known here…</text></error></message>`,
    );
    await varun.receivesNothing(`<message><body>…forged…</body></message>`, 'nothing was changed');
    assert.ok(!chris.texts('staff').includes('forged'));
  });

  scenario('nobody takes back what is not theirs: not a colleague’s, not the visitor’s', async (world) => {
    const { jesse, chris } = await chatting(world);
    const varun = await joined(world, chris);
    await chris.says('I want my money back.');
    const theirs = await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ Varun Shah: Me too.</body></message>`,
    );
    const asked = await jesse.receives(`<message from='${chris.fullJid}'><body>I want my money back.</body></message>`);
    await varun.receives(`<message from='${chris.fullJid}'><body>I want my money back.</body></message>`);
    for (const [id, of] of [
      ['a', theirs.attrs['id']],
      ['b', asked.attrs['id']],
    ]) {
      jesse.sends(
        `<message to='${chris.jid}' type='chat' id='${id}'><body>forged</body><retract xmlns='urn:xmpp:message-retract:1' id='${of}'/></message>`,
      );
      await jesse.receives(
        `<message type='error' id='${id}'><error><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Only texts of your own…</text></error></message>`,
      );
    }
    await varun.receivesNothing(`<message><retract xmlns='urn:xmpp:message-retract:1'/></message>`, 'nothing is gone');
    await chris.reads();
    assert.ok(chris.seen.every(({ extra }) => extra?.is !== 'retraction'));
  });

  scenario('a line of another chat is none of this one', async (world) => {
    const { jesse, chris, first } = await chatting(world);
    const dana = await world.visitor('Dana').asks('And I?');
    await jesse.receives(`<message from='${dana.fullJid}'><body>And I?</body></message>`);
    jesse.says(dana.jid, 'Hi Dana');
    await dana.hears('Hi Dana');
    const line = (await wholeArchive(jesse, { with: chris.jid })).find(({ body }) => body === 'Helo');
    assert.ok(line !== undefined);
    for (const [id, of] of [
      ['x', first],
      ['y', line.id],
    ] as const) {
      jesse.sends(
        `<message to='${dana.jid}' type='chat' id='${id}'><body>for Dana</body>${REPLACE.replace('ID', of)}</message>`,
      );
      await jesse.receives(`<message type='error' id='${id}'/>`);
    }
    for (const visitor of [chris, dana]) {
      await visitor.reads();
      assert.ok(!visitor.texts('staff').includes('for Dana'), visitor.options.name);
    }
  });

  scenario('a correction takes no request', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Hello?');
    const asked = await jesse.receives(`<message from='${chris.fullJid}'><body>Hello?</body></message>`);
    jesse.says(chris.jid, 'Hi', REPLACE.replace('ID', asked.attrs['id'] ?? ''));
    await jesse.receives(`<message type='error'/>`);
    await chris.isIn('waiting');
  });

  scenario('G28 after the end of a chat nothing is corrected', async (world) => {
    const { jesse, chris, first } = await chatting(world);
    await chris.ends();
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ Chris ended the chat.</body></message>`);
    jesse.says(chris.jid, 'Hello', REPLACE.replace('ID', first));
    await jesse.receives(
      `<message type='error'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
    await chris.reads();
    assert.deepEqual(chris.texts('staff'), ['Helo']);
  });
});
