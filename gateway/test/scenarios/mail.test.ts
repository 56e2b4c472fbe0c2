import assert from 'node:assert/strict';
import { scenario, scenarios } from '../support/scenario.ts';
import { SmtpServer } from '../support/smtp-server.ts';
import type { World } from '../support/world.ts';

/** Quoted-printable, as a mail program shows it. */
function readable(data: string): string {
  const octets = data
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/gu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1').toString('utf8');
}

/** A mail server, which `acme.test` is configured to use. */
async function withMail(world: World, play: (server: SmtpServer) => Promise<void>): Promise<void> {
  const server = new SmtpServer();
  const port = await server.listen();
  try {
    await world.reconfigure((config) => ({
      ...config,
      mail: { host: '127.0.0.1', port, security: 'none', from: 'chat@acme.example' },
    }));
    await play(server);
  } finally {
    await server.close();
  }
}

scenarios('transcripts by mail', () => {
  scenario('$mail sends what was said, without notes, and confirms', (world) =>
    withMail(world, async (server) => {
      const jesse = await world.online('jesse');
      const chris = await world.visitor('Chris').asks('Where is my order?');
      jesse.says(chris.jid, 'It is on its way.');
      await chris.hears('It is on its way.');
      jesse.says(chris.jid, '$note Wants a refund.');
      await jesse.receives(`<message><body>▸ Note by …</body></message>`);
      jesse.says(chris.jid, '$mail chris@example.com');
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ What was said is on its way to chris@example.com.</body></message>`,
      );
      const [mail, ...more] = server.mails;
      assert.deepEqual(more, []);
      assert.deepEqual([mail?.from, mail?.to], ['chat@acme.example', ['chris@example.com']]);
      const text = readable(mail?.data ?? '');
      assert.match(text, /Visitor Chris: Where is my order\?\r\n[^]*Jesse Stone: It is on its way\.\r\n/u);
      assert.doesNotMatch(text, /refund/u);
    }),
  );

  scenario('a mail that the server does not take is told', (world) =>
    withMail(world, async (server) => {
      server.refused.add('nobody@example.com');
      const jesse = await world.online('jesse');
      const chris = await world.visitor('Chris').asks('Where is my order?');
      jesse.says(chris.jid, 'It is on its way.');
      await chris.hears('It is on its way.');
      jesse.says(chris.jid, '$mail nobody@example.com');
      await jesse.receives(
        `<message from='${chris.fullJid}'><body>▸ The mail server did not take a mail…</body></message>`,
      );
      assert.deepEqual(server.mails, []);
    }),
  );

  scenario('where no mail is configured there is no $mail', async (world) => {
    const jesse = await world.online('jesse');
    const chris = await world.visitor('Chris').asks('Where is my order?');
    jesse.says(chris.jid, 'It is on its way.');
    await chris.hears('It is on its way.');
    jesse.says(chris.jid, '$mail chris@example.com');
    await jesse.receives(`<message from='${chris.fullJid}'><body>▸ This helpdesk cannot do $mail.…</body></message>`);
    jesse.says(chris.jid, '$help');
    const help = await jesse.receives(
      `<message from='${chris.fullJid}'><body>▸ You are in this chat…</body></message>`,
    );
    assert.doesNotMatch(help.getChildText('body') ?? '', /\$mail/u);
  });
});
