/** What hostile XML gets over a real socket. After every line, another tenant's app is still answered. */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type GatewayOnPorts, SUSPENDED, openGateway } from './gateway-on-ports.ts';
import { Steadiness } from './steadiness.ts';
import { WireClient, header, streamErrorIn } from './wire-client.ts';

let gateway: GatewayOnPorts;
let steadiness: Steadiness;

before(async () => {
  gateway = await openGateway();
  steadiness = await Steadiness.watch(gateway);
});
after(async () => {
  steadiness.ends();
  await gateway.stop();
});

const HEADER = header();
const octets = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe('before the login', () => {
  const table: Record<string, [input: string | Buffer, condition: string]> = {
    'A01 a DOCTYPE': [`<!DOCTYPE x [<!ENTITY a "b">]>${HEADER}`, 'restricted-xml'],
    'A02 billion laughs': [`<!DOCTYPE x [${'<!ENTITY a "&b;&b;&b;">'.repeat(9)}]>${HEADER}`, 'restricted-xml'],
    'A03 quadratic blow-up': [`<!DOCTYPE x [<!ENTITY a "${'x'.repeat(100_000)}">]>`, 'restricted-xml'],
    'A04 an external entity': [`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`, 'restricted-xml'],
    'A05 a parameter entity': [`<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1/">%a;]>`, 'restricted-xml'],
    'A06 an undeclared entity': [`${HEADER}<auth>&foo;</auth>`, 'restricted-xml'],
    'A07 a comment': [`${HEADER}<!-- -->`, 'restricted-xml'],
    'A07 a comment without an end': [`${HEADER}<!-- ${'x'.repeat(100_000)}`, 'restricted-xml'],
    'A08 a processing instruction': [`${HEADER}<?x y?>`, 'restricted-xml'],
    'A11 80,000 nested elements': [`${HEADER}${'<a>'.repeat(80_000)}`, 'policy-violation'],
    'A12 20,000 attributes': [
      `${HEADER}<a ${Array.from({ length: 20_000 }, (_, n) => `b${n}='c'`).join(' ')}/>`,
      'policy-violation',
    ],
    'A13 5,000 declarations of prefixes': [
      `${HEADER}<a ${Array.from({ length: 5_000 }, (_, n) => `xmlns:b${n}='c'`).join(' ')}/>`,
      'policy-violation',
    ],
    'A14 a value without an end': [`${HEADER}<a b='${'x'.repeat(100_000)}`, 'policy-violation'],
    'A15 a name of 1 MB': [`${HEADER}<${'x'.repeat(1_000_000)}`, 'policy-violation'],
    'A19 a repeated attribute': [`${HEADER}<auth x='1' x='2'/>`, 'not-well-formed'],
    'A20 an end tag that does not match': [`${HEADER}<a></b>`, 'not-well-formed'],
    'A21 "<" in an attribute': [`${HEADER}<a b='<'/>`, 'not-well-formed'],
    'A22 an undeclared prefix': [`${HEADER}<x:auth/>`, 'bad-namespace-prefix'],
    'A24 a NUL': [octets(HEADER, '<a>', [0], '</a>'), 'not-well-formed'],
    'A25 a reference to NUL': [`${HEADER}<a>&#0;</a>`, 'not-well-formed'],
    'A26 an overlong sequence': [octets(HEADER, '<a>', [0xc0, 0x80], '</a>'), 'not-well-formed'],
    'A27 UTF-16 with its mark': [octets([0xfe, 0xff, 0, 0x3c]), 'unsupported-encoding'],
    'A27 UTF-16 by declaration': [HEADER.replace("'1.0'?>", "'1.0' encoding='UTF-16'?>"), 'unsupported-encoding'],
    'A29 an XML declaration in mid-stream': [`${HEADER}<?xml version='1.0'?>`, 'not-well-formed'],
    'A29 text before the header': [`hello${HEADER}`, 'not-well-formed'],
    'A30 a second header': [`${HEADER}${HEADER.slice(HEADER.indexOf('<stream'))}`, 'invalid-xml'],
    'A31 another namespace of the stream': [HEADER.replace('http://etherx', 'urn:x'), 'invalid-namespace'],
    'A32 the content namespace of servers': [HEADER.replace('jabber:client', 'jabber:server'), 'invalid-namespace'],
    'A32 no content namespace': [HEADER.replace('jabber:client', ''), 'invalid-namespace'],
    'A33 no version': [HEADER.replace(" version='1.0'>", '>'), 'unsupported-version'],
    'A33 version 0.9': [HEADER.replace(" version='1.0'>", " version='0.9'>"), 'unsupported-version'],
    'A34 no to': [HEADER.replace(" to='acme.example'", ''), 'improper-addressing'],
    'A34 an empty to': [header(''), 'improper-addressing'],
    'A34 an unknown to': [header('nobody.example'), 'host-unknown'],
    'D15 a to with an empty label': [header('acme..example'), 'host-unknown'],
    'D15 a to with a zero-width joiner': [header('ac\u200dme.example'), 'host-unknown'],
    'D15 a to of more than 253': [header(`${'a.'.repeat(130)}example`), 'host-unknown'],
    'B02 a stanza': [`${HEADER}<message to='varun@acme.example'><body>x</body></message>`, 'not-authorized'],
    'A38 a request of HTTP': ['GET /secret HTTP/1.1\r\nHost: secret\r\n\r\n', 'not-well-formed'],
    'A38 a ClientHello': [octets([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), 'not-well-formed'],
    'A38 a PROXY header': [`PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n${HEADER}`, 'not-well-formed'],
  };
  for (const [name, [input, condition]] of Object.entries(table)) {
    it(`${name}: ${condition}, and closed`, async () => {
      const client = await WireClient.plain(gateway);
      client.write(input);
      const text = await client.farewell();
      assert.equal(streamErrorIn(text), condition, text);
      // our own header comes first, and nothing of the input comes back
      assert.match(text, /^<\?xml version='1\.0'\?><stream:stream /);
      assert.doesNotMatch(text, /secret|PROXY|hello|foo/);
      await steadiness.othersAreServed();
    });
  }

  it('A04 an external entity of the web is asked for by nobody', async () => {
    let asked = 0;
    const listener = createServer(() => asked++);
    await new Promise<void>((resolve) => {
      listener.listen(0, '127.0.0.1', resolve);
    });
    const { port } = listener.address() as AddressInfo;
    const client = await WireClient.plain(gateway);
    client.write(`<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:${port}/">]>${HEADER}<auth>&a;</auth>`);
    assert.equal(streamErrorIn(await client.farewell()), 'restricted-xml');
    await steadiness.othersAreServed();
    assert.equal(asked, 0);
    listener.close();
  });
  it('A34 a suspended tenant is answered like an unknown one', async () => {
    const answers: string[] = [];
    for (const to of ['nobody.example', SUSPENDED]) {
      const client = await WireClient.plain(gateway);
      client.write(header(to));
      answers.push((await client.farewell()).replace(/ id='[0-9a-f]+'/, ''));
    }
    assert.equal(answers[0], answers[1]);
  });
  it('A33 a later version is answered with 1.0', async () => {
    const client = await WireClient.plain(gateway);
    const text = await client.says(HEADER.replace("version='1.0'>", "version='99.0'>"), '</stream:features>');
    assert.match(text, /<stream:stream [^>]*version='1\.0'/);
    client.close();
  });
  it('A35 the ids of streams are 128 bits and never the same', async () => {
    const ids = new Set<string>();
    for (let round = 0; round < 10; round++)
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const client = await WireClient.plain(gateway);
          const id = / id='([0-9a-f]{32})'/.exec(await client.says(HEADER, '</stream:features>'))?.[1];
          assert.ok(id);
          ids.add(id);
          client.close();
        }),
      );
    assert.equal(ids.size, 200);
  });
  it('A17 a stanza that never ends is closed with connection-timeout', async () => {
    const client = await WireClient.plain(gateway);
    await client.says(HEADER, '</stream:features>');
    for (const octet of '<auth') {
      client.write(octet);
      await gateway.clock.advance(6_000);
    }
    await gateway.clock.advance(1_000);
    assert.equal(streamErrorIn(await client.farewell()), 'connection-timeout');
  });
  it('A18 white space is let through at a bounded rate, with no memory', async () => {
    const client = await WireClient.plain(gateway);
    await client.says(HEADER, '</stream:features>');
    const before = process.memoryUsage();
    const space = Buffer.alloc(65_536, ' ');
    for (let n = 0; n < 160; n++) {
      if (client.socket.write(space)) continue;
      await new Promise<void>((resolve) => {
        client.socket.once('drain', resolve);
        const more = (): void => {
          if (client.socket.writableNeedDrain) void gateway.clock.advance(50).then(more);
        };
        more();
      });
      if (client.closed) break;
    }
    const after = process.memoryUsage();
    assert.ok(after.arrayBuffers - before.arrayBuffers < 4_000_000);
    client.close();
    await steadiness.othersAreServed();
  });
});

describe('on a bound stream', () => {
  const table: Record<string, [input: string, condition: string]> = {
    'A07 a comment in a stanza': ['<message><!-- --></message>', 'restricted-xml'],
    'A11 33 levels': ['<message>'.concat('<a>'.repeat(32)), 'policy-violation'],
    'A14 a value of more than 64 KiB': [`<message id='${'x'.repeat(70_000)}`, 'policy-violation'],
    'a stanza of more than 256 KiB': [`<message><body>${'x'.repeat(262_200)}</body></message>`, 'policy-violation'],
    'A30 a second header': [header().replace("<?xml version='1.0'?>", ''), 'invalid-xml'],
    'A36 an element that nobody knows': [`<foo xmlns='bar'/>`, 'unsupported-stanza-type'],
    'A32 a stanza of servers': [`<message xmlns='jabber:server'/>`, 'invalid-namespace'],
  };
  for (const [name, [input, condition]] of Object.entries(table)) {
    it(`${name}: ${condition}, and closed`, async () => {
      const client = await WireClient.bound(gateway);
      client.write(input);
      assert.equal(streamErrorIn(await client.farewell()), condition, client.text);
      await steadiness.othersAreServed();
    });
  }

  it('A09 a CDATA section reaches a colleague as one text', async () => {
    const [jesse, varun] = [await WireClient.bound(gateway, 'jesse'), await WireClient.bound(gateway, 'varun')];
    varun.write('<presence/>');
    await varun.says(`<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>`, "id='p'");
    varun.forget();
    jesse.write(
      `<message to='varun@acme.example' type='chat' id='m1'><body><![CDATA[</body></message><message to=victim>]]></body></message>`,
    );
    const text = await varun.hears("id='m1'");
    assert.match(text, /<body>&lt;\/body&gt;&lt;\/message&gt;&lt;message to=victim&gt;<\/body>/);
    jesse.close();
    varun.close();
  });
  it('a message and the end of the stream in one segment: the message is delivered', async () => {
    const [jesse, varun] = [await WireClient.bound(gateway, 'jesse'), await WireClient.bound(gateway, 'varun')];
    varun.write('<presence/>');
    await varun.says(`<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>`, "id='p'");
    jesse.write(`<message to='varun@acme.example' type='chat' id='bye'><body>Bye!</body></message></stream:stream>`);
    await jesse.farewell();
    await varun.hears('<body>Bye!</body>');
    varun.close();
  });
  it('A39 what comes after the end of the stream is ignored', async () => {
    const client = await WireClient.bound(gateway);
    client.write(`</stream:stream><iq type='get' id='late'><ping xmlns='urn:xmpp:ping'/></iq>&`);
    const text = await client.farewell();
    assert.match(text, /^<\/stream:stream>$/);
  });
});
