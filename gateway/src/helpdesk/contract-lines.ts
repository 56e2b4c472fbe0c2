/** The part of the contract suite about what lines say of each other, and what staff do about a chat. */
import assert from 'node:assert/strict';
import { type Contract, faulty, type Listening } from './contract-subject.ts';
import type { ChatId, Line, LineExtra, StaffId } from './model.ts';
import type { Helpdesk, Words } from './port.ts';

type Verbs = keyof Helpdesk;

/** A helpdesk with a running chat that its first staff user has taken. */
class InChat {
  readonly desk: Listening;
  readonly chat: ChatId;

  constructor(desk: Listening, chat: ChatId) {
    this.desk = desk;
    this.chat = chat;
  }

  get first(): StaffId {
    return this.desk.subject.staff.first;
  }

  words(text: string, extra?: LineExtra, ref?: string): Words {
    const more = { ...(extra !== undefined && { extra }), ...(ref !== undefined && { ref }) };
    return { ...this.desk.words(text), ...more };
  }

  async say(text: string, extra?: LineExtra, ref?: string, by: StaffId = this.first): Promise<Line> {
    await this.desk.helpdesk.say(this.desk.call(), this.chat, by, this.words(text, extra, ref));
    return this.newest;
  }

  get newest(): Line {
    return this.desk.lines(this.chat).at(-1) ?? assert.fail('nothing was said');
  }

  /** Nothing is said and nothing kept. */
  async refused(fault: Parameters<typeof faulty>[0], ...said: Parameters<InChat['say']>): Promise<void> {
    const lines = await this.desk.helpdesk.history(this.chat, 0, 100);
    await assert.rejects(this.say(...said), faulty(fault));
    assert.deepEqual(await this.desk.helpdesk.history(this.chat, 0, 100), lines);
  }
}

export function linesContract(contract: Contract): void {
  const where = (verbs: readonly Verbs[], name: string, test: (c: InChat) => Promise<void>): void => {
    contract(name, async (desk) => {
      if (verbs.some((verb) => desk.helpdesk[verb] === undefined)) return;
      await test(new InChat(desk, await desk.running()));
    });
  };
  extrasContract(where);
  aboutChatContract(where);
}

type Where = (verbs: readonly Verbs[], name: string, test: (c: InChat) => Promise<void>) => void;

function extrasContract(where: Where): void {
  where(['extras'], 'a line is corrected by its author, known by its id or by the id of their app', async (c) => {
    const line = await c.say('Tomorow', undefined, 'app-1');
    const byId = await c.say('Tomorrow', { is: 'correction', of: line.id });
    const author = { staff: c.first, ref: 'app-1' };
    assert.deepEqual(byId.extra, { is: 'correction', of: line.id, author });
    assert.equal(byId.text, 'Tomorrow');
    const byRef = await c.say('On Friday', { is: 'correction', of: 'app-1' }, 'app-2');
    assert.deepEqual([byRef.extra, byRef.ref], [{ is: 'correction', of: line.id, author }, 'app-2']);
    const again = await c.say('On Monday', { is: 'correction', of: 'app-2' });
    assert.deepEqual(again.extra, { is: 'correction', of: line.id, author }, 'of the line, not of its correction');
    assert.deepEqual((await c.desk.helpdesk.history(c.chat, 0, 100)).slice(-4), [line, byId, byRef, again]);
  });

  where(['extras'], 'a line is taken back once, and not corrected any more', async (c) => {
    const line = await c.say('Oops', undefined, 'app-1');
    const back = await c.say('', { is: 'retraction', of: 'app-1' });
    assert.deepEqual([back.text, back.extra?.is], ['', 'retraction']);
    await c.refused('not-found', '', { is: 'retraction', of: line.id });
    await c.refused('not-found', 'x', { is: 'correction', of: line.id });
    await c.refused('not-found', 'x', { is: 'correction', of: back.id });
  });

  where(['extras'], 'nobody corrects or takes back what somebody else said', async (c) => {
    const { second } = c.desk.subject.staff;
    const [question] = c.desk.lines(c.chat);
    for (const is of ['correction', 'retraction'] as const) {
      await c.refused('forbidden', 'x', { is, of: question?.id ?? '' });
    }
    if (c.desk.helpdesk.join === undefined) return;
    const line = await c.say('Mine', undefined, 'app-1');
    await c.desk.helpdesk.join(c.desk.call(), c.chat, second);
    await c.refused('forbidden', 'x', { is: 'correction', of: line.id }, undefined, second);
    await c.refused('not-found', 'x', { is: 'correction', of: 'app-1' }, undefined, second);
  });

  where(['extras'], 'nothing is about a notice, about what does not exist, or about another chat', async (c) => {
    const elsewhere = await c.desk.subject.visitorAsks('Another one');
    const [theirs] = c.desk.lines(elsewhere);
    const notice = c.desk.lines(c.chat).find((line) => line.from.is === 'notice');
    assert.ok(notice && theirs);
    for (const id of [notice.id, theirs.id, 'none', '']) {
      for (const is of ['correction', 'retraction', 'reaction'] as const)
        await c.refused('not-found', is === 'reaction' ? '👍' : 'x', { is, of: id });
      const { text, extra } = await c.say('x', { is: 'reply', of: id });
      assert.deepEqual({ text, extra }, { text: 'x', extra: undefined }, 'what was written is said all the same');
    }
  });

  where(['extras'], 'what the visitor and colleagues say is answered and reacted to', async (c) => {
    await c.desk.subject.visitorSays(c.chat, 'Thank you');
    const thanks = c.newest;
    assert.deepEqual((await c.say('Welcome', { is: 'reply', of: thanks.id })).extra, { is: 'reply', of: thanks.id });
    const reaction = await c.say('👍 🎉', { is: 'reaction', of: thanks.id });
    assert.deepEqual([reaction.text, reaction.extra], ['👍 🎉', { is: 'reaction', of: thanks.id }]);
    assert.equal((await c.say('', { is: 'reaction', of: thanks.id })).text, '');
    await c.refused('not-found', '👍', { is: 'reaction', of: reaction.id });
  });

  where(['extras'], 'a reaction is some emoji and no other text', async (c) => {
    const [question] = c.desk.lines(c.chat);
    const of = question?.id ?? '';
    for (const text of [
      '👍',
      '❤',
      '❤️',
      '👨‍👩‍👧 🇩🇪 👍🏽 1️⃣',
      [...Array(20).keys()].map((n) => String.fromCodePoint(0x1f600 + n)).join(' '),
    ]) {
      assert.equal((await c.say(text, { is: 'reaction', of })).text, text);
    }
    const many = [...Array(21).keys()].map((n) => String.fromCodePoint(0x1f600 + n)).join(' ');
    for (const text of ['ok', '👍x', '▸ Jesse left', '7', many, '👍'.repeat(101), `${'👍🏽'.repeat(49)}x`]) {
      await c.refused('forbidden', text, { is: 'reaction', of });
    }
  });

  where(['extras'], 'nobody begins to take part by what only changes something', async (c) => {
    const { second } = c.desk.subject.staff;
    const waiting = await c.desk.subject.visitorAsks('And I?');
    const [question] = c.desk.lines(waiting);
    const of = question?.id ?? '';
    for (const is of ['correction', 'retraction', 'reaction'] as const) {
      const words = c.words('👍', { is, of });
      await assert.rejects(c.desk.helpdesk.accept(c.desk.call(), waiting, second, words), faulty('forbidden'));
    }
    await c.desk.helpdesk.accept(c.desk.call(), waiting, second, c.words('Hi', { is: 'reply', of }));
    assert.deepEqual(c.desk.lines(waiting).find((line) => line.from.is === 'staff')?.extra, { is: 'reply', of });
  });

  where(['extras'], 'a file is what the helpdesk knows of it, not what it is said to be', async (c) => {
    const claimed = { name: 'x', type: 'text/html', size: 1, url: 'https://acme.test/none' };
    await c.refused('not-found', claimed.url, { is: 'file', file: claimed });
    const { file } = c.desk.subject;
    if (file === undefined) return;
    const line = await c.say('ignored', { is: 'file', file: { ...claimed, url: file.url } });
    assert.deepEqual([line.text, line.extra], [file.url, { is: 'file', file }]);
    await c.refused('forbidden', 'x', { is: 'correction', of: line.id });
    assert.equal((await c.say('', { is: 'retraction', of: line.id })).extra?.is, 'retraction');
  });
}

function aboutChatContract(where: Where): void {
  where(['note', 'notes'], 'G24 notes are told and kept, and are in no transcript', async (c) => {
    const { helpdesk } = c.desk;
    const { second, other } = c.desk.subject.staff;
    const lines = await helpdesk.history(c.chat, 0, 100);
    const call = c.desk.call();
    await Promise.all([helpdesk.note?.(call, c.chat, c.first, 'VIP'), helpdesk.note?.(call, c.chat, c.first, 'VIP')]);
    await helpdesk.note?.(call, c.chat, c.first, 'VIP');
    await helpdesk.note?.(c.desk.call(), c.chat, second, 'Two\nlines');
    const notes = await helpdesk.notes?.(c.chat);
    assert.deepEqual(
      notes?.map(({ staff, text }) => [staff, text]),
      [
        [c.first, 'VIP'],
        [second, 'Two\nlines'],
      ],
    );
    assert.deepEqual(
      c.desk.of('note').map((event) => event.note),
      notes,
    );
    await assert.rejects(async () => helpdesk.note?.(c.desk.call(), c.chat, other, 'x'), faulty('not-found'));
    await assert.rejects(async () => helpdesk.note?.(c.desk.call(), c.chat, c.first, ' \n'), faulty('forbidden'));
    assert.deepEqual(await helpdesk.history(c.chat, 0, 100), lines);
    await c.desk.reopen();
    assert.deepEqual(await c.desk.helpdesk.notes?.(c.chat), notes);
  });

  where(['tag'], 'tags take the place of those before, each once, and outlive a restart', async (c) => {
    const { helpdesk } = c.desk;
    const tag = async (...tags: string[]) => helpdesk.tag?.(c.desk.call(), c.chat, c.first, tags);
    await tag('old');
    await tag('billing', ' Billing ', '', 'two  words');
    assert.deepEqual(c.desk.chat(c.chat)?.tags, ['billing', 'two words']);
    const many = Array.from({ length: 21 }, (_none, index) => `tag ${index}`);
    await assert.rejects(tag(...many), faulty('forbidden'));
    await assert.rejects(tag('x'.repeat(51)), faulty('forbidden'));
    const { other } = c.desk.subject.staff;
    await assert.rejects(async () => helpdesk.tag?.(c.desk.call(), c.chat, other, ['x']), faulty('not-found'));
    await c.desk.reopen();
    assert.deepEqual(c.desk.snapshot.chats.find(({ id }) => id === c.chat)?.tags, ['billing', 'two words']);
    await c.desk.helpdesk.tag?.(c.desk.call(), c.chat, c.first, []);
    assert.equal(c.desk.chat(c.chat)?.tags, undefined);
  });

  where(['push'], 'G16 the visitor is asked to look at pages of the web alone', async (c) => {
    const push = async (text: string) => c.desk.helpdesk.push?.(c.desk.call(), c.chat, c.first, c.words(text));
    await push(' https://me:secret@acme.test/a b ');
    assert.deepEqual([c.newest.text, c.newest.extra], ['https://acme.test/a%20b', { is: 'push' }]);
    const lines = await c.desk.helpdesk.history(c.chat, 0, 100);
    const bad = [
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://acme.test',
      'acme.test',
      '',
      `https://a.test/${'x'.repeat(2_000)}`,
    ];
    for (const address of bad) await assert.rejects(push(address), faulty('forbidden'));
    assert.deepEqual(await c.desk.helpdesk.history(c.chat, 0, 100), lines);
  });

  where(['seen'], 'what the visitor has seen is told, once, and no line that is not there', async (c) => {
    const { subject } = c.desk;
    if (subject.visitorSees === undefined) return;
    for (const line of [2, 2, 1, 99, 3]) subject.visitorSees(c.chat, line);
    await c.desk.subject.advance(0);
    assert.deepEqual(
      c.desk.of('seen').map(({ line }) => line),
      [2, 3],
    );
  });

  where(['ban', 'bans', 'liftBan'], 'who is banned loses the chat and starts none until that is lifted', async (c) => {
    const { banner } = c.desk.subject.staff;
    if (banner === undefined) return;
    const { helpdesk } = c.desk;
    const visitor = { email: 'Rude@Example.com' };
    const chat = await c.desk.subject.visitorAsks('!!!', visitor);
    await assert.rejects(async () => helpdesk.ban?.(c.desk.call(), chat, c.first), faulty('forbidden'));
    assert.deepEqual(await helpdesk.bans?.(10), []);
    await helpdesk.ban?.(c.desk.call(), chat, banner, 'shouts');
    assert.equal(c.desk.chat(chat)?.phase.is, 'ended');
    const [ban] = (await helpdesk.bans?.(10)) ?? [];
    assert.deepEqual([ban?.by, ban?.why, ban?.chat], [banner, 'shouts', chat]);
    await assert.rejects(c.desk.subject.visitorAsks('???', { email: 'rude@example.com' }));
    await c.desk.subject.visitorAsks('I am somebody else', { email: 'kind@example.com' });
    const lift = async (by: StaffId) => helpdesk.liftBan?.(c.desk.call(), by, ban?.id ?? '');
    await assert.rejects(lift(c.first), faulty('forbidden'));
    await lift(banner);
    await assert.rejects(lift(banner), faulty('not-found'));
    assert.deepEqual(await helpdesk.bans?.(10), []);
    await c.desk.subject.visitorAsks('Sorry', visitor);
  });

  where(['ban'], 'a chat that is over, and that one was not in, is no reason to ban anybody', async (c) => {
    const { banner } = c.desk.subject.staff;
    if (banner === undefined) return;
    const ban = async () => c.desk.helpdesk.ban?.(c.desk.call(), c.chat, banner);
    await c.desk.subject.visitorEnds(c.chat);
    await assert.rejects(ban(), faulty('not-found'));
    assert.deepEqual((await c.desk.helpdesk.bans?.(10)) ?? [], []);
  });
}
