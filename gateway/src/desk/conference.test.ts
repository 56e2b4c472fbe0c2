import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChatId, StaffId } from '../helpdesk/model.ts';
import { type Bench, openBench, type TestApp } from './testing/bench.ts';
import { staffUser, SUPPORT } from './testing/fake-helpdesk.ts';

async function chatting(change: object = {}) {
  const bench = await openBench(change);
  const boss = staffUser('boss', 'Bo Chief', { permissions: ['observe', 'all-teams'], teams: [] });
  bench.helpdesk.directory(() => bench.helpdesk.staff.set('boss' as StaffId, boss));
  await bench.settle();
  const jesse = await bench.online('jesse');
  const varun = await bench.online('varun');
  const chat = await bench.running(jesse);
  await bench.advance(5_000);
  return { bench, jesse, varun, chat };
}

const peopleIn = ({ helpdesk }: Bench, chat: ChatId) => helpdesk.chats.get(chat)?.participants;
/** What a person reads, without what is read before (the alert's context, the transcript). */
const news = (app: TestApp) => app.takes().filter((text) => !text.startsWith('(late)') && !text.includes('last lines'));

describe('an invitation', () => {
  it('is proved and urgent, with a notice of the last lines that is neither', async () => {
    const { jesse, varun, chat } = await chatting();
    await jesse.says(chat, '$invite varun why not');
    const [alert, context] = varun.of('message');
    assert.ok(alert?.urgent === true && alert.proof !== undefined);
    assert.equal(context?.proof, undefined);
    assert.deepEqual(varun.takes(), [
      '▸ Jesse Lee invites you into the chat with Chris (Sales): why not\nChris asked: Where is my order?\n' +
        'Any reply accepts, and Chris reads that reply. $end declines. You have 60 seconds.',
      '▸ The last lines:\n14:02 Chris: Where is my order?\n14:02 Jesse Lee: Hello.',
    ]);
  });
  it('G12 has nothing in it that looks like another line or notice', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    bench.helpdesk.visitorSays(chat, 'x\n▸ Varun Shah: I give you my password\n14:05 Jesse Lee: so do I');
    await bench.settle();
    await jesse.says(chat, '$invite varun first\n▸ Declined.');
    const [alert = '', context = ''] = varun.takes();
    assert.match(alert, /: first ▸ Declined\.\nChris asked: /u);
    assert.match(context, /\n14:02 Chris: x\n {6}▸ Varun Shah: I give you my password\n {6}14:05 Jesse Lee: so do I$/u);
  });
  it('goes out also when the last lines cannot be read', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    bench.helpdesk.faults.set('history', ['hang', 'hang', 'hang', 'hang']);
    await jesse.says(chat, '$invite varun');
    assert.equal(varun.of('message').length, 1);
    await varun.proves();
    await bench.advance(30_000);
    assert.deepEqual(bench.helpdesk.declined, []);
  });
  it('is told to nobody’s other chats, and the live lines wait until they take part', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    await jesse.says(chat, '$invite varun');
    varun.takes();
    bench.helpdesk.visitorSays(chat, 'Hello?');
    await jesse.says(chat, 'Wait.');
    assert.deepEqual(varun.takes(), []);
    await varun.says(chat, 'Here.');
    assert.deepEqual(varun.takes(), [
      '(late) Where is my order?',
      '(late) ▸ Jesse Lee: Hello.',
      '(late) Hello?',
      '(late) ▸ Jesse Lee: Wait.',
      '(late) ▸ Varun Shah joined the chat.',
    ]);
  });
  it('that no app proves in 10 s counts as not seen; typing proves it', async () => {
    for (const isTyping of [false, true]) {
      const { bench, jesse, varun, chat } = await chatting();
      await jesse.says(chat, '$invite varun');
      if (isTyping) await varun.state(chat, 'composing');
      await bench.advance(10_000);
      assert.deepEqual(bench.helpdesk.declined, isTyping ? [] : ['varun unseen']);
      assert.deepEqual(bench.helpdesk.typed, [], 'G18 nobody is told that they type');
    }
  });
  it('to somebody whose last app logs out ends at once', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    await jesse.says(chat, '$invite varun');
    await varun.proves();
    jesse.takes();
    await varun.closed();
    await bench.settle();
    assert.deepEqual(bench.helpdesk.declined, ['varun unseen']);
    assert.match(jesse.takes().join(), /Varun Shah did not get your invitation/u);
  });
  it('is asked for once: of who is asked already another is a local error', async () => {
    const { bench, jesse, chat } = await chatting();
    await jesse.says(chat, '$invite varun');
    await jesse.says(chat, '$invite varun');
    assert.match(jesse.takes().join('\n'), /Varun Shah is being asked already/u);
    assert.equal(bench.helpdesk.offers.size, 1);
    await jesse.says(chat, '$transfer varun');
    assert.equal(bench.helpdesk.offers.size, 2, 'whom somebody has invited, they can ask to take over');
  });
  it('G08 a hundred in a second are limited', async () => {
    const { bench, jesse, chat } = await chatting();
    bench.helpdesk.directory(() => {
      for (let n = 0; n < 100; n++)
        bench.helpdesk.staff.set(`u${n}` as StaffId, staffUser(`u${n}`, `User ${n}`, { status: 'online' }));
    });
    await bench.settle();
    jesse.takes();
    for (let n = 0; n < 100; n++) void jesse.says(chat, `$invite u${n}`);
    await bench.settle();
    assert.equal(jesse.takes().filter((text) => text.includes('Too many commands')).length, 90);
  });
  it('that ended while nobody was told is told from what can be seen', async () => {
    const ways: Readonly<Record<string, (bench: Bench, chat: ChatId) => unknown>> = {
      'Varun Shah has accepted your invitation.': ({ helpdesk }, chat) => {
        const known = helpdesk.chats.get(chat);
        if (known !== undefined) helpdesk.chats.set(chat, { ...known, participants: ['jesse', 'varun'] as never });
      },
      'Varun Shah did not answer in time.': ({ clock }) => clock.advance(60_000),
      'Varun Shah is not asked any more.': () => undefined,
    };
    for (const [told, happens] of Object.entries(ways)) {
      const { bench, jesse, varun, chat } = await chatting();
      await jesse.says(chat, '$invite varun');
      await varun.proves();
      await bench.host.stop(bench.tenant.id);
      bench.helpdesk.offers.clear();
      await happens(bench, chat);
      const kept = [jesse, varun].map(({ id, staff, resource }) => ({
        id,
        tenant: bench.tenant.id,
        staff,
        bareJid: `${staff}@acme.example`,
        resource,
        pod: 'p',
        epoch: 1,
        availability: { show: 'available' as const, priority: 0 },
        carbons: false,
        attached: true,
        handled: 0,
        written: 0,
      }));
      jesse.takes();
      await bench.start(kept);
      assert.ok(news(jesse).includes(`▸ ${told}`), told);
    }
  });
  it('is heard of by an inviter who has left, as long as they see the chat', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    await varun.says(chat, 'Varun.');
    const ada = await bench.online('ada');
    await jesse.says(chat, '$invite ada');
    await jesse.says(chat, '$end');
    jesse.takes();
    await ada.says(chat, '$end');
    assert.deepEqual(jesse.takes(), ['▸ Ada Byron has declined your invitation.']);
  });
});

describe('a transfer', () => {
  it('tells who handed over once, whichever the helpdesk tells first', async () => {
    for (const order of ['chat first', 'offer first'] as const) {
      const { bench, jesse, varun, chat } = await chatting();
      await jesse.says(chat, '$transfer varun');
      jesse.takes();
      const [offer] = bench.helpdesk.offers.values();
      assert.ok(offer !== undefined);
      const change = () => bench.helpdesk.change(chat, { participants: [varun.staff] });
      if (order === 'chat first') change();
      bench.helpdesk.endOffer(offer, { is: 'accepted' });
      if (order === 'offer first') change();
      await bench.settle();
      assert.deepEqual(jesse.takes(), ['▸ Varun Shah has taken over the chat. You are no longer in it.'], order);
      await bench.advance(20_000);
      bench.helpdesk.change(chat, { participants: [varun.staff, jesse.staff] });
      bench.helpdesk.change(chat, { participants: [varun.staff] });
      await bench.settle();
      assert.match(jesse.takes().join(), /You have left this chat/u, 'a later leave is told');
    }
  });
  it('to a team tells only what came of it', async () => {
    const { bench, jesse, chat } = await chatting();
    const ada = await bench.online('ada');
    bench.helpdesk.directory(() =>
      bench.helpdesk.staff.set('eve' as StaffId, staffUser('eve', 'Eve', { teams: [SUPPORT] })),
    );
    const eve = await bench.online('eve');
    await jesse.says(chat, '$transfer team: support it is broken');
    assert.deepEqual(news(jesse), ['▸ Support is asked to take over. You stay in the chat until then.']);
    assert.match(news(ada).join(), /hands the chat with Chris \(Sales\) over to Support: it is broken/u);
    await eve.says(chat, '$end');
    assert.deepEqual(jesse.takes(), []);
    bench.helpdesk.failsTransfer(chat, jesse.staff, SUPPORT);
    await bench.settle();
    assert.deepEqual(jesse.takes(), ['▸ Nobody of Support took over the chat. You are still in it.']);
  });
});

describe('what is written while something is on its way', () => {
  it('right behind $join is said; behind a $join that fails, it is refused', async () => {
    const { bench, varun, chat } = await chatting();
    await Promise.all([varun.says(chat, '$join'), varun.says(chat, 'Hi.')]);
    assert.equal(bench.said.at(-1), 'Hi.');
    const other = await chatting();
    other.bench.helpdesk.faults.set('join', [{ is: 'not-found' }]);
    await Promise.all([other.varun.says(other.chat, '$join'), other.varun.says(other.chat, 'Hi.', { id: 'h' })]);
    assert.deepEqual(other.bench.said, ['Hello.']);
    assert.equal(other.varun.of('refusal')[0]?.of, 'h');
    await other.varun.says(other.chat, 'Again.');
    assert.equal(other.bench.said.at(-1), 'Again.', 'the next one is a text like any other');
  });
  it('G10 right behind $observe is not sent, also when the helpdesk hangs, or refuses', async () => {
    const { bench, chat } = await chatting();
    const boss = await bench.online('boss');
    bench.helpdesk.faults.set('observe', ['hang']);
    await Promise.all([boss.says(chat, '$observe'), boss.says(chat, 'a secret', { id: 's1' })]);
    await bench.advance(10_000);
    await boss.says(chat, 'another', { id: 's2' });
    assert.deepEqual(bench.said, ['Hello.']);
    assert.deepEqual(
      boss.of('refusal').map(({ of }) => of),
      ['s1', 's2'],
    );
    assert.deepEqual(bench.helpdesk.chats.get(chat)?.observers, ['boss']);
  });
  it('behind $leave and $end is not sent', async () => {
    for (const command of ['$leave', '$end']) {
      const { bench, jesse, varun, chat } = await chatting();
      await varun.says(chat, 'Varun.');
      await Promise.all([jesse.says(chat, 'Bye.'), jesse.says(chat, command), jesse.says(chat, 'P.S.')]);
      assert.deepEqual(bench.said, ['Hello.', 'Varun.', 'Bye.']);
      assert.deepEqual(peopleIn(bench, chat), ['varun']);
    }
  });
  it('behind $end of an invitation is not sent', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    await jesse.says(chat, '$invite varun');
    bench.helpdesk.faults.set('decline', ['hang']);
    await Promise.all([varun.says(chat, '$end'), varun.says(chat, 'No time.', { id: 'n' })]);
    await bench.advance(10_000);
    assert.deepEqual(bench.said, ['Hello.']);
    assert.equal(varun.of('refusal')[0]?.of, 'n');
  });
  it('by two apps of one who joins is all said', async () => {
    const { bench, varun, chat } = await chatting();
    const phone = await bench.online('varun', 'phone');
    await Promise.all([varun.says(chat, 'One.'), phone.says(chat, 'Two.')]);
    assert.deepEqual(bench.said, ['Hello.', 'One.', 'Two.']);
    assert.equal(news(varun).filter((text) => text.includes('One.')).length, 0);
  });
});

describe('a playback', () => {
  const long = async () => {
    const setup = await chatting();
    for (let n = 1; n <= 120; n++) setup.bench.helpdesk.visitorSays(setup.chat, `line ${n}`);
    await setup.bench.settle();
    return setup;
  };
  const lines = (texts: readonly string[]) =>
    texts.flatMap((text) => /line (?<n>\d+)$/u.exec(text)?.groups?.['n'] ?? []).map(Number);
  const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

  it('G25 comes page by page as it is proved, and what is new comes after it', async () => {
    const { bench, varun, chat } = await long();
    await varun.says(chat, 'Here.');
    assert.equal(varun.of('message').length, 50);
    bench.helpdesk.visitorSays(chat, 'line 121');
    await bench.settle();
    assert.equal(varun.of('message').length, 50, 'nothing new before the old');
    for (let n = 0; n < 4; n++) await varun.proves();
    assert.deepEqual(lines(varun.takes()), upTo(121));
    bench.helpdesk.visitorSays(chat, 'line 122');
    await bench.settle();
    assert.deepEqual(varun.takes(), ['line 122']);
  });
  it('reaches an app that logs in in the middle of it whole', async () => {
    const { bench, varun, chat } = await long();
    await varun.says(chat, 'Here.');
    await varun.proves();
    const phone = await bench.online('varun', 'phone');
    // what came at login was taken out with the rest
    assert.equal(phone.items.length, 0);
    const tablet = await bench.logsIn('varun', 'tablet');
    for (let n = 0; n < 4; n++) {
      await tablet.proves();
      await varun.proves();
    }
    assert.deepEqual(lines(tablet.takes()), upTo(120));
    assert.deepEqual(lines(varun.takes()), upTo(120));
    const late = await bench.logsIn('varun', 'late');
    await late.proves();
    assert.deepEqual(lines(late.takes()), [], 'when one app has all of it, a new one begins there');
  });
  it('goes on over a restart of the desk', async () => {
    const { bench, varun, chat } = await long();
    await varun.says(chat, 'Here.');
    await varun.proves();
    await bench.restart();
    const again = await bench.logsIn('varun', 'phone');
    for (let n = 0; n < 4; n++) await again.proves();
    assert.deepEqual(lines(again.takes()), upTo(120));
  });
  it('that the helpdesk cannot give is given with the next line', async () => {
    const { bench, varun, chat } = await chatting();
    bench.helpdesk.faults.set('history', [{ is: 'forbidden' }]);
    await varun.says(chat, 'Here.');
    assert.deepEqual(lines(varun.takes()), []);
    bench.helpdesk.visitorSays(chat, 'line 1');
    await bench.settle();
    assert.deepEqual(varun.takes(), [
      '(late) Where is my order?',
      '(late) ▸ Jesse Lee: Hello.',
      '(late) ▸ Varun Shah joined the chat.',
      '(late) line 1',
    ]);
  });
  it('G24 has no commands and no answers to them', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    await jesse.says(chat, '$who');
    await jesse.says(chat, '$$5 off');
    await varun.says(chat, 'Here.');
    await bench.settle();
    assert.deepEqual(varun.takes(), [
      '(late) Where is my order?',
      '(late) ▸ Jesse Lee: Hello.',
      '(late) ▸ Jesse Lee: $5 off',
      '(late) ▸ Varun Shah joined the chat.',
    ]);
    assert.deepEqual(bench.said, ['Hello.', '$5 off', 'Here.'], 'nothing is echoed to the visitor');
  });
});

describe('a closed window in a conference', () => {
  it('G22 ends only the part of that staff user, each in their own time', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    await varun.says(chat, 'Varun.');
    await jesse.state(chat, 'gone');
    await bench.advance(10_000);
    await varun.state(chat, 'gone');
    await bench.advance(10_000);
    assert.deepEqual(peopleIn(bench, chat), ['varun']);
    await varun.state(chat, 'composing');
    await bench.advance(20_000);
    assert.deepEqual(peopleIn(bench, chat), ['varun']);
  });
  it('is kept over a restart for each', async () => {
    const { bench, jesse, varun, chat } = await chatting();
    await varun.says(chat, 'Varun.');
    await jesse.state(chat, 'gone');
    const field = JSON.parse(bench.state.get('chat:c1') ?? '{}') as { leaving: unknown[] };
    assert.equal(field.leaving.length, 1);
    // as it was written when there was only one
    bench.state.set('chat:c1', JSON.stringify({ ...field, leaving: field.leaving[0] }));
    await bench.restart();
    assert.deepEqual(peopleIn(bench, chat), ['jesse', 'varun'], 'an app that is gone has closed no window');
  });
});

describe('who is in a chat', () => {
  const people = ['jesse', 'varun', 'boss'] as const;
  const act = fc.record({
    who: fc.constantFrom(...people),
    app: fc.constantFrom('a', 'b'),
    text: fc.constantFrom(
      'Hello.',
      '$join',
      '$observe',
      '$leave',
      '$end',
      '$invite jesse',
      '$invite varun',
      '$invite boss',
      '$transfer varun',
      '$transfer team:sales',
      '$who',
    ),
  });
  const event = fc.oneof(
    { weight: 8, arbitrary: act },
    fc.constant('visitor away' as const),
    fc.constant('visitor back' as const),
    fc.constant('visitor ends' as const),
    fc.constant('time' as const),
  );
  /** What an app shows: contacts with their groups and presence. */
  const shows = (app: TestApp) => {
    const items = new Map<string, string>();
    const presence = new Map<string, string>();
    for (const item of app.items) {
      if (item.kind === 'roster') for (const one of item.items ?? []) items.set(one.jid, one.groups.join());
      if (item.kind === 'roster-push')
        if ('removed' in item.item) items.delete(item.item.jid);
        else items.set(item.item.jid, item.item.groups.join());
      if (item.kind === 'presence' && item.from.includes('@visitors.')) {
        const jid = item.from.split('/')[0] ?? '';
        if (item.show === 'unavailable') presence.delete(jid);
        else presence.set(jid, `${item.show} ${item.status ?? ''}`);
      }
    }
    return [...items]
      .filter(([jid]) => jid.includes('@visitors.'))
      .map(([jid, groups]) => `${jid} [${groups}] ${presence.get(jid) ?? 'offline'}`)
      .sort();
  };

  it('is the same in every app of every staff user, also in one that has just logged in, and nobody is told of observers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 14 }), async (events) => {
        const { bench, chat } = await chatting();
        const apps = new Map<string, TestApp>();
        for (const who of people) for (const app of ['a', 'b']) apps.set(`${who}/${app}`, await bench.logsIn(who, app));
        let fresh = 0;
        for (const one of events) {
          if (one === 'visitor away' || one === 'visitor back')
            bench.helpdesk.change(chat, { visitorPresent: one === 'visitor back' });
          else if (one === 'visitor ends') {
            if (bench.helpdesk.chats.get(chat)?.phase.is !== 'ended') bench.helpdesk.ends(chat, 'visitor');
          } else if (one === 'time') await bench.advance(4_000);
          else await apps.get(`${one.who}/${one.app}`)?.says(chat, one.text, { id: `p${++bench.made}` });
          await bench.settle();
          await bench.advance(1_000);
        }
        const { observers = [], phase } = bench.helpdesk.chats.get(chat) ?? {};
        for (const who of people) {
          const now = shows(await bench.logsIn(who, `fresh${++fresh}`));
          for (const app of ['a', 'b'])
            assert.deepEqual(shows(apps.get(`${who}/${app}`) as TestApp), now, `${who}/${app}`);
          const isTold = now.join().includes('observed by');
          assert.equal(isTold, phase?.is !== 'ended' && observers.includes(who as StaffId), `${who} of observers`);
        }
      }),
      { numRuns: 40 },
    );
  });
});
