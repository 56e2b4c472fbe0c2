import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { settled } from '@chat-gateway/runtime';
import type { StaffId } from '../helpdesk/model.ts';
import { edgeWorld } from '../../test/support/edge-world.ts';
import { auth, bind, HEADER, SASL, type TextApp } from '../../test/support/text-app.ts';

const NOT_AUTHORIZED = `<failure xmlns='${SASL}'><not-authorized/></failure>`;
const streamError = (condition: string): RegExp =>
  new RegExp(`<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>.*</stream:stream>$`, 'u');

async function opened(app: TextApp): Promise<TextApp> {
  assert.match(await app.says(HEADER), /<mechanism>PLAIN</u);
  return app;
}

describe('a login', () => {
  it('with the password of the helpdesk is a success', async () => {
    const { connect, edge, logins } = await edgeWorld();
    const app = await opened(connect());
    assert.equal(await app.says(auth('jesse', 'secret')), `<success xmlns='${SASL}'/>`);
    assert.deepEqual(logins.asked, [{ username: 'jesse', password: 'secret' }]);
    assert.equal(edge.stats.logins.ok, 1);
  });
  it('C15 an unknown user, a wrong password and a refused account get the same answer', async () => {
    const { connect, logins } = await edgeWorld();
    const app = await opened(connect());
    assert.equal(await app.says(auth('nobody', 'secret')), NOT_AUTHORIZED);
    assert.equal(await app.says(auth('jesse', 'wrong')), NOT_AUTHORIZED);
    for (const answer of ['forbidden', 'locked'] as const) {
      logins.answer = answer;
      const other = await opened(connect());
      assert.equal(await other.says(auth('jesse', 'secret')), NOT_AUTHORIZED, `C20 ${answer}`);
    }
  });
  it('C13 may be tried again on the same stream, but not for ever', async () => {
    const { connect } = await edgeWorld();
    const app = await opened(connect());
    assert.equal(await app.says(auth('jesse', 'wrong')), NOT_AUTHORIZED);
    assert.equal(await app.says(auth('jesse', 'secret')), `<success xmlns='${SASL}'/>`);
    const bad = await opened(connect());
    await bad.says(auth('jesse', 'wrong'));
    await bad.says(auth('jesse', 'wrong'));
    assert.match(
      await bad.says(auth('jesse', 'wrong')),
      /<not-authorized\/><\/failure><stream:error><policy-violation/u,
    );
    assert.ok(bad.ended);
  });
  for (const answer of ['unreachable', 'hangs', 'protocol'] as const)
    it(`C19 is held and then refused as temporary when the helpdesk is ${answer}`, async () => {
      const { connect, clock, edge, logins } = await edgeWorld();
      logins.answer = answer;
      const app = await opened(connect());
      assert.equal(await app.says(auth('jesse', 'secret')), '');
      await clock.advance(9_900);
      assert.equal(await app.hears(), '');
      await clock.advance(100);
      const text = await app.hears();
      assert.match(text, streamError('internal-server-error'));
      assert.ok(!text.includes(SASL));
      assert.equal(edge.stats.logins.unavailable, 1);
      assert.equal(edge.stats.logins.refused, 0);
    });
  it('C19 succeeds when the helpdesk comes back in time', async () => {
    const { connect, clock, logins } = await edgeWorld();
    logins.answer = 'unreachable';
    const app = await opened(connect());
    await app.says(auth('jesse', 'secret'));
    await clock.advance(1_000);
    logins.answer = 'right';
    await clock.advance(3_000);
    assert.equal(await app.hears(), `<success xmlns='${SASL}'/>`);
  });
  it('C14 that failed too often is held without asking the helpdesk; elsewhere the owner logs in', async () => {
    const { connect, clock, edge, logins } = await edgeWorld();
    for (let time = 0; time < 10; time++) {
      const app = await opened(connect());
      // however the name is typed
      assert.equal(await app.says(auth(`${' '.repeat(time)}jesse`, 'wrong')), NOT_AUTHORIZED);
      app.cut();
    }
    const asked = logins.asked.length;
    const app = await opened(connect());
    assert.equal(await app.says(auth('jesse', 'secret')), '');
    await clock.advance(10_000);
    const text = await app.hears();
    assert.match(text, streamError('resource-constraint'));
    assert.ok(!text.includes(SASL));
    assert.equal(logins.asked.length, asked);
    assert.equal(edge.stats.logins.throttled, 1);
    const owner = await opened(connect(edge, '198.51.100.7'));
    assert.equal(await owner.says(auth('jesse', 'secret')), `<success xmlns='${SASL}'/>`);
  });
  it('C14 1,000 guesses side by side from one address, and guesses from 200: few are asked, the owner gets in', async () => {
    const { connect, clock, edge, logins } = await edgeWorld();
    const guess = async (address: string, username: string): Promise<void> => {
      const app = connect(edge, address);
      app.pipe.write(HEADER + auth(username, 'wrong'));
    };
    for (let n = 0; n < 1_000; n++) await guess('192.0.2.1', n % 2 === 0 ? 'jesse' : `name${n}`);
    await settled();
    await settled();
    assert.ok(logins.asked.length <= 100, `${logins.asked.length} asked`);
    assert.equal(logins.asked.filter(({ username }) => username === 'jesse').length, 10);
    await clock.advance(10_000);
    assert.equal(edge.stats.logins.throttled + edge.stats.logins.refused, 1_000);
    assert.equal(edge.stats.logins.refused, 100);

    logins.asked.length = 0;
    for (let n = 0; n < 200; n++) for (let time = 0; time < 15; time++) await guess(`198.51.100.${n}`, 'jesse');
    await settled();
    await settled();
    assert.equal(logins.asked.length, 2_000, 'ten each');
    const owner = await opened(connect(edge, '203.0.113.7'));
    assert.equal(await owner.says(auth('jesse', 'secret')), `<success xmlns='${SASL}'/>`);
  });
  const nonsense: Record<string, () => unknown> = {
    nothing: () => undefined,
    HTML: () => '<html>',
    'wrong types': () => ({ staff: 7, username: { toString: () => 'jesse' } }),
    'no name': () => ({ staff: 'jesse' }),
    '__proto__ keys': () => JSON.parse('{"__proto__":{"staff":"jesse","username":"jesse"}}') as unknown,
    'a failure of its own': () => {
      throw new TypeError('x is not a function');
    },
  };
  for (const [name, answer] of Object.entries(nonsense))
    it(`C21 is no refusal and no login when the helpdesk answers with ${name}`, async () => {
      const { connect, clock, logins } = await edgeWorld();
      logins.verify = async () => answer() as Awaited<ReturnType<typeof logins.verify>>;
      const app = await opened(connect());
      let text = await app.says(auth('jesse', 'secret'));
      await clock.advance(10_000);
      text += await app.hears();
      assert.match(text, streamError('internal-server-error'));
      assert.ok(!text.includes(SASL));
      assert.equal(({} as Record<string, unknown>)['staff'], undefined);
    });
  it('C23 50 at once of one account: no more sessions than allowed, no address twice', async () => {
    const { connect, clock, edge, bus, acme } = await edgeWorld();
    const apps = Array.from({ length: 50 }, () => connect());
    const addresses = new Map<TextApp, string>();
    const refused = new Set<TextApp>();
    for (const app of apps) {
      app.pipe.on('data', () => {
        const jid = /<jid>([^<]+)<\/jid>/u.exec(app.text)?.[1];
        if (jid !== undefined) addresses.set(app, jid);
        if (/<resource-constraint /u.test(app.text)) refused.add(app);
        for (const [, id] of app.text.matchAll(/<iq type='get' id='(ping-[^']+)'/gu))
          app.pipe.write(`<iq type='result' id='${id}' to='acme.test'/>`);
      });
      app.pipe.write(HEADER + auth('jesse', 'secret') + HEADER + bind('desk'));
    }
    for (let second = 0; second < 30; second++) await clock.advance(1_000);
    const sessions = await bus.sessions.of(acme, 'jesse' as StaffId);
    assert.equal(addresses.size, 10);
    assert.equal(new Set(addresses.values()).size, 10);
    assert.equal(sessions.length, 10);
    assert.deepEqual(
      sessions.map(({ bareJid, resource }) => `${bareJid}/${resource}`).toSorted(),
      [...addresses.values()].toSorted(),
    );
    assert.equal(refused.size, 40);
    assert.equal(edge.stats.handlerFailures, 0);
  });
  it('by mail address may leave out its domain: the address is the canonical one', async () => {
    const { loggedIn } = await edgeWorld();
    const app = await loggedIn(undefined, 'nora', 'mail');
    assert.match(await app.says(bind('desk')), /<jid>nora\\40acme\.com@acme\.test\/desk<\/jid>/u);
  });
  it('A34, I10 a tenant that is not there has one answer', async () => {
    const { connect, tenants } = await edgeWorld();
    const unknown = await connect().says(HEADER.replace('acme.test', 'nobody.test'));
    tenants.remove('acme.test');
    const removed = await connect().says(HEADER);
    const same = (text: string): string => text.replace(/ id='[^']*'/u, '');
    assert.match(unknown, streamError('host-unknown'));
    assert.equal(same(unknown), same(removed));
  });
  it('R01 a tenant has so many logged-in connections at most', async () => {
    const { connect, loggedIn } = await edgeWorld({ limits: { connectionsPerTenant: 1 } });
    const first = await loggedIn();
    const second = await opened(connect());
    assert.match(await second.says(auth('varun', 'word')), streamError('resource-constraint'));
    first.cut();
    await second.hears();
    const third = await opened(connect());
    assert.match(await third.says(auth('varun', 'word')), /<success/u);
  });
  it('R01 an address has so many connections at most', async () => {
    const { connect, edge } = await edgeWorld({ limits: { connectionsPerAddress: 2 } });
    connect();
    connect();
    const third = connect();
    await third.hears();
    assert.ok(third.closed || third.ended);
    assert.equal(edge.stats.connections, 2);
    assert.equal(edge.stats.refusedConnections, 1);
    await opened(connect(edge, '198.51.100.7'));
  });
});

describe('the wire', () => {
  const script = (): string =>
    `<?xml version='1.0'?>${HEADER}${auth('jesse', 'secret')}<?xml version='1.0'?>${HEADER}${bind('desk')}` +
    `<enable xmlns='urn:xmpp:sm:3' resume='true'/><iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>` +
    `<message to='gateway@visitors.acme.test' id='m'><body>Gr\u00fc\u00dfe \u{1f600}</body></message><r xmlns='urn:xmpp:sm:3'/>`;
  const WANTED =
    /<mechanism>.*<success.*<stream:stream .*<bind .*<jid>jesse@acme.test\/desk<.*<enabled .*id='p' .*<a xmlns='urn:xmpp:sm:3' h='2'\/>/su;
  it('A40 a whole session in one segment is the same as one in many', async () => {
    const { connect, desk } = await edgeWorld();
    const app = connect();
    const text = await app.says(script());
    assert.match(text, WANTED);
    assert.deepEqual(
      desk.acts.map(({ type }) => type),
      ['session-opened', 'message'],
    );
  });
  it('A40 a whole session in segments of one byte', async () => {
    const { connect, desk } = await edgeWorld();
    const app = connect();
    let text = '';
    const bytes = Buffer.from(script());
    for (const byte of bytes) app.pipe.write(Buffer.from([byte]));
    for (let turn = 0; turn < 20; turn++) text += await app.hears();
    assert.match(text, WANTED);
    const message = desk.acts.find((act) => act.type === 'message');
    assert.equal(message?.message.body, 'Gr\u00fc\u00dfe \u{1f600}');
  });
  it('A35 every one of 10,000 streams has an id of its own, of 128 random bits', async () => {
    const { connect, edge } = await edgeWorld({ random: (bytes) => randomBytes(bytes).toString('hex') });
    const ids = new Set<string>();
    for (let batch = 0; batch < 20; batch++) {
      const apps = Array.from({ length: 500 }, () => connect(edge, `192.0.2.${batch}`));
      for (const app of apps) app.pipe.write(HEADER);
      await settled();
      for (const app of apps) {
        const id = / id='([0-9a-f]{32})'/u.exec(app.text)?.[1];
        assert.ok(id !== undefined);
        ids.add(id);
        app.cut();
      }
    }
    assert.equal(ids.size, 10_000);
  });
  it('A38 another protocol is not answered with its own words', async () => {
    const { connect } = await edgeWorld();
    for (const text of ['GET /secret HTTP/1.1\r\nHost: x\r\n\r\n', 'PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n']) {
      const app = connect();
      const answer = await app.says(text);
      assert.match(answer, /^<\?xml version='1.0'\?><stream:stream .*<stream:error>/u);
      assert.ok(!/secret|192\.0\.2\.7/u.test(answer));
      assert.ok(app.ended);
    }
  });
  it('A01 a forbidden part of XML ends the stream, after our header', async () => {
    const { connect } = await edgeWorld();
    assert.match(
      await connect().says(`<!DOCTYPE x [<!ENTITY a "b">]>`),
      /^<\?xml version='1.0'\?><stream:stream [^>]*><stream:error><restricted-xml /u,
    );
  });
  it('A30 a header within the stream ends it', async () => {
    const { bound } = await edgeWorld();
    const app = await bound();
    assert.match(await app.says(HEADER), /<stream:error><(invalid-xml|not-well-formed) /u);
  });
  it('A39 what comes after the end is ignored', async () => {
    const { bound, desk } = await edgeWorld();
    const app = await bound();
    const text = await app.says(`</stream:stream><message to='gateway@visitors.acme.test'><body>late</body></message>`);
    assert.match(text, /<\/stream:stream>$/u);
    assert.ok(app.ended);
    assert.ok(!desk.acts.some(({ type }) => type === 'message'));
  });
  it('A36 an unknown element of a session ends its stream', async () => {
    const { bound } = await edgeWorld();
    const app = await bound();
    assert.equal(await app.says(`<active xmlns='urn:xmpp:csi:0'/>`), '');
    assert.match(await app.says(`<foo xmlns='bar'/>`), streamError('unsupported-stanza-type'));
  });
});

describe('time before a session', () => {
  it('R03 a stream has 30 s until it is bound, whatever it says meanwhile', async () => {
    const { connect, clock } = await edgeWorld();
    const app = await opened(connect());
    for (let second = 0; second < 29; second++) {
      app.pipe.write(' ');
      await clock.advance(1_000);
    }
    assert.ok(!app.ended);
    await clock.advance(1_000);
    assert.match(await app.hears(), streamError('connection-timeout'));
    assert.ok(app.ended);
  });
  it('A17 a first stanza that never ends has no more time', async () => {
    const { connect, clock } = await edgeWorld();
    const app = await opened(connect());
    app.pipe.write('<auth ');
    await clock.advance(30_000);
    assert.match(await app.hears(), streamError('connection-timeout'));
  });
  it('a connection whose app does not close its side is closed a little later', async () => {
    const { connect, clock, edge } = await edgeWorld();
    const app = connect();
    app.pipe.removeAllListeners('data');
    app.pipe.pause();
    await app.says('<nonsense');
    app.pipe.write('/>');
    await clock.advance(0);
    assert.equal(edge.stats.connections, 1);
    await clock.advance(5_000);
    assert.equal(edge.stats.connections, 0);
  });
});
