import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import { type EdgeWorld, edgeWorld } from '../../test/support/edge-world.ts';
import { auth, bind, HEADER, TextApp } from '../../test/support/text-app.ts';
import type { Item } from '../bus/messages.ts';
import type { StaffId } from '../helpdesk/model.ts';
import { xml } from '../xmpp/element.ts';

const jesse = 'jesse' as StaffId;
const line = (body: string, more: object = {}): Item => ({
  kind: 'message',
  from: 'c1@visitors.acme.test/chat',
  body,
  stanzaId: body,
  proof: `seen ${body}`,
  ...more,
});
const shown = (body: string): string =>
  `<message from='c1@visitors.acme.test/chat' to='jesse@acme.test/desk' type='chat'><body>${body}</body></message>`;
const R = `<r xmlns='urn:xmpp:sm:3'/>`;
const a = (h: number): string => `<a xmlns='urn:xmpp:sm:3' h='${h}'/>`;
const say = (body: string): string =>
  `<message to='gateway@visitors.acme.test' id='${body}'><body>${body}</body></message>`;
const resume = (id: string, h: number): string => `<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='${h}'/>`;
const failed = (condition: string, h = ''): string =>
  `<failed xmlns='urn:xmpp:sm:3'${h}><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`;
const types = ({ desk }: EdgeWorld): string[] => desk.acts.map(({ type }) => type);
const bodies = ({ desk }: EdgeWorld): (string | undefined)[] =>
  desk.acts.flatMap((act) => (act.type === 'message' ? [act.message.body] : []));
const proofs = ({ desk }: EdgeWorld): string[] => desk.acts.flatMap((act) => (act.type === 'proved' ? act.proofs : []));

/** Answers every ping and `<r/>` that is in a text. */
function answers(app: TextApp, text: string): void {
  for (const [, id] of text.matchAll(/<iq type='get' id='(ping-[^']+)'/gu))
    app.pipe.write(`<iq type='result' id='${id}' to='acme.test'/>`);
}

describe('a session', () => {
  it('is told to the desk, with its loss, its return and its end', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    app.cut();
    await settled();
    const again = await world.loggedIn();
    await again.says(resume(id, 0));
    await again.says('</stream:stream>');
    assert.deepEqual(types(world), ['session-opened', 'session-lost', 'session-resumed', 'session-closed']);
    assert.equal(new Set(world.desk.entries.map((entry) => entry.id)).size, 4);
    assert.deepEqual(world.layer.told, ['resumed desk', 'closed desk']);
    assert.equal(world.edge.stats.sessions, 0);
  });
  it('that nobody comes back to ends after its window, everywhere', async () => {
    const world = await edgeWorld();
    (await world.bound()).cut();
    await world.clock.advance(299_000);
    assert.equal(world.edge.stats.detached, 1);
    await world.clock.advance(1_000);
    assert.deepEqual(types(world), ['session-opened', 'session-lost', 'session-closed']);
    assert.deepEqual(world.layer.told, ['closed desk']);
    assert.equal(world.edge.stats.detached, 0);
  });
  it('stamps what an app sends, and answers what is malformed by itself', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    await app.says(say('a'));
    assert.equal(world.layer.stanzas[0]?.element.attrs['from'], 'jesse@acme.test/desk');
    assert.match(
      await app.says(`<iq type='get' id='q' to='a@b@c'><query xmlns='x'/></iq>`),
      /id='q' to='jesse@acme.test\/desk' from='acme.test'><error type='modify'><jid-malformed /u,
    );
    assert.match(await app.says(`<message from='varun@acme.test/x'/>`), /<invalid-from /u);
    assert.equal(world.layer.stanzas.length, 1);
  });
  it('a handler that fails ends its stanza and nothing else', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    const other = await world.bound('phone');
    world.layer.onStanza = (_session, { element }) => {
      if (element.attrs['id'] === 'now') throw new TypeError('planted');
      return Promise.reject(new TypeError('planted'));
    };
    for (const id of ['now', 'later'])
      assert.match(
        await app.says(`<iq type='get' id='${id}' to='acme.test'><query xmlns='x'/></iq>`),
        new RegExp(`type='error' id='${id}' .*from='acme.test'.*<internal-server-error`, 'u'),
      );
    assert.equal(world.edge.stats.handlerFailures, 2);
    world.layer.onStanza = undefined;
    for (const each of [app, other])
      assert.match(await each.says(`<iq type='get' id='p'><x xmlns='x'/></iq>`), /result/u);
  });
  it('a rendering that fails ends its own stream', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    const other = await world.bound('phone');
    world.layer.render = () => {
      throw new TypeError('planted');
    };
    await world.deliver('desk', line('a'));
    assert.match(await app.hears(), /<internal-server-error /u);
    assert.match(await other.says(`<iq type='get' id='p'><x xmlns='x'/></iq>`), /result/u);
  });
});

describe('bind', () => {
  it('D03 without a resource gets the lowest one that is free', async () => {
    const { loggedIn } = await edgeWorld();
    assert.match(await (await loggedIn()).says(bind()), /<jid>jesse@acme.test\/app-1</u);
  });
  it('D04 to a resource in use: the app that has it keeps it, the new one gets another', async () => {
    const world = await edgeWorld();
    const first = await world.bound();
    const second = await world.loggedIn(world.other);
    second.pipe.write(bind('desk'));
    answers(first, await first.hears());
    assert.match(await second.hears(), /<jid>jesse@acme.test\/desk-[^<]+<\/jid>/u);
    assert.ok(!first.ended && !first.closed);
    assert.equal(world.edge.stats.sessions + world.other.stats.sessions, 2);
  });
  it('D04 an app with acknowledgements is asked by <r/>', async () => {
    const world = await edgeWorld();
    const { app: first } = await world.managed();
    const second = await world.loggedIn();
    second.pipe.write(bind('desk'));
    assert.equal(await first.hears(), R);
    await first.says(a(0));
    assert.match(await second.hears(), /<jid>jesse@acme.test\/desk-/u);
  });
  it('D04, D05 to a resource whose app does not answer: it is taken over, silently', async () => {
    const world = await edgeWorld();
    const first = await world.bound();
    const second = await world.loggedIn(world.other);
    second.pipe.write(bind('desk'));
    await world.clock.advance(2_999);
    assert.equal(await second.hears(), '');
    await world.clock.advance(1);
    assert.match(await second.hears(), /<jid>jesse@acme.test\/desk<\/jid>/u);
    assert.ok(!(await first.hears()).includes('</stream:stream>'));
    assert.ok(first.closed || first.ended);
    const opened = world.desk.acts.filter((act) => act.type === 'session-opened');
    assert.equal(opened.length, 2);
    assert.equal(opened[1]?.replaces, opened[0]?.session);
    assert.ok(!types(world).includes('session-lost'));
    assert.deepEqual(world.layer.told, ['closed desk']);
  });
  it('an app without resumption that was cut off finds its resource free', async () => {
    const world = await edgeWorld();
    (await world.bound()).cut();
    const again = await world.loggedIn();
    assert.match(await again.says(bind('desk')), /<jid>jesse@acme.test\/desk<\/jid>/u);
    assert.equal(world.edge.stats.binds.rebound, 1);
    assert.equal(world.edge.stats.detached, 0);
  });
  it('D06 one resource more than allowed is refused', async () => {
    const world = await edgeWorld({ limits: { resourcesPerAccount: 2 } });
    await world.bound('a');
    await world.bound('b');
    const third = await world.loggedIn();
    assert.match(
      await third.says(bind('c')),
      /type='error' id='b1'><error type='wait'><resource-constraint .*Close one of them.*<resource-limit-exceeded xmlns='urn:xmpp:errors'\/>/u,
    );
  });
  it('D07 too many binds of one account have to wait', async () => {
    const world = await edgeWorld();
    for (let time = 0; time < 20; time++) {
      const app = await world.bound();
      await app.says('</stream:stream>');
    }
    const app = await world.loggedIn();
    assert.equal(await app.says(bind('desk')), '');
    await world.clock.advance(1_000);
    assert.match(await app.hears(), /<jid>/u);
  });
  it('a bind that is decided too late leaves nobody whom the desk takes for somebody who is there', async () => {
    const world = await edgeWorld();
    const resources = ['a', 'b', 'c', 'd', 'e'];
    for (const resource of resources) await world.bound(resource);
    // each waits 3 s for the one before it, as none of their old connections answers
    const again = await Promise.all(resources.map(() => world.loggedIn()));
    for (const [at, app] of again.entries()) app.pipe.write(bind(resources[at]));
    await world.clock.advance(16_000);
    const texts = await Promise.all(again.map((app) => app.hears()));
    assert.ok(texts.filter((text) => text.includes('<internal-server-error ')).length > 0, 'some are too late');
    const known = new Set<string>();
    for (const act of world.desk.acts) {
      if (act.type === 'session-opened') known.add(act.session);
      if (act.type === 'session-opened' && act.replaces !== undefined) known.delete(act.replaces);
      if (act.type === 'session-closed') known.delete(act.session);
    }
    const there = await world.bus.sessions.of(world.acme, jesse);
    assert.deepEqual(known, new Set(there.map(({ id }) => id)));
  });
  it('an app that goes while its bind is decided leaves a session that waits', async () => {
    const world = await edgeWorld();
    const first = await world.bound();
    const second = await world.loggedIn();
    second.pipe.write(bind('desk'));
    await settled();
    second.cut();
    answers(first, await first.hears());
    await settled();
    // nothing is read while the bind is decided, so the cut is noticed after it
    assert.deepEqual(types(world), ['session-opened', 'session-opened', 'session-lost']);
    assert.equal(world.edge.stats.sessions, 1);
  });
});

describe('acknowledgements of what an app sends', () => {
  it('I12 count only what is stored', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    const open: (() => void)[] = [];
    world.desk.onEntry = () => new Promise((resolve) => open.push(resolve));
    assert.equal(await app.says(say('1') + say('2') + R), a(0));
    open[1]?.();
    assert.equal(await app.says(R), a(0), 'the second is stored, the first is not');
    open[0]?.();
    assert.equal(await app.hears(), a(2), 'an answer that was owed comes by itself');
  });
  it('count IQs and presence too, and nothing else', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    await app.says(`<presence/><iq type='set' id='1'><x xmlns='x'/></iq><active xmlns='urn:xmpp:csi:0'/> ${R}`);
    assert.equal(await app.says(R), a(2));
  });
  it('begin at <enable/>', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    await app.says(`<presence/><presence/>`);
    await app.says(`<enable xmlns='urn:xmpp:sm:3'/>`);
    assert.equal(await app.says(`<presence/>${R}`), a(1));
  });
  it('M06 a flood of requests is answered once a turn', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    assert.equal(await app.says(R.repeat(1_000)).then((text) => text.length <= 2 * a(0).length), true);
  });
  it('M18 what was handled but not acknowledged is not handled again', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    let store = (): void => undefined;
    world.desk.onEntry = () => new Promise((resolve) => (store = resolve));
    await app.says(say('once'));
    world.desk.onEntry = async () => undefined;
    app.cut();
    await settled();
    const again = await world.loggedIn(world.other);
    assert.match(await again.says(resume(id, 0)), / h='0'\/>/u);
    again.pipe.write(say('once') + say('twice'));
    await settled();
    store();
    assert.equal(await again.says(R), a(2));
    assert.deepEqual(bodies(world), ['once', 'twice']);
  });
  it('M18 nor when the app resumes where it was', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    let handled = 0;
    let finish = (): void => undefined;
    world.layer.onStanza = () => {
      handled++;
      return new Promise((resolve) => (finish = resolve));
    };
    await app.says(say('once'));
    app.cut();
    const again = await world.loggedIn();
    await again.says(resume(id, 0));
    await again.says(say('once'));
    finish();
    assert.equal(await again.says(R), a(1));
    assert.equal(handled, 1);
  });
  it('M18 another stanza in the place of one that is not stored yet is another one', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    world.desk.onEntry = ({ act }) => (act.type === 'message' ? new Promise(() => undefined) : Promise.resolve());
    await app.says(say('a'));
    app.cut();
    await settled();
    const again = await world.loggedIn();
    await again.says(resume(id, 0));
    await again.says(say('b'));
    assert.deepEqual(bodies(world), ['a', 'b']);
  });
  it('R07 above 100 stanzas that are not stored, nothing more is read', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    const open: (() => void)[] = [];
    world.desk.onEntry = () => new Promise((resolve) => open.push(resolve));
    for (let number = 0; number < 300; number++) app.pipe.write(say(String(number)));
    await settled();
    const read = world.layer.stanzas.length;
    assert.ok(read >= 100 && read < 200, `${read} were read`);
    assert.ok(!app.ended);
    // a stream that we do not read is not silent
    await world.clock.advance(200_000);
    assert.ok(!app.ended && !app.closed);
    world.desk.onEntry = async () => undefined;
    for (const store of open) store();
    for (let turn = 0; turn < 20; turn++) await app.hears();
    assert.equal(world.layer.stanzas.length, 300);
    assert.deepEqual(
      bodies(world),
      Array.from({ length: 300 }, (_, number) => String(number)),
    );
  });
});

describe('acknowledgements of what an app gets', () => {
  it('are asked for after what is durable, and tell the desk', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    await world.deliver('desk', line('one'));
    assert.equal(await app.hears(), shown('one') + R);
    await world.deliver('desk', line('two'));
    assert.equal(await app.hears(), shown('two'), 'one request at a time');
    assert.equal(await app.says(a(1)), R, 'the next one when the first is answered');
    assert.deepEqual(proofs(world), ['seen one']);
    assert.equal(await app.says(a(2)), '');
    assert.deepEqual(proofs(world), ['seen one', 'seen two']);
  });
  it('are asked for at once where it is urgent', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    await world.deliver('desk', line('one'));
    await world.deliver('desk', line('two', { urgent: true }));
    await app.hears();
    await world.deliver('desk', line('three', { urgent: true }));
    assert.equal(await app.hears(), shown('three') + R);
  });
  it('are asked for after twenty answers, or long ones, though nothing durable came', async () => {
    const ping = (id: string): string => `<iq type='get' id='${id}' to='acme.test'><ping xmlns='urn:xmpp:ping'/></iq>`;
    const world = await edgeWorld();
    const { app } = await world.managed();
    let asked = 0;
    for (let n = 1; n <= 25; n++) {
      const text = await app.says(ping(`p${n}`));
      if (text.includes(R) && asked === 0) asked = n;
    }
    assert.ok(asked > 5 && asked <= 20, `asked after ${asked}`);
    await app.says(a(25));
    assert.ok((await app.says(ping('x'.repeat(1_000)))).endsWith(R));
  });
  it('M03 of more than was sent end the stream', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    await world.deliver('desk', line('one'));
    await app.hears();
    assert.match(
      await app.says(a(2)),
      /<undefined-condition .*<handled-count-too-high xmlns='urn:xmpp:sm:3' h='2' send-count='1'\/>/u,
    );
  });
  it('M04 that go backwards end the stream, and what was proved stays so', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    await world.deliver('desk', line('one'));
    await app.hears();
    await app.says(a(1));
    assert.match(await app.says(a(0)), /<bad-format /u);
    assert.deepEqual(proofs(world), ['seen one']);
  });
  it('one text is one write: a burst, and the request with it', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    const chunks: string[] = [];
    app.pipe.on('data', (chunk: Uint8Array) => chunks.push(Buffer.from(chunk).toString()));
    await Promise.all(['1', '2', '3', '4'].map((body) => world.deliver('desk', line(body))));
    await app.hears();
    assert.ok(chunks.length <= 2, `${chunks.length} writes`);
  });
  it('M07 an app that never acknowledges is closed at 500, without an error, and loses nothing', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    let text = '';
    for (let number = 0; number < 520; number++) {
      await world.deliver('desk', line(String(number)));
      if (number % 50 === 0) text += await app.hears();
    }
    text += await app.hears();
    assert.ok(app.ended || app.closed);
    assert.ok(!text.includes('stream:error') && !text.includes('</stream:stream>'));
    assert.equal(world.edge.stats.dropped.unacknowledged, 1);
    const again = await world.loggedIn();
    const first = await again.says(resume(id, 10));
    const got = [...first.matchAll(/<body>(\d+)</gu)].map((match) => Number(match[1]));
    assert.equal(got.length, 500, 'no more than may be unproved');
    // something else is written, and numbered, in between
    await again.says(`<iq type='get' id='q'><x xmlns='x'/></iq>`);
    const rest = await again.says(a(10 + 500));
    got.push(...[...rest.matchAll(/<body>(\d+)</gu)].map((match) => Number(match[1])));
    assert.deepEqual(
      got,
      Array.from({ length: 510 }, (_, number) => number + 10),
    );
  });
  it('M07 or at 1 MiB', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    for (let number = 0; number < 20; number++) {
      await world.deliver('desk', line('x'.repeat(60_000)));
      await app.hears();
    }
    assert.ok(app.ended || app.closed);
    assert.equal(world.edge.stats.dropped.unacknowledged, 1);
  });
});

describe('an app without acknowledgements', () => {
  it('is pinged after a line, once at a time, and its answer proves what came before', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    await world.deliver('desk', line('one'));
    const first = await app.hears();
    assert.match(
      first,
      /^<message .*<\/message><iq type='get' id='ping-[^']+' from='acme.test' to='jesse@acme.test\/desk'>/u,
    );
    await world.deliver('desk', line('two'));
    assert.equal(await app.hears(), shown('two'));
    answers(app, first);
    const second = await app.hears();
    assert.match(second, /^<iq type='get' id='ping-/u);
    assert.deepEqual(proofs(world), ['seen one']);
    app.pipe.write(second.replace(/.*id='(ping-[^']+)'.*/u, `<iq type='error' id='$1'><error type='cancel'/></iq>`));
    assert.equal(await app.hears(), '');
    assert.deepEqual(proofs(world), ['seen one', 'seen two']);
    assert.ok(world.layer.stanzas.length === 0, 'our pings are our own');
  });
  it('may ask as often as it likes: answers wait for no proof', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    for (let number = 0; number < 600; number++) {
      world.layer.sessions[0]?.send(xml('iq', { type: 'result', id: String(number) }), 'keep');
      await world.deliver('desk', { kind: 'roster-push', version: '1', item: { jid: 'x@acme.test', removed: true } });
    }
    await app.hears();
    assert.ok(!app.ended);
  });
});

describe('a resume', () => {
  it('brings what the app has not got, behind what it has, and nothing twice', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    for (const body of ['one', 'two']) await world.deliver('desk', line(body));
    await world.deliver('desk', { kind: 'presence', from: 'varun@acme.test/helpdesk', show: 'away' });
    await app.hears();
    app.cut();
    await settled();
    await world.deliver('desk', line('three'));
    const again = await world.loggedIn(world.other);
    assert.equal(
      await again.says(resume(id, 1)),
      `<resumed xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>${shown('two')}${shown('three')}${R}`,
    );
    assert.deepEqual(proofs(world), ['seen one']);
    await again.says(a(3));
    assert.deepEqual(proofs(world), ['seen one', 'seen two', 'seen three']);
  });
  it('brings answers to IQs too', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    let answer = (): void => undefined;
    world.layer.onStanza = (session, { element }) => {
      answer = () => {
        session.send(xml('iq', { type: 'result', id: element.attrs['id'] }), 'keep');
      };
    };
    await app.says(`<iq type='get' id='slow'><x xmlns='x'/></iq>`);
    app.cut();
    await settled();
    answer();
    const again = await world.loggedIn();
    assert.match(await again.says(resume(id, 0)), /<resumed [^>]*h='1'\/><iq type='result' id='slow'\/>/u);
  });
  it('M10 while the old stream is alive closes it without an error', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    const again = await world.loggedIn();
    assert.match(await again.says(resume(id, 0)), /<resumed /u);
    assert.equal(await app.hears(), '');
    assert.ok(app.ended || app.closed);
    assert.equal(world.edge.stats.sessions, 1);
    await world.deliver('desk', line('one'));
    assert.equal(await again.hears(), shown('one') + R);
    assert.ok(!types(world).includes('session-lost') && !types(world).includes('session-closed'));
    assert.deepEqual(world.layer.told, ['resumed desk']);
  });
  it('M11 of two at once one wins', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    app.cut();
    const two = [await world.loggedIn(), await world.loggedIn(world.other)];
    for (const one of two) one.pipe.write(resume(id, 0));
    for (const one of two) await one.hears();
    assert.equal(world.edge.stats.sessions + world.other.stats.sessions, 1);
    assert.equal(two.filter((one) => one.ended || one.closed).length, 1);
  });
  for (const [name, make] of Object.entries({
    'a random id': () => 'f'.repeat(48),
    'a truncated id': (id: string) => id.slice(0, 20),
    'an id of 4 KB': () => 'x'.repeat(4_096),
  }))
    it(`M08 with ${name} fails, and a bind may follow`, async () => {
      const world = await edgeWorld();
      const { app, id } = await world.managed();
      app.cut();
      const again = await world.loggedIn();
      assert.equal(await again.says(resume(make(id), 0)), failed('item-not-found'));
      assert.match(await again.says(bind('desk')), /<jid>/u);
    });
  it('M08 of a colleagues session fails in the same words', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    app.cut();
    const varun = await world.loggedIn(undefined, 'varun', 'word');
    assert.equal(await varun.says(resume(id, 0)), failed('item-not-found'));
  });
  it('M03 with more than was sent fails with our count, and takes nothing', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    await app.says(`<presence/>${R}`);
    const again = await world.loggedIn();
    assert.equal(await again.says(resume(id, 3)), failed('item-not-found', ` h='1'`));
    assert.equal(await app.says(R), a(1), 'the old stream lives');
    assert.equal(world.edge.stats.resumes.stale, 1);
  });
  it('M04 with less than was acknowledged fails', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    await world.deliver('desk', line('one'));
    await app.hears();
    await app.says(a(1));
    const again = await world.loggedIn();
    assert.equal(await again.says(resume(id, 0)), failed('bad-request', ` h='0'`));
    assert.equal(await app.says(R), a(0), 'the old stream lives');
    assert.match(await again.says(bind('phone')), /<jid>/u);
  });
  for (const h of ['', '-1', '4294967296', 'abc', '1.0', '1e3', ' 1', '0x1', '00000000001'])
    it(`M04 with h='${h}' is a bad request, and the session is still there`, async () => {
      const world = await edgeWorld();
      const { app, id } = await world.managed();
      app.cut();
      const again = await world.loggedIn();
      const wrong = resume(id, 0).replace(`h='0'`, `h='${h}'`);
      assert.equal(await again.says(wrong), failed('bad-request'));
      assert.match(await again.says(resume(id, 0)), /<resumed /u);
    });
  for (const h of ['', '-1', '4294967296', 'abc', '1.0'])
    it(`M04 an acknowledgement with h='${h}' ends the stream, and nothing is lost`, async () => {
      const world = await edgeWorld();
      const { app, id } = await world.managed();
      await world.deliver('desk', line('one'));
      await app.hears();
      assert.match(await app.says(`<a xmlns='urn:xmpp:sm:3' h='${h}'/>`), /<bad-format /u);
      const again = await world.loggedIn();
      assert.match(await again.says(resume(id, 0)), new RegExp(`<resumed .*${shown('one')}`, 'u'));
    });
  it('M09 from another address works for who has logged in, and for nobody else', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    app.cut();
    const stranger = world.connect(world.edge, '198.51.100.7');
    await stranger.says(HEADER);
    assert.equal(await stranger.says(resume(id, 0)), failed('unexpected-request'));
    const owner = world.connect(world.edge, '198.51.100.7');
    await owner.says(HEADER + auth('jesse', 'secret'));
    await owner.says(HEADER);
    assert.match(await owner.says(resume(id, 0)), /<resumed /u);
  });
  it('M15 has an id of 192 random bits that tells nothing', async () => {
    const asked: number[] = [];
    const world = await edgeWorld({
      random: (bytes) => {
        asked.push(bytes);
        return randomBytes(bytes).toString('hex');
      },
    });
    const { id } = await world.managed();
    assert.match(id, /^[0-9a-f]{48}$/u);
    assert.ok(asked.includes(24), 'all of it is random');
    const { id: another } = await world.managed('phone');
    assert.notEqual(another, id);
  });
  it('M16 after a clean end fails, with the last count', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    assert.equal(await app.says(`<presence/></stream:stream>`), `${a(1)}</stream:stream>`);
    const again = await world.loggedIn();
    assert.equal(await again.says(resume(id, 0)), failed('item-not-found', ` h='1'`));
  });
  it('a clean end comes after the answers to what was asked before it', async () => {
    const world = await edgeWorld();
    const { app } = await world.managed();
    const text = await app.says(`<iq type='get' id='q'><x xmlns='x'/></iq>${R}</stream:stream>`);
    assert.match(text, /<iq type='result' id='q' .*<a xmlns='urn:xmpp:sm:3' h='1'\/><\/stream:stream>$/u);
  });
  it('M13 after the account was closed fails', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    const other = await world.bound('phone');
    app.cut();
    await settled();
    world.edge.closeStaff(world.acme, jesse);
    assert.match(await other.hears(), /<not-authorized .*<\/stream:stream>$/u);
    await settled();
    assert.equal(types(world).filter((type) => type === 'session-closed').length, 2);
    const again = await world.loggedIn();
    assert.match(await again.says(resume(id, 0)), /<failed /u);
  });
  it('M13 under way while the account is closed leaves no session', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    app.cut();
    await settled();
    const again = await world.loggedIn();
    again.pipe.write(resume(id, 0));
    await Promise.resolve();
    world.edge.closeStaff(world.acme, jesse);
    assert.doesNotMatch(await again.hears(), /<resumed /u);
    assert.ok(again.ended);
    await nothingIsLeft(world);
  });
  it('over again goes on counting', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    let current = app;
    let got = 0;
    for (let round = 1; round <= 4; round++) {
      await current.says(say(`out ${round}`));
      await world.deliver('desk', line(`in ${round}`));
      const text = await current.hears();
      got += [...text.matchAll(/<message /gu)].length;
      current.cut();
      await settled();
      current = await world.loggedIn(round % 2 === 0 ? world.edge : world.other);
      const resumed = await current.says(resume(id, got));
      assert.equal(resumed, `<resumed xmlns='urn:xmpp:sm:3' previd='${id}' h='${round}'/>`);
    }
    assert.deepEqual(proofs(world), ['seen in 1', 'seen in 2', 'seen in 3', 'seen in 4']);
    assert.deepEqual(bodies(world), ['out 1', 'out 2', 'out 3', 'out 4']);
  });
});

describe('silence', () => {
  for (const managed of [true, false])
    it(`R08, F12 of an app ${managed ? 'with' : 'without'} acknowledgements is noticed within 90 s`, async () => {
      const world = await edgeWorld();
      const app = managed ? (await world.managed()).app : await world.bound();
      await world.clock.advance(60_000);
      assert.match(await app.hears(), managed ? /^<r / : /^<iq type='get' id='ping-/u);
      assert.ok(!types(world).includes('session-lost'));
      await world.clock.advance(29_000);
      assert.ok(types(world).includes('session-lost'));
      assert.equal(world.edge.stats.dropped.silent, 1);
      assert.ok(!(await app.hears()).includes('stream:error'));
    });
  it('that is broken by anything is none', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    for (let round = 0; round < 10; round++) {
      await world.clock.advance(61_000);
      app.pipe.write(round % 2 === 0 ? ' ' : `<iq type='result' id='whatever'/>`);
      await settled();
    }
    assert.ok(!app.ended && !app.closed);
  });
  it('A17 a stanza that never ends is no sign of life', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    app.pipe.write('<message to="');
    for (let round = 0; round < 20; round++) {
      app.pipe.write('x');
      await world.clock.advance(10_000);
    }
    assert.match(await app.hears(), /<connection-timeout /u);
  });
  it('A18 white space is read for ever and costs nothing', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    for (let round = 0; round < 40; round++) {
      app.pipe.write(' '.repeat(65_536));
      await world.clock.advance(1_000);
    }
    assert.match(await app.says(`<iq type='get' id='p'><x xmlns='x'/></iq>`), /result/u);
  });
});

describe('flow', () => {
  it('an app that sends too much in a second is read more slowly, not closed', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    const text = `<presence><status>${'x'.repeat(1_000)}</status></presence>`;
    for (let number = 0; number < 2_048; number++) app.pipe.write(text);
    await settled();
    await settled();
    const early = world.layer.stanzas.length;
    assert.ok(early > 900 && early < 1_200, `${early} in the first moment`);
    await world.clock.advance(1_000);
    const later = world.layer.stanzas.length;
    assert.ok(later > early + 150 && later < early + 400, `${later - early} in a second`);
    await world.clock.advance(10_000);
    assert.equal(world.layer.stanzas.length, 2_048);
    assert.ok(!app.ended);
  });
  it('F11 an app that does not read is closed without an error at 1 MiB, and can resume', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    app.pipe.pause();
    for (let number = 0; number < 40; number++) {
      for (let time = 0; time < 10; time++)
        await world.deliver('desk', {
          kind: 'presence',
          from: `c${time}@acme.test/x${'y'.repeat(8_000)}`,
          show: 'away',
        });
      await settled();
    }
    assert.equal(world.edge.stats.dropped.slow, 1);
    const again = await world.loggedIn();
    assert.match(await again.says(resume(id, 0)), /<resumed /u);
  });
});

async function nothingIsLeft(world: EdgeWorld): Promise<void> {
  await settled();
  assert.deepEqual(await world.bus.sessions.of(world.acme, jesse), []);
  assert.equal(world.edge.stats.sessions, 0);
  assert.equal(world.edge.stats.detached, 0);
  const told = types(world).filter((type) => type === 'session-opened' || type === 'session-closed');
  assert.notEqual(told.at(-1), 'session-opened');
}

describe('below TLS', () => {
  const counting = async (): Promise<{ app: TextApp; world: EdgeWorld; comes: (bytes: number) => void }> => {
    const world = await edgeWorld();
    const app = new TextApp();
    let bytesRead = 0;
    Object.defineProperty(app.far, 'bytesRead', { get: () => bytesRead });
    world.edge.accept(app.far, { transport: 'secured', remoteAddress: '192.0.2.1' });
    await app.says(HEADER + auth('jesse', 'secret') + HEADER + bind('desk'));
    return { app, world, comes: (bytes) => (bytesRead += bytes) };
  };
  it('B12 a storm of key updates ends the stream within a minute', async () => {
    const { app, world, comes } = await counting();
    comes(2_000_000);
    await world.clock.advance(60_500);
    assert.match(await app.hears(), /<policy-violation /u);
  });
  it('records of one byte each are no storm', async () => {
    const { app, world, comes } = await counting();
    const text = `<presence/>`.repeat(20);
    for (let minute = 0; minute < 5; minute++) {
      app.pipe.write(text);
      comes(text.length * 30 + 500_000);
      await world.clock.advance(60_500);
      answers(app, app.text);
    }
    assert.ok(!app.ended);
  });
});

describe('an account that is closed', () => {
  for (const turns of [0, 1, 2, 3, 5])
    it(`C24 while a bind is under way (${turns} turns) leaves no session`, async () => {
      const world = await edgeWorld();
      const app = await world.loggedIn();
      app.pipe.write(bind('desk'));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      world.edge.closeStaff(world.acme, jesse);
      await app.hears();
      assert.ok(app.ended);
      await nothingIsLeft(world);
    });
  it('C24 while its old password is checked: it is checked again', async () => {
    const world = await edgeWorld();
    const { logins } = world;
    const { promise, resolve } = Promise.withResolvers<void>();
    const verify = logins.verify.bind(logins);
    logins.verify = async (username, password) => {
      const answer = await verify(username, password);
      await promise;
      return answer;
    };
    const app = world.connect();
    app.pipe.write(HEADER + auth('jesse', 'secret'));
    await settled();
    logins.passwords.set('jesse', 'new');
    world.edge.closeStaff(world.acme, jesse);
    resolve();
    assert.match(await app.hears(), /<failure [^>]*><not-authorized\/>/u);
    assert.match(await app.says(auth('jesse', 'new')), /<success /u);
  });
});

describe('the end of a pod or a tenant', () => {
  it('draining takes no longer for apps that do not close their side', async () => {
    const world = await edgeWorld();
    for (let n = 0; n < 3; n++) {
      const app = await world.bound(`r${n}`);
      app.pipe.pause();
    }
    let isDrained = false;
    void world.edge.drain(2_000).then(() => (isDrained = true));
    await world.clock.advance(3_100);
    await world.clock.advance(1_000);
    assert.ok(isDrained);
    assert.equal(world.edge.stats.connections, 0);
  });
  it('F03 draining closes all streams without a word, and they resume elsewhere', async () => {
    const world = await edgeWorld();
    const { app, id } = await world.managed();
    const apps = [app, await world.bound('b'), await world.bound('c'), await world.loggedIn()];
    const drained = world.edge.drain(2_000);
    await world.clock.advance(4_000);
    await world.clock.advance(5_000);
    await drained;
    for (const each of apps) {
      assert.ok(each.ended || each.closed);
      assert.equal(await each.hears(), '');
    }
    assert.equal(world.edge.stats.connections, 0);
    const late = world.connect(world.edge);
    await settled();
    assert.ok(late.ended || late.closed);
    const again = await world.loggedIn(world.other);
    assert.match(await again.says(resume(id, 0)), /<resumed /u);
  });
  it('I07 a tenant that is removed takes its streams with it, and no others', async () => {
    const world = await edgeWorld();
    const app = await world.bound();
    (await world.bound('phone')).cut();
    await settled();
    world.tenants.remove('acme.test');
    assert.match(await app.hears(), /<host-gone /u);
    assert.equal(world.edge.stats.sessions, 0);
    assert.equal(world.edge.stats.detached, 0);
    assert.deepEqual(world.layer.told.toSorted(), ['closed desk', 'closed phone']);
  });
  it('R10 what was connected leaves nothing behind', async () => {
    const world = await edgeWorld();
    for (let round = 0; round < 5; round++) {
      const app = await world.bound(`r${round}`);
      await app.says(say('x'));
      if (round % 2 === 0) app.cut();
      else await app.says('</stream:stream>');
    }
    await settled();
    await world.clock.advance(600_000);
    assert.equal(world.edge.stats.connections, 0);
    assert.equal(world.edge.stats.sessions, 0);
    assert.equal(world.edge.stats.detached, 0);
    assert.deepEqual(await world.bus.sessions.of(world.acme, jesse), []);
  });
});
