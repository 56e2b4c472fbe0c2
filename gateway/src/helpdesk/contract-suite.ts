/** What every connector keeps to: one suite for the {@link Helpdesk} port, over a helpdesk that a test can drive. */
import assert from 'node:assert/strict';
import { conferenceContract } from './contract-conference.ts';
import { linesContract } from './contract-lines.ts';
import {
  contractOf,
  faulty,
  type HelpdeskRunner,
  type HelpdeskSubject,
  type Listening,
  texts,
} from './contract-subject.ts';
import { HelpdeskError } from './errors.ts';
import type { ChatId, TeamId } from './model.ts';
import type { CallContext } from './port.ts';

/** Runs the suite. `make` gives a fresh helpdesk each time. */
export function helpdeskContract(runner: HelpdeskRunner, make: () => Promise<HelpdeskSubject>): void {
  const contract = contractOf(runner, make);
  const running = (desk: Listening): Promise<ChatId> => desk.running();

  runner.describe('what a helpdesk tells', () => {
    contract('the snapshot names teams and staff, and nothing has been told before it', async (desk) => {
      const { first, second, other } = desk.subject.staff;
      const ids = desk.snapshot.staff.map((staff) => staff.id);
      for (const staff of [first, second, other]) assert.ok(ids.includes(staff));
      assert.ok(desk.snapshot.teams.some((team) => team.id === desk.subject.team));
      assert.deepEqual(desk.snapshot.chats, []);
      assert.deepEqual(desk.events, []);
    });

    contract('a chat is told before its lines and requests, and its question is its first line', async (desk) => {
      await desk.online(desk.subject.staff.first);
      desk.events.length = 0;
      const chat = await desk.subject.visitorAsks('Where is my order?');
      assert.deepEqual(
        desk.events.map((event) => event.type),
        ['chat', 'line', 'offer'],
      );
      assert.equal(desk.chat(chat)?.question, 'Where is my order?');
      assert.equal(desk.chat(chat)?.phase.is, 'waiting');
      assert.deepEqual(
        desk.lines(chat).map(({ number, from, text }) => ({ number, from, text })),
        [{ number: 1, from: { is: 'visitor' }, text: 'Where is my order?' }],
      );
      assert.match(chat, /^[a-z0-9]{20,}$/u, 'the localpart of an address, unguessable');
    });

    contract('what a verb changes is told before the verb resolves', async (desk) => {
      const { first } = desk.subject.staff;
      await desk.online(first);
      const chat = await desk.subject.visitorAsks('Hello?');
      const words = desk.words('Hi');
      await desk.helpdesk.accept(desk.call(), chat, first, words);
      assert.deepEqual(desk.chat(chat)?.participants, [first]);
      assert.equal(desk.chat(chat)?.phase.is, 'running');
      assert.deepEqual(texts(desk.lines(chat), 'staff'), ['Hi']);
      assert.equal(desk.lines(chat).find((line) => line.from.is === 'staff')?.id, words.id);
      const more = desk.words('One moment');
      await desk.helpdesk.say(desk.call(), chat, first, more);
      assert.equal(desk.lines(chat).at(-1)?.id, more.id);
      await desk.helpdesk.end(desk.call(), chat, first);
      assert.equal(desk.chat(chat)?.phase.is, 'ended');
    });

    contract('numbers of lines have no gap, and history gives the same lines', async (desk) => {
      const chat = await running(desk);
      for (const text of ['one', 'two', 'three']) {
        await desk.subject.visitorSays(chat, text);
        await desk.helpdesk.say(desk.call(), chat, desk.subject.staff.first, desk.words(`${text}!`));
      }
      const told = desk.lines(chat);
      assert.deepEqual(
        told.map((line) => line.number),
        told.map((_line, index) => index + 1),
      );
      assert.deepEqual(await desk.helpdesk.history(chat, 0, 100), told);
      assert.deepEqual(await desk.helpdesk.history(chat, 2, 3), told.slice(2, 5));
      assert.deepEqual(await desk.helpdesk.history(chat, told.length, 100), []);
      await desk.helpdesk.end(desk.call(), chat, desk.subject.staff.first);
      assert.deepEqual(texts(await desk.helpdesk.history(chat, 0, 100), 'visitor'), texts(told, 'visitor'));
    });

    contract('nothing is told after close', async (desk) => {
      const chat = await running(desk);
      await desk.helpdesk.close();
      desk.events.length = 0;
      desk.subject.visitorTypes(chat, true);
      await desk.subject.advance(600_000);
      assert.deepEqual(desk.events, []);
    });

    contract('status is told as the directory', async (desk) => {
      const { first } = desk.subject.staff;
      await desk.helpdesk.setStatus(desk.call(), first, 'busy', 'in a meeting');
      const staff = desk
        .of('directory')
        .at(-1)
        ?.staff.find((one) => one.id === first);
      assert.equal(staff?.status, 'busy');
      assert.equal(staff?.statusText, 'in a meeting');
    });

    contract('the visitor typing is told while it lasts', async (desk) => {
      const chat = await running(desk);
      desk.subject.visitorTypes(chat, true);
      desk.subject.visitorTypes(chat, true);
      desk.subject.visitorTypes(chat, false);
      await desk.subject.advance(0);
      assert.deepEqual(
        desk.of('typing').map((event) => event.on),
        [true, false],
      );
    });
  });

  runner.describe('requests', () => {
    contract('one who is available is asked, for as long as a ring lasts', async (desk) => {
      await desk.online(desk.subject.staff.first);
      const chat = await desk.subject.visitorAsks('Hello?');
      const offer = desk.offer(chat);
      assert.equal(offer.kind, 'request');
      assert.equal(offer.staff, desk.subject.staff.first);
      assert.equal(offer.until - offer.at, desk.subject.ringMs);
    });

    contract('a request that is declined is over, and the next one is asked', async (desk) => {
      const { first, second } = desk.subject.staff;
      await desk.online(first, second);
      const chat = await desk.subject.visitorAsks('Hello?');
      const offer = desk.offer(chat);
      await desk.helpdesk.decline(desk.call(), offer, 'declined');
      assert.equal(desk.endOf(offer), 'declined');
      assert.equal(desk.offer(chat).staff, offer.staff === first ? second : first);
      assert.equal(desk.chat(chat)?.phase.is, 'waiting');
    });

    contract('a request that was not seen goes on at once', async (desk) => {
      const { first, second } = desk.subject.staff;
      await desk.online(first, second);
      const chat = await desk.subject.visitorAsks('Hello?');
      const offer = desk.offer(chat);
      await desk.helpdesk.decline(desk.call(), offer, 'unseen');
      assert.equal(desk.endOf(offer), 'unseen');
      assert.notEqual(desk.offer(chat).staff, offer.staff);
    });

    contract('a request that nobody answers goes on when its time is over', async (desk) => {
      const { first, second } = desk.subject.staff;
      await desk.online(first, second);
      const chat = await desk.subject.visitorAsks('Hello?');
      const offer = desk.offer(chat);
      await desk.subject.advance(desk.subject.ringMs - 1);
      assert.equal(desk.endOf(offer), undefined);
      await desk.subject.advance(1);
      assert.equal(desk.endOf(offer), 'timed-out');
      assert.notEqual(desk.offer(chat).staff, offer.staff);
    });

    for (const why of ['declined', 'unseen'] as const) {
      contract(`refusing an offer that is over is no error and changes nothing (${why})`, async (desk) => {
        const { first, second } = desk.subject.staff;
        await desk.online(first, second);
        const chat = await desk.subject.visitorAsks('Hello?');
        const offer = desk.offer(chat);
        await desk.helpdesk.decline(desk.call(), offer, why);
        const next = desk.offer(chat);
        await desk.helpdesk.decline(desk.call(), offer, why);
        assert.deepEqual(desk.offer(chat), next);
        await desk.helpdesk.accept(desk.call(), chat, next.staff, desk.words('Hi'));
        await desk.helpdesk.decline(desk.call(), next, why);
        assert.equal(desk.chat(chat)?.phase.is, 'running');
      });
    }

    contract('an invitation or a transfer that does not exist is refused without an effect', async (desk) => {
      const chat = await running(desk);
      const { second } = desk.subject.staff;
      for (const kind of ['invitation', 'transfer'] as const) {
        const offer = { id: 'none', kind, chat, staff: second, at: 0, until: 1 };
        await desk.helpdesk.decline(desk.call(), offer, 'declined');
      }
      assert.deepEqual(desk.chat(chat)?.participants, [desk.subject.staff.first]);
    });

    contract('the request is over for everybody when it is accepted', async (desk) => {
      const { first, second } = desk.subject.staff;
      await desk.online(first);
      const chat = await desk.subject.visitorAsks('Hello?');
      const offer = desk.offer(chat);
      // any member of the team may take it, not only the one who is asked
      await desk.helpdesk.accept(desk.call(), chat, second, desk.words('Mine'));
      assert.deepEqual(desk.of('offer-ended').find((event) => event.offer.id === offer.id)?.end, {
        is: 'taken',
        by: second,
      });
      assert.deepEqual(desk.offers(chat), []);
    });

    contract('G19 the second to accept is told who was faster, and nothing of theirs is said', async (desk) => {
      const { first, second } = desk.subject.staff;
      await desk.online(first, second);
      const chat = await desk.subject.visitorAsks('Hello?');
      const [one, two] = await Promise.allSettled([
        desk.helpdesk.accept(desk.call(), chat, first, desk.words('first')),
        desk.helpdesk.accept(desk.call(), chat, second, desk.words('second')),
      ]);
      assert.equal(one.status, 'fulfilled');
      assert.ok(two.status === 'rejected' && two.reason instanceof HelpdeskError);
      assert.deepEqual(two.reason.fault, { is: 'taken', by: first });
      assert.deepEqual(texts(await desk.helpdesk.history(chat, 0, 100), 'staff'), ['first']);
    });

    contract('a chat of a team that one does not see cannot be accepted', async (desk) => {
      const { first, other } = desk.subject.staff;
      await desk.online(first, other);
      const chat = await desk.subject.visitorAsks('Hello?');
      await assert.rejects(desk.helpdesk.accept(desk.call(), chat, other, desk.words('x')), faulty('not-found'));
      assert.equal(desk.chat(chat)?.phase.is, 'waiting');
    });

    contract('G20 a chat that the visitor has ended cannot be accepted', async (desk) => {
      const { first } = desk.subject.staff;
      await desk.online(first);
      const chat = await desk.subject.visitorAsks('Hello?');
      const offer = desk.offer(chat);
      await desk.subject.visitorEnds(chat);
      assert.equal(desk.endOf(offer), 'chat-ended');
      await assert.rejects(desk.helpdesk.accept(desk.call(), chat, first, desk.words('x')), faulty('not-found'));
      assert.deepEqual(texts(await desk.helpdesk.history(chat, 0, 100), 'staff'), []);
    });
  });

  runner.describe('in a chat', () => {
    contract('only who takes part may speak or end', async (desk) => {
      const chat = await running(desk);
      const { second } = desk.subject.staff;
      await assert.rejects(desk.helpdesk.say(desk.call(), chat, second, desk.words('x')), faulty('not-found'));
      await assert.rejects(desk.helpdesk.end(desk.call(), chat, second), faulty('not-found'));
      await assert.rejects(desk.helpdesk.leave(desk.call(), chat, second), faulty('not-found'));
      assert.deepEqual(texts(desk.lines(chat), 'staff'), ['Let me look.']);
      assert.equal(desk.chat(chat)?.phase.is, 'running');
    });

    contract('G28 nothing is said in a chat that is over', async (desk) => {
      const chat = await running(desk);
      const { first } = desk.subject.staff;
      await desk.helpdesk.end(desk.call(), chat, first);
      await assert.rejects(desk.helpdesk.say(desk.call(), chat, first, desk.words('x')), faulty('not-found'));
      await assert.rejects(desk.helpdesk.end(desk.call(), chat, first), faulty('not-found'));
      assert.deepEqual(texts(await desk.helpdesk.history(chat, 0, 100), 'staff'), ['Let me look.']);
    });

    contract('what a visitor and a staff user say comes in one order, told as it is kept', async (desk) => {
      const chat = await running(desk);
      const { first } = desk.subject.staff;
      await Promise.all([
        desk.subject.visitorSays(chat, 'a'),
        desk.helpdesk.say(desk.call(), chat, first, desk.words('b')),
        desk.subject.visitorSays(chat, 'c'),
        desk.helpdesk.say(desk.call(), chat, first, desk.words('d')),
      ]);
      assert.deepEqual(await desk.helpdesk.history(chat, 0, 100), desk.lines(chat));
      const said = desk.lines(chat).map((line) => line.text);
      assert.ok(said.indexOf('a') < said.indexOf('c') && said.indexOf('b') < said.indexOf('d'), said.join());
    });

    contract('the last to leave gives the chat back to its queue, and the visitor is told', async (desk) => {
      const chat = await running(desk);
      const { first, second } = desk.subject.staff;
      await desk.online(second);
      await desk.helpdesk.leave(desk.call(), chat, first);
      assert.equal(desk.chat(chat)?.phase.is, 'waiting');
      assert.deepEqual(desk.chat(chat)?.participants, []);
      assert.equal(desk.lines(chat).at(-1)?.from.is, 'notice');
      assert.equal(desk.offer(chat).staff, second, 'who has just left is not the first to be asked');
    });

    contract('chats that are given back go before those that wait already', async (desk) => {
      const { first, second } = desk.subject.staff;
      const chat = await running(desk);
      const waiting = await desk.subject.visitorAsks('And I?');
      // their connection dropped: somebody may be there again soon
      await desk.helpdesk.setStatus(desk.call(), first, 'away', undefined, true);
      await desk.helpdesk.giveBack(desk.call(), first);
      assert.equal(desk.chat(chat)?.phase.is, 'waiting');
      assert.deepEqual([...desk.offers(chat), ...desk.offers(waiting)], []);
      await desk.helpdesk.setStatus(desk.call(), second, 'online');
      assert.equal(desk.offer(chat).staff, second);
    });
  });

  runner.describe('a call made twice', () => {
    contract('accepts, says, ends and sets once', async (desk) => {
      const { first } = desk.subject.staff;
      await desk.online(first);
      const chat = await desk.subject.visitorAsks('Hello?');
      const twice = async (verb: (call: CallContext) => Promise<void>): Promise<void> => {
        const call = desk.call();
        await Promise.all([verb(call), verb(call)]);
        await verb(call);
      };
      const [hi, more] = [desk.words('Hi'), desk.words('more')];
      await twice((call) => desk.helpdesk.accept(call, chat, first, hi));
      await twice((call) => desk.helpdesk.say(call, chat, first, more));
      await twice((call) => desk.helpdesk.setStatus(call, first, 'busy'));
      assert.deepEqual(texts(await desk.helpdesk.history(chat, 0, 100), 'staff'), ['Hi', 'more']);
      await twice((call) => desk.helpdesk.end(call, chat, first));
      assert.equal(desk.of('chat').filter(({ chat: { phase } }) => phase.is === 'ended').length, 1);
    });

    contract('is known over a restart', async (desk) => {
      const chat = await running(desk);
      const call = desk.call();
      const words = desk.words('once');
      await desk.helpdesk.say(call, chat, desk.subject.staff.first, words);
      await desk.reopen();
      await desk.helpdesk.say(call, chat, desk.subject.staff.first, words);
      assert.deepEqual(texts(await desk.helpdesk.history(chat, 0, 100), 'staff'), ['Let me look.', 'once']);
      assert.deepEqual(desk.lines(chat), []);
    });

    contract('is made after all when it was refused before', async (desk) => {
      const { first, second } = desk.subject.staff;
      const chat = await running(desk);
      const call = desk.call();
      await assert.rejects(desk.helpdesk.accept(call, chat, second, desk.words('x')), faulty('taken'));
      await desk.helpdesk.leave(desk.call(), chat, first);
      await desk.helpdesk.accept(call, chat, second, desk.words('now'));
      assert.deepEqual(desk.chat(chat)?.participants, [second]);
    });
  });

  runner.describe('over a restart', () => {
    contract('waiting and running chats, requests, status and lines are as they were', async (desk) => {
      const { first, second } = desk.subject.staff;
      const chat = await running(desk);
      const waiting = await desk.subject.visitorAsks('And I?');
      await desk.subject.visitorSays(chat, 'more');
      await desk.helpdesk.setStatus(desk.call(), second, 'away', 'lunch');
      const before = { chats: [desk.chat(chat), desk.chat(waiting)], offer: desk.offer(waiting) };
      const lines = await desk.helpdesk.history(chat, 0, 100);
      await desk.reopen();
      const after = (id: ChatId) => desk.snapshot.chats.find((one) => one.id === id);
      assert.deepEqual(
        [{ ...after(chat), lastLine: 0 }, after(waiting)],
        [{ ...before.chats[0], lastLine: 0 }, before.chats[1]],
      );
      assert.equal(after(chat)?.lastLine, lines.at(-1)?.number);
      assert.deepEqual(desk.snapshot.offers, [before.offer]);
      assert.deepEqual(
        desk.snapshot.staff.filter((one) => one.id === second).map(({ status, statusText }) => [status, statusText]),
        [['away', 'lunch']],
      );
      assert.deepEqual(await desk.helpdesk.history(chat, 0, 100), lines);
      assert.deepEqual(desk.events, []);
      await desk.helpdesk.say(desk.call(), chat, first, desk.words('I am back'));
      assert.equal(desk.lines(chat).at(-1)?.number, (lines.at(-1)?.number ?? 0) + 1);
    });

    contract('a chat that is over is not in the snapshot, and its lines are kept', async (desk) => {
      const chat = await running(desk);
      await desk.helpdesk.end(desk.call(), chat, desk.subject.staff.first);
      await desk.reopen();
      assert.deepEqual(desk.snapshot.chats, []);
      assert.deepEqual(texts(await desk.helpdesk.history(chat, 0, 100), 'staff'), ['Let me look.']);
    });

    contract('a request rings no longer than it would have', async (desk) => {
      await desk.online(desk.subject.staff.first, desk.subject.staff.second);
      const chat = await desk.subject.visitorAsks('Hello?');
      const [offer] = desk.offers(chat);
      assert.ok(offer);
      await desk.subject.advance(desk.subject.ringMs - 5_000);
      await desk.reopen();
      assert.deepEqual(desk.snapshot.offers, [offer]);
      await desk.subject.advance(4_999);
      assert.equal(desk.endOf(offer), undefined);
      await desk.subject.advance(1);
      assert.equal(desk.endOf(offer), 'timed-out');
    });
  });

  runner.describe('left messages, where the helpdesk has them', () => {
    contract('are told, listed newest first for their teams, and done once', async (desk) => {
      const { subject } = desk;
      if (subject.leavesMessage === undefined) return;
      await subject.leavesMessage('one');
      await subject.leavesMessage('two');
      assert.deepEqual(
        desk.of('left-message').map((event) => event.message.text),
        ['one', 'two'],
      );
      const list = async (teams: readonly TeamId[], limit: number) =>
        (await desk.helpdesk.leftMessages?.(teams, limit)) ?? assert.fail('it lists none');
      const done = (call: CallContext, of: readonly TeamId[]) =>
        desk.helpdesk.markMessageDone?.(call, id, of) ?? assert.fail('it marks none');
      const listed = await list([subject.team], 10);
      const id = listed[0]?.id ?? '';
      assert.deepEqual(
        listed.map((message) => message.text),
        ['two', 'one'],
      );
      assert.equal((await list([subject.team], 1)).length, 1);
      assert.deepEqual(await list([], 10), []);
      assert.deepEqual(await list(['elsewhere' as TeamId], 10), []);
      await assert.rejects(done(desk.call(), ['elsewhere' as TeamId]), faulty('not-found'));
      const call = desk.call();
      await done(call, [subject.team]);
      await done(call, [subject.team]);
      await assert.rejects(done(desk.call(), [subject.team]), faulty('not-found'));
      await desk.reopen();
      assert.deepEqual(
        (await list([subject.team], 10)).map((message) => message.text),
        ['one'],
      );
    });
  });

  runner.describe('several staff in one chat, where the helpdesk can', () => {
    conferenceContract(contract);
  });

  runner.describe('what lines say of each other, and what staff do about a chat, where the helpdesk can', () => {
    linesContract(contract);
  });
}
