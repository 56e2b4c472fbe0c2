/** SASL over a real socket, with the embedded helpdesk behind it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ACME, type GatewayOnPorts, OTHER, PASSWORD, openGateway } from './gateway-on-ports.ts';
import { Steadiness } from './steadiness.ts';
import { SASL, WireClient, auth, base64, bind, header, login, streamErrorIn } from './wire-client.ts';

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

const message = (...parts: string[]): string => auth(base64(parts.join('\0')));

describe('an attempt is refused', () => {
  const table: Record<string, [attempt: string, condition: string]> = {
    'C01 with an unknown mechanism': [auth('', 'X-UNKNOWN'), 'invalid-mechanism'],
    'C02 with ANONYMOUS': [auth('', 'ANONYMOUS'), 'invalid-mechanism'],
    'C02 with EXTERNAL': [auth('=', 'EXTERNAL'), 'invalid-mechanism'],
    'C02 with DIGEST-MD5': [auth('', 'DIGEST-MD5'), 'invalid-mechanism'],
    'C02 with LOGIN': [auth('', 'LOGIN'), 'invalid-mechanism'],
    'C02, C16 with SCRAM': [auth(base64('n,,n=jesse,r=x'), 'SCRAM-SHA-1'), 'invalid-mechanism'],
    'C02 without a mechanism': [`<auth xmlns='${SASL}'/>`, 'invalid-mechanism'],
    'C03 with letters that are no base64': [auth('$$$$'), 'incorrect-encoding'],
    'C03 with spaces in base64': [auth('AGpl c3Nl'), 'incorrect-encoding'],
    'C03 without padding': [auth('AGplc3NlAHg'), 'incorrect-encoding'],
    'C04 with nothing in it': [auth('='), 'malformed-request'],
    'C05 without a NUL': [message('jesse'), 'malformed-request'],
    'C05 with one NUL': [message('jesse', PASSWORD), 'malformed-request'],
    'C05 with three NULs': [message('', 'jesse', PASSWORD, ''), 'malformed-request'],
    'C06 in the name of a colleague': [login('jesse', PASSWORD, 'varun@acme.example'), 'invalid-authzid'],
    'C07 in the name of somebody of another tenant': [login('jesse', PASSWORD, `jesse@${OTHER}`), 'invalid-authzid'],
    'C09 with a wrong password': [login('jesse', 'wrong'), 'not-authorized'],
    'C12 with a name of other languages': [login(`jesse' OR '1'='1`, PASSWORD), 'not-authorized'],
    'C11 with a name of two lines': [login('jesse\r\nX-Admin: 1', PASSWORD), 'not-authorized'],
    'C20 of a disabled staff user': [login('gone', PASSWORD), 'not-authorized'],
  };
  for (const [name, [attempt, condition]] of Object.entries(table)) {
    it(`${name}: ${condition}, and the stream goes on`, async () => {
      const client = await WireClient.open(gateway);
      const text = await client.says(attempt, '</failure>');
      assert.match(text, new RegExp(`<failure xmlns='${SASL}'><${condition}/>`));
      client.forget();
      await client.says(login(), '<success');
      client.close();
      await steadiness.othersAreServed();
    });
  }

  it('C09 with an empty password or one of 4 KB: refused like any other', async () => {
    const answers = new Set<string>();
    for (const password of ['', 'x'.repeat(4_096), 'wrong']) {
      const client = await WireClient.open(gateway);
      answers.add(await client.says(login('varun', password), '</failure>'));
      client.close();
    }
    assert.ok(answers.size <= 2, [...answers].join('\n'));
    for (const answer of answers) assert.match(answer, /<(not-authorized|malformed-request)\/>/);
  });
  it('C09 with a password of 1 MB: the stream ends', async () => {
    const client = await WireClient.open(gateway);
    client.write(login('varun', 'x'.repeat(1_000_000)));
    assert.equal(streamErrorIn(await client.farewell()), 'policy-violation');
  });
  it('C13 three times: then the stream ends', async () => {
    const client = await WireClient.open(gateway);
    for (let n = 0; n < 2; n++) {
      await client.says(login('varun', 'wrong'), '</failure>');
      client.forget();
    }
    client.write(login('varun', 'wrong'));
    const text = await client.farewell();
    assert.match(text, /<not-authorized\/>.*<\/failure>/);
    assert.equal(streamErrorIn(text), 'policy-violation');
  });
  it('C15 unknown, wrong and disabled sound the same', async () => {
    const answers = new Set<string>();
    for (const attempt of [login('nobody'), login('jesse', 'wrong'), login('gone')]) {
      const client = await WireClient.open(gateway);
      answers.add(await client.says(attempt, '</failure>'));
      client.close();
    }
    assert.equal(answers.size, 1);
  });
  it('no password is in any log line', () => {
    assert.doesNotMatch(gateway.logged.join('\n'), new RegExp(`${PASSWORD}|wrong|xxxx`));
  });
});

describe('a login succeeds', () => {
  const names: Record<string, string> = {
    'C08 in its own name': login('jesse', PASSWORD, `jesse@${ACME}`),
    'C08 in its own name in other case': login('jesse', PASSWORD, `JESSE@${ACME.toUpperCase()}`),
    'D13 with a username in other case': login('JESSE'),
    'D10 with a username in full-width letters': login('ｊｅｓｓｅ'),
    'with the whole address as username': login(`jesse@${ACME}`),
  };
  for (const [name, attempt] of Object.entries(names)) {
    it(`${name}, as the same person`, async () => {
      const client = await WireClient.open(gateway);
      await client.says(attempt, '<success');
      client.forget();
      await client.says(header(), '</stream:features>');
      const bound = await client.says(bind('same'), '</iq>');
      assert.match(bound, /<jid>jesse@acme\.example\/same[^<]*<\/jid>/);
      client.write('</stream:stream>');
      await client.farewell();
    });
  }
  it('C04 with the credentials after an empty challenge', async () => {
    const client = await WireClient.open(gateway);
    await client.says(auth(''), '<challenge');
    await client.says(`<response xmlns='${SASL}'>${base64(`\0jesse\0${PASSWORD}`)}</response>`, '<success');
    client.close();
  });
});

describe('after the login', () => {
  async function loggedIn(): Promise<WireClient> {
    const client = await WireClient.open(gateway);
    await client.says(login(), '<success');
    client.forget();
    return client;
  }
  it('C26 a stream to another tenant is not-authorized', async () => {
    const client = await loggedIn();
    client.write(header(OTHER));
    assert.equal(streamErrorIn(await client.farewell()), 'not-authorized');
    assert.doesNotMatch(client.text, /other\.example/);
  });
  it('E03 a stream from somebody else is invalid-from', async () => {
    const client = await loggedIn();
    client.write(header().replace(' to=', " from='varun@acme.example' to="));
    assert.equal(streamErrorIn(await client.farewell()), 'invalid-from');
  });
  it('C18 another <auth/> ends the stream', async () => {
    const client = await loggedIn();
    await client.says(header(), '</stream:features>');
    client.write(login('varun'));
    assert.match(
      streamErrorIn(await client.farewell()) ?? '',
      /^(policy-violation|not-authorized|unsupported-stanza-type)$/,
    );
  });
  it('C18 another <auth/> on a bound stream ends it too', async () => {
    const client = await WireClient.bound(gateway);
    client.write(login('varun'));
    assert.match(
      streamErrorIn(await client.farewell()) ?? '',
      /^(policy-violation|not-authorized|unsupported-stanza-type)$/,
    );
  });
  it('D01 a stanza before the bind is not-authorized', async () => {
    const client = await loggedIn();
    await client.says(header(), '</stream:features>');
    client.write(`<message to='varun@acme.example'><body>x</body></message>`);
    assert.equal(streamErrorIn(await client.farewell()), 'not-authorized');
  });
});
