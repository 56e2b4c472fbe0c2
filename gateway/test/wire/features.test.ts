/** What is offered, and that it is true. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type GatewayOnPorts, openGateway } from './gateway-on-ports.ts';
import { WireClient, auth, base64, header, login, streamErrorIn } from './wire-client.ts';

let gateway: GatewayOnPorts;
before(async () => {
  gateway = await openGateway();
});
after(async () => {
  await gateway.stop();
});

const LIMITS =
  /<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>(\d+)<\/max-bytes>(?:<idle-seconds>(\d+)<\/idle-seconds>)?<\/limits>/u;
/** An element of so many octets. */
const element = (bytes: number, start: string, end: string): string =>
  start + 'x'.repeat(bytes - start.length - end.length) + end;

describe('XEP-0478 the limit that is told before the login', () => {
  async function told(): Promise<{ client: WireClient; bytes: number }> {
    const client = await WireClient.tls(gateway);
    const bytes = Number(LIMITS.exec(await client.says(header(), '</stream:features>'))?.[1]);
    client.forget();
    return { client, bytes };
  }
  const attempt = auth('', 'PLAIN').replace('</auth>', '');
  it('is true: so much is read', async () => {
    const { client, bytes } = await told();
    assert.equal(bytes, 8_192);
    await client.says(element(bytes, `${attempt}${base64('\0jesse\0')}`, '</auth>'), '</failure>');
    client.close();
  });
  it('is true: one octet more is not', async () => {
    const { client, bytes } = await told();
    client.write(element(bytes + 1, attempt, '</auth>'));
    assert.equal(streamErrorIn(await client.farewell()), 'policy-violation');
  });
});

describe('XEP-0478 the limit that is told after the login', () => {
  async function told(): Promise<{ client: WireClient; bytes: number; idle: number }> {
    const client = await WireClient.open(gateway);
    await client.says(login(), '<success');
    client.forget();
    const [, bytes, idle] = (LIMITS.exec(await client.says(header(), '</stream:features>')) ?? []).map(Number);
    assert.ok(bytes !== undefined && idle !== undefined);
    client.forget();
    await client.says(`<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`, '</iq>');
    client.forget();
    return { client, bytes, idle };
  }
  it('is true: an app that is silent for so long is asked, and not before', async () => {
    const { client, idle } = await told();
    await gateway.clock.advance((idle - 1) * 1_000);
    assert.equal(client.text, '');
    await gateway.clock.advance(1_500);
    await client.hears(`<ping xmlns='urn:xmpp:ping'/>`);
    client.close();
  });
  const start = `<iq type='get' id='big'><x xmlns='urn:x'>`;
  it('is true: so much is read', async () => {
    const { client, bytes } = await told();
    assert.ok(bytes >= 10_000, 'RFC 6120 §13.12');
    await client.says(element(bytes, start, '</x></iq>'), "id='big'");
    client.close();
  });
  it('is true: one octet more is not', async () => {
    const { client, bytes } = await told();
    client.write(element(bytes + 1, start, '</x></iq>'));
    assert.equal(streamErrorIn(await client.farewell()), 'policy-violation');
  });
});

describe('what is not there', () => {
  it('B07, B16, C16, C25 is not offered', async () => {
    const client = await WireClient.tls(gateway);
    const text = await client.says(header(), '</stream:features>');
    assert.match(text, /<mechanisms [^>]*><mechanism>PLAIN<\/mechanism><\/mechanisms>/u);
    assert.doesNotMatch(text, /SCRAM|PLUS|channel-binding|compress|sasl:2|fast|register|starttls/iu);
    client.close();
  });
  const attempts: Record<string, string> = {
    'SASL2 with a password': `<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>${base64('\0jesse\0x')}</initial-response></authenticate>`,
    'SASL2 with a token of FAST': `<authenticate xmlns='urn:xmpp:sasl:2' mechanism='HT-SHA-256-NONE'><initial-response>eA==</initial-response><fast xmlns='urn:xmpp:fast:0'/></authenticate>`,
  };
  for (const [name, attempt] of Object.entries(attempts))
    it(`C25 ${name} ends the stream`, async () => {
      const client = await WireClient.open(gateway);
      client.write(attempt);
      const text = await client.farewell();
      assert.equal(streamErrorIn(text), 'unsupported-stanza-type');
      assert.doesNotMatch(text, /<success/u);
    });
  it('C16 SCRAM is refused alike for those who exist and those who do not', async () => {
    const answers = new Set<string>();
    for (const name of ['jesse', 'nobody']) {
      const client = await WireClient.open(gateway);
      answers.add(await client.says(auth(base64(`n,,n=${name},r=x`), 'SCRAM-SHA-256'), '</failure>'));
      client.close();
    }
    assert.equal(answers.size, 1);
  });
});
