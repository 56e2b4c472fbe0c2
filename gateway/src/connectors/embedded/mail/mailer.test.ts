import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '@chat-gateway/runtime';
import { mailSchema, type MailConfig } from '../../../config/schema.ts';
import { makeSelfSigned } from '../../../config/self-signed.ts';
import { createSmtpMailer, type Mail, type Mailer } from './mailer.ts';
import { SmtpServer, type SmtpBehaviour } from '../testing/smtp-server.ts';

const mail: Mail = {
  to: 'chris@example.com',
  sender: 'Acme',
  subject: 'Your chat',
  text: 'Hello\n.\nBye ✓\n',
  id: 'abc',
};

interface Talk {
  readonly server: SmtpServer;
  readonly mailer: Mailer;
  readonly clock: ManualClock;
  readonly problems: object[];
}

function talk(
  sentence: string,
  test: (talk: Talk) => Promise<void>,
  behaviour: SmtpBehaviour | (() => Promise<SmtpBehaviour & { readonly ca?: string }>) = {},
  config: Partial<MailConfig> = {},
): void {
  it(sentence, async () => {
    const given: SmtpBehaviour & { readonly ca?: string } =
      typeof behaviour === 'function' ? await behaviour() : behaviour;
    const server = await SmtpServer.listen(given);
    const clock = new ManualClock();
    const problems: object[] = [];
    const mailer = createSmtpMailer({
      config: mailSchema.parse({
        host: '127.0.0.1',
        port: server.port,
        security: 'none',
        from: 'help@acme.example',
        ...config,
      }),
      clock,
      onProblem: (problem) => problems.push(problem),
      ...(given.ca !== undefined && { ca: given.ca }),
    });
    try {
      await test({ server, mailer, clock, problems });
    } finally {
      await server.close();
    }
  });
}

async function secured(names: string[]) {
  const tls = await makeSelfSigned({ names, now: Date.UTC(2026, 0, 1) });
  return { tls, ca: tls.certificate };
}

/** Headers as they came, and the text. */
function read(data: string): { headers: Map<string, string>; text: string } {
  const end = data.indexOf('\r\n\r\n');
  const headers = data.slice(0, end).replace(/\r\n[ \t]+/gu, ' ');
  const body = data.slice(end + 4);
  const isBase64 = /^content-transfer-encoding: base64$/imu.test(headers);
  const quoted = () =>
    Buffer.from(
      body
        .replace(/=\r\n/gu, '')
        .replace(/=([0-9A-F]{2})/gu, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString();
  return {
    headers: new Map(
      headers.split('\r\n').map((line) => {
        const [name = '', ...rest] = line.split(': ');
        return [name.toLowerCase(), rest.join(': ')];
      }),
    ),
    text: (isBase64 ? Buffer.from(body, 'base64').toString() : quoted()).replaceAll('\r\n', '\n'),
  };
}

describe('a mail', () => {
  talk('comes as it was sent, lines of a single dot with it', async ({ server, mailer, problems }) => {
    assert.equal(await mailer.send(mail), 'sent');
    const [received] = server.received;
    assert.deepEqual([received?.from, received?.to], ['help@acme.example', ['chris@example.com']]);
    const { headers, text } = read(received?.data ?? '');
    assert.equal(text.trimEnd(), mail.text.trimEnd());
    assert.equal(headers.get('subject'), 'Your chat');
    assert.equal(headers.get('from'), 'Acme <help@acme.example>');
    assert.equal(headers.get('to'), 'chris@example.com');
    assert.equal(headers.get('message-id'), '<abc@acme.example>');
    assert.equal(headers.get('auto-submitted'), 'auto-generated');
    assert.deepEqual(problems, []);
  });

  const NASTY = 'Acme\r\nBcc: eve@example.com\r\n\r\n<h1>x\n.\r\nMAIL FROM:<x>';
  talk('J13 has no other header and no other recipient, whatever its names are', async ({ server, mailer }) => {
    await mailer.send({ ...mail, sender: NASTY, subject: NASTY });
    const [received] = server.received;
    assert.deepEqual(received?.to, ['chris@example.com']);
    const { headers, text } = read(received?.data ?? '');
    assert.equal(headers.has('bcc'), false);
    assert.equal(text.trimEnd(), mail.text.trimEnd());
    assert.equal(server.commands.filter((line) => line.startsWith('RCPT') || line.startsWith('MAIL')).length, 2);
  });

  talk('goes to one recipient, whatever the address is', async ({ server, mailer }) => {
    const addresses = [
      'a@b.c>\r\nRCPT TO:<eve@example.com',
      'a@b.c, eve@example.com',
      'a@b.c\r\nDATA',
      '"<eve@example.com>"@b.c',
    ];
    for (const to of addresses) assert.equal(await mailer.send({ ...mail, to }), 'refused', to);
    assert.deepEqual(server.commands, []);
  });

  talk(
    'logs in where the server wants that',
    async ({ server, mailer }) => {
      assert.equal(await mailer.send(mail), 'sent');
      assert.ok(server.commands.some((line) => line.startsWith('AUTH PLAIN ')));
    },
    {},
    { username: 'acme', password: 'secret' },
  );
});

describe('the way to the server', () => {
  talk(
    'is secured before anything is said that matters',
    async ({ server, mailer }) => {
      assert.equal(await mailer.send(mail), 'sent');
      assert.equal(server.received[0]?.wasSecure, true);
    },
    () => secured(['127.0.0.1']),
    { security: 'starttls', username: 'acme', password: 'secret' },
  );

  talk(
    'is not taken without a certificate that is trusted',
    async ({ server, mailer, problems }) => {
      assert.equal(await mailer.send(mail), 'later');
      assert.deepEqual(server.received, []);
      assert.ok(!server.commands.some((line) => line.startsWith('AUTH')));
      assert.equal(problems.length, 1);
    },
    async () => ({ tls: (await secured(['127.0.0.1'])).tls }),
    { security: 'starttls', username: 'acme', password: 'secret' },
  );

  talk(
    'is not taken in clear where it is to be secured',
    async ({ server, mailer }) => {
      assert.equal(await mailer.send(mail), 'later');
      assert.ok(!server.commands.some((line) => line.startsWith('AUTH') || line.startsWith('MAIL')));
    },
    {},
    { security: 'starttls', username: 'acme', password: 'secret' },
  );
});

describe('a mail that is not taken', () => {
  for (const [says, outcome] of [
    ['550 no such user', 'refused'],
    ['451 later', 'later'],
  ] as const) {
    for (const command of ['MAIL', 'RCPT', 'DATA', 'data-end']) {
      talk(
        `is ${outcome} by "${says}" to ${command}; what is told of it names nobody`,
        async ({ mailer, problems }) => {
          assert.equal(await mailer.send(mail), outcome);
          const told = JSON.stringify(problems);
          assert.match(told, /"response":(?:550|451)/u);
          assert.doesNotMatch(told, /chris|acme|no such user/u);
        },
        { answers: { [command]: says } },
      );
    }
  }

  talk(
    'is refused by a server that does not know the password',
    async ({ mailer }) => {
      assert.equal(await mailer.send(mail), 'refused');
    },
    { answers: { AUTH: '535 no' } },
    { username: 'acme', password: 'wrong' },
  );

  talk(
    'is given up when the server takes too long, however often it stirs',
    async ({ server, mailer, clock }) => {
      const sending = mailer.send(mail);
      while (!server.commands.some((line) => line.startsWith('RCPT')))
        await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(30_000);
      assert.equal(await sending, 'later');
    },
    { answers: { RCPT: '' } },
  );

  talk('is for later when nobody is there', async ({ server, mailer }) => {
    await server.close();
    assert.equal(await mailer.send(mail), 'later');
  });
});
