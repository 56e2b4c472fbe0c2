import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mailSchema } from '../../../config/schema.ts';
import { type Fault, HelpdeskError } from '../../../helpdesk/errors.ts';
import type { ChatId, StaffId } from '../../../helpdesk/model.ts';
import { MAILS_PER_HOUR } from '../limits.ts';
import type { Mail, MailOutcome } from './mailer.ts';
import { Bench, boss, configOf, jesse, varun } from '../testing/bench.ts';
import { SmtpServer } from '../testing/smtp-server.ts';

const faulty = (is: Fault['is']) => (error: unknown) => error instanceof HelpdeskError && error.fault.is === is;
const config = mailSchema.parse({ host: 'mail.test', from: 'help@acme.example' });

class Post {
  readonly mails: Mail[] = [];
  outcome: MailOutcome = 'sent';
  readonly bench = new Bench({
    tenant: { mail: config },
    mailer: () => ({
      send: async (mail) => {
        this.mails.push(mail);
        return this.outcome;
      },
    }),
  });

  async chat(): Promise<ChatId> {
    await this.bench.online(jesse);
    const chat = await this.bench.asks('Where is my order?');
    await this.bench.helpdesk.accept(this.bench.call(), chat, jesse, this.bench.words('Let me look.'));
    return chat;
  }

  async mail(chat: ChatId, staff: StaffId = jesse, to = 'chris@example.com', call = this.bench.call()): Promise<void> {
    await this.bench.helpdesk.mail?.(call, chat, staff, to);
  }
}

function scenario(sentence: string, test: (post: Post) => Promise<void>): void {
  it(sentence, async () => {
    const post = new Post();
    await post.bench.open();
    try {
      await test(post);
    } finally {
      await post.bench.close();
    }
  });
}

describe('$mail', () => {
  scenario('sends what was said, without notes, under the name of the helpdesk', async (post) => {
    const chat = await post.chat();
    await post.bench.helpdesk.note(post.bench.call(), chat, jesse, 'rude');
    await post.mail(chat);
    const [mail] = post.mails;
    assert.deepEqual([mail?.to, mail?.sender, mail?.subject], ['chris@example.com', 'Acme', 'Your chat with Acme']);
    assert.match(mail?.text ?? '', /Visitor Chris: Where is my order\?\n.*Jesse Stone: Let me look\./u);
    assert.doesNotMatch(mail?.text ?? '', /rude/u);
  });

  scenario('once for a call, and with one id for the mail', async (post) => {
    const chat = await post.chat();
    const call = post.bench.call();
    await Promise.all([post.mail(chat, jesse, 'a@b.example', call), post.mail(chat, jesse, 'a@b.example', call)]);
    await post.mail(chat, jesse, 'a@b.example', call);
    assert.equal(post.mails.length, 1);
    post.outcome = 'later';
    const again = post.bench.call();
    await assert.rejects(post.mail(chat, jesse, 'a@b.example', again), faulty('unreachable'));
    post.outcome = 'sent';
    await post.mail(chat, jesse, 'a@b.example', again);
    assert.equal(post.mails.length, 3);
    assert.equal(post.mails[1]?.id, post.mails[2]?.id);
    assert.notEqual(post.mails[0]?.id, post.mails[1]?.id);
  });

  scenario('is for who is in the chat, and who was when it ended', async (post) => {
    const chat = await post.chat();
    await assert.rejects(post.mail(chat, varun), faulty('not-found'));
    await post.bench.helpdesk.observe(post.bench.call(), chat, boss, true);
    await post.mail(chat, boss);
    await post.bench.helpdesk.end(post.bench.call(), chat, jesse);
    await post.mail(chat);
    await assert.rejects(post.mail(chat, varun), faulty('not-found'));
    await assert.rejects(post.mail('none' as ChatId), faulty('not-found'));
    assert.equal(post.mails.length, 2);
  });

  scenario('sends nothing to what is no address', async (post) => {
    const chat = await post.chat();
    for (const to of [
      '',
      'chris',
      'a@b.example, c@d.example',
      'Chris <a@b.example>',
      'a@b.example\r\nBcc: c@d.example',
    ]) {
      await assert.rejects(post.mail(chat, jesse, to), faulty('refused'));
    }
    post.outcome = 'refused';
    await assert.rejects(post.mail(chat), faulty('refused'));
    assert.equal(post.mails.length, 1);
  });

  scenario('sends so many an hour, for each staff user', async (post) => {
    const chat = await post.chat();
    await post.bench.helpdesk.observe(post.bench.call(), chat, boss, true);
    for (let sent = 0; sent < MAILS_PER_HOUR; sent++) await post.mail(chat);
    const refused = post.mail(chat);
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof HelpdeskError && error.fault.is === 'rate-limited');
      assert.equal(error.fault.retryAfter, 3_600_000);
      return true;
    });
    await post.mail(chat, boss);
    post.bench.opensPage(chat);
    await post.bench.advance(1_800_000);
    await assert.rejects(post.mail(chat), faulty('rate-limited'));
    await post.bench.advance(1_800_000);
    await post.mail(chat);
    assert.equal(post.mails.length, MAILS_PER_HOUR + 2);
  });

  scenario('counts once what is tried again', async (post) => {
    const chat = await post.chat();
    const call = post.bench.call();
    post.outcome = 'later';
    for (let tried = 0; tried < MAILS_PER_HOUR; tried++) {
      await assert.rejects(post.mail(chat, jesse, 'a@b.example', call), faulty('unreachable'));
    }
    post.outcome = 'sent';
    await post.mail(chat);
    assert.equal(post.mails.length, MAILS_PER_HOUR + 1);
  });

  scenario('is there while a mail server is configured', async (post) => {
    const chat = await post.chat();
    await post.bench.helpdesk.reconfigure(configOf());
    assert.equal('mail' in post.bench.helpdesk, false);
    await post.bench.helpdesk.reconfigure(configOf({}, { mail: config }));
    await post.mail(chat);
    assert.equal(post.mails.length, 1);
  });

  it('reaches a real server', async () => {
    const server = await SmtpServer.listen();
    const mail = { ...config, host: '127.0.0.1', port: server.port, security: 'none' as const };
    const bench = new Bench({ tenant: { mail } });
    await bench.open();
    try {
      await bench.online(jesse);
      const chat = await bench.asks('Wo ist meine Bestellung? ✓');
      await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('One moment'));
      await bench.helpdesk.mail?.(bench.call(), chat, jesse, 'chris@example.com');
      assert.deepEqual(server.received[0]?.to, ['chris@example.com']);
    } finally {
      await bench.close();
      await server.close();
    }
  });

  it('keeps nobody from closing the helpdesk, however long the server is silent', { timeout: 5_000 }, async () => {
    const server = await SmtpServer.listen({ answers: { greeting: '' } });
    const mail = { ...config, host: '127.0.0.1', port: server.port, security: 'none' as const };
    const bench = new Bench({ tenant: { mail } });
    await bench.open();
    await bench.online(jesse);
    const chat = await bench.asks('Hello?');
    await bench.helpdesk.accept(bench.call(), chat, jesse, bench.words('One moment'));
    const sending = bench.helpdesk.mail?.(bench.call(), chat, jesse, 'chris@example.com');
    const ended = assert.rejects(sending ?? Promise.resolve(), faulty('unreachable'));
    await server.connected;
    await bench.close();
    await ended;
    await server.close();
  });

  it('is not there without a mail server', async () => {
    const bench = new Bench();
    assert.equal('mail' in bench.helpdesk, false);
    await bench.close();
  });
});
